import { expect, test } from 'vitest'
import type { OrgUnit } from '#domain/org-unit'
import type { Contribution } from '#plan/contribution'
import { aggregate, contributionOf, isMet, targetOf } from '#plan/figure'
import type { CellValue } from '#plan/typed'
import { notApplicable, notAvailable, smallPlan, unit, values } from './small-plan'

type Reports = Readonly<Record<string, unknown>>
type School = { readonly unit: OrgUnit; readonly reports: Readonly<Record<string, Reports>> }

/** A unit and what it reported in 2031, or in several periods. */
const school = (one: OrgUnit, now: Reports, before: Readonly<Record<string, Reports>> = {}): School => ({
  unit: one,
  reports: { '2031': now, ...before },
})

function figure(id: string) {
  const found = smallPlan.figures.get(id)
  if (found === undefined) throw new Error(`no figure ${id}`)
  return found.figure
}

function contribution(id: string, { unit: one, reports }: School, period = '2031'): Contribution | undefined {
  return contributionOf(smallPlan, figure(id), one, (of) => values(reports[of] ?? {}), period)
}

function total(id: string, schools: readonly School[], period = '2031') {
  const contributions = schools.map((each) => contribution(id, each, period)).filter((one) => one !== undefined)
  return aggregate(smallPlan, figure(id), contributions)
}

const a = unit('a', 'primary')
const b = unit('b', 'primary')
const c = unit('c', 'primary')
const garden = unit('k', 'kindergarten')
const district = unit('d', 'district')

test('a sum adds what is reported and names who did not', () => {
  expect(total('1', [school(a, { awards: '3' }), school(b, { awards: '4' }), school(c, {})])).toEqual({
    value: 7,
    coverage: { expected: 3, counted: 2, incomplete: ['c'] },
  })
})

test('zero is a number, and nobody is none', () => {
  expect(total('1', [school(a, { awards: '0' })])).toMatchObject({ value: 0, coverage: { counted: 1 } })
  expect(total('1', [school(a, {}), school(b, { awards: null })])).toEqual({
    value: null,
    absence: 'notReported',
    coverage: { expected: 2, counted: 0, incomplete: ['a', 'b'] },
  })
  expect(total('1', [])).toMatchObject({ value: null, absence: 'notAsked', coverage: { expected: 0 } })
})

test('a sum is divided as the plan says', () => {
  const palace = unit('y', 'communitySchool')
  expect(total('8.seats', [school(palace, { seats: '2500' })]).value).toBe(0.25)
})

test('a ratio is the quotient of the sums, over the units that reported both sides', () => {
  const schools = [
    school(a, { 'graduates.primary': '100', 'graduatesGood.primary': '90' }),
    school(b, { 'graduates.primary': '300', 'graduatesGood.primary': '210' }),
    school(c, { 'graduates.primary': '1000' }),
  ]
  expect(total('2.primary', schools)).toEqual({ value: 75, coverage: { expected: 3, counted: 2, incomplete: ['c'] } })
  expect(contribution('2.primary', schools[2] ?? school(c, {}))).toEqual({
    orgUnit: 'c',
    counted: false,
    part: null,
    whole: 1000,
    absence: 'notReported',
    missing: ['graduatesGood.primary'],
  })
})

test('a mean of the ratios would be another number, so the ratio can be wrong', () => {
  const quotients = [90 / 100, 210 / 300]
  expect((100 * (quotients[0] ?? 0) + 100 * (quotients[1] ?? 0)) / 2).not.toBe(75)
})

test('an empty denominator gives no figure, never 0', () => {
  expect(total('2.primary', [school(a, { 'graduates.primary': '0', 'graduatesGood.primary': '0' })])).toEqual({
    value: null,
    absence: 'emptyWhole',
    coverage: { expected: 1, counted: 1, incomplete: [] },
  })
})

