/**
 * The device: the store, the streams in memory and the loop, put together. It knows no browser; `open-device.ts` gives it one.
 *
 * ```
 *   draft  --T0-->  store            commit --T1-->  store --> memory --> screen
 *                                                      | poke other tabs, wake the loop
 *   loop <-- wake: typed, visible, online, the clock   v
 *     '-- exchange --> settle --T2--> store --> memory --> screen
 * ```
 */
import { shallowReactive } from 'vue'
import type { Result } from '#domain/fault'
import { may, mayBringFiles } from '#domain/may'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import type { FiguresAnswer } from '#plan/figure-wire'
import { makeEngine, type WakeReason } from '#sync/engine'
import { asksToDeposit, depositFile } from '#sync/deposit'
import { append, baseOf, isWaiting, putAside } from '#sync/outbox'
import type { Clock, DeviceStore, Locks, Net, NetAnswer, Random, StreamChange } from '#sync/ports'
import { fileKey, orgUnitOf, streamOf, type SyncRequest, type TabletState } from '#sync/protocol'
import { isFiguresAnswer, isSignedOut } from './api'
import type { Device, FileState, OutboxRow, SyncState } from './contract'
import { createFileEpochs } from './file-epochs'
import type { Files, FilesWorld } from './files'
import { createHandIns, type SendDeposit } from './hand-ins'
import { plain } from './plain'
import { SaveFault } from './save-fault'
import { createSeals, type FetchSealKey } from './seals'
import { tabletStateOf } from './tablet-state'
import { createStreamMemory, type StreamMemory } from './stream-memory'
import { createHistories, type FetchHistory } from './value-history'

export type KeptValues = {
  value(key: string): Promise<unknown>
  putValue(key: string, value: unknown): Promise<void>
}

/** Other tabs over the same database. They are told a stream's name, or nothing where something besides the streams has changed. */
export type Channel = {
  post(stream: string): void
  listen(heard: (stream: string) => void): void
  close(): void
}

export type DeviceWorld = {
  readonly person: Person
  readonly orgUnits: readonly OrgUnit[]
  readonly store: DeviceStore & KeptValues & { readonly deviceName: string; readonly early?: string | undefined; close(): void }
  /** `abort` ends what is on its way: nobody waits for a network in order to sign out. */
  readonly net: Net & { abort(): void }
  readonly clock: Clock
  readonly random: Random
  readonly locks: Locks
  readonly channel: Channel
  readonly isOnline: () => boolean
  /** Calls back when the loop should look; the answer ends it. */
  readonly listen: (wake: (reason: WakeReason) => void) => () => void
  readonly newDeviceName: () => string
  /** Runs what the screen does not wait for. */
  readonly afterPaint: (work: () => void) => void
  readonly fetchFigures: (period: string) => Promise<Result<FiguresAnswer, { readonly kind: string }>>
  readonly fetchHistory: FetchHistory
  readonly fetchSealKey: FetchSealKey
  readonly sendDeposit: SendDeposit
  /** Asks the system to wake us when there is a network again. */
  readonly wakeLater?: () => void
  /** Version of the app. */
  readonly app: string
  /** Version of the plan document that the screens show. */
  readonly planVersion?: () => number | undefined
  /** What is known of the browser's storage; never waited for. */
  readonly storage?: () => TabletState['storage']
  /** Opens the files of this person; with the first photo, and at a start only where some were left waiting. */
  readonly openFiles?: (
    wiring: Pick<
      FilesWorld,
      | 'states'
      | 'clock'
      | 'random'
      | 'locks'
      | 'isOnline'
      | 'areValuesWaiting'
      | 'isAllowed'
      | 'mayBring'
      | 'lockName'
      | 'commit'
      | 'counted'
      | 'told'
      | 'report'
    >,
  ) => Promise<Files>
  /** Whether the network is paid for by the byte, as far as the browser tells. */
  readonly isMetered?: () => boolean
  /** A name of the database: for the lock. */
  readonly name: string
  /** Defects and faults of the store that no caller waits for. */
  readonly report: (error: unknown) => void
}

