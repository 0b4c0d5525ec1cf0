/**
 * What the screens may ask of the device. Screens read and write the device's own database through this and never see a network
 * answer. Implemented by `open-device.ts` (IndexedDB through Dexie, HTTP) and by `memory-device.ts` for component tests.
 */
import type { Fault } from '#domain/fault'
import type { FiguresAnswer } from '#plan/figure-wire'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import type { From, Id, Json, Verdict } from '#sync/protocol'
import type { SaveFaultReason } from './save-fault'

/**
 * | mark      | means                                                       | words      |
 * |-----------|-------------------------------------------------------------|------------|
 * | onDevice  | stored here, the server's word is not in yet                | 存在本机    |
 * | confirmed | the server has it; `receipt` is its number in the stream    | 已同步 / 区教育局已收到 |
 * | rejected  | the server logged it but did not take it; `verdict` says why | 没收下      |
 * | conflict  | two heads: two people typed without seeing each other       | 有两个值    |
 */
export type CellMark = 'onDevice' | 'confirmed' | 'rejected' | 'conflict'

export type ShownHead = {
  readonly id: Id
  readonly value: Json
  readonly by: string
  readonly at: number
  readonly device: string
  /** Everybody who typed this value, and what each had seen. The newest is the one named above. */
  readonly from: readonly From[]
}

/** A cell as the screen shows it: waiting mutations laid over the confirmed heads. Computed, never patched. */
export type ShownCell = {
  readonly key: string
  readonly value: Json
  readonly mark: CellMark
  /** All values side by side (one unless in conflict). Their ids are the `base` of an edit that starts now. */
  readonly heads: readonly ShownHead[]
  readonly base: readonly Id[]
  /** Device clock of the author, milliseconds. */
  readonly at: number
  readonly by: string
  readonly receipt?: number
  readonly verdict?: Verdict
}

export type Draft = { readonly value: Json; readonly base: readonly Id[]; readonly at: number }

export type ShownStream = {
  readonly stream: string
  /** Vue shallowReactive map: a component that reads one key renders again only when that cell changed. */
  readonly cells: ReadonlyMap<string, ShownCell>
  /** Text being typed that is not a mutation yet; survives a crash and is offered in the field again. Same reactivity. */
  readonly drafts: ReadonlyMap<string, Draft>
}

/** One mutation that waits or was refused, for the sync centre. */
export type OutboxRow = {
  readonly stream: string
  readonly n: number
  readonly key: string
  readonly value: Json
  readonly at: number
  readonly verdict?: Verdict
  /** It waits, and is not sent: the server takes nothing from this person there. */
  readonly barred?: true
  /** Of a step that vouches: what was on the screen then. */
  readonly vouched?: Readonly<Record<string, Json>>
}

/** One mutation of a cell, as far as this device knows it: each part that the server alone knows may be missing. */
export type PastValue = {
  readonly id: Id
  readonly key: string
  readonly value: Json
  /** The values that its author had seen, and replaced. */
  readonly base: readonly Id[]
  readonly by: string
  /** Of the author at the time of fetching. */
  readonly name?: string
  readonly device: string
  /** The author's device clock, milliseconds. */
  readonly at: number
  /** Server clock minus device clock, milliseconds, as last measured. */
  readonly skew?: number
  /** When the server took it, by its clock, and as which revision of the stream. */
  readonly received?: number
  readonly seq?: number
  /** Without one it waits on this device. `witnessed`: another device told a restored server of it. */
  readonly verdict?: Verdict | 'witnessed'
  /** Who handed it in, where its author's device could not. */
  readonly depositedBy?: string
  /** Refused, and put aside by its author. */
  readonly aside?: true
}

export type ValueHistory = {
  /** Oldest first. */
  readonly past: readonly PastValue[]
  /** Not all of it is on this device: the earlier ones have to be asked for. */
  readonly isPart: boolean
  /** Device clock, when the server was last asked. */
  readonly asked?: number
}

/** A file of unsent work that this person has taken over from another tablet. */
export type HandIn = {
  readonly id: string
  /** What its author is called. */
  readonly author: string
  /** How many values it holds. */
  readonly values: number
  /** When it was written, by its own tablet's clock, and when it was taken over, by this one's; milliseconds since 1970. */
  readonly made: number
  readonly at: number
  readonly outcome: HandInOutcome
}

