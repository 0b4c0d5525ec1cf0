/**
 * The ledger over SQL: one stream, locked, in one transaction.
 *
 * Many mutations arrive at once, and waiting for each row would cost more than writing it: rows go in by statements of
 * several rows, of three fixed sizes so that each is prepared once. (Measured for 200 rows of log and cell: one row a
 * statement 1.8 ms, `json_each` 2.1 ms, 50 rows a statement 1.0 ms.)
 */
import { CompiledQuery, type Kysely } from 'kysely'
import { EMPTY_DIGEST } from '#sync/hash'
import type { Cell, Id, Json, Verdict } from '#sync/protocol'
import type { Ledger, LogRow, StreamHead, StreamTx } from '#sync/ports'
import { headsToText, toCell, type StoredCell } from './stored-cell'
import { inTransaction } from './transaction'
import type { Tables } from './tables'

export type CommittedCells = readonly (readonly [key: string, cell: Cell])[]

/** Rows a statement, largest first. */
const CHUNKS = [50, 10, 1] as const

export function createLedger(wiring: {
  readonly db: Kysely<Tables>
  readonly epoch: string
  /** Called after each commit that changed cells, in the order of the commits. */
  readonly onCommitted?: (stream: string, cells: CommittedCells) => void
}): Ledger {
  const { db, epoch, onCommitted } = wiring

  return {
    epoch,
    async write(stream, run) {
      const changed: CommittedCells[] = []
      return inTransaction(
        db,
        'write',
        async (trx) => run(await openStream({ trx, stream, onWritten: (cells) => changed.push(cells) })),
        () => {
          for (const cells of changed) onCommitted?.(stream, cells)
        },
      )
    },
    async read(stream, run) {
      return inTransaction(db, 'read', async (trx) => run(await openStream({ trx, stream, onWritten: () => undefined })))
    },
  }
}

