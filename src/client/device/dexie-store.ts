/**
 * One person's database, and the transactions on it.
 *
 * |            | what, atomically                              | how                  | durability               |
 * |------------|-----------------------------------------------|----------------------|--------------------------|
 * | T0         | text being typed -> `draft`                   | a worker, one put    | relaxed                  |
 * | T1         | `ctr`, `own`, and the draft is gone           | native, three writes | strict                   |
 * | T2, T4, T5 | verdicts, rows and cursor: `own`, `view`, ... | Dexie                | relaxed, relaxed, strict |
 *
 * T0 and T1 are on the path of a keystroke: they go to the browser's own interface, because there the durability is chosen for each
 * transaction and nothing is wrapped; T0 from a thread of its own where there is one (draft-writer.ts). Tables, versions, reads and all other writes are Dexie's. Nothing but the database is awaited
 * inside a transaction, so that it cannot end early.
 *
 * A later version may add stores and copy; it never rewrites `own` and `draft`: they may hold the only copy of a school's work.
 */
import Dexie from 'dexie/dist/modern/dexie.mjs'
import type { Table } from 'dexie'
import { newCounter, newView } from '#sync/outbox'
import type { Counter, DeviceStore, DraftRow, OwnRow, StreamChange, StreamState, View, Witness } from '#sync/ports'
import type { Id } from '#sync/protocol'
import { startDraftWriter, type DraftWriter } from './draft-writer'
import type { KeptValues } from './make-device'
import { SaveFault } from './save-fault'

export type DexieStore = DeviceStore & KeptValues & { readonly deviceName: string; close(): void }

type CounterRow = Counter & { readonly stream: string }
/** `open` is an index: the stream's name while the row matters for the screen, and absent otherwise. */
export type StoredOwn = Omit<OwnRow, 'open'> & { readonly stream: string; readonly open?: string | undefined }
/** `waits` is an index: the stream's name until the server has the evidence, and after each rewind again. */
type StoredWitness = Witness & { readonly stream: string; readonly waits?: string | undefined }
type NamedValue = { readonly key: string; readonly value: unknown }

class PersonDatabase extends Dexie {
  declare readonly ctr: Table<CounterRow, string>
  declare readonly own: Table<StoredOwn, [string, number]>
  declare readonly view: Table<View, string>
  declare readonly draft: Table<DraftRow, [string, string]>
  declare readonly wit: Table<StoredWitness, [string, string, number]>
  declare readonly kv: Table<NamedValue, string>

  constructor(name: string) {
    super(name, { autoOpen: false, chromeTransactionDurability: 'relaxed', cache: 'disabled' })
    this.version(1).stores({
      ctr: 'stream',
      own: '[stream+n], open',
      view: 'stream',
      draft: '[stream+key]',
      wit: '[stream+id+at], waits',
      kv: 'key',
    })
  }
}

/** Runs what decides inside a transaction. */
type Decided = <T>(decide: () => T) => T

const DEVICE_NAME = 'deviceName'
/** Measures kept for whoever reads `performance`; more would only fill memory. */
const MEASURES_MAX = 2000
/** After the first screen. */
const WRITER_DELAY_MS = 400

