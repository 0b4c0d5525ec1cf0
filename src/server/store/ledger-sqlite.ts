/**
 * Many mutations arrive at once, and waiting for each row would cost more than writing it: rows go in by statements of several rows, of
 * three fixed sizes so that each is prepared once. (Measured for 200 rows of log and cell: one row a statement 1.8 ms, `json_each`
 * 2.1 ms, 50 rows a statement 1.0 ms.)
 */
import { CompiledQuery, type Kysely } from 'kysely'
import { LOG_COLUMNS, SELECT_STREAM, type LedgerStatements, type StreamRow } from './ledger-statements'
import type { StoredCell } from './stored-cell'
import type { Tables } from './tables'

/** Rows a statement, largest first. */
const CHUNKS = [50, 10, 1] as const

export const sqliteStatements: LedgerStatements = {
  /** The whole database is locked already. */
  async lockStream(trx, name) {
    return (await trx.executeQuery<StreamRow>(CompiledQuery.raw(SELECT_STREAM, [name]))).rows[0]
  },

  async insertLog(trx, stream, log) {
    await inChunks(log, async (rows) => {
      const parameters: unknown[] = []
      for (const row of rows) {
        parameters.push(
          stream,
          row.seq,
          row.device,
          row.n,
          row.kind,
          row.key,
          row.value,
          row.base,
          row.by,
          row.at,
          row.received,
          row.pv,
          row.verdict,
          row.chain,
        )
      }
      await run(trx, insertLogText(rows.length), parameters)
    })
  },

  async putCells(trx, stream, cells) {
    await inChunks(cells, async (rows) => {
      const parameters: unknown[] = []
      for (const row of rows) parameters.push(stream, row.key, row.seq, row.heads, row.missing)
      await run(trx, putCellsText(rows.length), parameters)
    })
  },

  async selectCells(trx, stream, keys) {
    const found: StoredCell[] = []
    await inChunks(keys, async (chunk) => {
      const query = CompiledQuery.raw(selectCellsText(chunk.length), [stream, ...chunk])
      found.push(...(await trx.executeQuery<StoredCell>(query)).rows)
    })
    return found
  },

  async selectKnown(trx, stream, pairs) {
    const query = CompiledQuery.raw(SELECT_KNOWN, [JSON.stringify(pairs), stream])
    return (await trx.executeQuery<{ device: string; n: number }>(query)).rows
  },
}

/** The cross join and the casts let each id be looked up in the index; without them the stream's whole log is read. */
const SELECT_KNOWN = `select l.device, l.n from json_each(?) as j cross join log as l
  on l.stream = ? and l.device = cast(j.value ->> 0 as text) and l.n = cast(j.value ->> 1 as integer)`

async function run(trx: Kysely<Tables>, text: string, parameters: unknown[]): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(text, parameters))
}

async function inChunks<T>(rows: readonly T[], write: (chunk: readonly T[]) => Promise<void>): Promise<void> {
  let start = 0
  for (const size of CHUNKS) {
    for (; start + size <= rows.length; start += size) await write(rows.slice(start, start + size))
  }
}

const repeated = (row: string, rows: number): string => Array.from({ length: rows }, () => row).join(', ')

/** The text for each number of rows is made once: the statement cache finds a statement by it. */
function byRows(text: (rows: number) => string): (rows: number) => string {
  const known = new Map<number, string>()
  return (rows) => {
    const made = known.get(rows) ?? text(rows)
    known.set(rows, made)
    return made
  }
}

const selectCellsText = byRows(
  (keys) => `select key, seq, heads, missing from cell where stream = ? and key in (${repeated('?', keys)})`,
)
const insertLogText = byRows(
  (rows) => `insert into log (stream, ${LOG_COLUMNS}) values ${repeated('(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', rows)}`,
)
const putCellsText = byRows(
  (rows) => `insert into cell (stream, key, seq, heads, missing) values ${repeated('(?, ?, ?, ?, ?)', rows)}
    on conflict (stream, key) do update set seq = excluded.seq, heads = excluded.heads, missing = excluded.missing`,
)