test('a figure concerns the stage that it names', () => {
  const nine = school(unit('n', 'nineYear'), {
    'graduates.primary': '10',
    'graduatesGood.primary': '5',
    'graduates.junior': '20',
    'graduatesGood.junior': '20',
  })
  expect(total('2.primary', [nine]).value).toBe(50)
  expect(total('2.junior', [nine]).value).toBe(100)
  expect(contribution('2.junior', school(a, {}))).toBeUndefined()
})

test('a weighted mean weights, over the units that reported both', () => {
  const schools = [
    school(a, { practiceDays: '10', 'pupils.primary': '100' }),
    school(b, { practiceDays: '6', 'pupils.primary': '300' }),
    school(c, { practiceDays: '50' }),
  ]
  expect(total('4', schools)).toEqual({ value: 7, coverage: { expected: 3, counted: 2, incomplete: ['c'] } })
})

test('the weights of a unit are its stages that the plan names', () => {
  const nine = school(unit('n', 'nineYear'), { practiceDays: '8', 'pupils.primary': '100', 'pupils.junior': '200' })
  expect(contribution('4', nine)).toMatchObject({ part: 2400, whole: 300, counted: true })
})

test('half of a weight is no weight: a unit that lacks a stage is left out of the mean', () => {
  const half = school(unit('n', 'nineYear'), { practiceDays: '50', 'pupils.primary': '100' })
  expect(total('4', [half, school(a, { practiceDays: '6', 'pupils.primary': '300' })])).toEqual({
    value: 6,
    coverage: { expected: 2, counted: 1, incomplete: ['n'] },
  })
})

test('a stage that is missing weighs more than one that does not concern the unit', () => {
  const mixed = (primary: unknown, junior: unknown) =>
    contribution('4', school(unit('n', 'nineYear'), { practiceDays: '8', 'pupils.primary': primary, 'pupils.junior': junior }))
  expect(mixed(null, notApplicable())).toMatchObject({ counted: false, missing: ['pupils.primary'] })
  expect(mixed(notApplicable(), null)).toMatchObject({ counted: false, missing: ['pupils.junior'] })
  // A stage that the unit has not leaves the weight of the others, and a mean over no stage is none.
  expect(mixed(notApplicable(), '100')).toMatchObject({ counted: true, part: 800, whole: 100 })
  expect(mixed(notApplicable(), notApplicable())).toBeUndefined()
})

test('a share needs every element, also where one of them has decided already', () => {
  expect(contribution('h.rooms', school(a, { science: '0', art: '2' }))).toMatchObject({ counted: true, part: 0 })
  expect(contribution('h.rooms', school(a, { science: '0' }))).toMatchObject({ counted: false, missing: ['art'] })
})

test('a share counts only units that answered', () => {
  const schools = [
    school(a, { bandwidth: '2.5' }),
    school(b, { bandwidth: '2.4' }),
    school(c, {}),
    school(unit('e', 'primary'), { bandwidth: '很快' }),
  ]
  expect(total('h.bandwidth', schools)).toEqual({
    value: 50,
    coverage: { expected: 4, counted: 2, incomplete: ['c', 'e'] },
  })
})

test('a weighted share adds weights in place of units', () => {
  const schools = [
    school(unit('k1', 'kindergarten'), { gardenGrade: 'p2', 'pupils.kindergarten': '300' }),
    school(unit('k2', 'kindergarten'), { gardenGrade: 'none', 'pupils.kindergarten': '100' }),
    school(unit('k3', 'kindergarten'), { gardenGrade: 'p1' }),
  ]
  expect(total('5.quality', schools)).toEqual({ value: 75, coverage: { expected: 3, counted: 2, incomplete: ['k3'] } })
})

test('a share among some leaves the others out, and those that did not say', () => {
  const schools = [
    school(a, { 'p1.newBuilding': 'true', 'p1.plotRatio': '1.2' }),
    school(b, { 'p1.newBuilding': 'true' }),
    school(c, { 'p1.newBuilding': 'false' }),
    school(unit('e', 'primary'), {}),
  ]
  expect(total('p1.plotRatio', schools)).toEqual({ value: 100, coverage: { expected: 2, counted: 1, incomplete: ['b'] } })
})

