import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openDexieStore, type DexieStore } from '#client/device/dexie-store'
import type { DraftWriter } from '#client/device/draft-writer'
import { append } from '#sync/outbox'
import type { DraftRow } from '#sync/ports'

const stream = 's/A-1'
const draft = (value: string): DraftRow => ({ stream, key: 'a', value, base: [], at: 1 })

let count = 0
let store: DexieStore
let writing: { readonly draft: DraftRow; finish(): Promise<void>; fail(): void }[]

/** A worker by hand: over a connection of its own, each draft when the test says so. */
function writerByHand(database: string): DraftWriter {
  const opened = new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open(database)
    opening.onsuccess = () => resolve(opening.result)
  })
  return {
    put: (row) =>
      new Promise((resolve, reject) => {
        writing.push({
          draft: row,
          async finish() {
            const db = await opened
            await new Promise<void>((done) => {
              const tx = db.transaction('draft', 'readwrite')
              tx.oncomplete = () => done()
              tx.objectStore('draft').put(row)
            })
            resolve(performance.now())
          },
          fail: () => reject(new DOMException('no', 'UnknownError')),
        })
      }),
    close: () => void opened.then((db) => db.close()),
  }
}

beforeEach(async () => {
  writing = []
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  store = await openDexieStore(`drafts-${++count}`, () => 'aaaaaaaaaaaaa', writerByHand)
  vi.runAllTimers()
  vi.useRealTimers()
})
afterEach(() => store.close())

const commit = (value: string) =>
  store.append({ stream, key: 'a' }, (counter) => append(counter, { key: 'a', value, base: [], at: 1, pv: 1 }))
const drafts = async () => (await store.drafts(stream)).map(({ value }) => value)

test('a draft is stored when the worker has stored it, and not before', async () => {
  let isStored = false
  const storing = store.putDraft(draft('1')).then(() => (isStored = true))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(isStored).toBe(false)
  await writing[0]?.finish()
  await storing
  expect(await drafts()).toEqual(['1'])
})

test('the page stores what the worker could not', async () => {
  const storing = store.putDraft(draft('1'))
  writing[0]?.fail()
  await storing
  expect(await drafts()).toEqual(['1'])
})

test('a draft that comes behind its commit is taken away', async () => {
  const storing = store.putDraft(draft('1'))
  await commit('1')
  await writing[0]?.finish()
  await storing
  await vi.waitFor(async () => expect(await drafts()).toEqual([]), { timeout: 20_000 })
})

test('a draft that fails behind its commit is not stored by the page', async () => {
  const storing = store.putDraft(draft('1'))
  await commit('1')
  writing[0]?.fail()
  await storing
  expect(await drafts()).toEqual([])
})

test('what is typed on while it is committed stays', async () => {
  const first = store.putDraft(draft('1'))
  const committing = commit('1')
  const second = store.putDraft(draft('12'))
  await committing
  for (const one of writing) await one.finish()
  await Promise.all([first, second])
  // Time for a deletion that must not come.
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await drafts()).toEqual(['12'])
})

test('a draft that is dropped stays away, also when the worker was still at it', async () => {
  const storing = store.putDraft(draft('1'))
  await store.dropDraft(stream, 'a')
  await writing[0]?.finish()
  await storing
  await vi.waitFor(async () => expect(await drafts()).toEqual([]), { timeout: 20_000 })
})

test('a page that is closed while the worker is at it stores the draft itself', async () => {
  void store.putDraft(draft('1'))
  void store.putDraft(draft('12'))
  window.dispatchEvent(new Event('pagehide'))
  expect(await drafts()).toEqual(['12'])
})

test('a page that is closed brings back nothing that was dropped, committed, or stored before', async () => {
  const first = store.putDraft(draft('1'))
  await writing[0]?.finish()
  await first
  void store.putDraft(draft('12'))
  await commit('12')
  window.dispatchEvent(new Event('pagehide'))
  expect(await drafts()).toEqual([])
  void store.putDraft(draft('123'))
  await store.dropDraft(stream, 'a')
  window.dispatchEvent(new Event('pagehide'))
  expect(await drafts()).toEqual([])
})

test('a page that is closed stores what was typed on while it was committed', async () => {
  void store.putDraft(draft('1'))
  const committing = commit('1')
  void store.putDraft(draft('12'))
  await committing
  window.dispatchEvent(new Event('pagehide'))
  expect(await drafts()).toEqual(['12'])
})