/** `startWriter`: what a test puts in the place of the worker. */
export async function openDexieStore(
  name: string,
  newDeviceName: () => string,
  startWriter: (database: string) => DraftWriter | undefined = startDraftWriter,
): Promise<DexieStore> {
  const db = new PersonDatabase(name)
  await db.open()
  let reopening: Promise<unknown> | undefined
  let isClosed = false

  /**
   * iOS closes connections of its own accord; a second try after opening anew is what helps. `decided` marks what is our own code's,
   * whose throw is a defect and not a fault of storing.
   */
  async function persist<T>(attempt: (decided: Decided) => Promise<T>): Promise<T> {
    let defect: { readonly thrown: unknown } | undefined
    const decided: Decided = (decide) => {
      try {
        return decide()
      } catch (thrown) {
        defect = { thrown }
        throw thrown
      }
    }
    const tryOnce = () =>
      attempt(decided).catch((error: unknown) => {
        throw defect === undefined ? new SaveFault(error) : defect.thrown
      })
    try {
      return await tryOnce()
    } catch (error) {
      if (!(error instanceof SaveFault) || error.reason === 'quota' || isClosed) throw error
      await reopen().catch((closed: unknown) => {
        throw new SaveFault(closed)
      })
      return tryOnce()
    }
  }

  function reopen(): Promise<unknown> {
    reopening ??= Promise.resolve()
      .then(() => {
        db.close({ disableAutoOpen: false })
        return db.open()
      })
      .finally(() => (reopening = undefined))
    return reopening
  }

  /**
   * One transaction of the browser's own; resolves on `complete`, not on the success of its requests. `run` commits by itself once its
   * last request is made: otherwise the browser waits until this thread has heard of the request's success, and a thread that is
   * drawing hears late.
   */
  function native(stores: string[], durability: 'strict' | 'relaxed', run: (tx: IDBTransaction) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const tx = db.backendDB().transaction(stores, 'readwrite', { durability })
      tx.oncomplete = () => resolve()
      tx.onabort = () => reject(tx.error ?? new DOMException('the transaction was aborted', 'AbortError'))
      run(tx)
    })
  }

  async function state(stream: string, own: 'open' | 'all'): Promise<StreamState> {
    const rows =
      own === 'open'
        ? db.own.where('open').equals(stream).toArray()
        : db.own
            .where('[stream+n]')
            .between(...allOf(stream))
            .toArray()
    const [counter, view, stored] = await Promise.all([db.ctr.get(stream), db.view.get(stream), rows])
    return {
      counter: counter ?? newCounter(deviceName),
      view: view ?? newView(stream),
      own: stored.map(fromStored).sort((one, other) => one.n - other.n),
    }
  }

  const draftsOf = (stream: string) =>
    db.draft
      .where('[stream+key]')
      .between(...allOf(stream))
      .toArray()

  async function write(stream: string, change: StreamChange): Promise<void> {
    const { counter, view, put = [], drop = [], evidence = [], proven = [], renamed, doubted } = change
    if (counter !== undefined) await db.ctr.put({ ...counter, stream })
    if (drop.length > 0) await db.own.bulkDelete(drop.map((n) => [stream, n]))
    if (put.length > 0) await db.own.bulkPut(put.map((row) => toStored(stream, row)))
    if (doubted === true) {
      const known = await db.wit
        .where('[stream+id+at]')
        .between(...allOf(stream))
        .toArray()
      await db.wit.bulkPut(known.map((witness) => ({ ...witness, waits: stream })))
    }
    if (evidence.length > 0) await db.wit.bulkPut(evidence.map((witness) => ({ ...witness, stream, waits: stream })))
    if (proven.length > 0) {
      const ids = new Set<Id>(proven)
      const told = await db.wit.where('waits').equals(stream).toArray()
      await db.wit.bulkPut(told.filter(({ id }) => ids.has(id)).map((witness) => ({ ...witness, waits: undefined })))
    }
    if (renamed !== undefined && renamed.size > 0) {
      const drafts = await draftsOf(stream)
      await db.draft.bulkPut(drafts.map((draft) => ({ ...draft, base: draft.base.map((id) => renamed.get(id) ?? id) })))
    }
    if (view !== undefined) await db.view.put(view)
  }

  const value = async (key: string): Promise<unknown> => (await db.kv.get(key))?.value
  const kept = await value(DEVICE_NAME)
  const deviceName = typeof kept === 'string' ? kept : newDeviceName()
  if (kept !== deviceName)
    await native(['kv'], 'strict', (tx) => void tx.objectStore('kv').put({ key: DEVICE_NAME, value: deviceName }))

  // ---- drafts ----

  let writer: DraftWriter | undefined
  // Its first turn is not worth waiting for: until it is there the page writes.
  const starting = setTimeout(() => (writer = startWriter(name)), WRITER_DELAY_MS)
  /** By draft: how often something happened to it, and what the worker has of it on its way. */
  const turns = new Map<string, number>()
  const onItsWay = new Map<string, Promise<unknown>>()
  /** The newest that the worker has on its way, by draft: it ends with the page. */
  const entrusted = new Map<string, DraftRow>()
  let measures = 0

  const draftId = (stream: string, key: string): string => `${stream} ${key}`

  function nextTurn(id: string): number {
    const turn = (turns.get(id) ?? 0) + 1
    turns.set(id, turn)
    return turn
  }

  function putDraft(draft: DraftRow): Promise<void> {
    const start = performance.now()
    const id = draftId(draft.stream, draft.key)
    const turn = nextTurn(id)
    const putHere = (): Promise<number> =>
      persist(() =>
        native(['draft'], 'relaxed', (tx) => {
          tx.objectStore('draft').put(draft)
          tx.commit()
        }),
      ).then(() => performance.now())
    const there = writer?.put(draft)
    if (there === undefined) return putHere().then((end) => measureStored(start, end))
    entrusted.set(id, draft)
    // What it could not store is stored here, unless something newer happened to it meanwhile.
    const stored = there.catch(() => (turns.get(id) === turn ? putHere() : performance.now()))
    onItsWay.set(id, stored)
    return stored
      .finally(() => {
        if (onItsWay.get(id) !== stored) return
        onItsWay.delete(id)
        entrusted.delete(id)
      })
      .then((end) => measureStored(start, end))
  }

  /**
   * A page that is closed right behind a key takes its worker with it, and a commit that reads first may not get through either. A put that
   * needs no answer does. Where the commit got through all the same, the draft says what it said.
   */
  function putEntrusted(): void {
    if (entrusted.size === 0 || isClosed) return
    native(['draft'], 'relaxed', (tx) => {
      for (const draft of entrusted.values()) tx.objectStore('draft').put(draft)
      tx.commit()
    }).catch(() => undefined)
  }
  addEventListener('pagehide', putEntrusted)

  const deleteDraft = (stream: string, key: string): Promise<void> =>
    persist(() => native(['draft'], 'relaxed', (tx) => void tx.objectStore('draft').delete([stream, key])))

  /**
   * Two connections have no order between them: a draft that the worker still has on its way can come behind what takes it away. Called
   * when that begins; the answer when it is done.
   */
  function takingAway(stream: string, key: string): () => void {
    const id = draftId(stream, key)
    const late = onItsWay.get(id)
    const turn = nextTurn(id)
    return () => {
      if (turns.get(id) === turn) entrusted.delete(id)
      late
        ?.then(() => (turns.get(id) === turn && !isClosed ? deleteDraft(stream, key) : undefined))
        // It stays, and holds what was committed: adopting it adds nothing.
        .catch(() => undefined)
    }
  }

  /** `key:stored` in the browser's performance timeline: from the key's event to the draft in the database. */
  function measureStored(start: number, end: number): void {
    measures += 1
    if (measures % MEASURES_MAX === 0) performance.clearMeasures('key:stored')
    performance.measure('key:stored', { start, end: Math.max(start, end) })
  }

  return {
    deviceName,
    putDraft,
    async dropDraft(stream, key) {
      const done = takingAway(stream, key)
      entrusted.delete(draftId(stream, key))
      await deleteDraft(stream, key)
      done()
    },
    append: ({ stream, key }, decide) =>
      persist(async (decided) => {
        let stored: OwnRow | undefined
        const done = takingAway(stream, key)
        await native(['ctr', 'own', 'draft'], 'strict', (tx) => {
          const counters = tx.objectStore('ctr')
          const reading: IDBRequest<CounterRow | undefined> = counters.get(stream)
          reading.onsuccess = () => {
            const { counter, row } = decided(() => decide(reading.result ?? newCounter(deviceName)))
            counters.put({ ...counter, stream })
            tx.objectStore('own').put(toStored(stream, row))
            tx.objectStore('draft').delete([stream, key])
            tx.commit()
            stored = row
          }
        })
        if (stored === undefined) throw new Error('a transaction was complete without its row')
        done()
        return stored
      }),
    change: ({ stream, own, durability }, decide) =>
      persist(async (decided) => {
        // Drafts are in the scope only where they change: otherwise a page of rows would keep a keystroke waiting.
        const tables = own === 'all' ? [db.ctr, db.own, db.view, db.wit, db.draft] : [db.ctr, db.own, db.view, db.wit]
        const result = await db.transaction('rw', tables, async () => {
          const before = await state(stream, own)
          const decision = decided(() => decide(before))
          if (decision.change !== undefined) await write(stream, decision.change)
          return decision
        })
        // A strict commit flushes those before it: one database has one log.
        if (durability === 'strict')
          await native(['kv'], 'strict', (tx) => void tx.objectStore('kv').put({ key: 'flushed', value: stream }))
        return result
      }),
    read: (stream) => persist(() => db.transaction('r', [db.ctr, db.own, db.view], () => state(stream, 'open'))),
    drafts: (stream) => persist(() => draftsOf(stream)),
    evidence: (stream, max) =>
      persist(async () => {
        const rows = await db.wit.where('waits').equals(stream).limit(max).toArray()
        return rows.map(({ id, by, n, kind, key, value, base, at, pv }) => ({ id, by, n, kind, key, value, base, at, pv }))
      }),
    openStreams: () =>
      persist(async () => {
        const [own, evidence] = await Promise.all([db.own.orderBy('open').uniqueKeys(), db.wit.orderBy('waits').uniqueKeys()])
        return [...new Set([...own, ...evidence].filter((key) => typeof key === 'string'))]
      }),
    heldStreams: () => persist(() => db.view.toCollection().primaryKeys()),
    value: (key) => persist(() => value(key)),
    putValue: (key, kept) =>
      persist(() => native(['kv'], 'relaxed', (tx) => void tx.objectStore('kv').put({ key, value: kept }))),
    close() {
      isClosed = true
      removeEventListener('pagehide', putEntrusted)
      clearTimeout(starting)
      writer?.close()
      db.close()
    },
  }
}

/** Every compound key that begins with the stream: an array sorts after every text and number. */
const allOf = (stream: string): [unknown[], unknown[]] => [[stream], [stream, []]]

function toStored(stream: string, row: OwnRow): StoredOwn {
  const { open, ...rest } = row
  return open ? { ...rest, stream, open: stream } : { ...rest, stream }
}

function fromStored(stored: StoredOwn): OwnRow {
  return { ...stored, open: stored.open !== undefined }
}
