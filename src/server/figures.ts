/**
 * The district's figures, kept in memory and up to date: each commit tells which cells it changed, within the request that made it.
 *
 * The table belongs to this process. A second process on the same database would not hear of this one's commits, so one
 * database is served by one process; more of them need notices through the database first.
 */
import type { Kysely } from 'kysely'
import { createFigureTable } from '#plan/figure-table'
import type { ContributionAnswer, FigureAnswer } from '#plan/figure-wire'
import type { OrgUnit } from '#domain/org-unit'
import { isPeriod, type Period } from '#domain/period'
import type { Plan } from '#plan/plan'
import type { CellValue } from '#plan/typed'
import { orgUnitOf, parseKey, streamOf, type Cell } from '#sync/protocol'
import { listOrgUnits } from './org-units'
import type { CommittedCells } from './store/ledger'
import { textToHeads } from './store/stored-cell'
import type { Tables } from './store/tables'

export type Figures = {
  putUnit(unit: OrgUnit): void
  putCells(stream: string, cells: CommittedCells): void
  answers(period: Period, codes?: readonly string[]): readonly FigureAnswer[]
  contributions(figureId: string, period: Period, codes?: readonly string[]): readonly ContributionAnswer[]
}

export async function openFigures(db: Kysely<Tables>, plan: Plan): Promise<Figures> {
  const units = await listOrgUnits(db)
  const table = createFigureTable(plan, units)
  const put = (stream: string, key: string, heads: Cell['heads']) => {
    const code = orgUnitOf(stream)
    const parsed = parseKey(key)
    if (code === undefined || parsed.kind !== 'value' || !isPeriod(parsed.period)) return
    table.putValue(code, parsed.period, parsed.element, headsToValue(heads))
  }
  for (const { code } of units) {
    const stream = streamOf(code)
    const rows = await db
      .selectFrom('cell')
      .innerJoin('stream', 'stream.id', 'cell.stream')
      .select(['cell.key', 'cell.heads'])
      .where('stream.name', '=', stream)
      .where('cell.key', '>=', 'v/')
      .where('cell.key', '<', 'v0')
      .execute()
    for (const row of rows) put(stream, row.key, textToHeads(row.heads))
  }
  return {
    putUnit: (unit) => table.putUnit(unit),
    putCells(stream, cells) {
      for (const [key, cell] of cells) put(stream, key, cell.heads)
    },
    answers: (period, codes) => table.figures(period, codes),
    contributions: (figureId, period, codes) => table.contributions(figureId, period, codes),
  }
}

/** A cell with two heads counts as not reported until somebody decides. */
export function headsToValue(heads: Cell['heads']): CellValue | undefined {
  const [head] = heads
  if (head === undefined) return undefined
  return heads.length > 1 ? { conflict: true } : { value: head.value }
}
