import { afterEach, describe, expect, test } from 'vitest'
import { commonBase, historyOf, readHistory, type HistoryAnswer } from '#client/device/value-history'
import type { PastValue } from '#client/device/contract'
import { ok, failed } from '#domain/fault'
import { newCounter, newView } from '#sync/outbox'
import type { OwnRow } from '#sync/ports'
import type { Cell } from '#sync/protocol'
import { memoryLedger } from '../../contract/memory-ledger'
import { closeOpened, networkTo, newPerson, openOver, stream, until } from './world'

const key = 'v/2024/students'
afterEach(closeOpened)

async function refusedValue() {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  const device = await openOver(person, network)
  const shown = await device.open(stream)
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  await until(() => shown.cells.get(key)?.mark === 'confirmed')
  network.isLocked = () => true
  await device.commit({ stream, key, value: '2', base: shown.cells.get(key)?.base ?? [], pv: 1 })
  device.syncNow()
  await until(() => shown.cells.get(key)?.mark === 'rejected')
  return { person, network, device, shown }
}

describe('a refused value that is put aside', () => {
  test('asks for nobody any more, also after a start, and what stood there before is shown', async () => {
    const { person, network, device, shown } = await refusedValue()
    await device.putAside({ stream, key })
    expect(shown.cells.get(key)).toMatchObject({ value: '1', mark: 'confirmed' })
    expect(device.sync.rejected).toBe(0)
    expect(await device.outbox()).toEqual([])

    const later = await openOver(person, network)
    const again = await later.open(stream)
    later.syncNow()
    await until(() => later.sync.phase === 'idle' && later.sync.lastContact !== undefined)
    expect(again.cells.get(key)).toMatchObject({ value: '1', mark: 'confirmed' })
    expect(await later.outbox()).toEqual([])
    expect((await later.history({ stream, key })).past).toMatchObject([
      { value: '1', verdict: 'applied' },
      { value: '2', verdict: 'rejected: locked', aside: true },
    ])
  })

  test('stays aside when a restored server is told everything again', async () => {
    const { person, network, device, shown } = await refusedValue()
    await device.putAside({ stream, key })
    const other = memoryLedger('epoch-2')
    const restored = networkTo(other, person)
    network.net.exchange = (request) => restored.net.exchange(request)
    device.syncNow()
    await until(() => other.see(stream).log.length === 2, 'not told')
    await until(() => device.sync.waiting === 0)
    // The new server has no lock: it takes what the old one refused, and then the value is the school's.
    expect(device.sync.rejected).toBe(0)
    expect(shown.cells.get(key)?.mark).not.toBe('rejected')
  })

  test('a value that waits, or was taken, cannot be put aside', async () => {
    const person = newPerson()
    const network = networkTo(memoryLedger(), person)
    network.up = false
    const device = await openOver(person, network)
    const shown = await device.open(stream)
    await device.commit({ stream, key, value: '1', base: [], pv: 1 })
    await device.putAside({ stream, key })
    expect(shown.cells.get(key)).toMatchObject({ value: '1', mark: 'onDevice' })
    network.up = true
    device.syncNow()
    await until(() => shown.cells.get(key)?.mark === 'confirmed')
    await device.putAside({ stream, key })
    expect(shown.cells.get(key)).toMatchObject({ value: '1', mark: 'confirmed' })
  })
})

const past = (over: Partial<PastValue> & Pick<PastValue, 'id'>): PastValue => ({
  ...{ key, value: over.id, base: [], by: 'li', device: over.id.split(':')[0] ?? '', at: 1 },
  ...over,
})

