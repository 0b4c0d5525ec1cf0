import { describe, expect, test } from 'vitest'
import { reportingOf } from '#client/features/overview/reporting'
import { ORG_UNIT_TYPES, type OrgUnit } from '#domain/org-unit'
import { matchesUnits } from '#plan/applicability'
import { createFigureTable } from '#plan/figure-table'
import { answerOf, answersOf, readPlan } from './the-plan'

const plan = readPlan()
const school: OrgUnit = { code: 'a', name: '甲小学', type: 'primary', ownership: 'public' }
const other: OrgUnit = { code: 'b', name: '乙小学', type: 'primary', ownership: 'public' }
const third: OrgUnit = { code: 'c', name: '丙小学', type: 'primary', ownership: 'public' }
const closed: OrgUnit = { code: 'd', name: '旧小学', type: 'primary', ownership: 'public', closed: '2021-08-31' }

function answerWith(incompleteOf: (id: string) => readonly string[]) {
  return answersOf(
    '2024',
    [...plan.figures.keys()].map((id) => answerOf(id, { coverage: { expected: 3, counted: 0, incomplete: incompleteOf(id) } })),
  )
}

describe('how far the units have reported', () => {
  const expected = [...plan.figures.values()].filter(
    ({ figure }) =>
      matchesUnits(plan, figure.units, school) && !(figure.measure.kind === 'share' && figure.measure.among !== undefined),
  ).length
  const ofSchool = (id: string) => {
    const found = plan.figures.get(id)
    return found !== undefined && matchesUnits(plan, found.figure.units, school)
  }

  test('units of every type that have typed nothing are silent, as the engine itself says', () => {
    const units = ORG_UNIT_TYPES.map((type): OrgUnit => ({ code: type, name: type, type, ownership: 'private' }))
    const period = plan.document.periods[0] ?? ''
    const answer = answersOf(period, createFigureTable(plan, units).figures(period))
    const reporting = reportingOf(plan, answer, units)
    expect(reporting).toMatchObject({ complete: 0, part: 0, none: ORG_UNIT_TYPES.length, filledPercent: 0 })
  })

  /** Of figures that concern some units only, these are the ones that name this one. */
  const ofSome = [...plan.figures.keys()].filter(ofSchool).length - expected

  test('a unit is complete, in part or silent by what the figures miss of it', () => {
    const reporting = reportingOf(
      plan,
      answerWith((id) => (ofSchool(id) ? (id === '3' ? ['b', 'c'] : ['c']) : [])),
      [school, other, third, closed],
    )
    expect(reporting.units.map((each) => [each.unit.code, each.progress, each.missing.length])).toEqual([
      ['a', 'complete', 0],
      ['b', 'part', 1],
      ['c', 'none', expected + ofSome],
    ])
    expect(reporting).toMatchObject({ complete: 1, part: 1, none: 1 })
  })

  test('a hundred per cent means that nothing is missing', () => {
    expect(
      reportingOf(
        plan,
        answerWith(() => []),
        [school, other],
      ).filledPercent,
    ).toBe(100)
    expect(
      reportingOf(
        plan,
        answerWith((id) => (id === '3' ? ['a'] : [])),
        [school, other],
      ).filledPercent,
    ).toBe(99)
  })

  test('without a unit nothing is filled', () => {
    expect(
      reportingOf(
        plan,
        answerWith(() => []),
        [],
      ),
    ).toMatchObject({ units: [], filledPercent: 0 })
  })
})
