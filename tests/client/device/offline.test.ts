import { afterEach, describe, expect, test } from 'vitest'
import { reactive, watchEffect } from 'vue'
import { databaseOf } from '#client/device/person-database'
import { readDeposit } from '#sync/deposit'
import { PROTOCOL_VERSION } from '#sync/protocol'
import { ask, mutation } from '../../contract/ledger-suite'
import { memoryLedger } from '../../contract/memory-ledger'
import { closeOpened, networkTo, newPerson, openOver, stream, until } from './world'

const key = 'v/2024/students'
afterEach(closeOpened)

test('what was typed without a network is there after the app was killed, and arrives once there is one', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  network.up = false
  const first = await openOver(person, network)
  const shown = await first.open(stream)
  await first.draft({ stream, key, value: '12', base: [] })
  expect(shown.drafts.get(key)).toMatchObject({ value: '12', base: [] })
  await first.commit({ stream, key, value: '120', base: [], pv: 1 })
  await first.draft({ stream, key: 'v/2024/rooms', value: '3', base: [] })
  expect(shown.cells.get(key)).toMatchObject({ value: '120', mark: 'onDevice', by: person.username })
  expect(shown.drafts.has(key)).toBe(false)
  await until(() => first.sync.phase === 'offline')

  // Killed: the first one is not told that it ends.
  const second = await openOver(person, network)
  const again = await second.open(stream)
  expect(again.cells.get(key)).toMatchObject({ value: '120', mark: 'onDevice' })
  expect(again.drafts.get('v/2024/rooms')).toMatchObject({ value: '3', base: [] })
  expect(second.name).toBe(first.name)
  expect(await second.outbox()).toMatchObject([{ stream, n: 1, key, value: '120' }])
  expect(second.sync).toMatchObject({ waiting: 1, conflicts: 0, rejected: 0 })

  network.up = true
  second.syncNow()
  await until(() => again.cells.get(key)?.mark === 'confirmed')
  expect(again.cells.get(key)).toMatchObject({ value: '120', receipt: 1 })
  await until(() => second.sync.phase === 'idle')
  expect(second.sync).toMatchObject({ waiting: 0 })
  expect(second.sync.lastEmpty).toBeDefined()
  expect(await second.outbox()).toEqual([])
  expect(ledger.see(stream).log.map((row) => [row.n, row.value, row.by])).toEqual([[1, '120', person.username]])
})

test('a school counts as here once all its pages have come, also after the next start', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const { net } = networkTo(ledger, person)
  await ask(ledger, { stream, by: 'other', mutations: [1, 2, 3].map((n) => mutation({ n, key: `v/2024/e${n}`, value: 'x' })) })
  let pages = 0
  const page: { net: typeof net } = {
    net: {
      ...net,
      async exchange(request) {
        // Cut off behind the first page.
        if (pages++ > 0) return { kind: 'unreachable' }
        const reply = await net.exchange(request)
        if (reply.kind !== 'answered') return reply
        const answers = reply.answer.answers.map((answer) =>
          'rows' in answer ? { ...answer, rows: answer.rows.slice(0, 1), upto: 1, done: false } : answer,
        )
        return { ...reply, answer: { ...reply.answer, answers } }
      },
    },
  }
  const first = await openOver(person, page)
  const shown = await first.open(stream)
  await until(() => shown.cells.has('v/2024/e1'))
  expect(await first.holds(stream)).toBe(false)
  await first.close()

  const second = await openOver(person, { net })
  await until(() => second.sync.lastEmpty !== undefined)
  expect(await second.holds(stream)).toBe(true)
})

test('an answer that was lost costs nothing: the same is sent again and is there once', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  const { net } = network
  let lose = true
  const device = await openOver(person, {
    net: {
      ...net,
      async exchange(request) {
        const answer = await net.exchange(request)
        if (!lose) return answer
        lose = false
        return { kind: 'unreachable' }
      },
    },
  })
  const shown = await device.open(stream)
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  await until(() => device.sync.phase === 'offline')
  device.syncNow()
  await until(() => shown.cells.get(key)?.mark === 'confirmed')
  expect(ledger.see(stream).log).toHaveLength(1)
})

test('an edit of a field never conflicts with the one just before it, sent or not', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  network.up = false
  const device = await openOver(person, network)
  const shown = await device.open(stream)
  // The field keeps its focus, and so the base of then.
  const typing = ['1', '12', '123'].map((value) => device.commit({ stream, key, value, base: [], pv: 1 }))
  await Promise.all(typing)
  network.up = true
  device.syncNow()
  await until(() => shown.cells.get(key)?.mark === 'confirmed')
  await device.commit({ stream, key, value: '1234', base: [], pv: 1 })
  device.syncNow()
  await until(() => device.sync.waiting === 0)
  expect(ledger.see(stream).log.map(({ value, verdict }) => [value, verdict])).toEqual([
    ['1', 'applied'],
    ['12', 'applied'],
    ['123', 'applied'],
    ['1234', 'applied'],
  ])
  expect(shown.cells.get(key)).toMatchObject({ value: '1234', mark: 'confirmed' })
})

