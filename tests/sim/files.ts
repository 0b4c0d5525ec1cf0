/**
 * One run of files: tablets with the real loop that brings them to the server, over a store and a network that fail at any byte, and a server
 * that keeps what arrives. The server is a model of what the protocol promises; the real one has tests and kill tests of its own.
 *
 * A file is some bytes and a piece a few, so that a run has many cuts. Its cell arrives by the exchange, before its bytes or after them.
 */
import { hash64, nameOfHash } from '#sync/hash'
import { makeTransfer, type FileToSend, type Transfer, type TransferAnswer } from '#sync/transfer'
import { chanceFrom } from './chance'
import { createScheduler } from './scheduler'
import { count, FILE_FAULTS, type FileFault, type Tally } from './tally'
import { Refused, never, type Life } from './world'

const PIECE = 8
const SIZE_MAX = 90
const FILES_MAX = 5
const STEPS = 400
const CALM_STEPS_MAX = 20_000
const ROUNDS_MAX = 60

type State = 'waiting' | 'confirmed' | 'refused' | 'damaged'
type Kept = FileToSend & { readonly bytes: Uint8Array; readonly state: State }
type Timer = { readonly at: number; readonly wake: () => void }

type Tab = { readonly life: Life; readonly timers: Set<Timer>; readonly transfer: Transfer }
type Tablet = {
  readonly id: number
  /** What a power loss leaves: what was attached, and not what the loop has noted since. */
  flushed: ReadonlyMap<string, Kept>
  written: ReadonlyMap<string, Kept>
  tabs: Tab[]
  lock: { holder: Life | undefined; readonly queue: { readonly life: Life; readonly begin: () => void }[] }
  isOnline: boolean
  hasSession: boolean
  isAllowed: boolean
  areValuesWaiting: boolean
}

type Upload = { bytes: readonly number[]; isComplete: boolean }

