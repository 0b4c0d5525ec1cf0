import { afterEach, expect, test } from 'vitest'
import type { Device } from '#client/device/contract'
import { databaseOf, openDevice } from '#client/device/open-device'
import type { DeviceWorld } from '#client/device/make-device'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import { exchange } from '#sync/exchange'
import type { Ledger } from '#sync/ports'
import { memoryLedger } from '../../contract/memory-ledger'

const school: OrgUnit = { code: 'A-1', name: '第一小学', type: 'primary', ownership: 'public' }
const stream = 's/A-1'
const key = 'v/2024/students'

let count = 0
const opened: Device[] = []
afterEach(async () => {
  for (const device of opened.splice(0)) await device.close()
})

const newPerson = (): Person => ({ username: `p${++count}`, name: '李', role: 'principal', orgUnits: [school.code] })

/** A network between this device and the ledger, which can be cut. */
function network(ledger: Ledger, person: Person) {
  const state = { up: true, asked: 0, loseAnswers: 0 }
  const net: DeviceWorld['net'] = {
    abort: () => undefined,
    async exchange(request) {
      if (!state.up) return { kind: 'unreachable' }
      state.asked++
      // What travels is text.
      const asks = (JSON.parse(JSON.stringify(request)) as typeof request).asks
      const answers = []
      for (const ask of asks) {
        answers.push(await exchange({ ledger, ask, person, right: 'write', now: 5000, skew: 0 }))
      }
      if (state.loseAnswers > 0) {
        state.loseAnswers--
        return { kind: 'unreachable' }
      }
      return { kind: 'answered', answer: JSON.parse(JSON.stringify({ v: 1, now: 5000, answers })) }
    },
  }
  return { state, net }
}

async function open(person: Person, net: DeviceWorld['net'], isOnline = () => true): Promise<Device> {
  const device = await openDevice({ person, orgUnits: [school] }, { net, isOnline, report: (error) => console.error(error) })
  opened.push(device)
  return device
}

async function until(is: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !is(); tries++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(is()).toBe(true)
}

test('what was typed without a network is there after the app was killed, and arrives once there is one', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const { state, net } = network(ledger, person)
  state.up = false
  const first = await open(person, net)
  const shown = await first.open(stream)
  await first.draft({ stream, key, value: '12', base: [] })
  await first.commit({ stream, key, value: '120', base: [], pv: 1 })
  await first.draft({ stream, key: 'v/2024/rooms', value: '3', base: [] })
  expect(shown.cells.get(key)).toMatchObject({ value: '120', mark: 'onDevice', by: person.username })
  expect(shown.drafts.has(key)).toBe(false)

  // Killed: nothing of the first one is told that it ends.
  const second = await open(person, net)
  const again = await second.open(stream)
  expect(again.cells.get(key)).toMatchObject({ value: '120', mark: 'onDevice' })
  expect(again.drafts.get('v/2024/rooms')).toMatchObject({ value: '3', base: [] })
  expect(second.name).toBe(first.name)
  expect(await second.outbox()).toMatchObject([{ stream, n: 1, key, value: '120' }])
  expect(second.sync).toMatchObject({ waiting: 1, conflicts: 0, rejected: 0 })

  state.up = true
  second.syncNow()
  await until(() => again.cells.get(key)?.mark === 'confirmed')
  expect(again.cells.get(key)).toMatchObject({ value: '120', receipt: 1 })
  expect(second.sync).toMatchObject({ waiting: 0, phase: 'idle' })
  expect(await second.outbox()).toEqual([])
  expect(ledger.see(stream).log.map((row) => [row.n, row.value, row.by])).toEqual([[1, '120', person.username]])
  expect(databaseOf(person.username)).toBe(`youxue-${person.username}`)
})
