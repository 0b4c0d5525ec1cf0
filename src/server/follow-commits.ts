/**
 * Keeps what lies in memory of the ledger up to date: each commit of this process tells which cells it changed, within the request that
 * made it.
 *
 * On a database of several processes the others' commits are read when something is asked:
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
import type { OrgUnit } from '#domain/org-unit'
import { orgUnitOf, streamOf, type Cell } from '#sync/protocol'
import { listOrgUnits } from './org-units'
import { readCommits } from './store/commits'
import type { CommittedCells, Revisions } from './store/ledger'
import { textToHeads } from './store/stored-cell'
import type { Tables } from './store/tables'
import { inTransaction } from './store/transaction'

/** What is kept in memory. Each cell comes as it is now, some of them more than once. */
export type CellListener = {
  putUnit(unit: OrgUnit): void
  putCell(orgUnit: string, key: string, heads: Cell['heads']): void
}

export type CommitFollower = {
  readonly putUnit: (unit: OrgUnit) => void
  readonly putCells: (stream: string, cells: CommittedCells, revisions: Revisions) => void
  /** To be awaited before each question: what other processes have committed. */
  readonly catchUp: () => Promise<void>
}

/** `units`: those that the listeners know already. `isShared`: other processes may work on the database too. */
export async function followCommits(wiring: {
  readonly db: Kysely<Tables>
  readonly units: readonly OrgUnit[]
  readonly listeners: readonly CellListener[]
  readonly isShared: boolean
}): Promise<CommitFollower> {
  const { db, units, listeners, isShared } = wiring
  const put = (stream: string, key: string, heads: Cell['heads']) => {
    const code = orgUnitOf(stream)
    if (code !== undefined) for (const listener of listeners) listener.putCell(code, key, heads)
  }
  const putCells = (stream: string, cells: CommittedCells) => {
    for (const [key, cell] of cells) put(stream, key, cell.heads)
  }
  const putUnit = (unit: OrgUnit) => {
    for (const listener of listeners) listener.putUnit(unit)
  }
  if (!isShared) {
    for (const { code } of units) {
      const stream = streamOf(code)
      for (const row of await readCells(db, stream, 0)) put(stream, row.key, textToHeads(row.heads))
    }
    return { putUnit, putCells, catchUp: () => Promise.resolve() }
  }
  const shared = followOthers({ db, units, put, putUnit })
  await shared.catchUp()
  return {
    putUnit,
    catchUp: () => shared.catchUp(),
    putCells(stream, cells, revisions) {
      if (shared.heard(stream, revisions)) putCells(stream, cells)
    },
  }
}

/** Of the kinds that are kept in memory: files of values, comments, values and remarks, states of reports. */
async function readCells(db: Kysely<Tables>, stream: string, after: number) {
  return db
    .selectFrom('cell')
    .innerJoin('stream', 'stream.id', 'cell.stream')
    .select(['cell.key', 'cell.heads'])
    .where('stream.name', '=', stream)
    .where('cell.seq', '>', after)
    .where((cell) =>
      cell.or(KEPT.map(([first, beyond]) => cell.and([cell('cell.key', '>=', first), cell('cell.key', '<', beyond)]))),
    )
    .execute()
}

const KEPT = [
  ['a/v/', 'a/v0'],
  ['c/', 'c0'],
  ['v/', 'v0'],
  ['w/', 'w0'],
] as const

function followOthers(wiring: {
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
        for (const row of await readCells(trx, name, after)) put(name, row.key, textToHeads(row.heads))
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
