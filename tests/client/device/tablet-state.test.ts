import { afterEach, expect, test } from 'vitest'
import { memoryLedger } from '../../contract/memory-ledger'
import { closeOpened, networkTo, newPerson, openOver, stream, until } from './world'

const key = (n: number) => `v/2024/element${n}`
afterEach(closeOpened)

test('with each exchange the tablet says what would stay on it, which plan it has and what the browser says of its storage', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  network.up = false
  const storage = { used: 1000, quota: 5000, persisted: true }
  const device = await openOver(person, network, { planVersion: () => 3, storage: () => storage })
  await device.open(stream)
  for (let n = 0; n < 205; n++) await device.commit({ stream, key: key(n), value: String(n), base: [], pv: 3 })
  await device.draft({ stream, key: 'v/2024/rooms', value: '3', base: [] })
  const outbox = await device.outbox()
  network.up = true
  device.syncNow()
  await until(() => device.sync.waiting === 0)
  const id = device.name
  const quiet = { id, refused: 0, conflicts: 0, files: 0, drafts: 1, plan: 3, storage }
  // 200 of them travel with the first request, so five would stay behind it.
  expect(network.requests.map(({ tablet }) => tablet)).toEqual([
    { ...quiet, unsent: 5, oldest: outbox[200]?.at },
    { ...quiet, unsent: 0 },
  ])
})

test('what is refused is counted; what the browser does not say is left out', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  network.right = 'read'
  const device = await openOver(person, network, { storage: () => undefined })
  await device.open(stream)
  await device.commit({ stream, key: key(1), value: '1', base: [], pv: 1 })
  await until(() => device.sync.rejected === 1)
  device.syncNow()
  await until(() => network.requests.length === 2)
  expect(network.requests[1]?.tablet).toEqual({ id: device.name, unsent: 0, refused: 1, conflicts: 0, files: 0, drafts: 0 })
})

test('a session that was taken away is told apart from one that has run out', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  network.meets.push({ kind: 'signedOut' }, { kind: 'signedOut', revoked: true })
  const device = await openOver(person, network)
  await until(() => device.sync.phase === 'signedOut')
  expect(device.sync.revoked).toBe(false)
  device.syncNow()
  await until(() => device.sync.revoked === true)
  expect(device.sync.phase).toBe('signedOut')
})
