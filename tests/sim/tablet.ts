/**
 * A tablet of a run: one person's database with the tabs open over it, each of them the real device. The store is the one in memory; between
 * any two of its calls the tab may be killed, the power fail, the browser refuse.
 */
import type { Device, ShownStream } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { blankDisk, memoryStore, type Disk } from '#client/device/memory-store'
import type { KeptValues } from '#client/device/make-device'
import type { WakeReason } from '#sync/engine'
import { isWaiting } from '#sync/outbox'
import type { Clock, DeviceStore, OwnRow, StreamChange, View } from '#sync/ports'
import { streamOf, type Id, type Json } from '#sync/protocol'
import { sameJson } from '#sync/hash'
import type { Network } from './network'
import { deviceName, type Record, type Typed } from './record'
import type { Person, SimServer } from './server'
import { count, type Fault } from './tally'
import { never, Refused, type Life, type World } from './world'

type Timer = { readonly at: number; readonly wake: () => void }

export type Tab = {
  readonly life: Life
  readonly timers: Set<Timer>
  device: Device | undefined
  readonly shown: Map<string, ShownStream>
  wake: (reason: WakeReason) => void
  heard: (stream: string) => void
  /** By stream and key: the heads that were on the screen when the field got the focus. */
  readonly focus: Map<string, readonly Id[]>
  /** Its own edits of a field since the last of its exchanges: for the mark only. */
  isClosing: boolean
}

export type Tablet = {
  readonly id: number
  readonly person: Person
  readonly disk: Disk
  tabs: Tab[]
  hasSession: boolean
  isOld: boolean
  isOnline: boolean
  /** Its clock minus true time, milliseconds. */
  offset: number
  /** The database is no more. */
  isWiped: boolean
  /** Texts being typed that the database has said to keep, by stream and key. */
  readonly drafts: Map<string, Json>
  draftTurns: Map<string, number>
  state: string
  /** When its state was last looked at. */
  observed?: { readonly written: Disk['written']; readonly phases: string }
}

export type Tablets = ReturnType<typeof createTablets>

const placeOf = (stream: string, key: string): string => `${stream} ${key}`

