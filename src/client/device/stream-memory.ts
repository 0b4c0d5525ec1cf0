/**
 * One stream in memory, as the screen shows it. After each transaction only the keys that it touched are computed anew, and an
 * unchanged cell stays the same object, so that a form of a hundred rows renders one.
 */
import { shallowReactive } from 'vue'
import { isRefused, isWaiting, ownSeen } from '#sync/outbox'
import type { DraftRow, OwnRow, StreamChange, StreamState, View } from '#sync/ports'
import { sameJson } from '#sync/hash'
import type { Id } from '#sync/protocol'
import { show } from '#sync/show'
import type { Draft, ShownCell, ShownStream } from './contract'

export type StreamCounts = { readonly waiting: number; readonly rejected: number; readonly conflicts: number }

export type StreamMemory = {
  readonly shown: ShownStream
  /** Of the server that the rows came from; `undefined` before the first contact. */
  epoch(): string | undefined
  /** The server takes nothing from this person here. */
  isBarred(): boolean
  /** All that the store holds; also after another tab has written. */
  load(state: StreamState, drafts: readonly DraftRow[]): void
  /** Whether the screen is as the store is; one that says no without need only costs a reading. */
  isAt(state: StreamState): boolean
  /** What a transaction of this tab has changed. */
  changed(change: StreamChange): void
  /** Inside T1, before it is complete: an edit of the same key right after names this one. */
  appending(key: string, id: Id, base: readonly Id[]): void
  appended(row: OwnRow): void
  /** T1 has failed: its number will be another edit's. */
  notAppended(key: string): void
  putDraft(key: string, draft: Draft): void
  dropDraft(key: string): void
  /** A fork: every number is another one, and so is every id that waited. */
  renamed(ids: ReadonlyMap<Id, Id>): void
  /**
   * What was typed last in this tab, whether the server has it or not, and what it stands for: as a base of the next. What another tab has
   * typed is seen on the screen like anybody's: a field that had the focus before it came has not seen it.
   */
  ownSeen(key: string): readonly Id[]
  counts(): StreamCounts
  /** Waiting, and refused ones that nobody has decided about; ascending. */
  outbox(): readonly OwnRow[]
}

/** `n` is `undefined` until T1 is complete; `before` is what it was, should T1 fail. */
type Typed = {
  readonly id: Id
  readonly base: readonly Id[]
  readonly n: number | undefined
  readonly before?: Typed | undefined
}

