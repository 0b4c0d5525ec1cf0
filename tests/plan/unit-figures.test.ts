import { expect, test } from 'vitest'
import type { OrgUnit } from '#domain/org-unit'
import { hardwareOf, performanceScore, unitFigure } from '#plan/unit-figures'
import { notApplicable, notAvailable, smallPlan, unit, values } from './small-plan'

const school = unit('p', 'primary')

const figure = (id: string, texts: Record<string, unknown>, one: OrgUnit = school) =>
  unitFigure(smallPlan, id, one, (period) => values(period === '2031' ? texts : {}), '2031')

test("a unit's own ratio stands against the target", () => {
  expect(figure('2.primary', { 'graduates.primary': '50', 'graduatesGood.primary': '46' })).toEqual({
    id: '2.primary',
    value: 92,
    target: 92,
    met: true,
    coverage: { expected: 1, counted: 1, incomplete: [] },
  })
  expect(figure('2.primary', {})).toMatchObject({ value: null, absence: 'notReported', met: null })
})

test("a unit's share of a sum or a count has no target", () => {
  expect(figure('1', { awards: '5' })).toMatchObject({ value: 5, target: null, met: null })
  expect(figure('6', { title: 'true' })).toMatchObject({ value: 1, target: null, met: null })
})

test('what differs between schools cannot be told from one of them', () => {
  const texts = { 'pupils.primary': '100', 'backbone.primary': '2', area: '500' }
  expect(figure('7.primary', texts)).toMatchObject({ value: null, absence: 'notApplicable', met: null })
  expect(figure('7.primary', texts, unit('k', 'kindergarten'))).toMatchObject({ absence: 'notAsked' })
})

test('a figure that does not concern the unit says so', () => {
  expect(figure('2.junior', {})).toMatchObject({ value: null, absence: 'notAsked', coverage: { expected: 0 } })
  expect(figure('h.bandwidth', { bandwidth: notApplicable() })).toMatchObject({ value: null, absence: 'notApplicable' })
})

function hardware(texts: Record<string, unknown>, one: OrgUnit = school) {
  return new Map(hardwareOf(smallPlan, one, values(texts)).map((state) => [state.check.id, state]))
}

test('the checklist holds the checks that concern the unit, in order', () => {
  expect([...hardware({}).keys()]).toEqual(['bandwidth', 'wireless', 'canteens', 'safety', 'equipped', 'rooms'])
  const garden = unit('k', 'kindergarten', { ownership: 'private' })
  expect([...hardware({}, garden).keys()]).toEqual(['bandwidth', 'wireless', 'canteens', 'safety', 'equipped', 'garden'])
  expect(hardwareOf(smallPlan, unit('d', 'district'), values({}))).toEqual([])
})

test('nothing typed is not reported, and measured says so', () => {
  for (const state of hardware({}).values()) {
    expect(state.state).toBe('notReported')
    expect(state.measured.length).toBeGreaterThan(0)
    for (const reading of state.measured) expect(reading).toEqual({ kind: 'absent', absence: 'notReported' })
    expect(state).not.toHaveProperty('gap')
    expect(state).not.toHaveProperty('share')
  }
})

test('short of a number: how much is missing, in its unit, and the share', () => {
  expect(hardware({ bandwidth: '2.2' }).get('bandwidth')).toMatchObject({
    state: 'short',
    measured: [{ kind: 'number', number: 2.2 }],
    gap: { kind: 'number', number: 0.3, unit: { zh: 'Gbps' } },
    share: expect.closeTo(0.88, 12) as number,
  })
  expect(hardware({ bandwidth: '2.5' }).get('bandwidth')).toMatchObject({ state: 'met', share: 1 })
  expect(hardware({ bandwidth: '0' }).get('bandwidth')).toMatchObject({ state: 'short', share: 0 })
})

test('as many as there are', () => {
  expect(hardware({ places: '40', wireless: '30' }).get('wireless')).toMatchObject({
    state: 'short',
    gap: { kind: 'number', number: 10 },
    share: 0.75,
  })
  expect(hardware({ places: '40', wireless: '40' }).get('wireless')).toMatchObject({ state: 'met' })
  expect(hardware({ places: '40' }).get('wireless')).toMatchObject({ state: 'notReported' })
  // None of none is not what the plan demands.
  expect(hardware({ places: '0', wireless: '0' }).get('wireless')).toMatchObject({ state: 'short', share: 0 })
})

