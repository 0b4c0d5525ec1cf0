/** What goes on beside the values: other tabs, a full disk, a wrong clock, keys to seal with, people who are not signed in. */
import { afterEach, expect, test } from 'vitest'
import { fetchAs } from '#client/device/fetch-as'
import { memoryDevice } from '#client/device/memory-device'
import { blankDisk, memoryStore } from '#client/device/memory-store'
import { countUnsent, databaseOf } from '#client/device/person-database'
import { SaveFault } from '#client/device/save-fault'
import { failed, ok } from '#domain/fault'
import { PERSON_HEADER } from '#domain/person'
import { readDeposit } from '#sync/deposit'
import type { Clock } from '#sync/ports'
import { memoryLedger } from '../../contract/memory-ledger'
import { closeOpened, networkTo, newPerson, openOver, school, stream, until } from './world'

const key = 'v/2024/students'
const YEAR_MS = 365 * 24 * 3600_000
afterEach(closeOpened)

test('who pauses in one tab has paused in the other, and both know of the last contact', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  const [one, other] = [await openOver(person, network), await openOver(person, network)]
  await until(() => one.sync.lastContact !== undefined && other.sync.lastContact !== undefined)
  one.setPaused(true)
  await until(() => other.sync.paused)
  await other.commit({ stream, key, value: '1', base: [], pv: 1 })
  other.syncNow()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(ledger.see(stream).log).toEqual([])
  other.setPaused(false)
  await until(() => !one.sync.paused && one.sync.waiting === 0 && other.sync.waiting === 0)
  expect(ledger.see(stream).log).toHaveLength(1)
  await until(() => one.sync.lastContact === other.sync.lastContact)
}, 20_000)

test('what was refused, and what is in conflict, is the same in both tabs', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  const [one, other] = [await openOver(person, network), await openOver(person, network)]
  network.isLocked = () => true
  await one.commit({ stream, key, value: '1', base: [], pv: 1 })
  await until(() => one.sync.rejected === 1 && other.sync.rejected === 1)
  await other.putAside({ stream, key })
  await until(() => one.sync.rejected === 0 && other.sync.rejected === 0)
})

test('fields that the browser will not store are counted with the reason until each of them is stored', async () => {
  const store = memoryStore('devicenameaaa', blankDisk())
  let isFull = false
  const refuse = () => Promise.reject(new SaveFault(new DOMException('full', 'QuotaExceededError')))
  const device = await memoryDevice({
    person: newPerson(),
    orgUnits: [school],
    store: {
      ...store,
      putDraft: (draft) => (isFull ? refuse() : store.putDraft(draft)),
      append: (place, decide) => (isFull ? refuse() : store.append(place, decide)),
    },
  })
  isFull = true
  await expect(device.draft({ stream, key, value: '1', base: [] })).rejects.toBeInstanceOf(SaveFault)
  await expect(device.commit({ stream, key, value: '1', base: [], pv: 1 })).rejects.toBeInstanceOf(SaveFault)
  await expect(device.draft({ stream, key: 'v/2024/rooms', value: '1', base: [] })).rejects.toBeInstanceOf(SaveFault)
  expect(device.sync).toMatchObject({ unsaved: 2, saveFault: 'quota' })
  isFull = false
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  expect(device.sync).toMatchObject({ unsaved: 1, saveFault: 'quota' })
  await device.draft({ stream, key: 'v/2024/rooms', value: '1', base: [] })
  expect(device.sync.unsaved).toBe(0)
  expect(device.sync.saveFault).toBeUndefined()
  await device.close()
})

test.each([
  ['a year ahead', YEAR_MS],
  ['a year behind', -YEAR_MS],
])('a clock that is %s, and one that is put right meanwhile, keep nothing from being sent', async (_name, wrongBy) => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  let offset = wrongBy
  const clock: Clock = {
    now: () => Date.now() + offset,
    after(delayMs, wake) {
      const timer = setTimeout(wake, Math.min(delayMs, 20))
      return () => clearTimeout(timer)
    },
  }
  const device = await openOver(person, network, { clock })
  const shown = await device.open(stream)
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  await until(() => shown.cells.get(key)?.mark === 'confirmed')
  await until(() => Math.abs((device.sync.skew ?? 0) - wrongBy) < 60_000, 'the difference of the clocks is known')
  // Put right while it waits for its next try: the retry still comes.
  network.up = false
  await device.commit({ stream, key, value: '2', base: shown.cells.get(key)?.base ?? [], pv: 1 })
  device.syncNow()
  await until(() => device.sync.phase === 'offline')
  offset = 0
  network.up = true
  await until(() => shown.cells.get(key)?.mark === 'confirmed' && shown.cells.get(key)?.value === '2')
  await device.commit({ stream, key, value: '3', base: shown.cells.get(key)?.base ?? [], pv: 1 })
  await until(() => shown.cells.get(key)?.value === '3' && device.sync.waiting === 0)
  expect(shown.cells.get(key)?.heads).toHaveLength(1)
  expect(ledger.see(stream).log.map(({ verdict }) => verdict)).toEqual(['applied', 'applied', 'applied'])
})

