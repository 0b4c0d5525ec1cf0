import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { memoryStore } from '#client/device/memory-store'
import { makeEngine, type Engine, type Phase, type WakeReason } from '#sync/engine'
import { append } from '#sync/outbox'
import type { NetAnswer } from '#sync/ports'
import type { Answer, SyncRequest } from '#sync/protocol'
import { exchange, type Right } from '#sync/exchange'
import { memoryLedger } from '../contract/memory-ledger'

const stream = 's/A-1'

/** A loop whose clock, chance and network are moved by hand. */
function make({
  chance = 0.5,
  refuses = () => false,
  acceptsWitnesses = false,
  right = 'write',
  streams = [stream],
  leadsNowhere,
}: {
  readonly chance?: number
  /** Who stands between, and finds the request too large. */
  readonly refuses?: (request: SyncRequest) => boolean
  readonly acceptsWitnesses?: boolean
  readonly right?: Right
  readonly streams?: readonly string[]
  /** A stream of which the server takes and says nothing. */
  readonly leadsNowhere?: string
} = {}) {
  const ledger = memoryLedger()
  const store = memoryStore('aaaaaaaaaaaaa')
  const state = { now: 0, chance, online: true, phase: 'idle' as Phase, nextTry: undefined as number | undefined }
  const meets: NetAnswer[] = []
  const requests: SyncRequest[] = []
  let timers: { readonly at: number; readonly wake: () => void }[] = []
  const engine: Engine = makeEngine({
    store,
    net: {
      async exchange(request) {
        requests.push(structuredClone(request))
        const met = meets.shift()
        if (met !== undefined) return met
        if (refuses(request)) return { kind: 'tooLarge' }
        const answers = await Promise.all(
          request.asks.map((ask) =>
            ask.stream === leadsNowhere
              ? Promise.resolve<Answer>(nowhere)
              : exchange({ ledger, ask, person: { username: 'li' }, right, now: state.now, skew: 0, acceptsWitnesses }),
          ),
        )
        return { kind: 'answered', answer: { v: 1, now: state.now, answers } }
      },
    },
    clock: {
      now: () => state.now,
      after(delayMs, wake) {
        const timer = { at: state.now + delayMs, wake }
        timers.push(timer)
        return () => (timers = timers.filter((one) => one !== timer))
      },
    },
    random: { next: () => state.chance },
    locks: { alone: (_name, work) => work() },
    isOnline: () => state.online,
    streams: () => streams,
    newDeviceName: () => 'bbbbbbbbbbbbb',
    person: 'li',
    app: 'test',
    lockName: 'test',
    on: {
      phase: ({ phase, nextTry }) => Object.assign(state, { phase, nextTry }),
      contact: () => undefined,
      changed: () => undefined,
      failed: (error) => {
        throw error
      },
    },
  })
  /** Lets the time go by, and answers how many requests were made in it. */
  async function pass(ms: number): Promise<number> {
    const before = requests.length
    const end = state.now + ms
    for (;;) {
      await setImmediate()
      const due = timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0]
      if (due === undefined) break
      state.now = Math.max(state.now, due.at)
      timers = timers.filter((one) => one !== due)
      due.wake()
    }
    state.now = end
    return requests.length - before
  }
  const type = (key: string, value = '1', of = stream) =>
    store.append({ stream: of, key }, (counter) => append(counter, { key, value, base: [], at: state.now, pv: 1 }))
  return { engine, ledger, store, state, meets, requests, pass, type }
}

const nowhere = { stream, epoch: 'epoch-1', last: 0, verdicts: [], witnessed: [], rows: [], from: 0, upto: 0, done: true }
const unreachable: NetAnswer = { kind: 'unreachable' }

test('what is typed is sent in one go after a moment, in batches of two hundred', async () => {
  const { engine, ledger, requests, pass, type } = make()
  for (let at = 0; at < 450; at++) await type(`v/2024/e${at}`)
  engine.wake('typed')
  expect(await pass(250)).toBe(0)
  await pass(2000)
  expect(requests.map(({ asks }) => asks[0]?.mutations.length)).toEqual([200, 200, 50])
  expect(ledger.see(stream).log).toHaveLength(450)
})