test('what the plan assumes of a missing answer is an answer; a stated absence is not one', () => {
  const one = (ownership: 'public' | 'private', inclusive: unknown) =>
    contribution('5.inclusive', school(unit('k', 'kindergarten', { ownership }), { inclusive }))
  expect(one('public', null)).toMatchObject({ counted: true, part: 1, whole: 1 })
  expect(one('private', null)).toMatchObject({ counted: false, part: null })
  expect(one('public', 'false')).toMatchObject({ counted: true, part: 0 })
  expect(one('public', notAvailable())).toMatchObject({ counted: false, absence: 'notAvailable' })
})

test('a count takes a missing answer as not had, and still names the unit', () => {
  const schools = [school(a, { title: 'true' }), school(b, { title: 'false' }), school(c, {})]
  expect(total('6', schools)).toEqual({ value: 1, coverage: { expected: 3, counted: 2, incomplete: ['c'] } })
  expect(total('6', [school(c, {})])).toMatchObject({ value: null, absence: 'notReported' })
  expect(total('6', [school(b, { title: 'false' }), school(c, {})])).toMatchObject({ value: 0 })
})

test('any and several choices', () => {
  expect(contribution('p1.any', school(a, { title: 'false', 'p2.tools': 'study,gate' }))).toMatchObject({ part: 1 })
  expect(contribution('p1.any', school(a, { title: 'true' }))).toMatchObject({ part: 1, counted: true })
  expect(contribution('p1.any', school(a, { title: 'false' }))).toMatchObject({ counted: false, missing: ['p2.tools'] })
  expect(contribution('p1.any', school(a, { title: 'false', 'p2.tools': 'study' }))).toMatchObject({ part: 0, counted: true })
})

test('over the plan, a unit that had it in any period up to now has it', () => {
  const schools = [
    school(a, { title: 'false' }, { '2030': { title: 'true' } }),
    school(b, { title: 'false' }, { '2030': { title: 'false' }, '2032': { title: 'true' } }),
    school(c, { title: 'false' }),
  ]
  expect(total('p1.title', schools)).toEqual({ value: 1, coverage: { expected: 3, counted: 2, incomplete: ['c'] } })
  expect(total('p1.title', schools, '2032').value).toBe(2)
  expect(total('p1.title', schools, '2030').value).toBe(1)
})

test('over the plan, sums add the periods', () => {
  const schools = [school(a, { awards: '5' }, { '2030': { awards: '7' }, '2032': { awards: '100' } }), school(b, { awards: '1' })]
  expect(total('p1.awards', schools)).toEqual({ value: 13, coverage: { expected: 2, counted: 1, incomplete: ['b'] } })
  expect(total('1', schools).value).toBe(6)
})

test('a unit that is closed is not expected, but counts over the plan for the periods in which it was open', () => {
  const closed = school(unit('z', 'primary', { closed: '2030-08-31' }), { awards: '100' }, { '2030': { awards: '7' } })
  const opened = school(unit('x', 'primary', { opened: '2031-09-01' }), { awards: '1' })
  expect(contribution('1', closed)).toBeUndefined()
  expect(contribution('1', closed, '2030')).toMatchObject({ part: 7 })
  expect(contribution('p1.awards', closed)).toMatchObject({ part: 7, counted: true })
  expect(contribution('p1.awards', opened)).toMatchObject({ part: 1, counted: true })
  expect(contribution('p1.awards', opened, '2030')).toBeUndefined()
})

test('not applicable leaves the unit out; in a sum it is an answer that adds nothing', () => {
  expect(contribution('h.bandwidth', school(a, { bandwidth: notApplicable() }))).toBeUndefined()
  expect(contribution('2.primary', school(a, { 'graduates.primary': notApplicable() }))).toBeUndefined()
  expect(contribution('6', school(a, { title: notApplicable() }))).toBeUndefined()
  expect(contribution('1', school(a, { awards: notApplicable() }))).toEqual({
    orgUnit: 'a',
    counted: true,
    part: null,
    whole: null,
    absence: 'notApplicable',
    missing: [],
  })
  expect(total('1', [school(a, { awards: notApplicable() })])).toMatchObject({ value: null, absence: 'notApplicable' })
  expect(total('1', [school(a, { awards: notApplicable() }), school(b, { awards: '2' })])).toEqual({
    value: 2,
    coverage: { expected: 2, counted: 2, incomplete: [] },
  })
})