const given = ok({ id: '1700000000000', key: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8' })

test('a key to seal with comes with a contact, is kept unreadable, seals without a network, and goes with the session', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  const asked: string[] = []
  const fetchSealKey = (tablet: string) => {
    asked.push(tablet)
    return Promise.resolve(given)
  }
  const first = await openOver(person, network, { fetchSealKey })
  await until(() => asked.length === 1)
  await first.close()
  network.up = false
  const device = await openOver(person, network, { fetchSealKey })
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  const read = readDeposit(await device.exportUnsent())
  if (read.kind !== 'read') throw new Error(read.kind)
  expect(read.file.seal).toMatchObject({ key: '1700000000000', mac: expect.stringMatching(/^[\w-]{43}$/) })
  expect(read.deposit).toMatchObject({ author: { username: person.username }, tablet: device.name })
  // One is enough for a while.
  network.up = true
  device.syncNow()
  await until(() => device.sync.waiting === 0)
  expect(asked).toEqual([device.name])
  const stored = await new Promise<unknown>((resolve) => {
    const opening = indexedDB.open(databaseOf(person.username))
    opening.onsuccess = () => {
      const asking: IDBRequest<{ value: { key: CryptoKey } }> = opening.result.transaction('kv').objectStore('kv').get('seal')
      asking.onsuccess = () => {
        opening.result.close()
        resolve(asking.result.value.key.extractable)
      }
    }
  })
  expect(stored).toBe(false)
  network.meets.push({ kind: 'signedOut', revoked: true })
  device.syncNow()
  await until(() => device.sync.revoked === true)
  expect(JSON.parse(await device.exportUnsent())).not.toHaveProperty('seal')
})

test('without a key a file has no seal, and is whole all the same', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  network.up = false
  const device = await openOver(person, network, { fetchSealKey: () => Promise.resolve(failed({ kind: 'unreachable' })) })
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  const read = readDeposit(await device.exportUnsent())
  expect(read).toMatchObject({ kind: 'read', file: { v: 1 }, deposit: { asks: [{ stream, mutations: [{ n: 1, value: '1' }] }] } })
})

test('what is on the tablet of somebody who is not signed in can be counted', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  network.isLocked = (of) => of === key
  const device = await openOver(person, network)
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  await until(() => device.sync.rejected === 1)
  network.up = false
  await device.commit({ stream, key: 'v/2024/rooms', value: '1', base: [], pv: 1 })
  await device.commit({ stream, key: 'v/2024/rooms', value: '2', base: [], pv: 1 })
  await device.draft({ stream, key: 'v/2024/staff', value: '3', base: [] })
  await device.close()
  expect(await countUnsent(databaseOf(person.username))).toEqual({ values: 2, refused: 1, drafts: 1 })
  const stranger = databaseOf('nobody-was-here')
  expect(await countUnsent(stranger)).toEqual({ values: 0, refused: 0, drafts: 0 })
  expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(stranger)
})

test('each request says whose work it carries, in letters that a header can have', async () => {
  const seen: (string | null)[] = []
  const fetch = fetchAs('王 wang', (_input, init) => {
    const headers = new Headers(init?.headers)
    seen.push(headers.get(PERSON_HEADER), headers.get('content-type'))
    return Promise.resolve(new Response())
  })
  await fetch('/api/sync', { method: 'POST', headers: { 'content-type': 'application/json' } })
  expect(seen).toEqual(['%E7%8E%8B%20wang', 'application/json'])
})

test('the system is asked to wake us when something waits without a network, and not otherwise', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  network.up = false
  let asked = 0
  const device = await openOver(person, network, { wakeLater: () => void (asked += 1) })
  device.syncNow()
  await until(() => device.sync.phase === 'offline')
  expect(asked).toBe(0)
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  device.syncNow()
  await until(() => asked > 0)
})

test('what was typed and left behind by a closed page becomes a value; what is being typed does not', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  let now = 1_700_000_000_000
  const clock: Clock = {
    now: () => now,
    after(delayMs, wake) {
      const timer = setTimeout(wake, Math.min(delayMs, 20))
      return () => clearTimeout(timer)
    },
  }
  const first = await openOver(person, network, { clock })
  await first.draft({ stream, key, value: '１２', base: [] })
  await first.close()
  const device = await openOver(person, network, { clock })
  const settle = () =>
    device.settleDrafts({ toWire: (_key, typed) => Promise.resolve(typed === '１２' ? '12' : typed), pv: 7, ageMs: 10_000 })
  await settle()
  expect(device.sync.waiting).toBe(0)
  now += 10_000
  await device.draft({ stream, key: 'v/2024/rooms', value: '3', base: [] })
  await settle()
  await until(() => ledger.see(stream).log.length === 1)
  expect(ledger.see(stream).log).toMatchObject([{ key, value: '12', pv: 7 }])
  expect([...(await device.open(stream)).drafts.keys()]).toEqual(['v/2024/rooms'])
})

test('of two readings of the database that end in another order, the later one is shown', async () => {
  const disk = blankDisk()
  const mine = memoryStore('devicenameaaa', disk)
  let heard: (stream: string) => void = () => undefined
  /** Readings wait here, each with what it has found. */
  const held: (() => void)[] = []
  let isHolding = false
  const device = await memoryDevice({
    person: newPerson(),
    orgUnits: [school],
    channel: { post: () => undefined, listen: (listener) => void (heard = listener), close: () => undefined },
    store: {
      ...mine,
      async read(of) {
        const found = await mine.read(of)
        if (isHolding) await new Promise<void>((resolve) => held.push(resolve))
        return found
      },
    },
  })
  const shown = await device.open(stream)
  // Another tab over the same database.
  const theirs = await memoryDevice({ person: device.person, orgUnits: [school], store: memoryStore('devicenameaaa', disk) })
  isHolding = true
  await theirs.commit({ stream, key, value: 'first', base: [], pv: 1 })
  heard(stream)
  await until(() => held.length === 1)
  await theirs.commit({ stream, key, value: 'second', base: [], pv: 1 })
  heard(stream)
  await until(() => held.length === 2)
  held[1]?.()
  await until(() => shown.cells.get(key)?.value === 'second')
  held[0]?.()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(shown.cells.get(key)?.value).toBe('second')
  isHolding = false
  await device.close()
  await theirs.close()
})