test('a grade is short by steps of its list', () => {
  expect(hardware({ safety: '3A' }).get('safety')).toMatchObject({ state: 'short', gap: { kind: 'grade', steps: 2 } })
  expect(hardware({ safety: '5A' }).get('safety')).toMatchObject({ state: 'met' })
  const garden = unit('k', 'kindergarten', { ownership: 'private' })
  expect(hardware({ gardenGrade: 'p3' }, garden).get('garden')).toMatchObject({ gap: { kind: 'grade', steps: 1 }, share: 0.5 })
})

test('a no is short without a gap', () => {
  const state = hardware({ equipped: 'false' }).get('equipped')
  expect(state).toMatchObject({ state: 'short', share: 0 })
  expect(state).not.toHaveProperty('gap')
})

test('several demands add up their gaps and show their mean', () => {
  expect(hardware({ science: '0', art: '0' }).get('rooms')).toMatchObject({ gap: { kind: 'number', number: 2 }, share: 0 })
  expect(hardware({ science: '2', art: '0' }).get('rooms')).toMatchObject({ gap: { number: 1 }, share: 0.5 })
  expect(hardware({ science: '2' }).get('rooms')).toMatchObject({ state: 'notReported' })
  // One of them is known to be missing whatever the other will be.
  expect(hardware({ science: '0' }).get('rooms')).toMatchObject({ state: 'short' })
})

test('exempt, not applicable, not available, invalid, against a rule, and in conflict', () => {
  expect(hardware({ canteens: '0' }).get('canteens')).toMatchObject({ state: 'notApplicable' })
  expect(hardware({ bandwidth: notApplicable() }).get('bandwidth')).toMatchObject({ state: 'notApplicable' })
  expect(hardware({ bandwidth: notAvailable() }).get('bandwidth')).toMatchObject({ state: 'notReported' })
  expect(hardware({ bandwidth: '很快' }).get('bandwidth')).toMatchObject({ state: 'invalid' })
  expect(hardware({ places: '4', wireless: '5' }).get('wireless')).toMatchObject({ state: 'invalid' })
  const [bandwidth] = hardwareOf(smallPlan, school, { get: () => ({ conflict: true }) })
  expect(bandwidth).toMatchObject({ state: 'invalid', measured: [{ kind: 'absent', absence: 'conflict' }] })
})

const score = (texts: Record<string, unknown>, one: OrgUnit = school) =>
  performanceScore(smallPlan, one, (period) => values(period === '2031' ? texts : {}), '2031')

test('performance is the share of what applies that is met; what is not reported is not met', () => {
  const nothing = score({})
  expect(nothing).toMatchObject({ score: null, met: 0, of: 9, routine: null, satisfaction: null, total: null })
  const some = score({
    'graduates.primary': '50',
    'graduatesGood.primary': '46',
    practiceDays: '5',
    'pupils.primary': '300',
    bandwidth: '10',
    canteens: '0',
  })
  // Nine less the canteens: ratio met, days short, bandwidth met, five unknown.
  expect(some).toMatchObject({ score: 25, met: 2, of: 8 })
  expect(some?.verdicts.find(({ id }) => id === '4')).toEqual({ id: '4', kind: 'figure', met: false })
  expect(some?.verdicts.find(({ id }) => id === '3')).toEqual({ id: '3', kind: 'figure', met: null })
})

test('figures that do not concern a unit are no part of its performance', () => {
  const verdicts = score({}, unit('k', 'kindergarten'))?.verdicts ?? []
  expect(verdicts.filter(({ kind }) => kind === 'figure')).toEqual([])
})

test('the total takes routine, performance and satisfaction by their weights', () => {
  const texts = { bandwidth: '10', canteens: '0', routine: '90', satisfied: '45', answered: '50' }
  const found = score(texts)
  expect(found).toMatchObject({ score: 12.5, routine: 90, satisfaction: 90 })
  expect(found?.total).toBeCloseTo(0.4 * 90 + 0.4 * 12.5 + 0.2 * 90, 12)
  expect(score({ ...texts, satisfied: '51' })).toMatchObject({ satisfaction: null, total: null })
})