export type HandInOutcome =
  /** For a network, a session or a server that has time. */
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'done'
      readonly at: number
      /** Came with this file; was there already; of these two, what the server logged without taking it, and what is in conflict. */
      readonly taken: number
      readonly known: number
      readonly rejected: number
      readonly conflicts: number
      /** Not logged: its author never had a right there, or two tablets have the same name (`isCopied`). */
      readonly left: number
      readonly isCopied?: true
      readonly before?: { readonly name: string; readonly at: number }
    }
  | { readonly kind: 'refused'; readonly fault: Pick<Fault, 'kind' | 'values'> }

export type SyncState = {
  /** What the loop does now. */
  readonly phase: 'idle' | 'sending' | 'offline' | 'waiting' | 'signedOut' | 'tooOld'
  /** Mutations without a verdict, over all streams. */
  readonly waiting: number
  readonly rejected: number
  readonly conflicts: number
  /** Device clock of the last successful exchange. */
  readonly lastContact?: number
  /** Last time nothing was left to send. */
  readonly lastEmpty?: number
  /** When the loop will try again by itself. */
  readonly nextTry?: number
  /** Device clock minus server clock, milliseconds, at the last contact. */
  readonly skew?: number
  /** Paused by the user. */
  readonly paused: boolean
  /** Files that wait, and whether they do so for a network that is not paid for by the byte. */
  readonly filesWaiting: number
  readonly unmeteredOnly: boolean
  /** Fields whose text the browser would not store, and why the last of them; the screen still has it, and it is tried again. */
  readonly unsaved: number
  readonly saveFault?: SaveFaultReason
  /** The server has taken this tablet's session away: nothing is shown until its person signs in again. */
  readonly revoked?: boolean
}

/** A file that is on this tablet, or on its way. What only a cell names is not in the list: it can be fetched. */
export type FileState = {
  readonly sha: string
  readonly stream: string
  /** What it is evidence of; of several, one that still asks for it. */
  readonly of: string
  readonly name: string
  readonly type: string
  readonly size: number
  readonly w?: number
  readonly h?: number
  /** Device clock, milliseconds. */
  readonly at: number
  /** confirmed: the server has the whole of it. damaged: the bytes here are not what they were. */
  readonly state: 'waiting' | 'sending' | 'confirmed' | 'refused' | 'damaged'
  /** Bytes that the server has. */
  readonly sent: number
  readonly fault?: { readonly kind: string }
}

/** As it is kept and sent: upright, small, without metadata (see `photos/`). `at`: when it was taken or chosen. */
export type PreparedFile = {
  readonly sha: string
  readonly name: string
  readonly type: string
  readonly bytes: ArrayBuffer
  readonly thumb?: ArrayBuffer
  readonly w?: number
  readonly h?: number
  readonly at: number
}

export type Edit = { readonly stream: string; readonly key: string; readonly value: Json; readonly base: readonly Id[] }

