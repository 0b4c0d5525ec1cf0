/** The ledger over SQL: one stream, locked, in one transaction. */
import { CompiledQuery, type Kysely } from 'kysely'
import { EMPTY_DIGEST } from '#sync/hash'
import type { Cell, Id, Json, Verdict } from '#sync/protocol'
import type { Ledger, LogRow, StreamHead, StreamTx } from '#sync/ports'
import { isPostgres } from './dialect'
import { postgresStatements } from './ledger-postgres'
import { sqliteStatements } from './ledger-sqlite'
import { LOG_COLUMNS, SELECT_STREAM, type LedgerStatements, type StoredLogRow, type StreamRow } from './ledger-statements'
import { headsToText, toCell, type StoredCell } from './stored-cell'
import { inTransaction } from './transaction'
import type { Tables } from './tables'

export type CommittedCells = readonly (readonly [key: string, cell: Cell])[]

/** The stream's numbers before and after a commit: who knows everything up to `before` and hears of it knows everything up to `after`. */
export type Revisions = { readonly before: number; readonly after: number }

export function createLedger(wiring: {
  readonly db: Kysely<Tables>
  readonly epoch: string
  /** Called after each commit of this process that wrote something, in the order of the commits of a stream. */
  readonly onCommitted?: (stream: string, cells: CommittedCells, revisions: Revisions) => void
}): Ledger {
  const { db, epoch, onCommitted } = wiring
  const statements = isPostgres(db) ? postgresStatements : sqliteStatements

  return {
    epoch,
    async write(stream, run) {
      const changed: (readonly [CommittedCells, Revisions])[] = []
      return inTransaction(
        db,
        'stream',
        async (trx) => {
          const found = await statements.lockStream(trx, stream)
          const onWritten = (cells: CommittedCells, revisions: Revisions) => changed.push([cells, revisions])
          return run(openStream({ trx, stream, found, statements, onWritten }))
        },
        () => {
          for (const [cells, revisions] of changed) onCommitted?.(stream, cells, revisions)
        },
      )
    },
    async read(stream, run) {
      return inTransaction(db, 'read', async (trx) => {
        const [found] = (await trx.executeQuery<StreamRow>(CompiledQuery.raw(SELECT_STREAM, [stream]))).rows
        return run(openStream({ trx, stream, found, statements, onWritten: () => undefined }))
      })
    },
  }
}

function openStream(opening: {
  readonly trx: Kysely<Tables>
  readonly stream: string
  readonly found: StreamRow | undefined
  readonly statements: LedgerStatements
  readonly onWritten: (cells: CommittedCells, revisions: Revisions) => void
}): StreamTx {
  const { trx, stream, found, statements, onWritten } = opening
  const select = async <Row>(text: string, parameters: readonly unknown[]): Promise<readonly Row[]> =>
    (await trx.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows
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
      await statements.insertLog(trx, id, change.log.map(toStoredLogRow))
      await statements.putCells(trx, id, change.cells.map(toStoredCell))
      await trx.executeQuery(CompiledQuery.raw(PUT_STREAM, [change.head.seq, change.head.digest, id]))
      const { device, last, chain, skew } = change.peer
      await trx.executeQuery(CompiledQuery.raw(PUT_PEER, [id, device, last, chain, skew]))
      const before = seq
      ;({ seq } = change.head)
      onWritten(change.cells, { before, after: seq })
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
      const rows = await statements.selectKnown(trx, id, pairs)
      return new Set(rows.map((row) => `${row.device}:${String(row.n)}`))
    },
    async cells(keys) {
      if (keys.length === 0 || id === 0) return new Map()
      const rows = await statements.selectCells(trx, id, keys)
      return new Map(rows.map((row) => [row.key, toCell(row)]))
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

/** About what the wire adds to a cell for the names that are not stored. */
const ROW_BYTES = 80

const SELECT_LOG = `select ${LOG_COLUMNS} from log`
const PUT_STREAM = 'update stream set seq = ?, digest = ? where id = ?'
const PUT_PEER = `insert into peer (stream, device, last, chain, skew) values (?, ?, ?, ?, ?)
  on conflict (stream, device) do update set last = excluded.last, chain = excluded.chain, skew = excluded.skew`

function toStoredLogRow(row: LogRow): StoredLogRow {
  return {
    seq: row.seq,
    device: row.device,
    n: row.n,
    kind: row.kind,
    key: row.key,
    value: JSON.stringify(row.value),
    base: row.base.length === 0 ? null : JSON.stringify(row.base),
    by: row.by,
    at: row.at,
    received: row.received,
    pv: row.pv,
    verdict: row.verdict,
    chain: row.chain,
  }
}

function toStoredCell([key, cell]: readonly [string, Cell]): StoredCell {
  const missing = cell.missing === undefined || cell.missing.length === 0 ? null : JSON.stringify(cell.missing)
  return { key, seq: cell.seq, heads: headsToText(cell.heads), missing }
}

function idToPair(id: Id): readonly [device: string, n: number] | undefined {
  const colon = id.indexOf(':')
  const n = Number(id.slice(colon + 1))
  return colon > 0 && Number.isSafeInteger(n) && String(n) === id.slice(colon + 1) ? [id.slice(0, colon), n] : undefined
}

/** What `toStoredLogRow` made: these are the database's own rows, not something from outside. */
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
