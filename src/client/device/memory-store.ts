/** The store in memory: for component tests, and for the simulation, which crashes it. Passes the same suite as the one over Dexie. */
import { newCounter, newView } from '#sync/outbox'
import type { Counter, DeviceStore, DraftRow, OwnRow, StreamChange, View, Witness } from '#sync/ports'
import type { Id } from '#sync/protocol'
import type { KeptValues } from './make-device'

type Kept = {
  readonly counter: Counter
  readonly view: View
  readonly own: ReadonlyMap<number, OwnRow>
  readonly drafts: ReadonlyMap<string, DraftRow>
  readonly evidence: ReadonlyMap<string, Witness & { readonly waits: boolean }>
}

type Written = { readonly streams: ReadonlyMap<string, Kept>; readonly values: ReadonlyMap<string, unknown> }

/**
 * What the system has of the writes. A copy of it, handed to another store, is the same tablet after the tab was killed; `flushed`, what
 * the last strict transaction has brought onto the disk, is the tablet after a power loss.
 */
export type Disk = { written: Written; flushed: Written }

const BLANK: Written = { streams: new Map(), values: new Map() }
export const blankDisk = (): Disk => ({ written: BLANK, flushed: BLANK })

export function memoryStore(deviceName: string, disk: Disk = blankDisk()) {
  const kept = (stream: string): Kept =>
    disk.written.streams.get(stream) ?? {
      counter: newCounter(deviceName),
      view: newView(stream),
      own: new Map(),
      drafts: new Map(),
      evidence: new Map(),
    }
  const keep = (stream: string, next: Kept) => {
    disk.written = { ...disk.written, streams: new Map([...disk.written.streams, [stream, next]]) }
  }
  const flush = () => {
    disk.flushed = disk.written
  }
  const rowsOf = ({ own }: Kept, which: 'open' | 'all'): readonly OwnRow[] =>
    [...own.values()].filter((row) => which === 'all' || row.open).sort((one, other) => one.n - other.n)

  const store: DeviceStore & KeptValues & { readonly deviceName: string; close(): void } = {
    deviceName,
    putDraft(draft) {
      const before = kept(draft.stream)
      keep(draft.stream, { ...before, drafts: new Map([...before.drafts, [draft.key, draft]]) })
      return Promise.resolve()
    },
    dropDraft(stream, key) {
      const before = kept(stream)
      keep(stream, { ...before, drafts: without(before.drafts, [key]) })
      return Promise.resolve()
    },
    async append({ stream, key }, decide) {
      await Promise.resolve()
      const before = kept(stream)
      const { counter, row } = decide(before.counter)
      keep(stream, { ...before, counter, own: new Map([...before.own, [row.n, row]]), drafts: without(before.drafts, [key]) })
      flush()
      return row
    },
    async change({ stream, own, durability }, decide) {
      await Promise.resolve()
      const before = kept(stream)
      const decided = decide({ counter: before.counter, view: before.view, own: rowsOf(before, own) })
      if (decided.change !== undefined) keep(stream, changed(before, decided.change))
      if (durability === 'strict') flush()
      return decided
    },
    read(stream) {
      const now = kept(stream)
      return Promise.resolve({ counter: now.counter, view: now.view, own: rowsOf(now, 'open') })
    },
    drafts: (stream) => Promise.resolve([...kept(stream).drafts.values()]),
    evidence: (stream, max) => Promise.resolve(waitingEvidence(kept(stream)).slice(0, max)),
    openStreams: () =>
      Promise.resolve(
        [...disk.written.streams]
          .filter(([, now]) => rowsOf(now, 'open').length + waitingEvidence(now).length > 0)
          .map(([stream]) => stream),
      ),
    heldStreams: () => Promise.resolve([...disk.written.streams.keys()]),
    value: (key) => Promise.resolve(disk.written.values.get(key)),
    putValue(key, value) {
      disk.written = { ...disk.written, values: new Map([...disk.written.values, [key, value]]) }
      return Promise.resolve()
    },
    close: () => undefined,
  }
  return store
}

function changed(before: Kept, change: StreamChange): Kept {
  const {
    counter = before.counter,
    view = before.view,
    put = [],
    drop = [],
    evidence = [],
    proven = [],
    renamed,
    doubted,
  } = change
  const gone = new Set(proven)
  const name = (id: Id) => renamed?.get(id) ?? id
  return {
    counter,
    view,
    own: new Map([...without(before.own, drop), ...put.map((row) => [row.n, row] as const)]),
    drafts: new Map([...before.drafts].map(([key, draft]) => [key, { ...draft, base: draft.base.map(name) }])),
    evidence: new Map([
      ...[...before.evidence].map(
        ([at, one]) => [at, { ...one, waits: (one.waits || doubted === true) && !gone.has(one.id) }] as const,
      ),
      ...evidence.map((one) => [`${one.id} ${one.at}`, { ...one, waits: true }] as const),
    ]),
  }
}

const waitingEvidence = ({ evidence }: Kept): readonly Witness[] =>
  [...evidence.values()]
    .filter(({ waits }) => waits)
    .map(({ id, by, n, kind, key, value, base, at, pv }) => ({ id, by, n, kind, key, value, base, at, pv }))

function without<Key, Value>(map: ReadonlyMap<Key, Value>, keys: readonly Key[]): ReadonlyMap<Key, Value> {
  const next = new Map(map)
  for (const key of keys) next.delete(key)
  return next
}
