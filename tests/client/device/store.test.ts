import { afterEach, describe, expect, test, vi } from 'vitest'
import { openDexieStore } from '#client/device/dexie-store'
import { memoryStore } from '#client/device/memory-store'
import { SaveFault } from '#client/device/save-fault'
import { append, newCounter, newView } from '#sync/outbox'
import type { DeviceStore } from '#sync/ports'

const stream = 's/A-1'
const device = 'aaaaaaaaaaaaa'
type Store = DeviceStore & {
  value(key: string): Promise<unknown>
  putValue(key: string, value: unknown): Promise<void>
  readonly deviceName: string
  close(): void
}

let count = 0
const open: Store[] = []
const track = <T extends Store>(store: T): T => {
  open.push(store)
  return store
}
afterEach(() => {
  vi.restoreAllMocks()
  for (const store of open.splice(0)) store.close()
})

const edit = (key: string, value: string) => ({ key, value, base: [], at: 1, pv: 1 })
const typed = (store: DeviceStore, key: string, value: string) =>
  store.append({ stream, key }, (counter) => append(counter, edit(key, value)))

describe.each<[string, () => Promise<Store>]>([
  ['memory', () => Promise.resolve(track(memoryStore(device)))],
  ['IndexedDB', async () => track(await openDexieStore(`store-${++count}`, () => device))],
])('the store over %s', (_name, make) => {
  test('is empty at first', async () => {
    const store = await make()
    expect(await store.read(stream)).toEqual({ counter: newCounter(device), view: newView(stream), own: [] })
    expect(await store.drafts(stream)).toEqual([])
    expect(await store.openStreams()).toEqual([])
    expect(await store.evidence(stream, 9)).toEqual([])
    expect(await store.value('x')).toBeUndefined()
    await store.putValue('x', { y: 1 })
    expect(await store.value('x')).toEqual({ y: 1 })
  })

  test('numbers what is typed, takes its draft away, and leaves the drafts of others', async () => {
    const store = await make()
    for (const key of ['a', 'b']) await store.putDraft({ stream, key, value: 'half', base: ['x:1'], at: 2 })
    await store.putDraft({ stream: 's/A-10', key: 'a', value: 'elsewhere', base: [], at: 2 })
    const rows = await Promise.all([typed(store, 'a', '1'), typed(store, 'c', '2')])
    expect(rows.map(({ n }) => n)).toEqual([1, 2])
    const { counter, own } = await store.read(stream)
    expect(counter).toMatchObject({ device, n: 2, chain: own[1]?.chain })
    expect(own).toMatchObject([
      { n: 1, value: '1', open: true },
      { n: 2, value: '2', open: true },
    ])
    expect(await store.drafts(stream)).toEqual([{ stream, key: 'b', value: 'half', base: ['x:1'], at: 2 }])
    await store.dropDraft(stream, 'b')
    expect(await store.drafts(stream)).toEqual([])
    expect(await store.drafts('s/A-10')).toHaveLength(1)
    expect(await store.openStreams()).toEqual([stream])
  })

  test('changes all that a decision names, at once', async () => {
    const store = await make()
    await typed(store, 'a', '1')
    await typed(store, 'b', '2')
    await store.putDraft({ stream, key: 'c', value: 'x', base: ['old:1', 'other:1'], at: 1 })
    const witness = { id: 'x:1', by: 'li', n: 1, kind: 'set', key: 'a', value: '1', base: [], at: 1, pv: 0 }
    const decided = await store.change({ stream, own: 'all', durability: 'strict' }, ({ own, view }) => ({
      change: {
        view: { ...view, cursor: 7 },
        counter: { device: 'bbbbbbbbbbbbb', n: 1, chain: 'c'.repeat(16) },
        drop: [1],
        put: own.filter(({ n }) => n === 2).map((row) => ({ ...row, verdict: 'applied' as const, seq: 1, open: false })),
        evidence: [witness, { ...witness, id: 'x:2' }],
        renamed: new Map([['old:1', 'new:1']]),
      },
      said: own.map(({ n }) => n),
    }))
    expect(decided.said).toEqual([1, 2])
    const { counter, view, own } = await store.read(stream)
    expect([counter.device, counter.n, view.cursor, own]).toEqual(['bbbbbbbbbbbbb', 1, 7, []])
    const all = await store.change({ stream, own: 'all', durability: 'relaxed' }, (state) => ({
      change: undefined,
      own: state.own,
    }))
    expect(all.own).toMatchObject([{ n: 2, verdict: 'applied', open: false }])
    expect(await store.drafts(stream)).toMatchObject([{ base: ['new:1', 'other:1'] }])
    expect(await store.openStreams()).toEqual([stream])
    expect(await store.evidence(stream, 1)).toEqual([witness])
    await store.change({ stream, own: 'open', durability: 'relaxed' }, () => ({ change: { proven: ['x:1', 'x:2'] } }))
    expect(await store.evidence(stream, 9)).toEqual([])
    expect(await store.openStreams()).toEqual([])
    await store.change({ stream, own: 'all', durability: 'relaxed' }, () => ({ change: { doubted: true } }))
    expect(await store.evidence(stream, 9)).toHaveLength(2)
  })

  test('keeps nothing of a decision that throws', async () => {
    const store = await make()
    await typed(store, 'a', '1')
    const defect = new Error('ours')
    const failing = store.change({ stream, own: 'open', durability: 'relaxed' }, () => {
      throw defect
    })
    await expect(Promise.resolve(failing)).rejects.toBe(defect)
    expect((await store.read(stream)).own).toHaveLength(1)
  })
})

describe('the store over IndexedDB', () => {
  test('is the same after it was opened anew', async () => {
    const name = `store-${++count}`
    const store = track(await openDexieStore(name, () => device))
    await typed(store, 'a', '1')
    const again = track(await openDexieStore(name, () => 'zzzzzzzzzzzzz'))
    expect(again.deviceName).toBe(device)
    expect((await again.read(stream)).own).toMatchObject([{ n: 1, value: '1' }])
  })

  test('opens a connection that the browser has closed, once, and repeats the write', async () => {
    const store = track(await openDexieStore(`store-${++count}`, () => device))
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    transaction.mockImplementationOnce(() => {
      throw new DOMException('The database connection is closing.', 'InvalidStateError')
    })
    await typed(store, 'a', '1')
    expect((await store.read(stream)).own).toHaveLength(1)
  })

  test.each([
    ['QuotaExceededError', 'quota'],
    ['InvalidStateError', 'closed'],
  ])('says that nothing was saved when the browser goes on refusing: %s', async (name, reason) => {
    const store = track(await openDexieStore(`store-${++count}`, () => device))
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('no', name)
    })
    const refused = await store.putDraft({ stream, key: 'a', value: '1', base: [], at: 1 }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SaveFault)
    expect(refused).toMatchObject({ reason })
    await expect(typed(store, 'a', '1')).rejects.toMatchObject({ name: 'SaveFault', reason })
    vi.restoreAllMocks()
    await typed(store, 'a', '1')
    expect((await store.read(stream)).own).toMatchObject([{ n: 1 }])
  })

  test('asks for strict durability for what is typed, and for no more than it needs for a keystroke', async () => {
    const store = track(await openDexieStore(`store-${++count}`, () => device))
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
    await store.putDraft({ stream, key: 'a', value: '1', base: [], at: 1 })
    await typed(store, 'a', '1')
    expect(transaction.mock.calls).toEqual([
      [['draft'], 'readwrite', { durability: 'relaxed' }],
      [['ctr', 'own', 'draft'], 'readwrite', { durability: 'strict' }],
    ])
  })
})