describe('two people', { timeout: 20_000 }, () => {
  test('who typed unseen see both values, and an ordinary edit decides', async () => {
    const ledger = memoryLedger()
    const [li, wang] = [newPerson(), newPerson()]
    const [one, other] = [await openOver(li, networkTo(ledger, li)), await openOver(wang, networkTo(ledger, wang))]
    const [hers, his] = [await one.open(stream), await other.open(stream)]
    await one.commit({ stream, key, value: '1', base: [], pv: 1 })
    await until(() => hers.cells.get(key)?.mark === 'confirmed')
    await other.commit({ stream, key, value: '2', base: [], pv: 1 })
    // His tablet may know of the conflict before it has sent its own half of it.
    await until(() => his.cells.get(key)?.mark === 'conflict' && other.sync.waiting === 0)
    one.syncNow()
    await until(() => hers.cells.get(key)?.mark === 'conflict')
    expect(hers.cells.get(key)?.heads.map(({ value, by }) => [value, by])).toEqual([
      ['1', li.username],
      ['2', wang.username],
    ])
    // Each sees the own value first.
    expect([hers.cells.get(key)?.value, his.cells.get(key)?.value]).toEqual(['1', '2'])
    expect(one.sync.conflicts).toBe(1)

    await one.commit({ stream, key, value: '3', base: hers.cells.get(key)?.base ?? [], pv: 1 })
    expect(hers.cells.get(key)).toMatchObject({ value: '3', mark: 'onDevice' })
    await until(() => hers.cells.get(key)?.mark === 'confirmed')
    other.syncNow()
    await until(() => his.cells.get(key)?.mark === 'confirmed')
    expect(his.cells.get(key)).toMatchObject({ value: '3', by: li.username })
    expect(one.sync.conflicts + other.sync.conflicts).toBe(0)
  })

  test('who typed in other fields meet in silence, and only what changed is rendered again', async () => {
    const ledger = memoryLedger()
    const [li, wang] = [newPerson(), newPerson()]
    const [one, other] = [await openOver(li, networkTo(ledger, li)), await openOver(wang, networkTo(ledger, wang))]
    const hers = await one.open(stream)
    await one.commit({ stream, key, value: '1', base: [], pv: 1 })
    await until(() => hers.cells.get(key)?.mark === 'confirmed')
    const before = hers.cells.get(key)
    let rendered = 0
    const stop = watchEffect(() => {
      rendered += hers.cells.get(key) === undefined ? 0 : 1
    })
    await other.open(stream)
    await other.commit({ stream, key: 'v/2024/rooms', value: '2', base: [], pv: 1 })
    await until(() => other.sync.waiting === 0)
    one.syncNow()
    await until(() => hers.cells.get('v/2024/rooms')?.value === '2')
    expect(hers.cells.get(key)).toBe(before)
    expect(rendered).toBe(1)
    stop()
  })
})

test('a refused value stays with its reason until its author decides', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  const device = await openOver(person, network)
  const shown = await device.open(stream)
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  await until(() => shown.cells.get(key)?.mark === 'confirmed')
  network.isLocked = () => true
  await device.commit({ stream, key, value: '2', base: shown.cells.get(key)?.base ?? [], pv: 1 })
  await until(() => shown.cells.get(key)?.mark === 'rejected')
  expect(shown.cells.get(key)).toMatchObject({ value: '2', verdict: 'rejected: locked', heads: [{ value: '1' }] })
  expect(device.sync).toMatchObject({ waiting: 0, rejected: 1 })
  expect(await device.outbox()).toMatchObject([{ key, value: '2', verdict: 'rejected: locked' }])

  const later = await openOver(person, network)
  const again = await later.open(stream)
  expect(again.cells.get(key)).toMatchObject({ value: '2', mark: 'rejected' })
  network.isLocked = () => false
  await later.commit({ stream, key, value: '2', base: again.cells.get(key)?.base ?? [], pv: 1 })
  await until(() => again.cells.get(key)?.mark === 'confirmed')
  expect(later.sync.rejected).toBe(0)
  expect(await later.outbox()).toEqual([])
  expect(
    ledger
      .see(stream)
      .cells.get(key)
      ?.heads.map(({ value }) => value),
  ).toEqual(['2'])
})

