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
  /** `revoked`: not run out, but taken away from this tablet. */
  | { readonly kind: 'signedOut'; readonly revoked?: true }
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
  /** Still matters for the screen: waits, was refused and nobody has decided yet, or its cell has not come back yet. */
  readonly open: boolean
  /** It was refused and its author has put it aside: it stays in the history and asks for nobody any more. Never sent. */
  readonly aside?: true
  /** No server can read it as it is: what is sent is its text. The value itself stays here, for its author. */
  readonly raw?: true
  /** Of a step that vouches: what its author had on the screen, by key. Stays here, to say what has changed since. */
  readonly vouched?: Readonly<Record<string, Json>>
}

export type View = {
  readonly stream: string
  readonly epoch?: string | undefined
  /** Grows with each rewind, fork and loss of the stream; an answer to an older ask is dropped. */
  readonly gen: number
  readonly cursor: number
  readonly acked: number
  readonly ackedChain: string
  /** The lowest mutation that is still held, and the chain before it. */
  readonly floor: number
  readonly floorChain: string
  readonly cells: Readonly<Record<string, Cell>>
  /** Rows of before a rewind: they stand in until the stream has been read anew. */
  readonly old?: Readonly<Record<string, Cell>> | undefined
  /** The person may not read it (any more). */
  readonly gone?: boolean
  /** The server takes nothing from this person here: what waits is kept, and not sent. */
  readonly barred?: boolean
  /** Read to its end once, and whole since then. */
  readonly isRead?: boolean
}

export type DraftRow = {
  readonly stream: string
  readonly key: string
  readonly value: Json
  readonly base: readonly Id[]
  readonly at: number
}

/** What the device holds of one stream; `own` are the open rows or all of them, ascending. */
export type StreamState = { readonly counter: Counter; readonly view: View; readonly own: readonly OwnRow[] }

export type StreamChange = {
  readonly counter?: Counter
  readonly view?: View
  readonly put?: readonly OwnRow[]
  readonly drop?: readonly number[]
  readonly evidence?: readonly Witness[]
  /** Evidence that the server has now. It is kept: a server that is restored must be told again. */
  readonly proven?: readonly Id[]
  /** All evidence waits once more. */
  readonly doubted?: true
  /** The drafts' bases with these ids renamed: after a fork. */
  readonly renamed?: ReadonlyMap<Id, Id>
}

/**
 * The transactions of one person's database. Each decision is a plain function, so nothing but the database is ever awaited inside a
 * transaction. Every promise resolves when the transaction is complete, and rejects when nothing of it was kept.
 */
export type DeviceStore = {
  /** T0, relaxed: text being typed. */
  putDraft(draft: DraftRow): Promise<void>
  dropDraft(stream: string, key: string): Promise<void>
  /** T1, strict: counter and new row, and the key's draft is gone. */
  append(
    place: { readonly stream: string; readonly key: string },
    decide: (counter: Counter) => { readonly counter: Counter; readonly row: OwnRow },
  ): Promise<OwnRow>
  /** T2 and T4, relaxed; T5, strict. Reads, decides, writes, in one transaction. */
  change<T extends { readonly change?: StreamChange | undefined }>(
    question: { readonly stream: string; readonly own: 'open' | 'all'; readonly durability: 'relaxed' | 'strict' },
    decide: (state: StreamState) => T,
  ): Promise<T>
  read(stream: string): Promise<StreamState>
  drafts(stream: string): Promise<readonly DraftRow[]>
  /** Evidence that waits to be sent, at most so many. */
  evidence(stream: string, max: number): Promise<readonly Witness[]>
  /** Streams in which something is open. */
  openStreams(): Promise<readonly string[]>
  /** Streams of which anything was ever received, in any order. */
  heldStreams(): Promise<readonly string[]>
}

export type { Answer, Witness }
