/**
 * The district's figures, kept in memory and up to date: each commit of this process tells which cells it changed, within the request
 * that made it.
 *
 * On a database of several processes the others' commits are read when figures are asked for:
 *
 * ```
 * own commit, and everything before it known  -> its cells are put, no reading
 * own commit behind another process's         -> left for the next question
 * question                                    -> sums of the database differ from what is known: the cells above it are read
 * ```
 *
 * So an answer holds every commit that was answered before the question, whoever made it.
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
import { readCommits } from './store/commits'
import type { CommittedCells, Revisions } from './store/ledger'
import { textToHeads } from './store/stored-cell'
import type { Tables } from './store/tables'
import { inTransaction } from './store/transaction'

export type Figures = {
  putUnit(unit: OrgUnit): void
  readonly putCells: (stream: string, cells: CommittedCells, revisions: Revisions) => void
  /** To be awaited before each question: what other processes have committed. */
  catchUp(): Promise<void>
  answers(period: Period, codes?: readonly string[]): readonly FigureAnswer[]
  contributions(figureId: string, period: Period, codes?: readonly string[]): readonly ContributionAnswer[]
}

/** `isShared`: other processes may work on the database too. */
export async function openFigures(
  db: Kysely<Tables>,
  plan: Plan,
  { isShared }: { readonly isShared: boolean } = { isShared: false },
): Promise<Figures> {
  const units = await listOrgUnits(db)
  const table = createFigureTable(plan, units)
  const put = (stream: string, key: string, heads: Cell['heads']) => {
    const code = orgUnitOf(stream)
    const parsed = parseKey(key)
    if (code === undefined || parsed.kind !== 'value' || !isPeriod(parsed.period)) return
    table.putValue(code, parsed.period, parsed.element, headsToValue(heads))
  }
  const putCells = (stream: string, cells: CommittedCells) => {
    for (const [key, cell] of cells) put(stream, key, cell.heads)
  }
  const common = {
    putUnit: (unit: OrgUnit) => table.putUnit(unit),
    answers: (period: Period, codes?: readonly string[]) => table.figures(period, codes),
    contributions: (figureId: string, period: Period, codes?: readonly string[]) => table.contributions(figureId, period, codes),
  }
  if (!isShared) {
    for (const { code } of units) {
      const stream = streamOf(code)
      for (const row of await readValues(db, stream, 0)) put(stream, row.key, textToHeads(row.heads))
    }
    return { ...common, putCells, catchUp: () => Promise.resolve() }
  }
  const shared = followCommits({ db, units, put, putUnit: common.putUnit })
  await shared.catchUp()
  return {
    ...common,
    catchUp: () => shared.catchUp(),
    putCells(stream, cells, revisions) {
      if (shared.heard(stream, revisions)) putCells(stream, cells)
    },
  }
}

async function readValues(db: Kysely<Tables>, stream: string, after: number) {
  return db
    .selectFrom('cell')
    .innerJoin('stream', 'stream.id', 'cell.stream')
    .select(['cell.key', 'cell.heads'])
    .where('stream.name', '=', stream)
    .where('cell.key', '>=', 'v/')
    .where('cell.key', '<', 'v0')
    .where('cell.seq', '>', after)
    .execute()
}

function followCommits(wiring: {
  readonly db: Kysely<Tables>
  readonly units: readonly OrgUnit[]
  readonly put: (stream: string, key: string, heads: Cell['heads']) => void
  readonly putUnit: (unit: OrgUnit) => void
}) {
  const { db, put, putUnit } = wiring
  /** Of each stream, the revision up to which everything is in the table; and their sum. */
  const known = new Map<string, number>()
  let sum = 0
  const knownUnits = new Map(wiring.units.map((unit) => [unit.code, JSON.stringify(unit)]))
  let unitsSum: string | undefined
  const advance = (stream: string, to: number) => {
    sum += to - (known.get(stream) ?? 0)
    known.set(stream, to)
  }

  /** One snapshot: the sums and the rows speak of the same moment. */
  const read = () =>
    inTransaction(db, 'read', async (trx) => {
      const commits = await readCommits(trx)
      if (commits.units !== unitsSum) {
        for (const unit of await listOrgUnits(trx)) {
          const text = JSON.stringify(unit)
          if (knownUnits.get(unit.code) !== text) putUnit(unit)
          knownUnits.set(unit.code, text)
        }
        unitsSum = commits.units
      }
      if (commits.revisions === sum) return
      for (const { name, seq } of await trx.selectFrom('stream').select(['name', 'seq']).execute()) {
        const after = known.get(name) ?? 0
        if (after === seq) continue
        for (const row of await readValues(trx, name, after)) put(name, row.key, textToHeads(row.heads))
        advance(name, seq)
      }
    })

  let running: Promise<void> | undefined
  let waiting: Promise<void> | undefined
  const start = () => {
    running = read().finally(() => (running = undefined))
    return running
  }
  return {
    /** Readings do not overlap. Who asks during one waits for the next: this one may have begun before what the asker knows of. */
    catchUp(): Promise<void> {
      if (running === undefined) return start()
      waiting ??= running
        .catch(() => undefined)
        .then(() => {
          waiting = undefined
          return running ?? start()
        })
      return waiting
    },
    /** Whether the cells of an own commit are to be put now. Otherwise the next reading brings them. */
    heard(stream: string, { before, after }: Revisions): boolean {
      if (running !== undefined || (known.get(stream) ?? 0) !== before) return false
      advance(stream, after)
      return true
    },
  }
}

/** A cell with two heads counts as not reported until somebody decides. */
export function headsToValue(heads: Cell['heads']): CellValue | undefined {
  const [head] = heads
  if (head === undefined) return undefined
  return heads.length > 1 ? { conflict: true } : { value: head.value }
}
