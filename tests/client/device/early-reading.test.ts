import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { takeEarlyReading } from '#client/device/early-reading'
import { databaseOf } from '#client/device/person-database'
import { openSessionStore, type SessionStore } from '#client/device/session-store'
import type { Person } from '#domain/person'
import { memoryLedger } from '../../contract/memory-ledger'
import { closeOpened, networkTo, newPerson, openOver, school, stream, until } from './world'

const stores: SessionStore[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) store.close()
  await closeOpened()
  localStorage.clear()
  history.replaceState(null, '', '/')
})

/** As `index.html` runs it. */
function runEarlyScript(path: string) {
  history.replaceState(null, '', path)
  window.eval(readFileSync('public/early.js', 'utf8'))
  return takeEarlyReading(window)
}

function tabletOf(early?: ReturnType<typeof takeEarlyReading>): SessionStore {
  const store = openSessionStore(early)
  stores.push(store)
  return store
}

async function signedIn(person: Person): Promise<SessionStore> {
  const store = tabletOf()
  await store.writePlan('p-1', { format: 1 })
  await store.writeSession({ person, orgUnits: [school], plan: 'p-1', since: 1 })
  return store
}

/** A tablet with a value on its way, one half typed, and one that the server has. */
async function worked(person: Person) {
  const network = networkTo(memoryLedger(), person)
  const device = await openOver(person, network)
  const shown = await device.open(stream)
  await device.commit({ stream, key: 'v/2024/rooms', value: '3', base: [], pv: 1 })
  await until(() => shown.cells.get('v/2024/rooms')?.mark === 'confirmed')
  await until(() => device.sync.phase === 'idle')
  network.up = false
  await device.commit({ stream, key: 'v/2024/students', value: '120', base: [], pv: 1 })
  await device.draft({ stream, key: 'v/2024/staff', value: '1', base: [] })
  return { network, device, shown }
}

test('the next start shows the report from the early reading, the same as the database would', async () => {
  const person = newPerson()
  await signedIn(person)
  const { network, device, shown } = await worked(person)
  const early = runEarlyScript(`/u/${school.code}/2024/fill/x`)
  expect(await tabletOf(early).readStart()).toMatchObject({ session: { person }, plan: { format: 1 } })

  let begin = (): void => undefined
  const again = await openOver(person, { ...network }, { early, afterPaint: (work) => (begin = work) })
  expect(again.name).toBe(device.name)
  const read = await again.open(stream)
  expect(Object.fromEntries(read.cells)).toEqual(Object.fromEntries(shown.cells))
  expect(Object.fromEntries(read.drafts)).toEqual(Object.fromEntries(shown.drafts))
  expect(again.sync).toMatchObject({ lastContact: device.sync.lastContact, waiting: 1 })

  // Another tab writes after the early reading and before this one listens.
  await device.commit({ stream, key: 'v/2024/staff', value: '12', base: [], pv: 1 })
  expect(read.cells.has('v/2024/staff')).toBe(false)
  begin()
  await until(() => read.cells.get('v/2024/staff')?.value === '12')
  await again.commit({ stream, key: 'v/2024/students', value: '121', base: [], pv: 1 })
  expect((await again.outbox()).map(({ n, value }) => [n, value])).toEqual([
    [2, '120'],
    [3, '12'],
    [4, '121'],
  ])
})

test('nothing is read early where nobody is signed in, and nothing is made', async () => {
  const person = newPerson()
  expect(window.youxueEarly).toBeUndefined()
  expect(await runEarlyScript('/sign-in').person(databaseOf(person.username))).toBeUndefined()

  localStorage.setItem('youxue.person', person.username)
  const early = runEarlyScript('/')
  expect(await early.person(databaseOf(person.username))).toBeUndefined()
  expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(databaseOf(person.username))

  const store = await signedIn(person)
  expect(localStorage.getItem('youxue.person')).toBe(person.username)
  await store.clearSession()
  expect(localStorage.getItem('youxue.person')).toBeNull()
})

test('an early reading of somebody else, of another version, or a second time is not taken', async () => {
  const person = newPerson()
  await signedIn(person)
  await worked(person)
  const name = databaseOf(person.username)
  expect(await runEarlyScript('/').person('youxue-another')).toBeUndefined()
  const late = runEarlyScript('/')
  late.forget()
  expect(await late.person(name)).toBeUndefined()
  const early = runEarlyScript('/')
  const taken = await early.person(name)
  if (taken === undefined) throw new Error('nothing was read')
  expect(taken).toMatchObject({ name, version: 10 })
  expect(taken.stream).toBeUndefined()
  expect(await early.person(name)).toBeUndefined()
  const newer = {
    name,
    tablet: Promise.resolve(undefined),
    person: Promise.resolve({ ...taken, version: 20 }),
  }
  expect(await takeEarlyReading({ youxueEarly: newer }).person(name)).toBeUndefined()
})

test('what is typed before the database is open is there, also when the app is closed at once', async () => {
  const person = newPerson()
  await signedIn(person)
  const { network, device } = await worked(person)
  const early = runEarlyScript(`/u/${school.code}/2024/fill/x`)
  const again = await openOver(person, { ...network }, { early, afterPaint: () => undefined })
  await again.open(stream)
  const typed = [
    again.draft({ stream, key: 'v/2024/staff', value: '17', base: [] }),
    again.commit({ stream, key: 'v/2024/classes', value: '4', base: [], pv: 1 }),
  ]
  await again.close()
  await Promise.all(typed)
  await device.close()
  const third = await openOver(person, network)
  const shown = await third.open(stream)
  expect(shown.drafts.get('v/2024/staff')).toMatchObject({ value: '17' })
  expect(shown.cells.get('v/2024/classes')).toMatchObject({ value: '4', mark: 'onDevice' })
})

test('an early reading that nobody took in time gives way to the database', async () => {
  const person = newPerson()
  await signedIn(person)
  const { network, device } = await worked(person)
  const early = runEarlyScript(`/u/${school.code}/2024/fill/x`)
  let begin = (): void => undefined
  const again = await openOver(person, { ...network }, { early, afterPaint: (work) => (begin = work) })
  await device.commit({ stream, key: 'v/2024/staff', value: '12', base: [], pv: 1 })
  begin()
  await until(() => again.sync.waiting === 2)
  const shown = await again.open(stream)
  expect(shown.cells.get('v/2024/staff')).toMatchObject({ value: '12' })
  expect(shown.drafts.has('v/2024/staff')).toBe(false)
})