export function createTablets(
  world: World,
  parts: { readonly record: Record; readonly server: SimServer; readonly network: Network },
) {
  const { chance, scheduler } = world
  const { record, server, network } = parts
  const all: Tablet[] = []
  const locks = new Map<
    number,
    { holder: Life | undefined; readonly queue: { readonly life: Life; readonly begin: () => void }[] }
  >()
  let names = 0
  let lives = 0
  const newDeviceName = () => deviceName(names++)

  function add(person: Person, disk: Disk = blankDisk()): Tablet {
    const tablet: Tablet = {
      id: all.length,
      person,
      disk,
      tabs: [],
      hasSession: true,
      isOld: false,
      isOnline: true,
      offset: 0,
      isWiped: false,
      drafts: new Map(),
      draftTurns: new Map(),
      state: '',
    }
    all.push(tablet)
    return tablet
  }

  function kill(tablet: Tablet, tab: Tab): void {
    tab.life.alive = false
    tab.timers.clear()
    tablet.tabs = tablet.tabs.filter((one) => one !== tab)
    free(tablet, tab.life)
  }

  function losePower(tablet: Tablet): void {
    for (const tab of [...tablet.tabs]) kill(tablet, tab)
    tablet.disk.written = tablet.disk.flushed
    tablet.drafts.clear()
    tablet.draftTurns = new Map()
  }

  /** Whether the tab lives on after this point. */
  function survives(tablet: Tablet, tab: Tab, point: string): boolean {
    if (!tab.life.alive) return false
    count(world.tally.points, `${point}: passed`)
    if (world.strikesAt('tabKilled', point)) {
      count(world.tally.points, `${point}: killed`)
      kill(tablet, tab)
      return false
    }
    if (world.strikesAt('powerLost', point)) {
      count(world.tally.points, `${point}: power`)
      losePower(tablet)
      return false
    }
    return true
  }

  /** One call of the store: a step when its turn in the database comes, and another when the tab hears of it. */
  function port<T>(
    tablet: Tablet,
    tab: Tab,
    call: { readonly name: (value: T) => string | undefined; readonly work: () => Promise<T> },
  ) {
    const { disk } = tablet
    return new Promise<T>((resolve, reject) => {
      const run = async () => {
        const before = { ...disk }
        const value = await call.work()
        const after = { ...disk }
        // What it was is known only now: until it has survived its beginning it has not happened.
        Object.assign(disk, before)
        const name = call.name(value)
        if (name !== undefined && !survives(tablet, tab, `${name} before`)) return
        if (name !== undefined && REFUSABLE.has(name) && world.strikes('storeRefuses', 0.01)) return reject(new Refused(name))
        Object.assign(disk, after)
        watch(before.written, disk.written)
        const deliver = () => {
          if (name === undefined || survives(tablet, tab, `${name} after`)) resolve(value)
        }
        if (world.isInterleaved) scheduler.add(`tab ${tab.life.name}`, tab.life, deliver)
        else deliver()
      }
      if (tab.life.alive) scheduler.add(`disk ${tablet.id}`, tab.life, run)
    })
  }

  /** What each transaction changed, for the marks, and for what may never happen in one. */
  function watch(before: Disk['written'], after: Disk['written']): void {
    if (before === after) return
    for (const [stream, { view }] of after.streams) {
      const old = before.streams.get(stream)?.view
      if (old === undefined || old === view) continue
      world.checked('I11 a cursor never goes back')
      if (old.gen === view.gen && old.epoch === view.epoch && view.cursor < old.cursor)
        world.wrong(`I11: the cursor of ${stream} goes back`)
      if (view.gen < old.gen) world.wrong(`I11: the generation of ${stream} goes back`)
      if (old.gone === true && view.gone === false) world.mark('given back')
    }
  }

  function simStore(tablet: Tablet, tab: Tab): DeviceStore & KeptValues & { readonly deviceName: string; close(): void } {
    const { disk } = tablet
    const kept = disk.written.values.get('name')
    const name = typeof kept === 'string' ? kept : newDeviceName()
    if (kept === undefined) {
      const values = new Map([...disk.written.values, ['name', name] as const])
      disk.written = { ...disk.written, values }
      disk.flushed = { ...disk.flushed, values: new Map([...disk.flushed.values, ['name', name] as const]) }
    }
    const inner = memoryStore(name, disk)
    const plainly = <T>(name: string, work: () => Promise<T>): Promise<T> => port<T>(tablet, tab, { name: () => name, work })
    return {
      deviceName: name,
      putDraft: (draft) => plainly('store.putDraft', () => inner.putDraft(draft)),
      dropDraft: (stream, key) => plainly('store.dropDraft', () => inner.dropDraft(stream, key)),
      append: (at, decide) => plainly('store.append', () => inner.append(at, decide)),
      change: (question, decide) =>
        port(tablet, tab, {
          name: (decided) => nameOfChange(question, decided),
          work: async () => {
            const decided = await inner.change(question, decide)
            markChange(decided)
            return decided
          },
        }),
      read: (stream) => plainly('store.read', () => inner.read(stream)),
      drafts: (stream) => plainly('store.drafts', () => inner.drafts(stream)),
      evidence: (stream, max) => plainly('store.evidence', () => inner.evidence(stream, max)),
      openStreams: () => plainly('store.openStreams', () => inner.openStreams()),
      heldStreams: () => plainly('store.heldStreams', () => inner.heldStreams()),
      value: (key) => plainly('store.value', () => inner.value(key)),
      putValue: (key, value) => plainly('store.putValue', () => inner.putValue(key, value)),
      close: () => undefined,
    }
  }

  function markChange(decided: {
    readonly change?: StreamChange | undefined
    readonly outcome?: unknown
    readonly because?: unknown
  }) {
    const { change, outcome, because } = decided
    if (outcome === 'dropped') world.mark('late answer dropped')
    if (outcome === 'rewind' && because === 'digest') world.mark('rewind by the digest')
    if (outcome === 'fork' && because === 'last') world.mark('fork by the device')
    if (change?.counter !== undefined && change.renamed === undefined) world.mark('raw')
    if ((change?.evidence ?? []).length > 0) world.mark('evidence kept')
    if (change?.renamed !== undefined && change.renamed.size > 0) world.mark('base renamed')
    if (nameOfChange({ durability: 'relaxed' }, decided) === 'store.prune') world.mark('pruned')
  }

  // ---- tabs ----

  function open(tablet: Tablet): void {
    const life: Life = { name: String(++lives), alive: true }
    const timers = new Set<Timer>()
    const tab: Tab = {
      life,
      timers,
      device: undefined,
      shown: new Map(),
      wake: () => undefined,
      heard: () => undefined,
      focus: new Map(),
      isClosing: false,
    }
    tablet.tabs.push(tab)
    const clock: Clock = {
      now: () => world.now + tablet.offset + tablet.id / 64,
      after(delayMs, wake) {
        const timer = { at: world.now + delayMs, wake }
        timers.add(timer)
        return () => timers.delete(timer)
      },
    }
    const aborts = new Set<() => void>()
    const expectedDrafts = new Map(tablet.drafts)
    const { username } = tablet.person
    // What a tablet believes of its person's rights may be wrong, as after a server was put back to before they were given.
    const believes = () => !world.isCalm && chance.is(0.5)
    const orgUnits = tablet.person.orgUnits.filter(
      (code) => isReader(username, streamOf(code)) || (server.rightOf(username, streamOf(code)) === undefined && believes()),
    )
    memoryDevice({
      person: {
        username: tablet.person.username,
        name: tablet.person.username,
        role: tablet.person.role,
        orgUnits,
      },
      orgUnits: [],
      store: simStore(tablet, tab),
      net: {
        abort: () => aborts.forEach((abort) => abort()),
        exchange(request) {
          if (!life.alive) return never()
          const flight = network.exchange(request, {
            person: tablet.person.username,
            life,
            hasSession: () => tablet.hasSession,
            expireSession: () => (tablet.hasSession = false),
            isTooOld: () => tablet.isOld,
          })
          aborts.add(flight.abort)
          return new Promise((resolve) => {
            void flight.answer.then((met) => {
              aborts.delete(flight.abort)
              if (life.alive) resolve(met)
            })
          })
        },
      },
      clock,
      random: { next: () => chance.next() },
      locks: { alone: (_name, work) => alone(tablet, tab, work) },
      channel: {
        post(stream) {
          for (const other of tablet.tabs)
            if (other !== tab) scheduler.add(`channel ${other.life.name}`, other.life, () => other.heard(stream))
        },
        listen: (heard) => void (tab.heard = heard),
        close: () => undefined,
      },
      isOnline: () => tablet.isOnline,
      listen(wake) {
        tab.wake = wake
        return () => undefined
      },
      newDeviceName,
      afterPaint: (work) => scheduler.add(`paint ${life.name}`, life, work),
      app: 'sim',
      name: String(tablet.id),
      report(error) {
        if (!(error instanceof Refused)) world.wrong(`the device reports ${String(error)}`)
      },
    }).then(
      async (device) => {
        tab.device = device
        for (const code of orgUnits) {
          const shown = await device.open(streamOf(code))
          tab.shown.set(streamOf(code), shown)
          if (!tab.isClosing) checkDrafts(tablet, shown, expectedDrafts)
        }
      },
      (error: unknown) => {
        if (error instanceof Refused) kill(tablet, tab)
        else world.wrong(`the device does not open: ${String(error)}`)
      },
    )
  }

  function isReader(person: string, stream: string): boolean {
    const right = server.rightOf(person, stream)
    return right === 'write' || right === 'read'
  }

  /** T0: what was said to be kept while typing is offered in the field again. */
  function checkDrafts(tablet: Tablet, shown: ShownStream, expected: ReadonlyMap<string, Json>): void {
    for (const [place, value] of expected) {
      if (!place.startsWith(`${shown.stream} `) || tablet.drafts.get(place) !== value) continue
      world.checked('T0 a draft survives a crash')
      const draft = shown.drafts.get(place.slice(shown.stream.length + 1))
      if (draft === undefined || !sameJson(draft.value, value))
        world.wrong(`T0: the draft ${JSON.stringify(value)} of tablet ${tablet.id} is gone`)
      else world.mark('draft survived')
    }
  }

  /** One tab of a database sends, the others wait; or one believes another frozen and takes the lock. */
  function alone(tablet: Tablet, tab: Tab, work: () => Promise<void>): Promise<void> {
    const lock = locks.get(tablet.id) ?? { holder: undefined, queue: [] }
    locks.set(tablet.id, lock)
    const begin = async () => {
      lock.holder = tab.life
      try {
        await work()
      } finally {
        free(tablet, tab.life)
      }
    }
    if (lock.holder === undefined || world.strikes('lockStolen', 0.7)) return begin()
    return new Promise((resolve, reject) => lock.queue.push({ life: tab.life, begin: () => void begin().then(resolve, reject) }))
  }

  function free(tablet: Tablet, life: Life): void {
    const lock = locks.get(tablet.id)
    if (lock === undefined || lock.holder !== life) return
    lock.holder = undefined
    for (let next = lock.queue.shift(); next !== undefined; next = lock.queue.shift()) {
      if (!next.life.alive) continue
      next.begin()
      return
    }
  }

  // ---- people ----

  function type(
    tablet: Tablet,
    tab: Tab,
    edit: {
      readonly stream: string
      readonly key: string
      readonly value: Json
      readonly kind?: 'set' | 'move'
      readonly vouched?: Typed['vouched']
    },
  ): void {
    const { device } = tab
    const { stream, key, value, kind = 'set', vouched } = edit
    if (device === undefined) return
    const place = placeOf(stream, key)
    const screen = tab.shown.get(stream)?.cells.get(key)
    const seen = tab.focus.get(place) ?? screen?.base ?? []
    // So that no two edits have one time.
    world.now += 1
    const one = record.type({
      stream,
      key,
      value,
      tablet: tablet.id,
      tab: tab.life.name,
      person: tablet.person.username,
      at: world.now + tablet.offset + tablet.id / 64,
      vouched,
      seen: new Set(
        [...seen, ...(screen?.heads.flatMap(({ from }) => from.map(({ id }) => id)) ?? [])].filter((id) => seen.includes(id)),
      ),
    })
    if (ownRows(tablet, stream).some((row) => row.key === key && isWaiting(row)))
      world.mark('edit before its predecessor was acknowledged')
    startDraft(tablet, place)
    const asked = { stream, key, value, base: seen, pv: one.token }
    const onScreen = vouched === undefined ? {} : { vouched: Object.fromEntries(vouched) }
    const saving = kind === 'move' ? device.move({ ...asked, ...onScreen }) : device.commit(asked)
    if (chance.is(0.6)) tab.focus.delete(place)
    saving.then(
      () => {
        one.isKept = true
        if (tab.life.alive) checkShown(tablet, tab, one)
      },
      (error: unknown) => {
        if (!(error instanceof Refused)) world.wrong(`the device does not save: ${String(error)}`)
      },
    )
  }

  function startDraft(tablet: Tablet, place: string): () => boolean {
    const turn = (tablet.draftTurns.get(place) ?? 0) + 1
    tablet.draftTurns.set(place, turn)
    tablet.drafts.delete(place)
    return () => tablet.draftTurns.get(place) === turn
  }

  function draft(tablet: Tablet, tab: Tab, edit: { readonly stream: string; readonly key: string; readonly value: Json }): void {
    const { stream, key, value } = edit
    const place = placeOf(stream, key)
    const base = tab.focus.get(place) ?? tab.shown.get(stream)?.cells.get(key)?.base ?? []
    tab.focus.set(place, base)
    const isLast = startDraft(tablet, place)
    const { draftTurns } = tablet
    tab.device?.draft({ stream, key, value, base }).then(
      () => {
        // After a power loss its turn is another one.
        if (isLast() && tablet.draftTurns === draftTurns) tablet.drafts.set(place, value)
      },
      (error: unknown) => {
        if (!(error instanceof Refused)) world.wrong(`the device does not keep a draft: ${String(error)}`)
      },
    )
  }

  /** What one has just typed is on the screen, unless somebody who had seen it has replaced it. */
  function checkShown(tablet: Tablet, tab: Tab, one: Typed): void {
    world.checked('I8 what one has typed is on the screen')
    const rows = ownRows(tablet, one.stream).filter((row) => row.key === one.key)
    const row = rows.find(({ pv }) => pv === one.token)
    // A newer one of another tab, or the server's word, may have come meanwhile.
    if (row === undefined || !isWaiting(row) || row.again === true || rows.at(-1) !== row) return
    const cell = tab.shown.get(one.stream)?.cells.get(one.key)
    const isShown = cell?.heads.some(({ value }) => JSON.stringify(value) === JSON.stringify(one.value)) === true
    if (!isShown) world.wrong(`I8: ${JSON.stringify(one.value)} is not on the screen of tablet ${tablet.id} after it was typed`)
  }

  return { all, add, open, kill, losePower, type, draft, isReader }
}

/** Those by which a person is told at once that nothing was saved, and those of the loop, which tries again. */
const REFUSABLE: ReadonlySet<string> = new Set([
  'store.putDraft',
  'store.append',
  'store.settle',
  'store.rewind',
  'store.fork',
  'store.prune',
])

function nameOfChange(
  question: { readonly durability: 'relaxed' | 'strict' },
  decided: { readonly change?: StreamChange | undefined; readonly outcome?: unknown },
): string | undefined {
  const { change, outcome } = decided
  if (outcome !== undefined) return 'store.settle'
  if (change === undefined) return undefined
  if (change.doubted === true) return 'store.rewind'
  if (change.renamed !== undefined) return 'store.fork'
  if (change.counter !== undefined) return 'store.raw'
  if ((change.drop ?? []).length > 0) return 'store.prune'
  return question.durability === 'strict' ? 'store.aside' : undefined
}

export function ownRows(tablet: Tablet, stream: string): readonly OwnRow[] {
  return [...(tablet.disk.written.streams.get(stream)?.own.values() ?? [])].sort((one, other) => one.n - other.n)
}

export function viewOf(tablet: Tablet, stream: string): View | undefined {
  return tablet.disk.written.streams.get(stream)?.view
}

export type { Device, Fault }
