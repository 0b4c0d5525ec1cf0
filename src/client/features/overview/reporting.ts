/**
 * How far the units are with reporting, read from the coverage of the figures: the one thing that the bureau's device holds
 * for every unit.
 *
 * A unit is `complete` when no figure that expects it misses anything of it, `none` when every one does, and `part` in
 * between. Figures that expect nothing of a unit say nothing about it; a unit that no figure expects is left out.
 */
import { isOpenIn, type OrgUnit } from '#domain/org-unit'
import { isPeriod } from '#domain/period'
import { matchesUnits } from '#plan/applicability'
import type { FiguresAnswer } from '#plan/figure-wire'
import type { Plan } from '#plan/plan'
import type { Figure } from '#plan/schema'

export type UnitReporting = {
  readonly unit: OrgUnit
  /** Figures that count on this unit. */
  readonly expected: number
  /** Ids of those among them that miss something of it. */
  readonly missing: readonly string[]
  readonly progress: 'complete' | 'part' | 'none'
}

export type Reporting = {
  readonly units: readonly UnitReporting[]
  readonly complete: number
  readonly part: number
  readonly none: number
  /** Of all that the figures expect of all units, how much is there; in per cent, 100 only when nothing is missing. */
  readonly filledPercent: number
}

/** Whom such a figure expects depends on what the units answer: only those it names are known here. */
function isForSome(figure: Figure | undefined): boolean {
  return figure?.measure.kind === 'share' && figure.measure.among !== undefined
}

export function reportingOf(plan: Plan, answer: FiguresAnswer, orgUnits: readonly OrgUnit[]): Reporting {
  const missingByUnit = new Map<string, string[]>()
  for (const figure of answer.figures) {
    for (const code of figure.coverage.incomplete) {
      const missing = missingByUnit.get(code)
      if (missing === undefined) missingByUnit.set(code, [figure.id])
      else missing.push(figure.id)
    }
  }
  const figures = [...plan.figures.values()].map(({ figure }) => figure)
  // What is expected depends on type and ownership alone; a province's thousands of units are of a few dozen kinds.
  const expectedByKind = new Map<string, number>()
  const expectedOf = (unit: OrgUnit): number => {
    const kind = `${unit.type}/${unit.ownership}`
    const known = expectedByKind.get(kind)
    if (known !== undefined) return known
    const count = figures.filter((figure) => !isForSome(figure) && matchesUnits(plan, figure.units, unit)).length
    expectedByKind.set(kind, count)
    return count
  }
  const units: UnitReporting[] = []
  for (const unit of orgUnits) {
    if (isPeriod(answer.period) && !isOpenIn(unit, answer.period)) continue
    const missing = missingByUnit.get(unit.code) ?? []
    const ofSome = missing.filter((id) => isForSome(plan.figures.get(id)?.figure)).length
    const expected = expectedOf(unit) + ofSome
    if (expected === 0 && missing.length === 0) continue
    const progress = missing.length === 0 ? 'complete' : missing.length < expected ? 'part' : 'none'
    units.push({ unit, expected: Math.max(expected, missing.length), missing, progress })
  }
  const count = (progress: UnitReporting['progress']) => units.filter((each) => each.progress === progress).length
  const expected = units.reduce((sum, each) => sum + each.expected, 0)
  const missing = units.reduce((sum, each) => sum + each.missing.length, 0)
  return {
    units,
    complete: count('complete'),
    part: count('part'),
    none: count('none'),
    filledPercent: expected === 0 ? 0 : Math.floor((100 * (expected - missing)) / expected),
  }
}