test('not available, invalid and in conflict are incomplete, and all alike give the figure their name', () => {
  for (const [value, absence] of [
    [notAvailable(), 'notAvailable'],
    ['8a5', 'invalid'],
  ] as const) {
    expect(total('1', [school(a, { awards: value }), school(b, { awards: value })])).toEqual({
      value: null,
      absence,
      coverage: { expected: 2, counted: 0, incomplete: ['a', 'b'] },
    })
  }
  expect(total('1', [school(a, { awards: '8a5' }), school(b, {})])).toMatchObject({ absence: 'notReported' })
  const cells = new Map<string, CellValue>([['awards', { conflict: true }]])
  expect(contributionOf(smallPlan, figure('1'), a, () => cells, '2031')).toMatchObject({ counted: false, absence: 'conflict' })
})

test('a value out of range is left out and named', () => {
  expect(contribution('4', school(a, { practiceDays: '61', 'pupils.primary': '100' }))).toMatchObject({
    counted: false,
    part: null,
    absence: 'invalid',
    missing: ['practiceDays'],
  })
})

test('a rule broken across data sets makes the part invalid; the whole is of another form and feeds its own figures', () => {
  const broken = school(a, { 'backbone.primary': '400', 'pupils.primary': '350', area: '900', practiceDays: '8' })
  expect(contribution('7.primary', broken)).toMatchObject({
    counted: false,
    absence: 'invalid',
    missing: ['backbone.primary'],
    stageTotals: [{ pupils: 350, totals: [null, 900] }],
  })
  expect(contribution('4', broken)).toMatchObject({ counted: true, whole: 350 })
})

test('a rule broken within one data set makes both of its sides invalid, in every figure', () => {
  const broken = school(a, { tested: '400', passed: '300', 'pupils.primary': '350', practiceDays: '8' })
  expect(contribution('3', broken)).toMatchObject({ counted: false, absence: 'invalid', missing: ['tested'] })
  expect(contribution('4', broken)).toMatchObject({ counted: false, absence: 'invalid', missing: ['pupils.primary'] })
})

test('vocational and special schools that report nothing are not missed; those that report a half, or wrongly, are named', () => {
  const vocational = unit('v', 'vocational')
  expect(contribution('3', school(vocational, {}))).toBeUndefined()
  // Its pupils are asked for other figures, and only judge this one.
  expect(contribution('3', school(vocational, { 'pupils.vocational': '300' }))).toBeUndefined()
  expect(contribution('3', school(vocational, { tested: '10' }))).toMatchObject({ counted: false, missing: ['passed'] })
  expect(contribution('3', school(vocational, { tested: '很多' }))).toMatchObject({ missing: ['passed', 'tested'] })
  expect(contribution('3', school(vocational, { passed: notAvailable() }))).toMatchObject({ counted: false })
  expect(contribution('3', school(vocational, { tested: notApplicable() }))).toBeUndefined()
  const broken = { tested: '10', passed: '12' }
  expect(contribution('3', school(vocational, broken))).toMatchObject({ counted: false, missing: ['passed', 'tested'] })
  const schools = [school(a, { tested: '100', passed: '90' }), school(vocational, { tested: '10' })]
  expect(total('3', schools)).toEqual({ value: 90, coverage: { expected: 2, counted: 1, incomplete: ['v'] } })
  expect(contribution('3', school(vocational, { tested: '10', passed: '8' }))).toMatchObject({
    counted: true,
    part: 8,
    whole: 10,
  })
  expect(contribution('3', school(a, {}))).toMatchObject({ counted: false })
})

