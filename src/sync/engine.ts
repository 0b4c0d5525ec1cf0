/**
 * The device's loop: while something is unsent, or a page has not been read, ask; then sleep until something wakes it.
 *
 * ```
 *          wake                    every stream settled and read to its end
 *   idle --------> sending --------------------------------------------> idle
 *    ^               | unreachable, 429, 5xx, no progress
 *    |  timer, wake  v
 *    +----------- offline | waiting      random(0, min(300 s, 2^k s)), Retry-After; k = failures in a row
 *                    | 401                     | 426
 *                    v                         v
 *                 signedOut (until told)    tooOld (until the app is a newer one)
 * ```
 *
 * One tab at a time sends (`locks`); two at once would do no harm, since an answer is only used by the state it was asked from.
 */
import { askOf, isWaiting, RAW_KIND } from './outbox'
import type { Clock, DeviceStore, Locks, Net, NetAnswer, Random, StreamChange, StreamState } from './ports'
import { ASKS_MAX, BODY_BYTES_MAX, MUTATIONS_MAX, PROTOCOL_VERSION, type Answer, type Ask } from './protocol'
import { asText, fork, prune, rewind, settle, type Sent } from './settle'

export type Phase = 'idle' | 'sending' | 'offline' | 'waiting' | 'signedOut' | 'tooOld'

/**
 * | reason  | who                                | while it backs off              |
 * |---------|------------------------------------|---------------------------------|
 * | start   | the app was opened                 | does not hurry it               |
 * | typed   | a mutation was stored              | does not hurry it               |
 * | poll    | the clock                          | does not hurry it               |
 * | visible | the page came to the front         | tries again within 3 s          |
 * | now     | a person, `online`, a new sign-in  | tries at once                   |
 */
export type WakeReason = 'start' | 'typed' | 'poll' | 'visible' | 'now'

export type EngineEvents = {
  phase(state: { readonly phase: Phase; readonly nextTry?: number | undefined }): void
  /** An exchange came through. */
  contact(state: { readonly at: number; readonly skew: number; readonly empty: boolean }): void
  /** The stream's state in the store is another one now. */
  changed(stream: string, change: StreamChange): void
  /** What the store holds of a stream that is about to be asked for: another tab may have been killed before it could tell what it wrote. */
  read?(state: StreamState): void
  /** The store failed; it is tried again. */
  failed(error: unknown): void
}

export type Engine = {
  wake(reason: WakeReason): void
  setPaused(paused: boolean): void
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>
}

const BACKOFF_MAX_MS = 300_000
const VISIBLE_MAX_MS = 3000
/** As the transport promises; a clock that was put back must not make it longer. */
const RETRY_AFTER_MAX_MS = 3_600_000
/** So that what is typed in one go travels together; the first value after a while goes sooner, as somebody may be watching it. */
const TYPED_DELAY_MS = 2000
/** After the start it lets the first screen go first. */
const FIRST_DELAY_MS = 300
/** Room for the envelope and the asks without mutations. */
const MUTATION_BYTES_MAX = BODY_BYTES_MAX - 64 * 1024
/** Asks that neither bring nor take anything are a misunderstanding: the stream is left to the back-off, and the others go on. */
const IDLE_ROUNDS_MAX = 3
/** In so many runs of a tab must a mutation alone be what cannot be read: something in between that was out of order once is no reason. */
const UNREAD_RUNS = 2

