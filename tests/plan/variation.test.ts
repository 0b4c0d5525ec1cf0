import { expect, test } from 'vitest'
import type { OrgUnit } from '#domain/org-unit'
import { aggregate, contributionAnswer, contributionOf } from '#plan/figure'
import { notApplicable, smallPlan, unit, values } from './small-plan'

type School = readonly [OrgUnit, Readonly<Record<string, unknown>>]

function figure(id: string) {
  const found = smallPlan.figures.get(id)
  if (found === undefined) throw new Error(`no figure ${id}`)
  return found.figure
}

const contributions = (id: string, schools: readonly School[]) =>
  schools
    .map(([one, texts]) => contributionOf(smallPlan, figure(id), one, () => values(texts), '2031'))
    .filter((one) => one !== undefined)

const total = (id: string, schools: readonly School[]) => aggregate(smallPlan, figure(id), contributions(id, schools))

const primary = (code: string, pupils: number, backbone: number, area: number): School => [
  unit(code, 'primary'),
  { 'pupils.primary': String(pupils), 'backbone.primary': String(backbone), area: String(area) },
]

/**
 * By hand, for [pupils 100, 300; teachers 2, 3]: X = 0.02, 0.01; mean 5/400 = 0.0125;
 * S² = 0.25 × 0.0075² + 0.75 × 0.0025² = 0.00001875; S = 0.0043301...; CV = 0.34641...
 * For [area 500, 1500]: 5 each, CV 0.
 */
test('the coefficient follows the formula, weighted by pupils', () => {
  const found = total('7.primary', [primary('a', 100, 2, 500), primary('b', 300, 3, 1500)])
  expect(found.value).toBeCloseTo(Math.sqrt(0.00001875) / 0.0125, 12)
  expect(found.detail?.indexes).toEqual([
    { id: 'backbone', stage: 'primary', value: found.value },
    { id: 'area', stage: 'primary', value: 0 },
  ])
  expect(found.detail?.combined).toBeCloseTo(Math.sqrt(0.00001875) / 0.0125 / 2, 12)
  expect(found.coverage).toEqual({ expected: 2, counted: 2, incomplete: [] })
})

test('without the weights it would be another number, so the formula can be wrong', () => {
  const unweighted = Math.sqrt(((0.02 - 0.015) ** 2 + (0.01 - 0.015) ** 2) / 2) / 0.015
  expect(total('7.primary', [primary('a', 100, 2, 500), primary('b', 300, 3, 1500)]).value).not.toBeCloseTo(unweighted, 3)
})

test('the largest index is the figure', () => {
  const found = total('7.primary', [primary('a', 100, 2, 500), primary('b', 300, 6, 300)])
  expect(found.detail?.indexes[0]?.value).toBe(0)
  expect(found.value).toBe(found.detail?.indexes[1]?.value)
})

/** 200 primary × 1 + 100 junior × 1.1 = 310: of 3100 m² the primary part has 2000, the junior part 1100. */
test('what is asked once is split by pupils times weight, and each part counts as a school of its stage', () => {
  const nine: School = [
    unit('n', 'nineYear'),
    { 'pupils.primary': '200', 'pupils.junior': '100', 'backbone.primary': '2', 'backbone.junior': '1', area: '3100' },
  ]
  const [one] = contributions('7.both', [nine])
  expect(one?.stageTotals?.map(({ stage, pupils }) => [stage, pupils])).toEqual([
    ['primary', 200],
    ['junior', 100],
  ])
  expect(one?.stageTotals?.[0]?.totals[1]).toBeCloseTo(2000, 9)
  expect(one?.stageTotals?.[1]?.totals[1]).toBeCloseTo(1100, 9)
  expect(one === undefined ? undefined : contributionAnswer(smallPlan, one).indexes).toEqual([
    { id: 'backbone', stage: 'primary', value: 1 },
    { id: 'area', stage: 'primary', value: expect.closeTo(10, 9) as number },
    { id: 'backbone', stage: 'junior', value: 1 },
    { id: 'area', stage: 'junior', value: expect.closeTo(11, 9) as number },
  ])
})

test('a senior stage takes its share of what is asked once, though it is no stage of the figure', () => {
  const complete: School = [
    unit('c', 'completeSecondary'),
    { 'pupils.junior': '100', 'pupils.senior': '100', 'backbone.junior': '1', area: '2420' },
  ]
  const [one] = contributions('7.junior', [complete])
  expect(one?.stageTotals).toHaveLength(1)
  expect(one?.stageTotals?.[0]?.totals[1]).toBeCloseTo((2420 * 1.1) / 2.42, 9)
})

test('units with too few pupils in all their stages are left out', () => {
  const small = primary('s', 49, 9, 9000)
  expect(contributions('7.primary', [small])).toEqual([])
  const nine: School = [
    unit('n', 'nineYear'),
    { 'pupils.primary': '30', 'pupils.junior': '30', 'backbone.primary': '1', 'backbone.junior': '1', area: '100' },
  ]
  expect(contributions('7.primary', [nine])).toHaveLength(1)
})

