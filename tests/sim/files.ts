/**
 * One run of files: tablets on which people attach them, take them away, fetch others' and make room, with the product's own code for it and
 * its loop that brings them to the server, over a store and a network that fail at any byte; and a server that keeps what arrives, and is put
 * back to what it was. The server is a model of what the protocol promises; the real one has tests and kill tests of its own. So is the exchange of
 * the cells, which has a simulation of its own.
 *
 * A file is some bytes and a piece a few, so that a run has many cuts. Its cell arrives by the exchange, before its bytes or after them.
 */
import { openFiles, type Files } from '#client/device/files'
import type { ShownCell } from '#client/device/contract'
import { createFileEpochs } from '#client/device/file-epochs'
import type { FileRow } from '#client/device/file-box'
import { SaveFault } from '#client/device/save-fault'
import { hash64 } from '#sync/hash'
import { fileKey, parseKey, streamOf, valueKey, type Json } from '#sync/protocol'
import type { FileToSend, TransferAnswer } from '#sync/transfer'
import { chanceFrom } from './chance'
import { NO_FILES, simFileBox, type FileDisk } from './file-box'
import { createScheduler } from './scheduler'
import { count, FILE_FAULTS, type FileFault, type Tally } from './tally'
import { Refused, never, type Life } from './world'

const PIECE = 8
const SIZE_MAX = 90
const FILES_MAX = 5
const STEPS = 400
const CALM_STEPS_MAX = 20_000
const ROUNDS_MAX = 60

const ORG_UNIT = 'A-1'
const STREAM = streamOf(ORG_UNIT)
/** What the files are evidence of. */
const OWNERS = [valueKey('2024', 'rooms'), valueKey('2024', 'gates')] as const

type State = FileRow['state']
type Timer = { readonly at: number; readonly wake: () => void }
type Named = { readonly value: Json; readonly waits: boolean; readonly isOwn: boolean }
type Disk = FileDisk & { readonly cells: ReadonlyMap<string, Named>; readonly kept: ReadonlyMap<string, unknown> }

type Tab = { readonly life: Life; readonly timers: Set<Timer>; files?: Files; readonly lookAfter: () => void }
type Tablet = {
  readonly id: number
  /** What a power loss leaves: what was attached, and not what the loop has noted since. */
  flushed: Disk
  written: Disk
  /** Of the server, as the last exchange told. */
  epoch: number
  /** Keys of what it has said to be stored. */
  readonly told: Set<string>
  tabs: Tab[]
  lock: { holder: Life | undefined; readonly queue: { readonly life: Life; readonly begin: () => void }[] }
  isOnline: boolean
  hasSession: boolean
  isAllowed: boolean
  areValuesWaiting: boolean
}