export function createStreamMemory(stream: string, person: string): StreamMemory {
  const cells = shallowReactive(new Map<string, ShownCell>())
  const drafts = shallowReactive(new Map<string, Draft>())
  const conflicts = new Set<string>()
  const rejected = new Set<string>()
  /** One's own last of each key, whichever tab it was typed in, and the last that was typed in this one. */
  const newest = new Map<string, Id>()
  const typed = new Map<string, Typed>()
  let view: Pick<View, 'gen' | 'cursor' | 'cells' | 'old' | 'epoch' | 'barred'> = { gen: 0, cursor: 0, cells: {} }
  let device = ''
  let own = new Map<number, OwnRow>()

  function refresh(keys: ReadonlySet<string>) {
    const rowsByKey = new Map<string, OwnRow[]>()
    for (const row of own.values()) {
      if (!keys.has(row.key)) continue
      const rows = rowsByKey.get(row.key)
      if (rows === undefined) rowsByKey.set(row.key, [row])
      else rows.push(row)
    }
    for (const key of keys) {
      const rows = rowsByKey.get(key)?.sort((one, other) => one.n - other.n) ?? []
      const now = show({ key, view, own: rows, device, person })
      mark(conflicts, key, now?.mark === 'conflict')
      mark(rejected, key, now?.mark === 'rejected')
      const before = cells.get(key)
      if (now === undefined) {
        if (before !== undefined) cells.delete(key)
      } else if (before === undefined || !isSame(before, now)) cells.set(key, now)
    }
  }

  function setView(next: View, touched: Set<string>) {
    const isOther = next.gen !== view.gen || (next.old === undefined) !== (view.old === undefined)
    for (const key of Object.keys(next.cells)) {
      if (isOther || next.cells[key]?.seq !== view.cells[key]?.seq) touched.add(key)
    }
    if (isOther) for (const cell of [view.cells, view.old, next.old]) for (const key of Object.keys(cell ?? {})) touched.add(key)
    const { gen, cursor, cells: rows, old, epoch, barred } = next
    view = { gen, cursor, cells: rows, old, epoch, ...(barred === undefined ? {} : { barred }) }
  }

  return {
    shown: { stream, cells, drafts },
    epoch: () => view.epoch,
    isBarred: () => view.barred === true,
    load(state, stored) {
      const touched = new Set<string>()
      for (const row of own.values()) touched.add(row.key)
      device = state.counter.device
      own = new Map(state.own.filter(({ open }) => open).map((row) => [row.n, row]))
      for (const row of own.values()) {
        touched.add(row.key)
        newest.set(row.key, `${device}:${row.n}`)
      }
      setView(state.view, touched)
      refresh(touched)
      const keys = new Set(stored.map(({ key }) => key))
      for (const key of [...drafts.keys()]) if (!keys.has(key)) drafts.delete(key)
      for (const { key, value, base, at } of stored) {
        const before = drafts.get(key)
        if (before?.at !== at || !sameJson(before.value, value)) drafts.set(key, { value, base, at })
      }
    },
    isAt(state) {
      const open = state.own.filter((row) => row.open)
      return (
        state.view.gen === view.gen &&
        state.view.cursor === view.cursor &&
        state.counter.device === device &&
        open.length === own.size &&
        open.every((row) => own.get(row.n)?.verdict === row.verdict)
      )
    },
    changed(change) {
      const touched = new Set<string>()
      for (const row of change.put ?? []) {
        touched.add(row.key)
        if (row.open) own.set(row.n, row)
        else own.delete(row.n)
      }
      if (change.view !== undefined) setView(change.view, touched)
      if (touched.size > 0) refresh(touched)
    },
    appending: (key, id, base) => void typed.set(key, { id, base, n: undefined, before: typed.get(key) }),
    appended(row) {
      own.set(row.n, row)
      newest.set(row.key, `${device}:${row.n}`)
      const last = typed.get(row.key)
      if (last?.id === `${device}:${row.n}`) typed.set(row.key, { id: last.id, base: row.base, n: row.n })
      refresh(new Set([row.key]))
    },
    notAppended(key) {
      const last = typed.get(key)
      if (last === undefined || last.n !== undefined) return
      if (last.before === undefined) typed.delete(key)
      else typed.set(key, last.before)
    },
    renamed(ids) {
      const now = (id: Id) => ids.get(id) ?? id
      for (const [key, { id, base, n }] of typed) {
        const moved = ids.get(id)
        const place = moved === undefined ? n : Number(moved.slice(moved.indexOf(':') + 1))
        typed.set(key, { id: now(id), base: base.map(now), n: place })
      }
    },
    putDraft(key, draft) {
      drafts.set(key, draft)
    },
    dropDraft(key) {
      drafts.delete(key)
    },
    ownSeen(key) {
      const last = typed.get(key)
      if (last === undefined) return []
      const row = last.n === undefined ? undefined : own.get(last.n)
      // One that is no longer among the open rows has been settled.
      const isOpen = last.n === undefined || (row !== undefined && (isWaiting(row) || isRefused(row)))
      return ownSeen(last.id, { base: last.base, hasReplaced: !isOpen })
    },
    counts: () => ({
      waiting: [...own.values()].filter(isWaiting).length,
      rejected: rejected.size,
      conflicts: conflicts.size,
    }),
    outbox: () => [...own.values()].filter((row) => isWaiting(row) || isShownRefused(row)).sort((one, other) => one.n - other.n),
  }

  function isShownRefused(row: OwnRow): boolean {
    return rejected.has(row.key) && cells.get(row.key)?.verdict === row.verdict && newest.get(row.key) === `${device}:${row.n}`
  }
}

function mark(set: Set<string>, key: string, isIn: boolean) {
  if (isIn) set.add(key)
  else set.delete(key)
}

function isSame(one: ShownCell, other: ShownCell): boolean {
  return (
    one.mark === other.mark &&
    one.receipt === other.receipt &&
    one.verdict === other.verdict &&
    one.at === other.at &&
    one.by === other.by &&
    one.base.join() === other.base.join() &&
    sameJson(one.value, other.value)
  )
}