async function openStream(opening: {
  readonly trx: Kysely<Tables>
  readonly stream: string
  readonly onWritten: (cells: CommittedCells) => void
}): Promise<StreamTx> {
  const { trx, stream, onWritten } = opening
  const select = async <Row>(text: string, parameters: readonly unknown[]): Promise<readonly Row[]> =>
    (await trx.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows
  const [found] = await select<StreamHead & { readonly id: number }>('select id, seq, digest from stream where name = ?', [
    stream,
  ])
  const head: StreamHead = { seq: found?.seq ?? 0, digest: found?.digest ?? EMPTY_DIGEST }
  let { seq } = head
  /** No stream has this id: what was never written to is empty, and not asked. */
  let id = found?.id ?? 0
  return {
    head,
    async write(change) {
      if (id === 0) {
        const [made] = await select<{ id: number }>('insert into stream (name, seq, digest) values (?, 0, ?) returning id', [
          stream,
          EMPTY_DIGEST,
        ])
        if (made === undefined) throw new Error(`the stream ${stream} was not made`)
        id = made.id
      }
      await insertLog(trx, id, change.log)
      await putCells(trx, id, change.cells)
      await trx.executeQuery(CompiledQuery.raw(PUT_STREAM, [change.head.seq, change.head.digest, id]))
      const { device, last, chain, skew } = change.peer
      await trx.executeQuery(CompiledQuery.raw(PUT_PEER, [id, device, last, chain, skew]))
      ;({ seq } = change.head)
      onWritten(change.cells)
    },
    async peer(device) {
      if (id === 0) return undefined
      const [row] = await select<{ last: number; chain: string }>(
        'select last, chain from peer where stream = ? and device = ?',
        [id, device],
      )
      return row === undefined ? undefined : { last: row.last, chain: row.chain }
    },
    async logRow(device, n) {
      const [row] = await select<StoredLogRow>(`${SELECT_LOG} where stream = ? and device = ? and n = ?`, [id, device, n])
      return row === undefined ? undefined : toLogRow(row)
    },
    async logRows(device, from, to) {
      if (id === 0) return []
      const rows = await select<StoredLogRow>(`${SELECT_LOG} where stream = ? and device = ? and n between ? and ? order by n`, [
        id,
        device,
        from,
        to,
      ])
      return rows.map(toLogRow)
    },
    async known(ids) {
      if (ids.length === 0 || id === 0) return new Set()
      const pairs = ids.map(idToPair).filter((pair) => pair !== undefined)
      const rows = await select<{ device: string; n: number }>(
        // The cross join and the casts let each id be looked up in the index; without them the stream's whole log is read.
        `select l.device, l.n from json_each(?) as j cross join log as l
           on l.stream = ? and l.device = cast(j.value ->> 0 as text) and l.n = cast(j.value ->> 1 as integer)`,
        [JSON.stringify(pairs), id],
      )
      return new Set(rows.map((row) => `${row.device}:${String(row.n)}`))
    },
    async cells(keys) {
      if (keys.length === 0 || id === 0) return new Map()
      const found = new Map<string, Cell>()
      await inChunks(keys, async (chunk) => {
        for (const row of await select<StoredCell>(selectCellsText(chunk.length), [id, ...chunk])) found.set(row.key, toCell(row))
      })
      return found
    },
    async rows(after, limits) {
      // Nothing is newer: the most frequent question of all, and one that needs no look at the cells.
      if (after >= seq) return { rows: [], upto: seq, done: true }
      const found = await select<StoredCell>(
        'select key, seq, heads, missing from cell where stream = ? and seq > ? order by seq limit ?',
        [id, after, limits.rows + 1],
      )
      let bytes = 0
      let taken = 0
      for (const row of found) {
        bytes += ROW_BYTES + row.key.length + Buffer.byteLength(row.heads) + (row.missing?.length ?? 0)
        // At least one row a page, however large, or the reader would never get past it.
        if (taken >= limits.rows || (taken > 0 && bytes > limits.bytes)) break
        taken += 1
      }
      const page = found.slice(0, taken)
      const done = taken === found.length
      return {
        rows: page.map((row) => [row.key, toCell(row)] as const),
        upto: done ? seq : (page.at(-1)?.seq ?? after),
        done,
      }
    },
  }
}

type StoredLogRow = Omit<LogRow, 'value' | 'base' | 'verdict'> & {
  readonly value: string
  readonly base: string | null
  readonly verdict: string
}

/** About what the wire adds to a cell for the names that are not stored. */
const ROW_BYTES = 80

const LOG_COLUMNS = 'seq, device, n, kind, key, value, base, by, at, received, pv, verdict, chain'
const SELECT_LOG = `select ${LOG_COLUMNS} from log`
const PUT_STREAM = 'update stream set seq = ?, digest = ? where id = ?'
const PUT_PEER = `insert into peer (stream, device, last, chain, skew) values (?, ?, ?, ?, ?)
  on conflict (stream, device) do update set last = excluded.last, chain = excluded.chain, skew = excluded.skew`

async function insertLog(trx: Kysely<Tables>, stream: number, log: readonly LogRow[]): Promise<void> {
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
        JSON.stringify(row.value),
        row.base.length === 0 ? null : JSON.stringify(row.base),
        row.by,
        row.at,
        row.received,
        row.pv,
        row.verdict,
        row.chain,
      )
    }
    await trx.executeQuery(CompiledQuery.raw(insertLogText(rows.length), parameters))
  })
}

async function putCells(trx: Kysely<Tables>, stream: number, cells: CommittedCells): Promise<void> {
  await inChunks(cells, async (rows) => {
    const parameters: unknown[] = []
    for (const [key, cell] of rows) {
      const missing = cell.missing === undefined || cell.missing.length === 0 ? null : JSON.stringify(cell.missing)
      parameters.push(stream, key, cell.seq, headsToText(cell.heads), missing)
    }
    await trx.executeQuery(CompiledQuery.raw(putCellsText(rows.length), parameters))
  })
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

function idToPair(id: Id): readonly [device: string, n: number] | undefined {
  const colon = id.indexOf(':')
  const n = Number(id.slice(colon + 1))
  return colon > 0 && Number.isSafeInteger(n) && String(n) === id.slice(colon + 1) ? [id.slice(0, colon), n] : undefined
}

/** What `insertLog` wrote: these are the database's own rows, not something from outside. */
function toLogRow(row: StoredLogRow): LogRow {
  return {
    seq: row.seq,
    device: row.device,
    n: row.n,
    kind: row.kind,
    key: row.key,
    value: JSON.parse(row.value) as Json,
    base: row.base === null ? [] : (JSON.parse(row.base) as readonly Id[]),
    by: row.by,
    at: row.at,
    received: row.received,
    pv: row.pv,
    verdict: row.verdict as Verdict | 'witnessed',
    chain: row.chain,
  }
}
