/**
 * What the sync code needs of the world. Everything that can fail, wait or differ comes in through these; there is no other
 * `await` in this room, so that one seed replays a run.
 */
import type { Answer, Cell, Id, Json, Mutation, SyncAnswer, SyncRequest, Verdict, Witness } from './protocol'

export type Clock = {
  /** Milliseconds since 1970, the device's own. */
  now(): number
  /** Calls back after the delay; the answer cancels it. */
  after(delayMs: number, wake: () => void): () => void
}

export type Random = {
  /** 0 <= x < 1 */
  next(): number
}

export type NetAnswer =
  | { readonly kind: 'answered'; readonly answer: SyncAnswer }
  /** Will heal: no network, timeout, 5xx, 429. */
  | { readonly kind: 'unreachable'; readonly retryAfterMs?: number }
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'tooOld' }

export type Net = { exchange(request: SyncRequest): Promise<NetAnswer> }

export type Locks = {
  /** Runs `work` while this tab alone holds the name; resolves when it is over. */
  alone(name: string, work: () => Promise<void>): Promise<void>
}

/** ---- the server's side: one suite (`tests/contract/ledger.ts`) over every implementation ---- */

export type StreamHead = { readonly seq: number; readonly digest: string }
export type PeerRow = { readonly last: number; readonly chain: string }

export type LogRow = {
  readonly seq: number
  readonly device: string
  readonly n: number
  readonly kind: string
  readonly key: string
  readonly value: Json
  readonly base: readonly Id[]
  readonly by: string
  readonly at: number
  readonly received: number
  readonly pv: number
  readonly verdict: Verdict | 'witnessed'
  readonly chain: string
}

/** One stream, locked, inside one transaction of the database. */
export type StreamTx = {
  readonly head: StreamHead
  peer(device: string): Promise<PeerRow | undefined>
  logRow(device: string, n: number): Promise<LogRow | undefined>
  /** Which of these mutations the log has, and their verdicts; for recognising what was sent before. */
  logRows(device: string, from: number, to: number): Promise<readonly LogRow[]>
  /** Ids (of any device) that are in the log. */
  known(ids: readonly Id[]): Promise<ReadonlySet<Id>>
  cells(keys: readonly string[]): Promise<ReadonlyMap<string, Cell>>
  /** Appends log rows, puts cells, moves head and peer: all that the ask changed, once. */
  write(change: {
    readonly log: readonly LogRow[]
    readonly cells: readonly (readonly [key: string, cell: Cell])[]
    readonly head: StreamHead
    readonly peer: { readonly device: string; readonly last: number; readonly chain: string; readonly skew: number }
  }): Promise<void>
  rows(
    after: number,
    limits: { readonly rows: number; readonly bytes: number },
  ): Promise<{
    readonly rows: readonly (readonly [key: string, cell: Cell])[]
    readonly upto: number
    readonly done: boolean
  }>
}

export type Ledger = {
  readonly epoch: string
  /** Locks the stream's head row, runs, commits durably; a throw rolls back. */
  write<T>(stream: string, run: (tx: StreamTx) => Promise<T>): Promise<T>
  /** A snapshot without a lock. */
  read<T>(stream: string, run: (tx: Omit<StreamTx, 'write'>) => Promise<T>): Promise<T>
}

/** ---- the device's side: IndexedDB, or memory in tests ---- */

export type Counter = { readonly device: string; readonly n: number; readonly chain: string }

export type OwnRow = Mutation & {
  readonly chain: string
  readonly verdict?: Verdict
  readonly seq?: number
}

export type View = {
  readonly stream: string
  readonly epoch?: string
  /** Grows with each rewind, fork and loss of the stream; an answer to an older ask is dropped. */
  readonly gen: number
  readonly cursor: number
  readonly acked: number
  readonly ackedChain: string
  readonly floorChain: string
  readonly cells: Readonly<Record<string, Cell>>
  readonly old?: Readonly<Record<string, Cell>>
  readonly gone?: boolean
}

export type { Answer, Witness }