export async function simulateFiles({
  seed,
  tally,
  faults: only,
}: {
  readonly seed: number
  readonly tally: Tally
  readonly faults?: ReadonlySet<FileFault> | undefined
}): Promise<readonly string[]> {
  const chance = chanceFrom(seed ^ 0x1b873593)
  const scheduler = createScheduler(chance)
  const share = chance.pick([0, 0.2, 0.4, 0.6, 0.9])
  const faults = new Set(FILE_FAULTS.filter((fault) => (only === undefined ? chance.is(share) : only.has(fault))))
  const wrong: string[] = []
  const server: Life = { name: 'files', alive: true }
  const uploads = new Map<string, Upload>()
  /** Bytes of which each upload was sent, and requests of it that failed. */
  const sent = new Map<string, { bytes: number; failed: number }>()
  /** Files whose cell the server has. */
  const named = new Set<string>()
  const tablets: Tablet[] = []
  let now = 1_700_000_000_000
  let isCalm = false
  let lives = 0

  const say = (sentence: string) => void (wrong.includes(sentence) || wrong.push(sentence))
  const checked = (invariant: string) => count(tally.checks, invariant)
  function strikes(fault: FileFault, probability: number): boolean {
    if (isCalm || !faults.has(fault) || !chance.is(probability)) return false
    count(tally.faults, fault)
    return true
  }

  for (let at = 1 + chance.below(3); at > 0; at--) add()
  for (let step = 0; step < STEPS && wrong.length === 0; step++) {
    tally.steps++
    if (scheduler.waiting() > 0 && chance.is(0.8)) await scheduler.step()
    else act()
    await scheduler.settle()
  }
  isCalm = true
  if (wrong.length === 0) await comeToRest()
  if (wrong.length === 0) check()
  for (const tablet of tablets) for (const tab of [...tablet.tabs]) kill(tablet, tab)
  return wrong

  // ---- what happens ----

  function act(): void {
    now += chance.is(0.7) ? chance.below(2000) : chance.below(60_000)
    const tablet = chance.pick(tablets)
    const dice = chance.next()
    if (tablet.tabs.length === 0 || (tablet.tabs.length < 2 && strikes('fileSecondTab', 0.1))) open(tablet)
    else if (dice < 0.2) attach(tablet)
    else if (dice < 0.6) fireTimers()
    else if (dice < 0.75) for (const { transfer } of tablet.tabs) transfer.wake(chance.pick(['stored', 'poll', 'now'] as const))
    else if (dice < 0.85) name(tablet)
    else disturb(tablet)
  }

  function disturb(tablet: Tablet): void {
    switch (chance.pick(FILE_FAULTS)) {
      case 'fileServerKilled':
        if (strikes('fileServerKilled', 0.4)) crash()
        return
      case 'fileTabKilled':
        if (strikes('fileTabKilled', 0.4)) kill(tablet, chance.pick(tablet.tabs))
        return
      case 'filePowerLost':
        if (strikes('filePowerLost', 0.4)) losePower(tablet)
        return
      case 'fileDamaged':
        if (strikes('fileDamaged', 0.4)) damage(tablet)
        return
      case 'fileOffline':
        tablet.isOnline = tablet.isOnline ? !strikes('fileOffline', 0.4) : true
        return
      case 'fileSignedOut':
        tablet.hasSession = tablet.hasSession ? !strikes('fileSignedOut', 0.3) : true
        return
      case 'fileHeld':
        tablet.isAllowed = tablet.isAllowed ? !strikes('fileHeld', 0.4) : true
        return
      case 'fileValuesWait':
        tablet.areValuesWaiting = tablet.areValuesWaiting ? false : strikes('fileValuesWait', 0.5)
        return
      default:
    }
  }

  function fireTimers(): void {
    const all = tablets.flatMap(({ tabs }) => tabs.flatMap(({ timers }) => [...timers].map((timer) => ({ timer, timers }))))
    if (chance.is(0.4) && all.length > 0) now = Math.max(now, Math.min(...all.map(({ timer }) => timer.at)))
    for (const { timer, timers } of all) {
      if (timer.at > now) continue
      timers.delete(timer)
      timer.wake()
    }
  }

  function add(): void {
    tablets.push({
      ...{ id: tablets.length, flushed: new Map(), written: new Map(), tabs: [], lock: { holder: undefined, queue: [] } },
      ...{ isOnline: true, hasSession: true, isAllowed: true, areValuesWaiting: false },
    })
  }

  /** As T1: bytes and mutation in one strict transaction. Several tablets may have the same file. */
  function attach(tablet: Tablet): void {
    if (tablet.written.size >= FILES_MAX) return
    const length = 1 + chance.below(SIZE_MAX)
    const other = chance.pick(tablets).written.values().next().value
    const isSame = other !== undefined && chance.is(0.3) && isWhole(other)
    const bytes = isSame ? other.bytes : Uint8Array.from({ length }, () => chance.below(256))
    const sha = digestOf(bytes)
    if (tablet.written.has(sha)) return
    const type = isSame ? other.type : chance.is(0.15) ? 'text/html' : 'image/jpeg'
    const kept: Kept = { sha, orgUnit: 'A-1', type, size: bytes.length, bytes, state: 'waiting' }
    put(tablet, kept, true)
    for (const { transfer } of tablet.tabs) transfer.wake('stored')
  }

  function name(tablet: Tablet): void {
    const waiting = [...tablet.written.values()].find(({ sha }) => !named.has(sha))
    if (waiting === undefined) return
    named.add(waiting.sha)
    if (uploads.get(waiting.sha)?.isComplete !== true) count(tally.marks, 'file named before its bytes')
  }

  function damage(tablet: Tablet): void {
    const one = [...tablet.written.values()].find(({ state }) => state === 'waiting')
    if (one === undefined) return
    const bytes = chance.is(0.5) ? new Uint8Array() : one.bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
    put(tablet, { ...one, bytes }, true)
  }

  function put(tablet: Tablet, kept: Kept, isStrict: boolean): void {
    tablet.written = new Map([...tablet.written, [kept.sha, kept]])
    if (isStrict) tablet.flushed = tablet.written
  }

  function kill(tablet: Tablet, tab: Tab): void {
    tab.life.alive = false
    tab.timers.clear()
    tablet.tabs = tablet.tabs.filter((one) => one !== tab)
    free(tablet, tab.life)
  }

  function losePower(tablet: Tablet): void {
    for (const tab of [...tablet.tabs]) kill(tablet, tab)
    tablet.written = tablet.flushed
  }

  // ---- the tablet ----

  function open(tablet: Tablet): void {
    const life: Life = { name: `files ${++lives}`, alive: true }
    const timers = new Set<Timer>()
    const transfer = makeTransfer({
      store: storeOf(tablet, life),
      net: {
        head: (file) => request(tablet, life, file, () => headOf(file)),
        patch: (file, piece) => patch(tablet, life, file, piece),
      },
      clock: {
        now: () => now,
        after(delayMs, wake) {
          const timer = { at: now + delayMs, wake }
          timers.add(timer)
          return () => timers.delete(timer)
        },
      },
      random: { next: () => chance.next() },
      locks: { alone: (_name, work) => alone(tablet, life, work) },
      isOnline: () => tablet.isOnline,
      areValuesWaiting: () => tablet.areValuesWaiting,
      isAllowed: () => tablet.isAllowed,
      lockName: 'files',
      on: {
        phase: () => undefined,
        sent: () => undefined,
        changed: () => undefined,
        failed(error) {
          if (!(error instanceof Refused)) say(`the transfer reports ${String(error)}`)
        },
      },
    })
    tablet.tabs.push({ life, timers, transfer })
    transfer.wake('now')
  }

  function storeOf(tablet: Tablet, life: Life) {
    const call = <T>(work: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        if (!life.alive) return
        scheduler.add(`disk ${tablet.id}`, life, () => {
          if (strikes('fileStoreRefuses', 0.02)) return reject(new Refused('file store'))
          const value = work()
          // The tab may be gone before it hears of it.
          scheduler.add(`tab ${life.name}`, life, () => resolve(value))
        })
      })
    const note = (sha: string, state: State) =>
      call(() => {
        const kept = tablet.written.get(sha)
        if (kept === undefined) return
        checkNoted(kept, state)
        put(tablet, { ...kept, state }, false)
      })
    return {
      nextFile: (without: ReadonlySet<string>) =>
        call(() => [...tablet.written.values()].find(({ sha, state }) => state === 'waiting' && !without.has(sha))),
      piece: (sha: string, offset: number) =>
        call(() => {
          const bytes = tablet.written.get(sha)?.bytes.slice(offset, (Math.floor(offset / PIECE) + 1) * PIECE)
          return bytes === undefined || bytes.length === 0 ? undefined : bytes.buffer
        }),
      isWhole: (sha: string) =>
        call(() => {
          const kept = tablet.written.get(sha)
          return kept !== undefined && isWhole(kept)
        }),
      fileConfirmed: (sha: string) => note(sha, 'confirmed'),
      fileRefused: (sha: string) => note(sha, 'refused'),
      fileDamaged: (sha: string) => note(sha, 'damaged'),
    }
  }

  function alone(tablet: Tablet, life: Life, work: () => Promise<void>): Promise<void> {
    const { lock } = tablet
    const begin = async () => {
      lock.holder = life
      try {
        await work()
      } finally {
        free(tablet, life)
      }
    }
    if (lock.holder === undefined || strikes('fileLockStolen', 0.7)) return begin()
    return new Promise((resolve, reject) => lock.queue.push({ life, begin: () => void begin().then(resolve, reject) }))
  }

  function free({ lock }: Tablet, life: Life): void {
    if (lock.holder !== life) return
    lock.holder = undefined
    for (let next = lock.queue.shift(); next !== undefined; next = lock.queue.shift()) {
      if (!next.life.alive) continue
      next.begin()
      return
    }
  }

  // ---- the network ----

  /** One request, one answer; either may be lost, and a request may come again when nobody waits for it any more. */
  function request(tablet: Tablet, life: Life, file: FileToSend, serve: () => TransferAnswer): Promise<TransferAnswer> {
    if (!life.alive) return never()
    return new Promise((resolve) => {
      const answer = (met: TransferAnswer) => {
        if (met.kind === 'unreachable' || met.kind === 'signedOut') sentOf(file.sha).failed++
        scheduler.add(`net ${life.name}`, life, () => resolve(met))
      }
      scheduler.add(`up ${life.name}`, life, () => {
        if (!tablet.isOnline || strikes('fileRequestLost', 0.1)) return answer({ kind: 'unreachable' })
        if (!tablet.hasSession) return answer({ kind: 'signedOut' })
        if (strikes('fileServerBusy', 0.05)) return answer({ kind: 'unreachable', retryAfterMs: 1 + chance.below(9000) })
        const met = serve()
        if (strikes('fileRequestTwice', 0.1)) scheduler.add('stray', server, () => void serve())
        answer(strikes('fileAnswerLost', 0.1) ? { kind: 'unreachable' } : met)
      })
    })
  }

  function patch(
    tablet: Tablet,
    life: Life,
    file: FileToSend,
    { offset, bytes }: { readonly offset: number; readonly bytes: ArrayBuffer },
  ): Promise<TransferAnswer> {
    let body = [...new Uint8Array(bytes)]
    sentOf(file.sha).bytes += body.length
    checked('I14 values go first, and files only where they may')
    if (tablet.areValuesWaiting) say('I14: a piece goes before values that wait')
    if (!tablet.isAllowed) say('I14: a piece goes over a network that the person does not want it to')
    if (strikes('fileChangedOnTheWay', 0.05)) body = body.map((byte, at) => (at === 0 ? byte ^ 0xff : byte))
    const isCut = strikes('fileCut', 0.2)
    const arrived = isCut ? body.slice(0, chance.below(body.length + 1)) : body
    return request(tablet, life, file, () => {
      const met = receive(file, offset, arrived)
      return isCut ? { kind: 'unreachable' } : met
    })
  }

  function sentOf(sha: string) {
    const known = sent.get(sha) ?? { bytes: 0, failed: 0 }
    sent.set(sha, known)
    return known
  }

  // ---- the server ----

  function headOf({ sha }: FileToSend): TransferAnswer {
    const upload = uploads.get(sha)
    return { kind: 'has', offset: upload?.bytes.length ?? 0, isComplete: upload?.isComplete === true }
  }

  function receive(file: FileToSend, offset: number, body: readonly number[]): TransferAnswer {
    const upload = uploads.get(file.sha) ?? { bytes: [], isComplete: false }
    if (upload.isComplete || offset !== upload.bytes.length) return headOf(file)
    const bytes = [...upload.bytes, ...body]
    uploads.set(file.sha, { bytes, isComplete: false })
    if (bytes.length < file.size) return headOf(file)
    // All of it is there, and nobody has looked at it yet.
    if (strikes('fileServerKilled', 0.1)) return { kind: 'unreachable' }
    if (digestOf(Uint8Array.from(bytes)) !== file.sha) {
      uploads.delete(file.sha)
      count(tally.marks, 'file of another digest')
      return { kind: 'mismatch' }
    }
    if (file.type !== 'image/jpeg') {
      uploads.delete(file.sha)
      return { kind: 'refused', fault: 'fileKind' }
    }
    uploads.set(file.sha, { bytes, isComplete: true })
    return headOf(file)
  }

  /** What it said to be complete is on its disk; of the others a tail may be gone. */
  function crash(): void {
    for (const [sha, { bytes, isComplete }] of uploads)
      if (!isComplete) uploads.set(sha, { bytes: bytes.slice(0, chance.below(bytes.length + 1)), isComplete })
  }

  // ---- rest ----

  async function comeToRest(): Promise<void> {
    for (const tablet of tablets)
      Object.assign(tablet, { isOnline: true, hasSession: true, isAllowed: true, areValuesWaiting: false })
    let left = CALM_STEPS_MAX
    let before = ''
    let quiet = 0
    for (let round = 0; round < ROUNDS_MAX && quiet < 2; round++) {
      now += 700_000
      for (const tablet of tablets) {
        if (tablet.tabs.length === 0) open(tablet)
        for (const { transfer } of tablet.tabs) transfer.wake('now')
      }
      fireTimers()
      await scheduler.settle()
      while (left > 0 && (await scheduler.step())) left--
      const state = tablets.map(({ written }) => [...written.values()].map((kept) => kept.state).join()).join(';')
      quiet = state === before ? quiet + 1 : 0
      before = state
    }
    checked('I13 files come to rest')
    if (quiet < 2 || left === 0) say('I13: the files never come to rest')
  }

  /** At the moment at which the tablet notes it. */
  function checkNoted(kept: Kept, state: State): void {
    checked('I14 what is confirmed is whole on the server')
    const upload = uploads.get(kept.sha)
    const isThere = upload?.isComplete === true && digestOf(Uint8Array.from(upload.bytes)) === kept.sha
    if (state === 'confirmed' && !isThere) say(`I14: ${kept.sha} is confirmed, and the server has it not`)
    if (state === 'damaged' && isWhole(kept)) say(`I14: ${kept.sha} is called damaged, and is whole`)
    if (state === 'refused' && kept.type === 'image/jpeg') say(`I14: ${kept.sha} is called refused, and was not`)
  }

  function check(): void {
    for (const { id, written } of tablets) {
      for (const kept of written.values()) {
        const { sha, state } = kept
        const isThere = uploads.get(sha)?.isComplete === true
        checked('I14 a file on a surviving tablet arrives')
        const due: State = kept.type === 'image/jpeg' ? 'confirmed' : 'refused'
        // One that was damaged here may have come from another tablet, or been refused before anybody noticed.
        const isExcused = !isWhole(kept) && (state === 'damaged' || state === 'confirmed')
        if (state !== due && !isExcused) say(`I14: the file ${sha} of tablet ${id} is ${state} and not ${due}`)
        if (state === 'confirmed' && !isThere) say(`I14: the file ${sha} of tablet ${id} is confirmed and not there`)
        count(tally.marks, `file ${state}`)
      }
    }
    for (const [sha, { bytes, isComplete }] of uploads) {
      checked('I14 what is complete has its digest')
      if (isComplete && digestOf(Uint8Array.from(bytes)) !== sha) say(`I14: ${sha} is complete and another file`)
    }
    if (COSTLY.some((fault) => faults.has(fault))) return
    for (const [sha, { bytes, failed }] of sent) {
      const [one, ...others] = tablets.flatMap(({ written }) => written.get(sha) ?? [])
      // Two tablets may send the same piece; one that was refused is kept nowhere, so that a lost refusal is asked for again.
      if (one === undefined || others.length > 0 || one.state !== 'confirmed') continue
      checked('I14 nothing is sent twice that has arrived')
      if (bytes > one.size + failed * PIECE) say(`I14: ${bytes} bytes were sent of ${sha}, which has ${one.size}`)
    }
  }
}

/** Where these strike, bytes are sent again that had arrived once. */
const COSTLY: readonly FileFault[] = [
  'fileServerKilled',
  'fileChangedOnTheWay',
  'fileTabKilled',
  'filePowerLost',
  'fileLockStolen',
  'fileStoreRefuses',
  'fileDamaged',
]

function isWhole({ sha, bytes }: Pick<Kept, 'sha' | 'bytes'>): boolean {
  return digestOf(bytes) === sha
}

const digestOf = (bytes: Uint8Array): string => nameOfHash(hash64(bytes.join()))
