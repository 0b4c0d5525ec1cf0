/**
 * The history of one cell, out of the stream's log, without reading the whole log.
 *
 * The log lies in the order of its devices and has no index by key: one on every row would make each exchange slower. Instead:
 *
 * 1. from the cell's heads backwards: each mutation names in `base` what it replaced, and is found by its device and number;
 * 2. what is on no such path, because it was refused, or merged into a value that somebody typed before, stands in a partial index of
 *    its own, which the rows that were simply applied (nearly all) never touch;
 * 3. where somebody else typed the same (merged, or perhaps so in a conflict), whoever replaced the value may have named only one of the
 *    two, and the other is on no path: the stream's log is read through. So it is where the path is long, and where what was found, played
 *    through once more, gives other verdicts or heads than the log and the cell have (after a restore).
 */
import { sql, type Kysely } from 'kysely'
import { apply } from '#sync/cell'
import { sameJson } from '#sync/hash'
import type { LogRow } from '#sync/ports'
import type { Cell, Id, Json, Verdict } from '#sync/protocol'
import { bearersOf } from './deposits'
import { toCell } from './store/stored-cell'
import type { Tables } from './store/tables'

export type HistoryRow = Pick<LogRow, 'seq' | 'key' | 'value' | 'base' | 'by' | 'at' | 'received' | 'pv' | 'verdict'> & {
  readonly id: Id
  /** Of the author's account, as long as there is one. */
  readonly name?: string
  /** Server clock minus the author's device clock, as the device's last exchange measured it, in milliseconds. */
  readonly skew?: number
  /** What the person is called who handed it in as a file. */
  readonly depositedBy?: string
}

/**
 * Look-ups, 0.1 ms each; reading through a log of 20,000 rows takes 2 ms, and holds up everybody for as long. Raising it makes the history
 * of a value that was often changed slower, lowering it makes more of them read through.
 */
export const WALK_MAX = 20

export type History = { readonly past: readonly HistoryRow[]; readonly more: boolean; readonly how: 'walked' | 'readThrough' }

/** The newest `limit` rows below the revision `before`, oldest first. */
export async function readHistory(
  db: Kysely<Tables>,
  question: {
    readonly stream: string
    readonly key: string
    readonly before?: number | undefined
    readonly limit: number
  },
): Promise<History> {
  const { stream, key, before = Infinity, limit } = question
  const found = await db.selectFrom('stream').select('id').where('name', '=', stream).executeTakeFirst()
  if (found === undefined) return { past: [], more: false, how: 'walked' }
  const walked = await walk(db, found.id, key)
  const rows = walked ?? (await readThrough(db, found.id, key))
  const below = rows.filter(({ seq }) => seq < before)
  const page = below.slice(-limit)
  return {
    past: await withNames(db, { id: found.id, name: stream }, page),
    more: page.length < below.length,
    how: walked === undefined ? 'readThrough' : 'walked',
  }
}

type Row = Pick<LogRow, 'seq' | 'device' | 'n' | 'key' | 'value' | 'base' | 'by' | 'at' | 'received' | 'pv' | 'verdict'>

const idOf = ({ device, n }: Pick<Row, 'device' | 'n'>): Id => `${device}:${String(n)}`

async function walk(db: Kysely<Tables>, stream: number, key: string): Promise<readonly Row[] | undefined> {
  const stored = await db
    .selectFrom('cell')
    .select(['key', 'seq', 'heads', 'missing'])
    .where('stream', '=', stream)
    .where('key', '=', key)
    .executeTakeFirst()
  const cell = stored === undefined ? undefined : toCell(stored)
  const rows = new Map<Id, Row>()
  for (const row of await exceptions(db, stream, key)) rows.set(idOf(row), row)
  const ahead: Id[] = cell?.heads.flatMap(({ from }) => from.map(({ id }) => id)) ?? []
  for (const { base } of rows.values()) ahead.push(...base)
  const asked = new Set<Id>()
  for (const id of ahead) {
    if (asked.has(id)) continue
    asked.add(id)
    if (asked.size > WALK_MAX) return undefined
    const row = rows.get(id) ?? (await rowOf(db, stream, id))
    // A base may name what the server forgot, or, made up, another cell's mutation.
    if (row === undefined || row.key !== key) continue
    rows.set(id, row)
    ahead.push(...row.base)
  }
  const inOrder = [...rows.values()].sort((one, other) => one.seq - other.seq)
  return isWhole(inOrder, cell) ? inOrder : undefined
}