export type Device = {
  readonly person: Person
  readonly name: string
  /** Reactive (shallow) state of the loop. */
  readonly sync: Readonly<SyncState>
  /** Org units that the person may see, kept on the device. */
  readonly orgUnits: readonly OrgUnit[]
  /** Loads the stream from the device's database and keeps it up to date; resolves when the first rows are in memory. Opening it
   *  again gives the same object. */
  open(stream: string): Promise<ShownStream>
  /** The same, if it is in memory already: then a screen shows it in its first render. */
  opened(stream: string): ShownStream | undefined
  /** T0: text being typed. Resolves when it is in IndexedDB. `base` is what was on the screen when the field got the focus.
   *  Rejects with a `SaveFault` (save-fault.ts) when the browser refuses, also after opening the database anew: nothing was saved. */
  draft(edit: Edit): Promise<void>
  /** T1: allocates the mutation and deletes the draft, in one strict transaction. Resolves on `complete`. `pv` is the plan's version.
   *  Rejects like `draft`; the draft is then still there. */
  commit(edit: Edit & { readonly pv: number }): Promise<void>
  /**
   * A step of a state, in a strict transaction like `commit`: `value` is the state entered. `base`: what was on the screen. `vouched`: of a
   * step that vouches, what was on the screen of the whole report; it stays here, for saying later what has changed since.
   */
  move(edit: Edit & { readonly pv: number; readonly vouched?: Readonly<Record<string, Json>> }): Promise<void>
  /** Everything that waits or was refused, oldest first. */
  outbox(): Promise<readonly OutboxRow[]>
  /** The author of a refused value lets it be: it asks for nobody any more, on no tab and after no start. The server's log keeps it. */
  putAside(at: { readonly stream: string; readonly key: string }): Promise<void>
  /** A cell's past as this device knows it: one's own mutations, the present heads, and what was fetched before. */
  history(at: { readonly stream: string; readonly key: string }): Promise<ValueHistory>
  /** Fetches the cell's past and keeps it. */
  refreshHistory(at: { readonly stream: string; readonly key: string }): Promise<'fresh' | 'offline' | 'signedOut' | 'refused'>
  /** Something a screen wants to find again after a start, and that is no value yet; `undefined` forgets it. */
  kept(name: string): Promise<unknown>
  keep(name: string, value: Json | undefined): Promise<void>
  /** Confirmed cells of today, newest first, at most 200: for "sent today". */
  /** Wakes the loop now. */
  syncNow(): void
  setPaused(paused: boolean): void
  /** Bureau: last figures seen, with their age; `refresh` fetches and stores them. Opens offline. */
  figures(period: string): Promise<FiguresAnswer | undefined>
  refreshFigures(period: string): Promise<'fresh' | 'offline' | 'signedOut'>
  /**
   * Makes values of what was typed and left behind by a page that was closed in that very moment: of every draft that is at least so old.
   * While somebody types, each key makes the draft a new one.
   */
  settleDrafts(how: {
    readonly toWire: (key: string, typed: Json) => Json | Promise<Json>
    readonly pv: number
    readonly ageMs: number
  }): Promise<void>
  /**
   * Writes all unsent work as one text: a file that another tablet or the bureau can hand in (`sync/deposit.ts`), sealed where this tablet
   * has a key. Drafts are no values yet: settle them before.
   */
  exportUnsent(): Promise<string>
  /** Files of others, newest first. Reactive (shallow). */
  readonly handIns: readonly HandIn[]
  /** Takes a file over: it is kept on this device and sent when there is a network. */
  takeIn(text: string): Promise<'taken' | 'foreign' | 'damaged'>
  forgetHandIn(id: string): Promise<void>
  /** Whether the stream is on this device as a whole, as far as the last contact tells. */
  holds(stream: string): Promise<boolean>
  /** Files of this tablet, by SHA-256. Reactive (shallow); read from the database with the first call of `loadFiles` or `attach`. */
  readonly files: ReadonlyMap<string, FileState>
  loadFiles(): Promise<void>
  /**
   * A file as evidence of what `of` names (`fileKey`). Its bytes are stored first, then the cell that names it, each strictly; a crash in
   * between is made good at the next start. Rejects with a `SaveFault`: nothing was kept.
   */
  attach(edit: { readonly stream: string; readonly of: string; readonly file: PreparedFile; readonly pv: number }): Promise<void>
  /** Taken away: its cell says so. What waits is sent all the same, for the history; what was refused or is damaged leaves the tablet. */
  detach(edit: { readonly stream: string; readonly of: string; readonly sha: string; readonly pv: number }): Promise<void>
  /** `undefined`: not on this tablet. */
  fileBytes(sha: string): Promise<Blob | undefined>
  thumb(sha: string): Promise<Blob | undefined>
  /** Brings files that cells of the stream name onto this tablet: all, or these. `left`: could not be had now. */
  fetchFiles(stream: string, only?: readonly string[]): Promise<{ readonly fetched: number; readonly left: number }>
  /** Takes away the bytes of files that the server has, to make room: they are fetched again when they are opened. Answers how many bytes. */
  freeFiles(): Promise<number>
  /** Whether photos go only over a network that is not paid for by the byte, where the browser can tell. */
  setUnmeteredOnly(only: boolean): void
  /** Stops the loop and closes the database. Unsent work stays. */
  close(): Promise<void>
}
