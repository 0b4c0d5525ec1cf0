import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sortedRows, stillToGo, totalsOf, typeGroups, unitRows, valueOf } from '#client/features/overview/contributions'
import type { OrgUnit } from '#domain/org-unit'
import type { ContributionAnswer } from '#plan/figure-wire'
import { figureOf, readPlan } from './the-plan'

const plan = readPlan()
const units = new Map<string, OrgUnit>(
  (
    [
      ['a', '第二小学', 'primary'],
      ['b', '第十小学', 'primary'],
      ['c', '第一初中', 'junior'],
    ] as const
  ).map(([code, name, type]) => [code, { code, name, type, ownership: 'public' }]),
)
const given: readonly ContributionAnswer[] = [
  { orgUnit: 'a', counted: true, part: 90, whole: 100 },
  { orgUnit: 'b', counted: false, part: null, whole: null, absence: 'notReported', missing: ['fitnessTested'] },
  { orgUnit: 'c', counted: true, part: 198, whole: 200 },
]
const rows = (id: string, contributions = given, target: number | null = 98) =>
  unitRows({ plan, figure: figureOf(plan, id), contributions, units, target })

describe('units behind a figure', () => {
  test('sides are added first and divided then, by type and together', () => {
    const totals = totalsOf(rows('3'))
    expect(totals).toEqual({ part: 288, whole: 300, counted: 2, expected: 3 })
    expect(valueOf(figureOf(plan, '3'), totals.part, totals.whole)).toBe(96)
    expect(
      typeGroups(figureOf(plan, '3'), rows('3'), 98).map(({ type, value, counted, expected }) => [
        type,
        value,
        counted,
        expected,
      ]),
    ).toEqual([
      ['primary', 90, 1, 2],
      ['junior', 99, 1, 1],
    ])
  })

  test('a unit that has not reported has no value, no distance and names what is missing', () => {
    const missing = rows('3').find((row) => row.code === 'b')
    expect(missing).toMatchObject({ value: undefined, offLine: undefined, absence: 'notReported' })
    expect(missing?.missing).toEqual(['体质健康参测人数'])
  })

  test('a sum takes what a unit has, also before it has all', () => {
    const some: readonly ContributionAnswer[] = [{ orgUnit: 'a', counted: false, part: 7, whole: null, missing: ['goodYouth'] }]
    expect(totalsOf(rows('1', some))).toEqual({ part: 7, whole: 0, counted: 0, expected: 1 })
  })

  test('what is divided by ten thousand in the figure is so for one unit too', () => {
    const visits: readonly ContributionAnswer[] = [{ orgUnit: 'a', counted: true, part: 41000, whole: null }]
    expect(rows('20.visits', visits)[0]?.value).toBeCloseTo(4.1)
  })

  test('sorting puts the unknown last in both directions', () => {
    const order = (direction: 'ascending' | 'descending') =>
      sortedRows(rows('3'), { by: 'value', direction }).map((row) => row.code)
    expect(order('ascending')).toEqual(['a', 'c', 'b'])
    expect(order('descending')).toEqual(['c', 'a', 'b'])
  })

  test('an empty whole is no rate', () => {
    expect(valueOf(figureOf(plan, '3'), 0, 0)).toBeUndefined()
  })

  test('what is still to go brings the rate to its target, and one less does not', () => {
    const figure = figureOf(plan, '3')
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100000 }), fc.integer({ min: 0, max: 100000 }), (whole, some) => {
        const part = Math.min(some, whole)
        const more = stillToGo(figure, { part, whole, counted: 1, expected: 1 }, 98)
        if (more === undefined) {
          expect((100 * part) / whole).toBeGreaterThanOrEqual(98 - 1e-9)
          return
        }
        expect((100 * (part + more)) / whole).toBeGreaterThanOrEqual(98 - 1e-9)
        expect((100 * (part + more - 1)) / whole).toBeLessThan(98)
      }),
    )
  })
})
