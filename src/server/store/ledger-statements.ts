/** What the ledger asks of a database in its own words: where the two databases have different ones, or different fast ones. */
import type { Kysely } from 'kysely'
import type { StreamHead } from '#sync/ports'
import type { StoredCell } from './stored-cell'
import type { Tables } from './tables'

export type StreamRow = StreamHead & { readonly id: number }

export type StoredLogRow = {
  readonly seq: number
  readonly device: string
  readonly n: number
  readonly kind: string
  readonly key: string
  readonly value: string
  readonly base: string | null
  readonly by: string
  readonly at: number
  readonly received: number
  readonly pv: number
  readonly verdict: string
  readonly chain: string
}

export type LedgerStatements = {
  /** The stream's row, locked until the transaction ends; in a database with one writer at a time there may be none yet. */
  lockStream(trx: Kysely<Tables>, name: string): Promise<StreamRow | undefined>
  insertLog(trx: Kysely<Tables>, stream: number, rows: readonly StoredLogRow[]): Promise<void>
  /** Makes or replaces; no key twice. */
  putCells(trx: Kysely<Tables>, stream: number, rows: readonly StoredCell[]): Promise<void>
  selectCells(trx: Kysely<Tables>, stream: number, keys: readonly string[]): Promise<readonly StoredCell[]>
  /** Which of these the log has. */
  selectKnown(
    trx: Kysely<Tables>,
    stream: number,
    pairs: readonly (readonly [device: string, n: number])[],
  ): Promise<readonly { readonly device: string; readonly n: number }[]>
}

/** All but the stream. */
export const LOG_COLUMN_NAMES = [
  'seq',
  'device',
  'n',
  'kind',
  'key',
  'value',
  'base',
  'by',
  'at',
  'received',
  'pv',
  'verdict',
  'chain',
] as const
export const LOG_COLUMNS = LOG_COLUMN_NAMES.join(', ')
export const SELECT_STREAM = 'select id, seq, digest from stream where name = ?'