test('a unit that has too few pupils so far waits until all its stages are there', () => {
  const waiting: School = [
    unit('n', 'nineYear'),
    { 'pupils.primary': '30', 'backbone.primary': '1', 'backbone.junior': '1', area: '100' },
  ]
  expect(contributions('7.primary', [waiting])).toMatchObject([
    { counted: false, whole: null, missing: ['pupils.junior'], stageTotals: [] },
  ])
  // With enough in one stage it counts there, in what is asked per stage.
  const enough: School = [unit('n', 'nineYear'), { ...waiting[1], 'pupils.primary': '60' }]
  expect(contributions('7.primary', [enough])).toMatchObject([
    { counted: false, stageTotals: [{ stage: 'primary', pupils: 60, totals: [1, null] }] },
  ])
})

test('special and vocational schools, and units of other stages, are left out', () => {
  expect(contributions('7.primary', [[unit('x', 'special'), {}]])).toEqual([])
  expect(contributions('7.primary', [[unit('x', 'vocational'), {}]])).toEqual([])
  expect(contributions('7.primary', [[unit('x', 'junior'), {}]])).toEqual([])
})

test('a school that lacks one index is incomplete and still counts in the others', () => {
  const without: School = [unit('c', 'primary'), { 'pupils.primary': '100', area: '900' }]
  const found = total('7.primary', [primary('a', 100, 2, 500), primary('b', 300, 3, 1500), without])
  const complete = total('7.primary', [primary('a', 100, 2, 500), primary('b', 300, 3, 1500)])
  expect(found.coverage).toEqual({ expected: 3, counted: 2, incomplete: ['c'] })
  expect(found.detail?.indexes[0]).toEqual(complete.detail?.indexes[0])
  expect(found.detail?.indexes[1]?.value).toBeGreaterThan(0)
})

test('without pupils nothing of the school counts', () => {
  const [one] = contributions('7.primary', [[unit('c', 'primary'), { 'backbone.primary': '5', area: '900' }]])
  expect(one).toMatchObject({ counted: false, missing: ['pupils.primary'], stageTotals: [] })
})

test('a stage without pupils is no school of that stage', () => {
  const nine: School = [
    unit('n', 'nineYear'),
    { 'pupils.primary': '0', 'pupils.junior': '100', 'backbone.primary': '3', 'backbone.junior': '1', area: '100' },
  ]
  expect(contributions('7.both', [nine])[0]?.stageTotals?.map(({ stage }) => stage)).toEqual(['junior'])
})

test('a stage that the unit says it has not is no school of that stage, and nothing of it is missing', () => {
  const young: School = [
    unit('n', 'nineYear'),
    { 'pupils.primary': '200', 'pupils.junior': notApplicable('还没有招初中'), 'backbone.primary': '2', area: '3100' },
  ]
  // The whole area is the primary stage's: there is nobody else to share it with.
  expect(contributions('7.primary', [young])).toMatchObject([
    { counted: true, whole: 200, stageTotals: [{ stage: 'primary', pupils: 200, totals: [2, 3100] }] },
  ])
  expect(contributions('7.both', [young])).toMatchObject([{ counted: true, stageTotals: [{ stage: 'primary' }] }])
  expect(contributions('7.junior', [young])).toEqual([])
  expect(total('7.junior', [young])).toMatchObject({ value: null, coverage: { expected: 0, incomplete: [] } })
})

test('an index that does not concern a school is not missing', () => {
  const one: School = [unit('a', 'primary'), { 'pupils.primary': '100', 'backbone.primary': '2', area: notApplicable() }]
  expect(contributions('7.primary', [one])[0]).toMatchObject({ counted: true, stageTotals: [{ totals: [2, null] }] })
})

test('an index of which everybody has nothing gives no coefficient', () => {
  const found = total('7.primary', [primary('a', 100, 0, 0), primary('b', 300, 0, 0)])
  expect(found).toMatchObject({ value: null, absence: 'emptyWhole', detail: { combined: null } })
  expect(total('7.primary', [[unit('a', 'primary'), {}]])).toMatchObject({ value: null, absence: 'notReported' })
})

test('the combined coefficient needs every index', () => {
  const found = total('7.primary', [primary('a', 100, 2, 0), primary('b', 300, 3, 0)])
  expect(found.value).toBeGreaterThan(0)
  expect(found.detail?.combined).toBeNull()
})

test('over both stages the figure is the largest of either', () => {
  const junior = (code: string, pupils: number, backbone: number, area: number): School => [
    unit(code, 'junior'),
    { 'pupils.junior': String(pupils), 'backbone.junior': String(backbone), area: String(area) },
  ]
  const schools = [primary('a', 100, 2, 500), primary('b', 300, 3, 1500), junior('c', 100, 1, 100), junior('d', 100, 9, 100)]
  const both = total('7.both', schools)
  expect(both.value).toBe(Math.max(Number(total('7.primary', schools).value), Number(total('7.junior', schools).value)))
  expect(both.detail?.combined).toBe(total('7.junior', schools).detail?.combined)
})
