/** The district's figures, kept in memory and up to date by the commits that `follow-commits.ts` tells of. */
import type { OrgUnit } from '#domain/org-unit'
import { isPeriod, type Period } from '#domain/period'
import { createFigureTable, type FigureTable } from '#plan/figure-table'
import type { ContributionAnswer, FigureAnswer } from '#plan/figure-wire'
import type { Plan } from '#plan/plan'
import type { CellValue, Values } from '#plan/typed'
import { parseKey, type Cell } from '#sync/protocol'
import type { CellListener, CommitFollower } from './follow-commits'

export type Figures = Pick<CommitFollower, 'putUnit' | 'catchUp'> & FigureAnswers

export type FigureAnswers = {
  answers(period: Period, codes?: readonly string[]): readonly FigureAnswer[]
  contributions(figureId: string, period: Period, codes?: readonly string[]): readonly ContributionAnswer[]
  values(code: string, period: string): Values
  readonly usualRanges: FigureTable['usualRanges']
}

export function createFigures(plan: Plan, units: readonly OrgUnit[]): FigureAnswers & CellListener {
  const table = createFigureTable(plan, units)
  return {
    putUnit: (unit) => table.putUnit(unit),
    putCell(code, key, heads) {
      const parsed = parseKey(key)
      if (parsed.kind !== 'value' || !isPeriod(parsed.period)) return
      table.putValue(code, parsed.period, parsed.element, headsToValue(heads))
    },
    answers: (period, codes) => table.figures(period, codes),
    contributions: (figureId, period, codes) => table.contributions(figureId, period, codes),
    values: (code, period) => table.values(code, period),
    usualRanges: (period, type) => table.usualRanges(period, type),
  }
}

/** A cell with two heads counts as not reported until somebody decides. */
export function headsToValue(heads: Cell['heads']): CellValue | undefined {
  const [head] = heads
  if (head === undefined) return undefined
  return heads.length > 1 ? { conflict: true } : { value: head.value }
}