export function makeEngine(ports: {
  readonly store: DeviceStore
  readonly net: Net
  readonly clock: Clock
  readonly random: Random
  readonly locks: Locks
  readonly isOnline: () => boolean
  /** The streams to keep, in the order in which they are asked for. */
  readonly streams: () => readonly string[]
  readonly newDeviceName: () => string
  readonly person: string
  /** Version of the app. */
  readonly app: string
  /** One for each database. */
  readonly lockName: string
  readonly on: EngineEvents
}): Engine {
  const { store, net, clock, random, locks, on } = ports
  let failures = 0
  /** Mutations and evidence in one request, and streams. Less where something in between refuses what is large. */
  let batchMax = MUTATIONS_MAX
  let asksMax = ASKS_MAX
  /** What the server has asked for: only a person hurries it. */
  let notBefore = -Infinity
  let running: Promise<void> | undefined
  let wanted: WakeReason | undefined
  let timer: { readonly at: number; readonly cancel: () => void } | undefined
  let halted: 'signedOut' | 'tooOld' | undefined
  let paused = false
  let stopped = false
  let lastRun = -Infinity

  function schedule(delayMs: number) {
    const at = clock.now() + delayMs
    if (timer !== undefined && timer.at <= at) return
    timer?.cancel()
    timer = {
      at,
      cancel: clock.after(delayMs, () => {
        timer = undefined
        start()
      }),
    }
  }

  function wake(reason: WakeReason) {
    if (stopped || paused || halted === 'tooOld' || (halted === 'signedOut' && reason !== 'now')) return
    halted = undefined
    if (!ports.isOnline()) return on.phase({ phase: 'offline' })
    if (running !== undefined) {
      wanted = wanted === 'now' ? wanted : reason
      return
    }
    const backsOff = failures > 0 && timer !== undefined
    if (reason === 'now' || reason === 'visible') {
      if (backsOff) timer?.cancel()
      if (backsOff) timer = undefined
      const asked = reason === 'visible' ? Math.min(notBefore - clock.now(), RETRY_AFTER_MAX_MS) : 0
      schedule(backsOff && reason === 'visible' ? Math.max(random.next() * VISIBLE_MAX_MS, asked) : 0)
      failures = 0
      return
    }
    if (backsOff) return
    const isFirst = clock.now() - lastRun > 5 * TYPED_DELAY_MS
    schedule(reason === 'poll' ? 0 : isFirst || reason === 'start' ? FIRST_DELAY_MS : TYPED_DELAY_MS)
  }

  function start() {
    if (stopped || paused || halted !== undefined || running !== undefined) return
    if (!ports.isOnline()) return on.phase({ phase: 'offline' })
    on.phase({ phase: 'sending' })
    lastRun = clock.now()
    let end: RoundEnd = { kind: 'done' }
    const run = locks
      .alone(ports.lockName, async () => {
        end = await rounds()
      })
      .catch((error: unknown) => {
        on.failed(error)
        end = { kind: 'failed', phase: 'waiting' }
      })
      .then(() => {
        running = undefined
        finish(end)
      })
    running = run
  }

  function finish(end: RoundEnd) {
    const again = wanted
    wanted = undefined
    if (stopped) return
    if (end.kind === 'halted') {
      halted = end.phase
      on.phase({ phase: end.phase })
    } else if (end.kind === 'failed') {
      failures++
      const delayMs = Math.max(random.next() * Math.min(BACKOFF_MAX_MS, 1000 * 2 ** failures), end.retryAfterMs ?? 0)
      notBefore = clock.now() + (end.retryAfterMs ?? 0)
      schedule(delayMs)
      on.phase({ phase: end.phase, nextTry: clock.now() + delayMs })
    } else {
      failures = 0
      on.phase({ phase: 'idle' })
    }
    if (again !== undefined) wake(again)
  }

  /**
   * Asks until every stream has been read to its end and nothing waits.
   *
   * A request that is too large, or cannot be read, goes by halves: of mutations, then of streams. One mutation alone is at fault only
   * if its stream can be asked for without it, in several runs; then its text goes in its place. Until then, and where a stream cannot even
   * be asked for, the stream is left aside until the next run, and the others go on.
   */
  async function rounds(): Promise<RoundEnd> {
    const due = new Set(ports.streams())
    for (const stream of await store.openStreams()) due.add(stream)
    batchMax = Math.min(MUTATIONS_MAX, 2 * batchMax)
    asksMax = Math.min(ASKS_MAX, 2 * asksMax)
    /** One mutation or witness that cannot be read, it seems: its stream is asked for alone, without it. */
    let suspect: Ask | undefined
    let isLeftAside = false
    /** By stream: asks in a row that led nowhere. */
    const idle = new Map<string, number>()
    const leaveAside = (stream: string) => {
      isLeftAside = true
      due.delete(stream)
    }
    while (due.size > 0 && !stopped && !paused) {
      const { asks, sent } = suspect === undefined ? await gather([...due].slice(0, asksMax)) : await gather([suspect.stream], 0)
      const now = clock.now()
      const reply = await net.exchange({ v: PROTOCOL_VERSION, app: ports.app, now, asks })
      if (stopped) break
      if (reply.kind === 'tooLarge') {
        const [first] = asks
        if (halve(asks)) continue
        if (first === undefined) return endOf(reply)
        if (suspect === undefined && unitsOf(first) > 0) suspect = first
        else {
          suspect = undefined
          leaveAside(first.stream)
        }
        continue
      }
      if (reply.kind !== 'answered') return endOf(reply)
      const answers = new Map(reply.answer.answers.map((answer) => [answer.stream, answer]))
      for (const ask of asks) {
        const { stream } = ask
        const answer = answers.get(stream)
        const gen = sent.get(stream)
        if (answer === undefined || gen === undefined) return { kind: 'failed', phase: 'waiting' }
        const step = await take(ask, gen, answer)
        const times = step.moved ? 0 : (idle.get(stream) ?? 0) + 1
        idle.set(stream, times)
        if (step.rest) due.delete(stream)
        else if (times >= IDLE_ROUNDS_MAX) leaveAside(stream)
      }
      if (suspect !== undefined) {
        if (await passOver(suspect)) [batchMax, asksMax] = [MUTATIONS_MAX, ASKS_MAX]
        else leaveAside(suspect.stream)
        suspect = undefined
      }
      on.contact({ at: now, skew: now - reply.answer.now, empty: due.size === 0 && !isLeftAside })
    }
    return isLeftAside ? { kind: 'failed', phase: 'waiting' } : { kind: 'done' }
  }

  /** A stream whose digest still differs after it was read anew would be read for ever: once in a run is enough. */
  const rereadOnce = new Set<string>()

  async function gather(streams: readonly string[], unitsMax = batchMax) {
    const asks: Ask[] = []
    const sent = new Map<string, Sent>()
    let left = unitsMax
    let bytesMax = MUTATION_BYTES_MAX
    for (const stream of streams) {
      if (asks.length > 0 && (left <= 0 || bytesMax <= 0)) break
      const state = await store.read(stream)
      on.read?.(state)
      const ask = askOf(state, { max: left, bytesMax })
      left -= ask.mutations.length
      bytesMax -= 3 * JSON.stringify(ask.mutations).length
      const witnesses = left > 0 && bytesMax > 0 ? await store.evidence(stream, left) : []
      asks.push(witnesses.length === 0 ? ask : { ...ask, witnesses: [...witnesses] })
      sent.set(stream, { gen: state.view.gen, device: state.counter.device })
      left -= witnesses.length
      bytesMax -= 3 * JSON.stringify(witnesses).length
    }
    return { asks, sent }
  }

  /** Half as much at once; false when it cannot be less. */
  function halve(asks: readonly Ask[]): boolean {
    const units = asks.reduce((sum, ask) => sum + unitsOf(ask), 0)
    if (units > 1) batchMax = Math.ceil(units / 2)
    else if (asks.length > 1) asksMax = Math.ceil(asks.length / 2)
    return units > 1 || asks.length > 1
  }

  /** By stream and id: runs in which it could not be read. */
  const unread = new Map<string, number>()
  function countUnread(place: string): number {
    const times = (unread.get(place) ?? 0) + 1
    unread.set(place, times)
    return times
  }

  /**
   * What cannot be read: a mutation goes as its text, evidence is not told. False: it was its text already, or did not fail often enough.
   * The answer to the stream without it may have changed what waits, as a rewind does: then nothing is decided.
   */
  async function passOver({ stream, device, mutations: [mutation], witnesses: [witness] = [] }: Ask): Promise<boolean> {
    const id = mutation === undefined ? witness?.id : `${device}:${String(mutation.n)}`
    if (id !== undefined && countUnread(`${stream} ${id}`) < UNREAD_RUNS) return false
    if (mutation !== undefined) {
      const { n, kind } = mutation
      const decide = (state: StreamState) => ({ change: asText(state, { device, n }), first: state.own.find(isWaiting) })
      const { change, first } = await store.change({ stream, own: 'all', durability: 'strict' }, decide)
      if (change !== undefined) on.changed(stream, change)
      return change !== undefined || first?.n !== n || first.raw !== true || kind !== RAW_KIND
    }
    const [next] = await store.evidence(stream, 1)
    if (witness !== undefined && next?.id === witness.id)
      await store.change({ stream, own: 'open', durability: 'relaxed' }, () => ({ change: { proven: [witness.id] } }))
    return true
  }

  async function take(ask: Ask, sent: Sent, answer: Answer): Promise<{ readonly rest: boolean; readonly moved: boolean }> {
    const { stream } = ask
    const open = { stream, own: 'open', durability: 'relaxed' } as const
    const all = { stream, own: 'all', durability: 'relaxed' } as const
    const settled = await store.change(open, (state) => ({ ...settle(state, sent, answer), before: state.view }))
    if (settled.change !== undefined) on.changed(stream, settled.change)
    const { outcome } = settled
    if (outcome === 'dropped') return { rest: false, moved: false }
    if (outcome === 'rewind') {
      const epoch = settled.epoch ?? ''
      const change = await store.change(all, (state) => (state.view.gen === sent.gen ? { change: rewind(state, epoch) } : {}))
      if (change.change !== undefined) on.changed(stream, change.change)
      if (settled.because !== 'digest') return { rest: false, moved: true }
      const first = !rereadOnce.has(stream)
      rereadOnce.add(stream)
      return { rest: false, moved: first }
    }
    if (outcome === 'fork') {
      const device = ports.newDeviceName()
      const { person } = ports
      const change = await store.change({ ...all, durability: 'strict' }, (state) =>
        state.view.gen === sent.gen && state.counter.device === sent.device ? { change: fork(state, { device, person }) } : {},
      )
      if (change.change !== undefined) on.changed(stream, change.change)
      return { rest: false, moved: true }
    }
    const { safe } = settled
    if (safe !== undefined && safe.last >= ask.floor) {
      const pruned = await store.change(all, (state) => ({ change: prune(state, safe) }))
      if (pruned.change !== undefined) on.changed(stream, pruned.change)
    }
    if (outcome === 'lost') {
      // What was unsent when the right went is brought all the same, as long as the server takes it.
      const isLeft = 'gone' in answer && (await store.read(stream)).own.some(isWaiting)
      return { rest: !isLeft, moved: (settled.change?.put ?? []).length > 0 }
    }
    if (settled.done) rereadOnce.delete(stream)
    const state = await store.read(stream)
    const before = settled.before
    const { view } = state
    return {
      rest: settled.done && !state.own.some(isWaiting) && (await store.evidence(stream, 1)).length === 0,
      moved: view.cursor !== before.cursor || view.acked !== before.acked || (settled.change?.proven?.length ?? 0) > 0,
    }
  }

  return {
    wake,
    setPaused(value) {
      paused = value
      if (value) {
        timer?.cancel()
        timer = undefined
        if (running === undefined && halted === undefined) on.phase({ phase: 'idle' })
      } else wake('now')
    },
    async stop() {
      stopped = true
      timer?.cancel()
      timer = undefined
      await running
    },
  }
}

type RoundEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'halted'; readonly phase: 'signedOut' | 'tooOld' }
  | { readonly kind: 'failed'; readonly phase: 'offline' | 'waiting'; readonly retryAfterMs?: number | undefined }

const unitsOf = ({ mutations, witnesses = [] }: Ask): number => mutations.length + witnesses.length

function endOf(reply: Exclude<NetAnswer, { readonly kind: 'answered' }>): RoundEnd {
  switch (reply.kind) {
    case 'signedOut':
    case 'tooOld':
      return { kind: 'halted', phase: reply.kind }
    case 'tooLarge':
      return { kind: 'failed', phase: 'waiting' }
    case 'unreachable':
      return { kind: 'failed', phase: reply.retryAfterMs === undefined ? 'offline' : 'waiting', retryAfterMs: reply.retryAfterMs }
  }
}