type Upload = { bytes: readonly number[]; isComplete: boolean }
type Kept = { readonly uploads: ReadonlyMap<string, Upload>; readonly cells: ReadonlyMap<string, Json> }

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
  let uploads = new Map<string, Upload>()
  let cells = new Map<string, Json>()
  let epoch = 1
  /** Chosen once more while they were on a tablet already: see what is known to be missing about files that are damaged or refused. */
  const again = new Set<string>()
  let wasPutBack = false
  /** A tab was ended for the sake of the rest, and with it a piece that may have been on its way. */
  let wasEnded = false
  let backup: Kept = { uploads: new Map(), cells: new Map() }
  /** Bytes of which each upload was sent, and requests of it that failed. */
  const sent = new Map<string, { bytes: number; failed: number; readonly by: Set<number> }>()
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
    else if (dice < 0.15) attach(tablet)
    else if (dice < 0.19) detach(tablet)
    else if (dice < 0.24) fetch(tablet)
    else if (dice < 0.26) withFiles(tablet, (files) => files.free())
    else if (dice < 0.57) fireTimers()
    else if (dice < 0.7) for (const { files } of tablet.tabs) files?.wake(chance.pick(['stored', 'poll', 'now'] as const))
    else if (dice < 0.84) meet(tablet)
    else disturb(tablet)
  }

  function disturb(tablet: Tablet): void {
    switch (chance.pick(FILE_FAULTS)) {
      case 'fileServerKilled':
        if (strikes('fileServerKilled', 0.4)) crash()
        return
      case 'fileServerPutBack':
        if (chance.is(0.6)) backup = { uploads: new Map(uploads), cells: new Map(cells) }
        else if (strikes('fileServerPutBack', 0.5)) putBack()
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
    const disk: Disk = { ...NO_FILES, cells: new Map(), kept: new Map() }
    tablets.push({
      ...{ id: tablets.length, flushed: disk, written: disk, epoch, told: new Set<string>(), tabs: [] },
      lock: { holder: undefined, queue: [] },
      ...{ isOnline: true, hasSession: true, isAllowed: true, areValuesWaiting: false },
    })
  }

  /** Several tablets may have the same file, and one tablet may have it twice. */
  function attach(tablet: Tablet): void {
    if (tablet.written.rows.size >= FILES_MAX) return
    const other = [...chance.pick(tablets).written.rows.values()].find(({ sha }) => isWhole(sha, wholeOf(sha)))
    const isSame = other !== undefined && chance.is(0.3)
    const bytes =
      (isSame ? wholeOf(other.sha) : undefined) ??
      Uint8Array.from({ length: 1 + chance.below(SIZE_MAX) }, () => chance.below(256))
    const type = isSame ? other.type : chance.is(0.15) ? 'text/html' : 'image/jpeg'
    const of = chance.pick(OWNERS)
    const sha = digestOf(bytes)
    if (tablets.some(({ written }) => written.bytes.has(sha))) again.add(sha)
    const file = { sha, name: 'one', type, bytes: bytes.slice().buffer, at: now }
    withFiles(tablet, async (files) => {
      await files.attach({ stream: STREAM, of, file, pv: 1 })
      tablet.told.add(fileKey(of, sha))
    })
  }

  function wholeOf(sha: string): Uint8Array | undefined {
    return tablets.map(({ written }) => written.bytes.get(sha)).find((bytes) => isWhole(sha, bytes))
  }

  /** As the device does it: the cell first, then what nobody can send any more. */
  function detach(tablet: Tablet): void {
    const [key] = [...tablet.written.cells].find(([, { value }]) => value !== null) ?? []
    const parsed = key === undefined ? undefined : parseKey(key)
    const tab = tablet.tabs[0]
    if (key === undefined || parsed?.kind !== 'file' || tab === undefined) return
    withFiles(tablet, async (files) => {
      await write(tablet, tab.life, key, null)
      await files.takenAway({ stream: STREAM, of: parsed.owner, sha: parsed.sha })
      count(tally.marks, 'file taken away')
    })
  }

  function fetch(tablet: Tablet): void {
    const shown = new Map([...tablet.written.cells].map(([key, { value }]) => [key, { key, value, at: now } as ShownCell]))
    withFiles(tablet, async (files) => {
      const { fetched } = await files.fetch({ stream: STREAM, cells: shown, drafts: new Map() })
      if (fetched > 0) count(tally.marks, 'file fetched')
    })
  }

  function withFiles(tablet: Tablet, work: (files: Files) => Promise<unknown>): void {
    const files = tablet.tabs[0]?.files
    if (files !== undefined) work(files).catch(failed)
  }

  function failed(error: unknown): void {
    if (!(error instanceof Refused || error instanceof SaveFault)) say(`the files report ${String(error)}`)
  }

  /** The exchange: what waits goes up, what the server has comes down, and another epoch is heard of. */
  function meet(tablet: Tablet): void {
    if (!tablet.isOnline || !tablet.hasSession) return
    const isOther = tablet.epoch !== epoch
    tablet.epoch = epoch
    const own = [...tablet.written.cells].filter(([, { waits, isOwn }]) => waits || (isOther && isOwn))
    for (const [key, { value }] of own) {
      const parsed = parseKey(key)
      if (parsed.kind === 'file' && uploads.get(parsed.sha)?.isComplete !== true)
        count(tally.marks, 'file named before its bytes')
      cells.set(key, value)
    }
    const mine = new Map([...tablet.written.cells].map(([key, named]) => [key, { ...named, waits: false }]))
    const theirs = [...cells].map(([key, value]) => [key, { value, waits: false, isOwn: mine.get(key)?.isOwn === true }] as const)
    put(tablet, { cells: new Map([...mine, ...theirs]) }, true)
    for (const { lookAfter } of tablet.tabs) lookAfter()
  }

  function damage(tablet: Tablet): void {
    const one = [...tablet.written.rows.values()].find(({ state }) => state === 'waiting')
    const bytes = one === undefined ? undefined : tablet.written.bytes.get(one.sha)
    if (one === undefined || bytes === undefined) return
    const changed = chance.is(0.5) ? new Uint8Array() : bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
    put(tablet, { bytes: new Map([...tablet.written.bytes, [one.sha, changed]]) }, true)
  }

  function put(tablet: Tablet, next: Partial<Disk>, isStrict: boolean): void {
    tablet.written = { ...tablet.written, ...next }
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
    const epochs = createFileEpochs(
      {
        value: (name) => call(tablet, life, () => tablet.written.kept.get(name)),
        putValue: (name, value) =>
          call(tablet, life, () => put(tablet, { kept: new Map([...tablet.written.kept, [name, value]]) }, true)),
      },
      async (stream) => {
        if (tab.files === undefined) throw new Refused('not open')
        await tab.files.offerAgain(stream)
        count(tally.marks, 'files offered again')
      },
    )
    const tab: Tab = {
      ...{ life, timers },
      lookAfter: () =>
        void epochs.seen(STREAM, `epoch-${String(tablet.epoch)}`, () => tablet.written.cells.size > 0).catch(failed),
    }
    tablet.tabs.push(tab)
    openFiles({
      box: boxOf(tablet, life),
      states: new Map(),
      net: {
        head: (file) => request(tablet, life, file, () => headOf(file)),
        patch: (file, piece) => patch(tablet, life, file, piece),
        abort: () => undefined,
      },
      fetchBytes: (sha) => fetchBytes(tablet, life, sha),
      makeThumb: () => Promise.resolve(undefined),
      digestOf: (bytes) => Promise.resolve(digestOf(new Uint8Array(bytes))),
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
      mayBring: () => true,
      lockName: 'files',
      commit: ({ key, value }) => write(tablet, life, key, value),
      counted: () => undefined,
      told: () => undefined,
      report: failed,
    }).then(
      (files) => {
        tab.files = files
        tab.lookAfter()
      },
      // As where the browser refuses its database: the next look opens it.
      (error: unknown) => {
        failed(error)
        kill(tablet, tab)
      },
    )
  }

  function call<T>(tablet: Tablet, life: Life, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!life.alive) return
      scheduler.add(`disk ${tablet.id}`, life, () => {
        if (strikes('fileStoreRefuses', 0.02)) return reject(new Refused('file store'))
        let value: T
        try {
          value = work()
        } catch (error) {
          return reject(error instanceof Error ? error : new Error(String(error)))
        }
        // The tab may be gone before it hears of it.
        scheduler.add(`tab ${life.name}`, life, () => resolve(value))
      })
    })
  }

  /** T1 of a cell. */
  function write(tablet: Tablet, life: Life, key: string, value: Json): Promise<void> {
    return call(tablet, life, () => {
      const parsed = parseKey(key)
      checked('I14 a cell names only bytes that are here')
      if (value !== null && parsed.kind === 'file' && !tablet.written.bytes.has(parsed.sha) && !again.has(parsed.sha))
        say(`I14: ${key} names bytes that are not here`)
      put(tablet, { cells: new Map([...tablet.written.cells, [key, { value, waits: true, isOwn: true }]]) }, true)
    })
  }

  function boxOf(tablet: Tablet, life: Life) {
    return simFileBox({
      disk: () => tablet.written,
      write: (disk, isStrict) => put(tablet, disk, isStrict),
      call: (work) => call(tablet, life, work),
      pieceBytes: PIECE,
      isWhole,
      isFull: () => strikes('fileDiskFull', 0.05),
      noted: (row, state) => checkNoted(tablet, row, state),
    })
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
    sentOf(file.sha).by.add(tablet.id)
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

  /** Of one that the server has; something in between may change it. */
  function fetchBytes(tablet: Tablet, life: Life, sha: string): Promise<ArrayBuffer | undefined> {
    if (!life.alive) return never()
    return new Promise((resolve) =>
      scheduler.add(`net ${life.name}`, life, () => {
        const upload = uploads.get(sha)
        const isHad = tablet.isOnline && tablet.hasSession && upload?.isComplete === true && !strikes('fileRequestLost', 0.1)
        const isChanged = isHad && strikes('fileChangedOnTheWay', 0.05)
        resolve(
          isHad ? Uint8Array.from(upload.bytes, (byte, at) => (isChanged && at === 0 ? byte ^ 0xff : byte)).buffer : undefined,
        )
      }),
    )
  }

  function sentOf(sha: string) {
    const known = sent.get(sha) ?? { bytes: 0, failed: 0, by: new Set<number>() }
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

  /** An earlier state of it, under another epoch. */
  function putBack(): void {
    uploads = new Map(backup.uploads)
    cells = new Map(backup.cells)
    epoch += 1
    wasPutBack = true
  }

  // ---- rest ----

  async function comeToRest(): Promise<void> {
    for (const tablet of tablets) {
      Object.assign(tablet, { isOnline: true, hasSession: true, isAllowed: true, areValuesWaiting: false })
      // What was refused between its bytes and its cell is made good by the next start.
      const isLeft = [...tablet.written.rows.values()].some(({ state }) => state === 'new')
      if (!isLeft) continue
      wasEnded = true
      for (const tab of [...tablet.tabs]) kill(tablet, tab)
    }
    let left = CALM_STEPS_MAX
    let before = ''
    let quiet = 0
    for (let round = 0; round < ROUNDS_MAX && quiet < 2; round++) {
      now += 700_000
      for (const tablet of tablets) {
        if (tablet.tabs.length === 0) open(tablet)
        meet(tablet)
        for (const { files } of tablet.tabs) files?.wake('now')
      }
      fireTimers()
      await scheduler.settle()
      while (left > 0 && (await scheduler.step())) left--
      const state = tablets.map(({ written }) => [...written.rows.values()].map((row) => row.state).join()).join(';') + cells.size
      quiet = state === before ? quiet + 1 : 0
      before = state
    }
    checked('I13 files come to rest')
    if (quiet < 2 || left === 0) say('I13: the files never come to rest')
  }

  /** At the moment at which the tablet notes it. One that has not heard of another epoch yet may be wrong, and will ask again. */
  function checkNoted(tablet: Tablet, { sha, type }: FileRow, state: State): void {
    checked('I14 what is confirmed is whole on the server')
    if (state === 'confirmed' && !isAtServer(sha) && !wasPutBack) say(`I14: ${sha} is confirmed, and the server has it not`)
    if (state === 'damaged' && isWhole(sha, tablet.written.bytes.get(sha)) && !again.has(sha))
      say(`I14: ${sha} is called damaged, and is whole`)
    if (state === 'refused' && type === 'image/jpeg') say(`I14: ${sha} is called refused, and was not`)
  }

  function isAtServer(sha: string): boolean {
    const upload = uploads.get(sha)
    return upload?.isComplete === true && digestOf(Uint8Array.from(upload.bytes)) === sha
  }

  function check(): void {
    for (const { id, written, told } of tablets) {
      for (const { sha, state, type } of written.rows.values()) {
        checked('I14 a file on a surviving tablet arrives')
        const bytes = written.bytes.get(sha)
        const isSound = isWhole(sha, bytes)
        const due = type === 'image/jpeg' ? ['confirmed', 'kept'] : ['refused']
        // One that was damaged here may have come from another tablet, or been refused before anybody noticed.
        const isExcused = (!isSound || again.has(sha)) && (state === 'damaged' || state === 'confirmed')
        if (!due.includes(state) && !isExcused)
          say(`I14: the file ${sha} of tablet ${id} is ${state} and not ${due.join(' or ')}`)
        if ((state === 'confirmed' || state === 'kept') && !isAtServer(sha))
          say(`I14: the file ${sha} of tablet ${id} is ${state} and not there`)
        if (state === 'kept' && !isSound) say(`I14: tablet ${id} has fetched ${sha}, and has something else`)
        count(tally.marks, `file ${state === 'kept' ? 'confirmed' : state}`)
      }
      for (const key of told) {
        checked('I14 what was said to be stored is named on the server')
        if (!cells.has(key)) say(`I14: tablet ${id} has said that ${key} is stored, and the server knows nothing of it`)
      }
    }
    for (const [sha, { bytes, isComplete }] of uploads) {
      checked('I14 what is complete has its digest')
      if (isComplete && digestOf(Uint8Array.from(bytes)) !== sha) say(`I14: ${sha} is complete and another file`)
    }
    if (wasEnded || COSTLY.some((fault) => faults.has(fault))) return
    for (const [sha, { bytes, failed, by }] of sent) {
      const [one, ...others] = tablets.flatMap(({ written }) => [...written.rows.values()].find((row) => row.sha === sha) ?? [])
      // Two tablets may send the same piece; one that was refused is kept nowhere, so that a lost refusal is asked for again.
      if (one === undefined || others.length > 0 || by.size > 1 || again.has(sha) || one.state !== 'confirmed') continue
      checked('I14 nothing is sent twice that has arrived')
      if (bytes > one.size + failed * PIECE) say(`I14: ${bytes} bytes were sent of ${sha}, which has ${one.size}`)
    }
  }
}

/** Where these strike, bytes are sent again that had arrived once. */
const COSTLY: readonly FileFault[] = [
  'fileServerKilled',
  'fileServerPutBack',
  'fileChangedOnTheWay',
  'fileTabKilled',
  'filePowerLost',
  'fileLockStolen',
  'fileStoreRefuses',
  'fileDamaged',
]

function isWhole(sha: string, bytes: Uint8Array | undefined): boolean {
  return bytes !== undefined && digestOf(bytes) === sha
}

/** As long as a SHA-256, so that keys are keys; nobody forges one here. */
function digestOf(bytes: Uint8Array): string {
  const { high, low } = hash64(bytes.join())
  return [high, low]
    .map((half) => (half >>> 0).toString(16).padStart(8, '0'))
    .join('')
    .repeat(4)
}