test('a person who lost the right hands in what is unsent, and the rows leave the device', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  const device = await openOver(person, network)
  const shown = await device.open(stream)
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  await until(() => shown.cells.get(key)?.mark === 'confirmed')
  network.right = 'gone'
  await device.commit({ stream, key: 'v/2024/rooms', value: '9', base: [], pv: 1 })
  await until(() => device.sync.waiting === 0)
  expect(shown.cells.has(key)).toBe(false)
  expect(ledger.see(stream).log.at(-1)).toMatchObject({ value: '9', verdict: 'rejected: forbidden' })
  network.right = 'write'
  device.syncNow()
  await until(() => shown.cells.get(key)?.mark === 'confirmed')
})

test('a server that was restored gets everything back, and the screen shows it meanwhile', async () => {
  const ledger = memoryLedger('epoch-1')
  const empty = ledger.backup()
  const [li, wang] = [newPerson(), newPerson()]
  const [network, elsewhere] = [networkTo(ledger, li), networkTo(ledger, wang)]
  const device = await openOver(li, network)
  const shown = await device.open(stream)
  const lost = await openOver(wang, elsewhere)
  await lost.open(stream)
  await lost.commit({ stream, key: 'v/2024/rooms', value: '7', base: [], pv: 1 })
  await until(() => lost.sync.waiting === 0)
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  await until(() => shown.cells.size === 2 && device.sync.waiting === 0)
  // The other tablet is no more: its value is only on this screen now.
  elsewhere.up = false
  ledger.restore(empty, 'epoch-2')
  device.syncNow()
  await until(() => ledger.see(stream).cells.size === 2)
  await until(() => device.sync.phase === 'idle')
  expect([...shown.cells.values()].map(({ value, mark }) => [value, mark])).toEqual(
    expect.arrayContaining([
      ['1', 'confirmed'],
      ['7', 'confirmed'],
    ]),
  )
  expect(ledger.see(stream).log.map(({ value, verdict }) => [value, verdict])).toEqual([
    ['1', 'applied'],
    ['7', 'witnessed'],
  ])
})

test('a value that Vue watches is stored as plain data', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  network.up = false
  const device = await openOver(person, network)
  const shown = await device.open(stream)
  const value = reactive({ absence: 'notAvailable', reason: '没有' })
  await device.draft({ stream, key, value, base: reactive(['x:1']) })
  await device.commit({ stream, key, value, base: reactive(['x:1']), pv: 1 })
  expect(shown.cells.get(key)?.value).toEqual({ absence: 'notAvailable', reason: '没有' })
})

test('unsent work is exported as a file whose asks can be handed in', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  network.up = false
  const device = await openOver(person, network)
  for (let at = 1; at <= 201; at++) await device.commit({ stream, key: `v/2024/e${at}`, value: String(at), base: [], pv: 1 })
  const read = readDeposit(await device.exportUnsent())
  if (read.kind !== 'read') throw new Error(read.kind)
  const { app, made, asks } = read.deposit
  network.up = true
  const request = { v: PROTOCOL_VERSION, app, now: made, asks }
  for (const time of [1, 2]) {
    expect(await network.net.exchange(request), `time ${time}`).toMatchObject({ kind: 'answered' })
    expect(ledger.see(stream).log).toHaveLength(201)
  }
  device.syncNow()
  await until(() => device.sync.waiting === 0)
  expect(ledger.see(stream).log).toHaveLength(201)
})

test('what is paused waits, also after a restart, until it is let go', async () => {
  const ledger = memoryLedger()
  const person = newPerson()
  const network = networkTo(ledger, person)
  const device = await openOver(person, network)
  device.setPaused(true)
  await device.commit({ stream, key, value: '1', base: [], pv: 1 })
  const again = await openOver(person, network)
  expect(again.sync.paused).toBe(true)
  again.syncNow()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(ledger.see(stream).log).toEqual([])
  again.setPaused(false)
  await until(() => ledger.see(stream).log.length === 1)
})

test('what another tab has typed is shown in this one', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  const [one, other] = [await openOver(person, network), await openOver(person, network)]
  const [mine, theirs] = [await one.open(stream), await other.open(stream)]
  await one.commit({ stream, key, value: '1', base: [], pv: 1 })
  await until(() => theirs.cells.get(key)?.value === '1')
  await other.commit({ stream, key, value: '2', base: theirs.cells.get(key)?.base ?? [], pv: 1 })
  await until(() => mine.cells.get(key)?.value === '2')
  await until(() => mine.cells.get(key)?.mark === 'confirmed' && theirs.cells.get(key)?.mark === 'confirmed')
})

test('a device that is closed at once leaves nothing open and reports nothing', async () => {
  const person = newPerson()
  const network = networkTo(memoryLedger(), person)
  const reported: unknown[] = []
  const device = await openOver(person, network, { report: (error) => reported.push(error) })
  await device.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(reported).toEqual([])
  // An open connection would block it.
  await new Promise((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase(databaseOf(person.username))
    deleting.onsuccess = resolve
    deleting.onblocked = reject
  })
})
