/**
 * The device's numbered row of mutations: how one is appended (T1), and what of it is sent.
 */
import { canonicalJson, chainAfter, EMPTY_CHAIN } from './hash'
import type { Counter, OwnRow, StreamState, View } from './ports'
import { BASE_MAX, isRejected, MUTATIONS_MAX, type Ask, type Id, type Json, type Mutation, type Witness } from './protocol'

export function newView(stream: string): View {
  return { stream, gen: 0, cursor: 0, acked: 0, ackedChain: EMPTY_CHAIN, floor: 1, floorChain: EMPTY_CHAIN, cells: {} }
}

export function newCounter(device: string): Counter {
  return { device, n: 0, chain: EMPTY_CHAIN }
}

/** The next mutation of the row: number and chain are allocated in the transaction that stores it. */
export function append(
  counter: Counter,
  edit: {
    /** A value (`set`), or a step of a state. */
    readonly kind?: 'set' | 'move'
    readonly key: string
    readonly value: Json
    readonly base: readonly Id[]
    readonly at: number
    readonly pv: number
    readonly vouched?: OwnRow['vouched']
  },
): { readonly counter: Counter; readonly row: OwnRow } {
  const { kind = 'set', key, value, base, at, pv, vouched } = edit
  // One's own edit and the newest heads come last. What a request has no room to name stays beside this value until the next edit.
  const n = counter.n + 1
  // Should an earlier T1 have failed, its number is this one's.
  const seen = base.filter((id) => id !== `${counter.device}:${n}`)
  const mutation = { n, kind, key, value, base: seen.slice(-BASE_MAX), at, pv }
  const chain = chainAfter(counter.chain, mutation)
  return {
    counter: { ...counter, n: mutation.n, chain },
    row: { ...mutation, chain, open: true, ...(vouched === undefined ? {} : { vouched }) },
  }
}

/**
 * What was on the screen at focus, and one's own edits since then, which their author has seen whether the server has them or not: without
 * them the next edit of the same field would be in conflict with oneself. `own`: see `ownSeen`. The newest come last.
 */
export function baseOf(shown: readonly Id[], own: readonly Id[]): readonly Id[] {
  return [...new Set([...shown.filter((id) => !own.includes(id)), ...own])]
}

/**
 * What an edit of one's own stands for as a base: itself, and while it waits or is refused all that it names. The server has not replaced
 * those by it, and its author had seen them and meant to.
 */
export const ownSeen = (id: Id, edit: { readonly base: readonly Id[]; readonly hasReplaced: boolean }): readonly Id[] =>
  edit.hasReplaced ? [id] : [...edit.base, id]

export const isWaiting = (row: OwnRow): boolean => row.verdict === undefined
export const isRefused = (row: OwnRow): boolean => row.verdict !== undefined && isRejected(row.verdict)

/** Without the refused ones whose author has already decided: by typing something else, or by putting them aside. */
export function undecided(own: readonly OwnRow[]): readonly OwnRow[] {
  const newest = new Map(own.map((row) => [row.key, row.n]))
  return own.filter((row) => !isRefused(row) || (newest.get(row.key) === row.n && row.aside !== true))
}

/** The author of a refused value lets it be. `undefined`: the last that was typed there is not refused. `own`: the open rows. */
export function putAside(own: readonly OwnRow[], key: string): OwnRow | undefined {
  const row = own.filter((each) => each.key === key).at(-1)
  return row === undefined || !isRefused(row) ? undefined : { ...row, open: false, aside: true }
}

/** `own`: at least all that is open, ascending. */
export function askOf(
  { counter, view, own }: StreamState,
  { max = MUTATIONS_MAX, bytesMax = Infinity, witnesses = [] }: AskLimits = {},
): Ask {
  const mutations: Mutation[] = []
  let bytes = 0
  for (const row of own) {
    if (!isWaiting(row)) continue
    const mutation = mutationOf(row)
    bytes += JSON.stringify(mutation).length * 3
    if (mutations.length >= max || (mutations.length > 0 && bytes > bytesMax)) break
    mutations.push(mutation)
  }
  return {
    stream: view.stream,
    device: counter.device,
    ...(view.epoch === undefined ? {} : { epoch: view.epoch }),
    cursor: view.cursor,
    acked: view.acked,
    chain: view.ackedChain,
    floor: view.floor,
    floorChain: view.floorChain,
    mutations,
    ...(witnesses.length === 0 ? {} : { witnesses: [...witnesses] }),
  }
}

export type AskLimits = {
  readonly max?: number
  /** At least one mutation is sent, however long. */
  readonly bytesMax?: number
  readonly witnesses?: readonly Witness[]
}

/** As it is sent. */
export function mutationOf(row: Omit<OwnRow, 'chain' | 'open'>): Mutation {
  if (row.raw === true) return textOf(row)
  const { n, kind, key, value, base, at, pv, again } = row
  return { n, kind, key, value, base, at, pv, ...(again === undefined ? {} : { again }) }
}

export const RAW_KIND = 'raw'
/** In a row of the log. Longer ones stay whole on the device only. */
const RAW_LENGTH_MAX = 4000

/** What every server can read, and refuses as of an unknown kind: its number is taken, and those after it can pass. */
function textOf({ n, key, value, at, pv, again }: Omit<OwnRow, 'chain' | 'open'>): Mutation {
  return {
    n,
    kind: RAW_KIND,
    key: key.replace(/[^\x20-\x7e]/g, '?').slice(0, 200) || '?',
    value: canonicalJson(value).slice(0, RAW_LENGTH_MAX),
    base: [],
    at: Number.isFinite(at) ? at : 0,
    pv: Number.isSafeInteger(pv) && pv >= 0 ? pv : 0,
    ...(again === undefined ? {} : { again }),
  }
}