test('an element that its condition closes is not asked: a sum has its answer, a ratio is left out', () => {
  expect(contribution('6.prizes', school(a, { title: 'false', prizes: '9' }))).toMatchObject({ counted: true, part: null })
  expect(contribution('6.prizes', school(a, { title: 'true', prizes: '9' }))).toMatchObject({ counted: true, part: 9 })
  expect(contribution('6.prizes', school(a, { title: 'true' }))).toMatchObject({ counted: false, missing: ['prizes'] })
  expect(contribution('h.canteensA', school(a, { canteens: '0' }))).toBeUndefined()
})

test('while the answer that would open an element is missing, it is that answer that is missing', () => {
  expect(contribution('6.prizes', school(a, {}))).toMatchObject({ counted: false, missing: ['title'] })
})

test('the district enters its own figures', () => {
  const reported = school(district, { years: '12.1', visits: '31000', modern: 'B' })
  expect(total('8.years', [reported])).toEqual({ value: 12.1, coverage: { expected: 1, counted: 1, incomplete: [] } })
  expect(total('8.visits', [reported]).value).toBe(3.1)
  expect(total('8.modern', [reported]).value).toBe('B')
  expect(total('8.modern', [school(district, {})])).toMatchObject({ value: null, absence: 'notReported' })
  expect(contribution('8.years', school(garden, {}))).toBeUndefined()
})

test('targets of the period, or one goal for all', () => {
  expect(targetOf(figure('1'), '2031')).toBe(200)
  expect(targetOf(figure('1'), '2029')).toBeNull()
  expect(targetOf(figure('3'), '2031')).toBe(90)
  expect(targetOf(figure('5.quality'), '2030')).toBe(90)
  expect(targetOf(figure('2.junior'), '2031')).toBeNull()
})

test('met is at least, at most or above, by grade or by number, and unknown without one of them', () => {
  const met = (id: string, value: number | string | null, period = '2031') => isMet(smallPlan, figure(id), value, period)
  expect([met('1', 200), met('1', 199.9), met('1', null)]).toEqual([true, false, null])
  expect([met('7.primary', 0.4), met('7.primary', 0.41)]).toEqual([true, false])
  expect([met('8.visits', 1.5), met('8.visits', 1.51)]).toEqual([false, true])
  expect([met('8.modern', 'A'), met('8.modern', 'B'), met('8.modern', 'C')]).toEqual([true, true, false])
  expect([met('8.modern', 'B', '2032'), met('8.modern', 'A', '2032')]).toEqual([false, true])
  expect(met('2.junior', 99)).toBeNull()
})

test('a target that is reached exactly is met, whatever the rounding of the machine', () => {
  const threePerCent = (100 * 82407.93) / 2746931
  expect(threePerCent).toBeLessThan(3)
  const met = (better: 'atLeast' | 'atMost' | 'above', value: number, goal = 3) =>
    isMet(smallPlan, { ...figure('3'), better, goal: { value: goal } }, value, '2031')
  expect([met('atLeast', threePerCent), met('above', threePerCent), met('atMost', threePerCent)]).toEqual([true, false, true])
  // 0.1 + 0.2 is a little more than 0.3.
  expect([met('atMost', 0.1 + 0.2, 0.3), met('above', 0.1 + 0.2, 0.3), met('above', 0.31, 0.3)]).toEqual([true, false, true])
  // What a reader could type is told apart, and against 0 only 0 is the same.
  expect([met('atLeast', 2.999999), met('atMost', 3.000001), met('above', 3.000001)]).toEqual([false, false, true])
  expect([met('atMost', 1e-12, 0), met('atMost', 0, 0), met('above', 1e-12, 0)]).toEqual([false, true, true])
})

test.each([
  [2746931, 82407.93, 3],
  [1234567, 37037.01, 3],
  [300, 276, 92],
  [110, 49.5, 45],
])('of %d exactly %d are %d per cent', (whole, part, percent) => {
  const goal = { ...figure('2.primary'), goal: { value: percent }, targets: undefined }
  const { value } = aggregate(smallPlan, goal, [{ orgUnit: 'a', counted: true, part, whole, missing: [] }])
  expect(isMet(smallPlan, goal, value, '2031')).toBe(true)
})
