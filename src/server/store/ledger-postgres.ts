/**
 * The stream's row is locked before anything is read, and given back by the commit: so the order of a stream's numbers is the order of
 * its commits, and a reader that has seen number 7 has seen everything below it. Numbers from a sequence, or from a clock, are drawn
 * before the commit; commits overtake each other, and a reader's cursor passes a row that is not there yet and never comes back for it.
 *
 * Any number of rows goes in by one statement, column by column.
 */
import { CompiledQuery, type Kysely } from 'kysely'
import { EMPTY_DIGEST } from '#sync/hash'
import { LOG_COLUMNS, SELECT_STREAM, type LedgerStatements, type StreamRow } from './ledger-statements'
import type { StoredCell } from './stored-cell'
import type { Tables } from './tables'

export const postgresStatements: LedgerStatements = {
  async lockStream(trx, name) {
    const lock = async () => (await select<StreamRow>(trx, LOCK_STREAM, [name]))[0]
    const locked = await lock()
    if (locked !== undefined) return locked
    // Two who make it at once: the second waits here for the first, and then finds its row.
    await trx.executeQuery(CompiledQuery.raw(MAKE_STREAM, [name, EMPTY_DIGEST]))
    return lock()
  },

  async insertLog(trx, stream, log) {
    if (log.length === 0) return
    const columns = [
      log.map((row) => row.seq),
      log.map((row) => row.device),
      log.map((row) => row.n),
      log.map((row) => row.kind),
      log.map((row) => row.key),
      log.map((row) => row.value),
      log.map((row) => row.base),
      log.map((row) => row.by),
      log.map((row) => row.at),
      log.map((row) => row.received),
      log.map((row) => row.pv),
      log.map((row) => row.verdict),
      log.map((row) => row.chain),
    ]
    await trx.executeQuery(CompiledQuery.raw(INSERT_LOG, [stream, ...columns]))
  },

  async putCells(trx, stream, cells) {
    if (cells.length === 0) return
    const columns = [
      cells.map((row) => row.key),
      cells.map((row) => row.seq),
      cells.map((row) => row.heads),
      cells.map((row) => row.missing),
    ]
    await trx.executeQuery(CompiledQuery.raw(PUT_CELLS, [stream, ...columns]))
  },

  selectCells: (trx, stream, keys) => select<StoredCell>(trx, SELECT_CELLS, [stream, keys]),

  selectKnown: (trx, stream, pairs) =>
    select(trx, SELECT_KNOWN, [pairs.map(([device]) => device), pairs.map(([, n]) => n), stream]),
}

async function select<Row>(trx: Kysely<Tables>, text: string, parameters: unknown[]): Promise<readonly Row[]> {
  return (await trx.executeQuery<Row>(CompiledQuery.raw(text, parameters))).rows
}

const LOCK_STREAM = `${SELECT_STREAM} for update`
const MAKE_STREAM = 'insert into stream (name, seq, digest) values (?, 0, ?) on conflict (name) do nothing'
const INSERT_LOG = `insert into log (stream, ${LOG_COLUMNS}) select ?, * from unnest(
  ?::bigint[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::float8[], ?::float8[], ?::bigint[],
  ?::text[], ?::text[])`
const PUT_CELLS = `insert into cell (stream, key, seq, heads, missing)
  select ?, * from unnest(?::text[], ?::bigint[], ?::text[], ?::text[])
  on conflict (stream, key) do update set seq = excluded.seq, heads = excluded.heads, missing = excluded.missing`
const SELECT_CELLS = 'select key, seq, heads, missing from cell where stream = ? and key = any(?)'
const SELECT_KNOWN = `select l.device, l.n from unnest(?::text[], ?::bigint[]) as j (device, n)
  join log as l on l.stream = ? and l.device = j.device and l.n = j.n`