const PAUSED = 'paused'
const CONTACT = 'contact'
const FILES = 'files'
const UNMETERED_ONLY = 'unmeteredOnly'
const figuresKey = (period: string) => `figures/${period}`
/** What is posted to the other tabs when something besides the streams has changed. */
const OTHERWISE = ''
const screenKey = (name: string) => `screen/${name}`

export async function makeDevice(world: DeviceWorld): Promise<Device> {
  const { person, orgUnits, store, clock, channel } = world
  // Read beside the streams, not before them: each trip to the database is a part of every start.
  const kept = Promise.all([store.value(PAUSED), store.value(CONTACT)])
  const sync = shallowReactive<{ -readonly [Key in keyof SyncState]: SyncState[Key] }>({
    phase: 'idle',
    waiting: 0,
    rejected: 0,
    conflicts: 0,
    paused: false,
    filesWaiting: 0,
    unmeteredOnly: false,
    unsaved: 0,
  })
  const memories = new Map<string, Promise<StreamMemory>>()
  const loaded = new Map<string, StreamMemory>()
  /** Counts what happened to a draft, so that an older transaction does not undo a newer one in memory. */
  const draftTurns = new Map<string, number>()
  /** Grows with each write of this tab: a state read from the store while it grew is read again. */
  const stamps = new Map<string, number>()
  const wanted = new Set(person.orgUnits.map(streamOf))
  let closed = false
  /** What was under way when the device was closed finds no database: that is no defect. */
  const report = (error: unknown) => {
    if (!closed) world.report(error)
  }

  const { forget, ...histories } = createHistories({ store, fetchHistory: world.fetchHistory, clock, person: person.username })

  const engine = makeEngine({
    store,
    net: { exchange },
    clock,
    random: world.random,
    locks: world.locks,
    isOnline: world.isOnline,
    streams: () => [...wanted],
    newDeviceName: world.newDeviceName,
    person: person.username,
    app: world.app,
    lockName: `sync:${world.name}`,
    on: {
      phase({ phase, nextTry }) {
        sync.phase = phase
        sync.nextTry = nextTry
        if ((phase === 'offline' || phase === 'waiting') && sync.waiting > 0) world.wakeLater?.()
      },
      contact({ at, skew, empty }) {
        sync.lastContact = at
        sync.skew = skew
        if (empty) sync.lastEmpty = at
        if (closed) return
        store.putValue(CONTACT, { at, skew, lastEmpty: sync.lastEmpty }).then(tellOthers).catch(report)
        seals.renew().catch(report)
        sendHandIns()
        files.opened?.wake('poll')
      },
      changed(stream, change) {
        // Who may read the stream no more keeps nothing of it.
        if (change.view?.gone === true && !closed) {
          forget(stream).catch(report)
          if (world.openFiles !== undefined)
            openFiles()
              .then((opened) => opened.forgetStream(stream))
              .catch(report)
          if (isFormer(stream)) wanted.delete(stream)
        }
        absorb(stream, change)
          .then(() => lookAfterFiles(stream))
          .catch(report)
      },
      read(state) {
        if (loaded.get(state.view.stream)?.isAt(state) === false) reload(state.view.stream).catch(report)
      },
      failed: report,
    },
  })

  const seals = createSeals({ store, fetchKey: world.fetchSealKey, clock })
  const handIns = createHandIns({ store, send: world.sendDeposit, clock, changed: tellOthers })

  function tellOthers(): void {
    if (!closed) channel.post(OTHERWISE)
  }

  /** Another tab has paused, had contact, or taken a file over. */
  async function rereadOtherwise(): Promise<void> {
    const [paused, contact] = await Promise.all([store.value(PAUSED), store.value(CONTACT), handIns.load(), rereadFiles()])
    if (closed) return
    Object.assign(sync, contactFrom(contact))
    if (sync.paused === (paused === true)) return
    sync.paused = paused === true
    engine.setPaused(sync.paused)
  }

  /** What the browser refused to store; its field tries again until it is stored. */
  const unsaved = new Set<string>()
  async function saving<T>(stream: string, key: string, save: () => Promise<T>): Promise<T> {
    const place = `${stream} ${key}`
    try {
      const saved = await save()
      unsaved.delete(place)
      return saved
    } catch (error) {
      // Who signed out has no database any more: nothing is tried again.
      if (error instanceof SaveFault && !closed) {
        unsaved.add(place)
        sync.saveFault = error.reason
      }
      throw error
    } finally {
      sync.unsaved = unsaved.size
      if (unsaved.size === 0) sync.saveFault = undefined
    }
  }

  const readings = new Map<string, Promise<void>>()

  /** What the store holds, read when nothing of this tab was written meanwhile. Two readings may end in any order: the later one counts. */
  function readInto(memory: StreamMemory): Promise<void> {
    const { stream } = memory.shown
    const reading = readOnce(memory, () => readings.get(stream) === reading)
    readings.set(stream, reading)
    return reading
  }

  async function readOnce(memory: StreamMemory, isLatest: () => boolean): Promise<void> {
    const { stream } = memory.shown
    for (;;) {
      const stamp = stamps.get(stream)
      const [state, drafts] = await Promise.all([store.read(stream), store.drafts(stream)])
      if (closed) return
      // Who waits for this one wants rows in memory, whichever reading brings them.
      if (!isLatest()) return readings.get(stream)
      if (stamp !== stamps.get(stream)) continue
      memory.load(state, drafts)
      return
    }
  }

  async function load(stream: string): Promise<StreamMemory> {
    const memory = createStreamMemory(stream, person.username)
    await readInto(memory)
    loaded.set(stream, memory)
    recount()
    return memory
  }

  function memoryOf(stream: string): Promise<StreamMemory> {
    const known = memories.get(stream)
    if (known !== undefined) return known
    const loading = load(stream)
    memories.set(stream, loading)
    loading.catch(() => memories.delete(stream))
    return loading
  }

  /** Another tab has written. */
  async function reload(stream: string): Promise<void> {
    const memory = await memories.get(stream)
    if (memory === undefined) return
    await readInto(memory)
    recount()
  }

  /** This tab has written. */
  function stamp(stream: string) {
    stamps.set(stream, (stamps.get(stream) ?? 0) + 1)
  }

  async function absorb(stream: string, change: StreamChange): Promise<void> {
    if (closed) return
    stamp(stream)
    // After a fork every number is another one.
    if (change.renamed !== undefined) loaded.get(stream)?.renamed(change.renamed)
    if (change.counter !== undefined) await reload(stream)
    else loaded.get(stream)?.changed(change)
    recount()
    channel.post(stream)
  }

  function recount() {
    let [waiting, rejected, conflicts] = [0, 0, 0]
    for (const memory of loaded.values()) {
      const counts = memory.counts()
      waiting += counts.waiting
      rejected += counts.rejected
      conflicts += counts.conflicts
    }
    sync.waiting = waiting
    sync.rejected = rejected
    sync.conflicts = conflicts
  }

  /** The exchange, with what this tablet says of itself. That is for people: whatever is wrong with it, the values go. */
  async function exchange(request: SyncRequest): Promise<NetAnswer> {
    const memories = await memoriesAll().catch(() => undefined)
    const id = store.deviceName
    const tablet =
      memories &&
      tabletStateOf({
        ...{ id, memories, request, plan: world.planVersion?.(), storage: world.storage?.() },
        files: sync.filesWaiting,
      })
    const reply = await world.net.exchange(tablet === undefined ? request : { ...request, tablet })
    if (reply.kind === 'answered' || reply.kind === 'signedOut') {
      const isRevoked = reply.kind === 'signedOut' && reply.revoked === true
      // Before anybody hears of it and closes the database: the keys of a tablet that was taken away are good for nothing any more.
      if (isRevoked) await seals.drop().catch(report)
      sync.revoked = isRevoked
    }
    return reply
  }

  /** Also streams that the person no longer works for, as long as something of theirs is in them. */
  async function memoriesAll(): Promise<readonly StreamMemory[]> {
    const streams = new Set([...wanted, ...(await store.openStreams())])
    return Promise.all([...streams].map(memoryOf))
  }

  const isFormer = (stream: string): boolean => {
    const orgUnit = orgUnitOf(stream)
    return orgUnit !== undefined && !may(person, { do: 'read', orgUnit })
  }

  /** Asks once more for what the person may read no more: the server takes what is unsent, and then the rows leave the tablet. */
  async function askForFormer(): Promise<void> {
    const former = (await store.heldStreams()).filter(isFormer)
    for (const stream of former) {
      const { view, own } = await store.read(stream)
      if (view.gone !== true || own.some(isWaiting)) wanted.add(stream)
    }
    if (former.length > 0) engine.wake('poll')
  }

  function draftTurn(stream: string, key: string): { readonly isLast: () => boolean } {
    const place = `${stream} ${key}`
    const turn = (draftTurns.get(place) ?? 0) + 1
    draftTurns.set(place, turn)
    return { isLast: () => draftTurns.get(place) === turn }
  }

  async function enter(
    kind: 'set' | 'move',
    { stream, key, value, base, pv, vouched }: Parameters<Device['move']>[0],
  ): Promise<void> {
    const memory = loaded.get(stream) ?? (await memoryOf(stream))
    const turn = draftTurn(stream, key)
    const edit = {
      kind,
      key,
      value: plain(value),
      at: clock.now(),
      pv,
      ...(vouched === undefined ? {} : { vouched: { ...vouched } }),
    }
    const row = await saving(stream, key, () =>
      store.append({ stream, key }, (counter) => {
        // In here, because an edit of the same field just before this one has its number only now.
        const appended = append(counter, { ...edit, base: baseOf(base, memory.ownSeen(key)) })
        memory.appending(key, `${counter.device}:${appended.row.n}`, appended.row.base)
        return appended
      }),
    ).catch((error: unknown) => {
      memory.notAppended(key)
      throw error
    })
    stamp(stream)
    memory.appended(row)
    if (turn.isLast()) memory.dropDraft(key)
    recount()
    // Stored all the same: the next start sends it.
    if (closed) return
    channel.post(stream)
    engine.wake('typed')
  }

  const files: { opened?: Files; opening?: Promise<Files>; readonly states: Map<string, FileState> } = {
    states: shallowReactive(new Map()),
  }
  let hasFiles = false

  function openFiles(): Promise<Files> {
    if (world.openFiles === undefined || closed)
      return Promise.reject(new SaveFault(new DOMException('no files here', 'InvalidStateError')))
    files.opening ??= world
      .openFiles({
        ...{ clock, random: world.random, locks: world.locks, isOnline: world.isOnline, lockName: `files:${world.name}`, report },
        states: files.states,
        areValuesWaiting: () => sync.waiting > 0 && (sync.phase === 'idle' || sync.phase === 'sending'),
        isAllowed: () => !sync.paused && !(sync.unmeteredOnly && world.isMetered?.() === true),
        commit: async ({ stream, key, value, pv }) => {
          const memory = await memoryOf(stream)
          await enter('set', { stream, key, value, base: memory.shown.cells.get(key)?.base ?? [], pv })
        },
        counted(waiting) {
          sync.filesWaiting = waiting
          if (hasFiles === waiting > 0 || closed) return
          hasFiles = waiting > 0
          store.putValue(FILES, hasFiles).catch(report)
        },
        mayBring: (stream) => mayBringFiles(person, orgUnitOf(stream) ?? ''),
        told: tellOthers,
      })
      .then(
        (opened) => {
          files.opened = opened
          return opened
        },
        (error: unknown) => {
          delete files.opening
          throw error
        },
      )
    return files.opening
  }

  /** Another tab has taken a photo, or sent one; the choice of the network is everybody's. */
  async function rereadFiles(): Promise<void> {
    if (closed) return
    sync.unmeteredOnly = (await store.value(UNMETERED_ONLY)) === true
    if (files.opened !== undefined) await files.opened.reload()
    else if ((await store.value(FILES)) === true && world.openFiles !== undefined && !closed) await openFiles()
  }

  const fileEpochs = createFileEpochs(store, async (stream) => {
    if (world.openFiles !== undefined) await (await openFiles()).offerAgain(stream)
  })
  async function lookAfterFiles(stream: string): Promise<void> {
    const memory = loaded.get(stream)
    const epoch = memory?.epoch()
    if (memory === undefined || epoch === undefined || closed) return
    await fileEpochs.seen(stream, epoch, () => [...memory.shown.cells.keys()].some((key) => key.startsWith('a/')))
  }

  async function openFilesLeft(): Promise<void> {
    const [left, only] = await Promise.all([store.value(FILES), store.value(UNMETERED_ONLY)])
    sync.unmeteredOnly = only === true
    hasFiles = left === true
    if (hasFiles && !closed && world.openFiles !== undefined) await openFiles()
    for (const stream of loaded.keys()) await lookAfterFiles(stream)
  }

  channel.listen((stream) => void (stream === OTHERWISE ? rereadOtherwise() : reload(stream)).catch(report))
  const [paused, contact] = await kept
  Object.assign(sync, contactFrom(contact), { paused: paused === true })
  /** Besides the contacts: the bureau's people have none as long as they have no school open. */
  function sendHandIns(): void {
    if (!closed && world.isOnline() && handIns.isWaiting()) handIns.send().catch(report)
  }
  /** Before, a browser that says how it shows the page would have the first screen wait for the database. */
  let isStarted = false
  const stopListening = world.listen((reason) => {
    if (!isStarted) return
    engine.wake(reason)
    files.opened?.wake(reason === 'now' ? 'now' : 'poll')
    sendHandIns()
  })
  if (sync.paused) engine.setPaused(true)
  world.afterPaint(() => {
    isStarted = true
    if (closed) return
    // What was read before we listened to the other tabs is read again.
    const { early } = store
    memoriesAll()
      .then(() => (early === undefined ? undefined : reload(early)))
      .then(askForFormer)
      .then(() => handIns.load())
      .then(sendHandIns)
      .then(openFilesLeft)
      .catch(report)
    if (!sync.paused) engine.wake('start')
  })

  const self: Device = {
    person,
    name: store.deviceName,
    sync,
    orgUnits,
    async open(stream) {
      if (!wanted.has(stream)) {
        wanted.add(stream)
        engine.wake('poll')
      }
      return (await memoryOf(stream)).shown
    },
    opened: (stream) => (wanted.has(stream) ? loaded.get(stream)?.shown : undefined),
    async draft({ stream, key, value, base }) {
      const memory = loaded.get(stream)
      const draft = { value: plain(value), base: baseOf(base, memory?.ownSeen(key) ?? []), at: clock.now() }
      const turn = draftTurn(stream, key)
      await saving(stream, key, () => store.putDraft({ stream, key, ...draft }))
      stamp(stream)
      if (turn.isLast()) loaded.get(stream)?.putDraft(key, draft)
    },
    commit: (edit) => enter('set', edit),
    move: (edit) => enter('move', edit),
    async outbox() {
      const rows: OutboxRow[] = []
      for (const memory of await memoriesAll()) {
        const { stream } = memory.shown
        for (const { n, key, value, at, verdict, vouched } of memory.outbox()) {
          rows.push({
            ...{ stream, n, key, value, at },
            ...(verdict === undefined ? {} : { verdict }),
            ...(verdict === undefined && memory.isBarred() ? { barred: true } : {}),
            ...(vouched === undefined ? {} : { vouched }),
          })
        }
      }
      return rows.sort((one, other) => one.at - other.at)
    },
    async putAside({ stream, key }) {
      const { change } = await store.change({ stream, own: 'open', durability: 'strict' }, ({ own }) => {
        const row = putAside(own, key)
        return { change: row === undefined ? undefined : { put: [row] } }
      })
      if (change !== undefined) await absorb(stream, change)
    },
    ...histories,
    kept: (name) => store.value(screenKey(name)),
    keep: (name, value) => store.putValue(screenKey(name), value === undefined ? undefined : plain(value)),
    syncNow() {
      engine.wake('now')
      sendHandIns()
    },
    setPaused(paused) {
      sync.paused = paused
      if (!paused) files.opened?.wake('now')
      store.putValue(PAUSED, paused).then(tellOthers).catch(report)
      engine.setPaused(paused)
    },
    async figures(period) {
      const kept = await store.value(figuresKey(period))
      // What an older version of the app kept in another shape is fetched anew.
      return isFiguresAnswer(kept) ? kept : undefined
    },
    async refreshFigures(period) {
      const answer = await world.fetchFigures(period)
      if (!answer.ok) {
        if (answer.fault.kind === 'session.revoked') sync.revoked = true
        return isSignedOut(answer.fault) ? 'signedOut' : 'offline'
      }
      await store.putValue(figuresKey(period), answer.value)
      return 'fresh'
    },
    async settleDrafts({ toWire, pv, ageMs }) {
      const now = clock.now()
      for (const { shown } of await memoriesAll()) {
        const { stream } = shown
        if (shown.drafts.size === 0) continue
        // From the store: what another tab has committed a moment ago may still be in this one's memory.
        for (const { key, value, base, at } of await store.drafts(stream)) {
          // A clock that was put back makes a draft of the future.
          if (now - at < ageMs && now >= at) continue
          await self.commit({ stream, key, value: await toWire(key, value), base, pv })
        }
      }
    },
    async exportUnsent() {
      const streams = await memoriesAll()
      const states = await Promise.all(streams.map(({ shown }) => store.read(shown.stream)))
      const file = depositFile({
        author: { username: person.username, name: person.name },
        tablet: store.deviceName,
        made: clock.now(),
        ...(sync.skew === undefined ? {} : { skew: 0 - sync.skew }),
        app: world.app,
        asks: [...asksToDeposit(states)],
      })
      return JSON.stringify(await seals.seal(file))
    },
    handIns: handIns.list,
    async takeIn(text) {
      const taken = await handIns.take(text)
      sendHandIns()
      return taken
    },
    forgetHandIn: (id) => handIns.forget(id),
    files: files.states,
    async loadFiles() {
      if (world.openFiles !== undefined) await openFiles()
    },
    async attach(edit) {
      // Before the bytes: a tab that dies with them stored finds them again.
      if (!hasFiles) {
        hasFiles = true
        await store.putValue(FILES, true)
      }
      await (await openFiles()).attach(edit)
    },
    async detach({ stream, of, sha, pv }) {
      const key = fileKey(of, sha)
      const memory = await memoryOf(stream)
      await enter('set', { stream, key, value: null, base: memory.shown.cells.get(key)?.base ?? [], pv })
      if (files.opened !== undefined) await files.opened.takenAway({ stream, of, sha })
    },
    fileBytes: async (sha) => (await openFiles()).bytes(sha),
    thumb: async (sha) => (await openFiles()).thumb(sha),
    async fetchFiles(stream, only) {
      const memory = await memoryOf(stream)
      return (await openFiles()).fetch(memory.shown, only)
    },
    freeFiles: async () => (await openFiles()).free(),
    setUnmeteredOnly(only) {
      sync.unmeteredOnly = only
      store.putValue(UNMETERED_ONLY, only).then(tellOthers).catch(report)
      files.opened?.wake('now')
    },
    async holds(stream) {
      const { view } = await store.read(stream)
      return view.isRead === true && view.old === undefined
    },
    async close() {
      stopListening()
      world.net.abort()
      closed = true
      await engine.stop()
      await files.opened?.close()
      channel.close()
      store.close()
    },
  }
  return self
}

function contactFrom(kept: unknown): Pick<SyncState, 'lastContact' | 'lastEmpty' | 'skew'> {
  if (typeof kept !== 'object' || kept === null) return {}
  const number = (name: string): number | undefined => {
    const found: unknown = Reflect.get(kept, name)
    return typeof found === 'number' ? found : undefined
  }
  return { lastContact: number('at'), lastEmpty: number('lastEmpty'), skew: number('skew') }
}