describe('the past of a value on this device', () => {
  const own: OwnRow = { n: 1, kind: 'set', key, value: '7', base: ['bbbbbbbbbbbbb:1'], at: 5, pv: 1, chain: '', open: true }
  const cell: Cell = {
    seq: 9,
    heads: [{ value: '5', from: [{ id: 'bbbbbbbbbbbbb:1', base: ['ccccccccccccc:1'], by: 'li', at: 3 }] }],
  }
  const state = { counter: newCounter('aaaaaaaaaaaaa'), view: { ...newView(stream), cells: { [key]: cell } }, own: [own] }
  const look = (fetched?: HistoryAnswer) =>
    historyOf({ key, state, person: 'wang', fetched: fetched === undefined ? undefined : { ...fetched, key, asked: 4 } })

  test('is what stands there and what was typed here, and says that something earlier is missing', () => {
    const { past, isPart, asked } = look()
    expect(past.map(({ id, by, value }) => [id, by, value])).toEqual([
      ['bbbbbbbbbbbbb:1', 'li', '5'],
      ['aaaaaaaaaaaaa:1', 'wang', '7'],
    ])
    expect([isPart, asked]).toEqual([true, undefined])
  })

  test('is whole with what was fetched once, in the server’s order, what waits last', () => {
    const fetched = [
      past({ id: 'ccccccccccccc:1', seq: 2, received: 1 }),
      past({ id: 'bbbbbbbbbbbbb:1', seq: 9, at: 3, name: '李' }),
    ]
    const { past: all, isPart } = look({ past: fetched, more: false })
    expect(all.map(({ id, seq }) => [id, seq])).toEqual([
      ['ccccccccccccc:1', 2],
      ['bbbbbbbbbbbbb:1', 9],
      ['aaaaaaaaaaaaa:1', undefined],
    ])
    expect(isPart).toBe(false)
    expect(look({ past: fetched, more: true }).isPart).toBe(true)
  })

  test('a copied device that gave one id to two values has both', () => {
    const { past: all } = look({ past: [past({ id: 'aaaaaaaaaaaaa:1', at: 99, seq: 3 })], more: false })
    expect(all.filter(({ id }) => id === 'aaaaaaaaaaaaa:1')).toHaveLength(2)
  })

  test('what two values started from is what both their authors had seen', () => {
    const history = { past: [past({ id: 'a' }), past({ id: 'b' }), past({ id: 'c' })], isPart: false }
    const head = (...base: string[]) => ({ from: [{ base }] })
    expect(commonBase(history, [head('a', 'b'), head('b', 'c')]).map(({ id }) => id)).toEqual(['b'])
    expect(commonBase(history, [head('a'), head('c')])).toEqual([])
  })

  test('an answer that is no history is not kept', () => {
    for (const body of [undefined, [], { past: [{}] }, { past: [{ ...past({ id: 'a:1' }), base: 'x' }] }]) {
      expect(readHistory(body, key)).toBeUndefined()
    }
    expect(readHistory({ past: [{ ...past({ id: 'a:1' }), verdict: 'new words' }], more: true }, key)).toMatchObject({
      past: [{ id: 'a:1' }],
      more: true,
    })
  })
})

test('what was fetched is there without a network, and is gone with the right to the school', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  const answer: HistoryAnswer = { past: [past({ id: 'ccccccccccccc:1', seq: 1, received: 1 })], more: false }
  let asked = 0
  const device = await openOver(person, network, {
    fetchHistory: () => Promise.resolve(++asked === 1 ? ok(answer) : failed({ kind: 'unreachable' })),
  })
  await device.open(stream)
  await until(() => device.sync.lastContact !== undefined)
  expect(await device.refreshHistory({ stream, key })).toBe('fresh')
  expect(await device.refreshHistory({ stream, key })).toBe('offline')
  expect(await device.history({ stream, key })).toMatchObject({ past: [{ id: 'ccccccccccccc:1' }], isPart: false })
  expect((await device.history({ stream, key: 'v/2024/rooms' })).past).toEqual([])
  network.right = 'gone'
  device.syncNow()
  await expect.poll(async () => (await device.history({ stream, key })).past).toEqual([])
})