test('while the server cannot be reached it tries ever less often, never later than five minutes, and not because of typing', async () => {
  const { engine, state, meets, pass, type } = make({ chance: 0.999 })
  await type('v/2024/a')
  meets.push(...Array.from({ length: 12 }, () => unreachable))
  engine.wake('now')
  await pass(0)
  const waits: number[] = []
  for (let tries = 0; tries < 11; tries++) {
    expect(state.phase).toBe('offline')
    const wait = (state.nextTry ?? 0) - state.now
    waits.push(Math.round(wait / 1000))
    for (const reason of ['typed', 'poll', 'start'] satisfies WakeReason[]) engine.wake(reason)
    expect(await pass(wait - 1)).toBe(0)
    expect(await pass(1)).toBe(1)
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
})

test('coming to the front tries again within three seconds, and a person at once', async () => {
  const { engine, state, meets, pass } = make({ chance: 0.9 })
  meets.push(unreachable, unreachable, unreachable)
  engine.wake('now')
  await pass(0)
  state.chance = 0.9
  engine.wake('visible')
  expect(await pass(2600)).toBe(0)
  expect(await pass(200)).toBe(1)
  engine.wake('now')
  expect(await pass(0)).toBe(1)
  engine.wake('now')
  expect(await pass(0)).toBe(1)
  expect(state.phase).toBe('idle')
})

test('a server that says when to come again is left alone until then', async () => {
  const { engine, state, meets, pass } = make({ chance: 0 })
  meets.push({ kind: 'unreachable', retryAfterMs: 90_000 })
  engine.wake('now')
  await pass(0)
  expect(state).toMatchObject({ phase: 'waiting', nextTry: 90_000 })
  expect(await pass(89_999)).toBe(0)
  expect(await pass(1)).toBe(1)
})

test('coming to the front does not shorten what the server asked for, a person does', async () => {
  const { engine, meets, pass } = make({ chance: 0 })
  meets.push({ kind: 'unreachable', retryAfterMs: 90_000 }, { kind: 'unreachable', retryAfterMs: 90_000 })
  engine.wake('now')
  await pass(0)
  engine.wake('visible')
  expect(await pass(89_999)).toBe(0)
  expect(await pass(1)).toBe(1)
  engine.wake('now')
  expect(await pass(0)).toBe(1)
})

test('a session that is over waits for a person, and an app that is too old for a newer one', async () => {
  const { engine, state, meets, pass, type } = make()
  await type('v/2024/a')
  meets.push({ kind: 'signedOut' })
  engine.wake('now')
  await pass(0)
  for (const reason of ['typed', 'poll', 'visible'] satisfies WakeReason[]) engine.wake(reason)
  expect(await pass(900_000)).toBe(0)
  expect(state.phase).toBe('signedOut')
  meets.push({ kind: 'tooOld' })
  engine.wake('now')
  expect(await pass(0)).toBe(1)
  engine.wake('now')
  expect(await pass(900_000)).toBe(0)
  expect(state.phase).toBe('tooOld')
})

test('a body that is too large is halved until it fits, and the next run tries more at once', async () => {
  const { engine, ledger, requests, meets, pass, type } = make()
  for (let at = 0; at < 8; at++) await type(`v/2024/e${at}`)
  meets.push({ kind: 'tooLarge' }, { kind: 'tooLarge' })
  engine.wake('now')
  await pass(0)
  expect(requests.map(({ asks }) => asks[0]?.mutations.length)).toEqual([8, 4, 2, 2, 2, 2])
  expect(ledger.see(stream).log).toHaveLength(8)
  for (let at = 0; at < 8; at++) await type(`v/2024/f${at}`)
  engine.wake('now')
  await pass(0)
  expect(requests.slice(6).map(({ asks }) => asks[0]?.mutations.length)).toEqual([4, 4])
})

const POISON = 'nobody can read this'
const isPoisoned = (request: SyncRequest): boolean =>
  request.asks.some(
    ({ mutations, witnesses = [] }) =>
      mutations.some(({ kind, value }) => kind === 'set' && value === POISON) || witnesses.some(({ value }) => value === POISON),
  )

test('a mutation that no server can read goes as its text, those behind it pass, and its author still has it', async () => {
  const { engine, ledger, state, pass, type, store } = make({ refuses: isPoisoned })
  for (const at of [1, 2, 3]) await type(`v/2024/a${at}`)
  await type('v/2024/odd', POISON)
  for (const at of [1, 2, 3]) await type(`v/2024/b${at}`)
  engine.wake('now')
  await pass(0)
  expect(state.phase).toBe('waiting')
  expect(ledger.see(stream).log.map(({ kind }) => kind)).toEqual(['set', 'set', 'set'])
  await pass(300_000)
  const { log } = ledger.see(stream)
  expect(log.map(({ n, kind }) => `${n} ${kind}`)).toEqual(['1 set', '2 set', '3 set', '4 raw', '5 set', '6 set', '7 set'])
  expect(log[3]).toMatchObject({ verdict: 'rejected: invalid', key: 'v/2024/odd', value: JSON.stringify(POISON) })
  expect(state.phase).toBe('idle')
  const { own, view } = await store.read(stream)
  expect(own).toMatchObject([{ n: 4, key: 'v/2024/odd', value: POISON, verdict: 'rejected: invalid', open: true }])
  expect(view.ackedChain).toBe(ledger.see(stream).peers.get('aaaaaaaaaaaaa')?.chain)
})

test('a mutation that something in between refused once, and not later, stays what it is', async () => {
  let isOutOfOrder = true
  const { engine, ledger, state, pass, type } = make({ refuses: (request) => isOutOfOrder && isPoisoned(request) })
  await type('v/2024/odd', POISON)
  engine.wake('now')
  await pass(0)
  expect(ledger.see(stream).log).toEqual([])
  isOutOfOrder = false
  await pass(300_000)
  expect(ledger.see(stream).log).toMatchObject([{ kind: 'set', value: POISON, verdict: 'applied' }])
  expect(state.phase).toBe('idle')
})

test('where nothing at all gets through, no value is taken for unreadable', async () => {
  const { engine, ledger, state, pass, type, store } = make({ refuses: () => true })
  await type('v/2024/a')
  engine.wake('now')
  expect(await pass(0)).toBeLessThan(5)
  expect(state.phase).toBe('waiting')
  expect((await store.read(stream)).own).toMatchObject([{ kind: 'set', value: '1' }])
  expect((await store.read(stream)).own[0]?.raw).toBeUndefined()
  expect(ledger.see(stream).log).toHaveLength(0)
})

test('evidence that cannot be read does not keep the rest from being told', async () => {
  const { engine, ledger, pass, store, state } = make({ refuses: isPoisoned, acceptsWitnesses: true })
  const told = (n: number, value: string) => ({
    id: `ccccccccccccc:${n}`,
    by: 'wang',
    n,
    kind: 'set',
    key: `v/2024/e${n}`,
    value,
    base: [],
    at: n,
    pv: 0,
  })
  await store.change({ stream, own: 'open', durability: 'relaxed' }, () => ({
    change: { evidence: [told(1, 'x'), told(2, POISON), told(3, 'y')] },
  }))
  engine.wake('now')
  await pass(300_000)
  const { log } = ledger.see(stream)
  expect(log.map(({ value }) => JSON.stringify(value)).sort()).toEqual(['"x"', '"y"'])
  expect(state.phase).toBe('idle')
})

test('a stream that cannot be asked for is left aside, and the others go on', async () => {
  const { engine, ledger, state, pass, type } = make({
    refuses: ({ asks }) => asks.some((ask) => ask.stream === stream),
    streams: [stream, 's/B-1', 's/C-1'],
  })
  await type('v/2024/a')
  await type('v/2024/b', '1', 's/B-1')
  await type('v/2024/c', '1', 's/C-1')
  engine.wake('now')
  await pass(0)
  expect(ledger.see(stream).log).toHaveLength(0)
  expect(ledger.see('s/B-1').log).toHaveLength(1)
  expect(ledger.see('s/C-1').log).toHaveLength(1)
  expect(state.phase).toBe('waiting')
})

test('a stream whose asks lead nowhere leaves the others their turn, however little passes at once', async () => {
  const { engine, ledger, state, pass, type } = make({
    refuses: ({ asks }) => asks.reduce((sum, { mutations }) => sum + mutations.length, 0) > 1,
    leadsNowhere: stream,
    streams: [stream, 's/B-1'],
  })
  await type('v/2024/a')
  await type('v/2024/b', '1', 's/B-1')
  engine.wake('now')
  await pass(0)
  expect(ledger.see('s/B-1').log).toHaveLength(1)
  expect(state.phase).toBe('waiting')
})

test('with little room mutations go before evidence, and both arrive', async () => {
  const { engine, ledger, pass, type, store } = make({
    refuses: ({ asks }) => asks.reduce((sum, { mutations, witnesses = [] }) => sum + mutations.length + witnesses.length, 0) > 1,
    acceptsWitnesses: true,
  })
  await type('v/2024/a')
  const witness = { id: 'ccccccccccccc:1', by: 'wang', n: 1, kind: 'set', key: 'v/2024/b', value: 'x', base: [], at: 1, pv: 0 }
  await store.change({ stream, own: 'open', durability: 'relaxed' }, () => ({ change: { evidence: [witness] } }))
  engine.wake('now')
  await pass(0)
  expect(ledger.see(stream).log.map(({ value }) => value)).toEqual(['1', 'x'])
})

test('when the right is gone, all that was unsent is brought, in batches, and refused', async () => {
  const { engine, ledger, pass, type, store, state } = make({ right: 'gone' })
  for (let at = 0; at < 450; at++) await type(`v/2024/e${at}`)
  engine.wake('now')
  await pass(0)
  expect(ledger.see(stream).log).toHaveLength(450)
  expect((await store.read(stream)).own.filter(({ verdict }) => verdict === 'rejected: forbidden')).toHaveLength(450)
  expect(state.phase).toBe('idle')
})

test('nothing is asked while the browser is offline, or once it is stopped', async () => {
  const { engine, state, pass } = make()
  state.online = false
  engine.wake('now')
  expect(await pass(900_000)).toBe(0)
  expect(state.phase).toBe('offline')
  state.online = true
  engine.wake('now')
  expect(await pass(0)).toBe(1)
  await engine.stop()
  engine.wake('now')
  expect(await pass(900_000)).toBe(0)
})

test('an answer that leads nowhere is not asked for again and again', async () => {
  const { engine, state, meets, pass, type } = make()
  await type('v/2024/a')
  meets.push(...Array.from({ length: 9 }, (): NetAnswer => ({ kind: 'answered', answer: { v: 1, now: 0, answers: [nowhere] } })))
  engine.wake('now')
  expect(await pass(0)).toBeLessThan(6)
  expect(state.phase).toBe('waiting')
})

test('a stream whose digest differs is read anew, once, and then left to the back-off', async () => {
  const { engine, ledger, state, meets, requests, pass, type, store } = make()
  await type('v/2024/a')
  engine.wake('now')
  await pass(0)
  const { head, cells } = ledger.see(stream)
  const wrong = {
    stream,
    epoch: 'epoch-1',
    last: 1,
    verdicts: [],
    witnessed: [],
    rows: [],
    from: 1,
    upto: 1,
    done: true,
    digest: 'f'.repeat(16),
  }
  meets.push({ kind: 'answered', answer: { v: 1, now: 0, answers: [wrong] } })
  engine.wake('now')
  await pass(0)
  expect(requests.at(-1)?.asks[0]).toMatchObject({ cursor: 0, acked: 0 })
  const { view } = await store.read(stream)
  expect(view).toMatchObject({ gen: 1, cursor: head.seq, cells: Object.fromEntries(cells) })
  expect(view.old).toBeUndefined()
  expect(state.phase).toBe('idle')
})