/** Whether these rows, played through, give the verdicts that they had and the heads that the cell has. */
function isWhole(rows: readonly Row[], cell: Cell | undefined): boolean {
  const known = new Set<Id>()
  let played: Cell | undefined
  for (const row of rows) {
    const { seq, value, base, by, at, verdict } = row
    if (verdict === 'witnessed' || verdict === 'merged' || verdict === 'conflict') return false
    const id = idOf(row)
    known.add(id)
    if (verdict.startsWith('rejected')) continue
    const next = apply(played, { id, value, base, by, at }, { seq, isKnown: (one) => known.has(one) })
    if (next.verdict !== verdict) return false
    played = next.cell
  }
  return sameJson(headsOf(played), headsOf(cell))
}

const headsOf = (cell: Cell | undefined): Json =>
  (cell?.heads ?? []).map(({ value, from }) => ({ value, ids: from.map(({ id }) => id) }))

const COLUMNS = ['seq', 'device', 'n', 'key', 'value', 'base', 'by', 'at', 'received', 'pv', 'verdict'] as const

/**
 * Everything but what was simply applied: the partial index `log_exceptions` has exactly these. The condition is written out and not
 * bound, or the database would not see that; and the stream is no plain column, or SQLite would think the log's own order the better way
 * in and read all of the school.
 */
export const EXCEPTIONS_OF_CELL = (stream: number, key: string) =>
  sql<boolean>`key = ${key} and stream + 0 = ${stream} and verdict <> 'applied'`

async function exceptions(db: Kysely<Tables>, stream: number, key: string): Promise<readonly Row[]> {
  const rows = await db.selectFrom('log').select(COLUMNS).where(EXCEPTIONS_OF_CELL(stream, key)).execute()
  return rows.map(toRow)
}

async function rowOf(db: Kysely<Tables>, stream: number, id: Id): Promise<Row | undefined> {
  const colon = id.indexOf(':')
  const row = await db
    .selectFrom('log')
    .select(COLUMNS)
    .where('stream', '=', stream)
    .where('device', '=', id.slice(0, colon))
    .where('n', '=', Number(id.slice(colon + 1)))
    .executeTakeFirst()
  return row === undefined ? undefined : toRow(row)
}

async function readThrough(db: Kysely<Tables>, stream: number, key: string): Promise<readonly Row[]> {
  const rows = await db
    .selectFrom('log')
    .select(COLUMNS)
    .where('stream', '=', stream)
    .where('key', '=', key)
    .orderBy('seq')
    .execute()
  return rows.map(toRow)
}

async function withNames(
  db: Kysely<Tables>,
  stream: { readonly id: number; readonly name: string },
  rows: readonly Row[],
): Promise<readonly HistoryRow[]> {
  if (rows.length === 0) return []
  const [accounts, peers] = [
    await db
      .selectFrom('account')
      .select(['username', 'name'])
      .where('username', 'in', [...new Set(rows.map(({ by }) => by))])
      .execute(),
    await db
      .selectFrom('peer')
      .select(['device', 'skew'])
      .where('stream', '=', stream.id)
      .where('device', 'in', [...new Set(rows.map(({ device }) => device))])
      .execute(),
  ]
  const bearers = await bearersOf(db, stream.name, rows)
  const names = new Map(accounts.map(({ username, name }) => [username, name]))
  const skews = new Map(peers.map(({ device, skew }) => [device, skew]))
  return rows.map((row) => {
    const { seq, key, value, base, by, at, received, pv, verdict } = row
    const name = names.get(by)
    const skew = skews.get(row.device)
    const depositedBy = bearers.get(idOf(row))
    return {
      ...{ id: idOf(row), seq, key, value, base, by, at, received, pv, verdict },
      ...(name === undefined ? {} : { name }),
      ...(skew === undefined ? {} : { skew }),
      ...(depositedBy === undefined ? {} : { depositedBy }),
    }
  })
}

type StoredRow = Omit<Row, 'value' | 'base' | 'verdict'> & {
  readonly value: string
  readonly base: string | null
  readonly verdict: string
}

/** The database's own rows, as the ledger wrote them: not something from outside. */
function toRow(row: StoredRow): Row {
  return {
    ...row,
    value: JSON.parse(row.value) as Json,
    base: row.base === null ? [] : (JSON.parse(row.base) as readonly Id[]),
    verdict: row.verdict as Verdict | 'witnessed',
  }
}
