/**
 * What the log alone knows of reports: every step that was taken, when it was received, and what stood in the report at that moment. The
 * cells only say where things are now.
 */
import { sql, type Kysely } from 'kysely'
import { parseReportStated, type ReportStated } from '#domain/report'
import { apply } from '#sync/cell'
import { orgUnitOf, parseKey, streamOf, type Cell, type Id, type Json } from '#sync/protocol'
import type { Tables } from './store/tables'

export type LoggedStep = ReportStated & {
  /** The stream's number: what was submitted is what stood there then. */
  readonly seq: number
  readonly by: string
  readonly at: number
  readonly received: number
}

/** Of each org unit by the key of the state, oldest first. Without `orgUnits`: of all. */
export type StepsByKey = ReadonlyMap<string, readonly LoggedStep[]>

/** Streams of one question. */
const AT_ONCE = 200

export async function readSteps(db: Kysely<Tables>, orgUnits?: readonly string[]): Promise<ReadonlyMap<string, StepsByKey>> {
  const byUnit = new Map<string, Map<string, LoggedStep[]>>()
  const names = orgUnits?.map(streamOf)
  for (let from = 0; from < (names?.length ?? 1); from += AT_ONCE) {
    let query = db
      .selectFrom('log')
      .innerJoin('stream', 'stream.id', 'log.stream')
      .select(['stream.name', 'log.seq', 'log.key', 'log.value', 'log.by', 'log.at', 'log.received'])
      // Written out: only so does the database see that it has an index of just these.
      .where(sql<boolean>`log.kind = 'move'`)
      .where('log.key', '>=', 'w/')
      .where('log.key', '<', 'w0')
      .where('log.verdict', 'not like', 'rejected%')
      .orderBy('log.stream')
      .orderBy('log.seq')
    if (names !== undefined) query = query.where('stream.name', 'in', names.slice(from, from + AT_ONCE))
    for (const { name, key, value, ...row } of await query.execute()) {
      const orgUnit = orgUnitOf(name)
      const stated = parseReportStated(JSON.parse(value))
      if (orgUnit === undefined || stated === undefined || parseKey(key).kind !== 'report') continue
      let ofUnit = byUnit.get(orgUnit)
      if (ofUnit === undefined) byUnit.set(orgUnit, (ofUnit = new Map()))
      const steps = ofUnit.get(key)
      const step = { ...stated, ...row }
      if (steps === undefined) ofUnit.set(key, [step])
      else steps.push(step)
    }
  }
  return byUnit
}

/**
 * The values of these cells as they stood once the stream had the number `seq`: the log played through up to there. It has no index by key,
 * so one stream's is read through; a school's has some ten thousand rows after years, which takes two milliseconds.
 */
export async function readStanding(
  db: Kysely<Tables>,
  { orgUnit, keys, seq }: { readonly orgUnit: string; readonly keys: readonly string[]; readonly seq: number },
): Promise<Readonly<Record<string, Json>>> {
  if (keys.length === 0) return {}
  const rows = await db
    .selectFrom('log')
    .innerJoin('stream', 'stream.id', 'log.stream')
    .select(['log.seq', 'log.device', 'log.n', 'log.key', 'log.value', 'log.base', 'log.by', 'log.at', 'log.verdict'])
    .where('stream.name', '=', streamOf(orgUnit))
    .where('log.seq', '<=', seq)
    .where('log.key', 'in', keys)
    .orderBy('log.seq')
    .execute()
  const cells = new Map<string, Cell>()
  const known = new Set<Id>()
  for (const row of rows) {
    const id: Id = `${row.device}:${String(row.n)}`
    known.add(id)
    if (row.verdict.startsWith('rejected')) continue
    // The database's own rows, as the ledger wrote them: not something from outside.
    const value = JSON.parse(row.value) as Json
    const base = row.base === null ? [] : (JSON.parse(row.base) as readonly Id[])
    const stamped = { id, value, base, by: row.by, at: row.at }
    cells.set(row.key, apply(cells.get(row.key), stamped, { seq: row.seq, isKnown: (other) => known.has(other) }).cell)
  }
  const standing: Record<string, Json> = {}
  for (const [key, { heads }] of cells) {
    const value = heads[0]?.value ?? null
    if (value !== null) standing[key] = value
  }
  return standing
}
