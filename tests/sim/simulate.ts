/**
 * One run: tablets of a school's people and a server, moved by one seed. A random choice of faults strikes while people type; then the
 * faults are over, everybody syncs until it is quiet, and what the protocol promises is checked.
 */
import { isRefused, isWaiting } from '#sync/outbox'
import { streamOf, type Cell, type Json } from '#sync/protocol'
import type { ShownStream } from '#client/device/contract'
import { lifeOf } from '#client/state/report-life'
import { isBureauRole } from '#domain/person'
import { digestOf, sameJson } from '#sync/hash'
import { chanceFrom, type Chance } from './chance'
import { INSPECTING, inspectionEdit, mayWriteBySim } from './inspections'
import { createNetwork } from './network'
import { createRecord } from './record'
import { createScheduler } from './scheduler'
import { commentEdit, drawWindows, isWithBureau, REPORT_KEYS, REPORTING, reportEdit, STATE_KEY, stateIn } from './reports'
import { createServer, THIRD_PARTY_KEY } from './server'
import { createTablets, ownRows, viewOf, type Tab, type Tablet } from './tablet'
import { count, FAULTS, type Fault, type Tally } from './tally'
import { createWorld, Refused } from './world'

const UNITS = ['A-1', 'B-1'] as const
const KEYS = ['v/2024/a', 'v/2024/b', 'v/2024/c', THIRD_PARTY_KEY]
/** Several people type the same here. */
const EQUAL_KEY = 'v/2024/e'

const STEPS = 260
/** A report's way is longer. */
const REPORTING_STEPS = 360
const BACK_STEPS = 100
const ROUNDS_MAX = 120
/** Steps of the calm after which it runs in a circle. */
const CALM_STEPS_MAX = 30_000

export type Run = {
  readonly seed: number
  readonly tally: Tally
  readonly faults?: ReadonlySet<Fault> | undefined
  /** Other clocks of the tablets, from a chance of their own: what comes out must be the same. */
  readonly clocks?: number | undefined
}

/** Each run has another choice of faults: all at once hide one another. */
export function faultsOf(seed: number): ReadonlySet<Fault> {
  const chance = chanceFrom(seed ^ 0x5bd1e995)
  const share = chance.pick([0, 0.15, 0.3, 0.45, 0.6, 0.8])
  return new Set(FAULTS.filter(() => chance.is(share)))
}

export async function simulate(run: Run): Promise<{ readonly wrong: readonly string[]; readonly values: string }> {
  const { seed, tally } = run
  const chance = chanceFrom(seed)
  const wrong: string[] = []
  const faults = run.faults ?? faultsOf(seed)
  const scheduler = createScheduler(chance)
  const world = createWorld({
    chance,
    scheduler,
    tally,
    faults,
    isInterleaved: chance.is(0.4),
    wrong: (sentence) => void (wrong.includes(sentence) || wrong.push(sentence)),
  })
  const record = createRecord(world)
  // In a third of the runs, by a chance of its own.
  const isInspecting = chanceFrom(seed ^ 0x2545f491).is(0.35)
  const people = isInspecting ? INSPECTING : REPORTING
  const server = createServer(world, { record, people })
  const network = createNetwork(world, server)
  const tablets = createTablets(world, { record, server, network })
  const files: string[] = []
  let values = 0
  tally.seeds++

  const late = world.has('rightsChanged') && chance.is(0.4) ? 'wang' : undefined
  for (const { username, right, orgUnits } of people)
    if (username !== late) for (const code of orgUnits) server.grant(username, streamOf(code), right)
  server.backUp()
  const first = 2 + chance.below(3)
  for (let at = 0; at < first; at++)
    tablets.open(tablets.add((at === 0 || (at === 1 && !isInspecting) ? people[at] : undefined) ?? chance.pick(people)))
  if (run.clocks !== undefined) {
    const clocks = chanceFrom(run.clocks)
    for (const tablet of tablets.all) tablet.offset = Math.floor((clocks.next() - 0.5) * 1e11)
  }

  const steps = isInspecting ? STEPS : REPORTING_STEPS
  for (let step = 0; step < steps && wrong.length === 0; step++) {
    tally.steps++
    if (scheduler.waiting() > 0 && chance.is(0.75)) await scheduler.step()
    else await act()
    observe()
  }
  if (wrong.length === 0) await comeBack()
  world.isCalm = true
  if (wrong.length === 0) await comeToRest()
  if (wrong.length === 0) check()
  for (const tablet of tablets.all) for (const tab of [...tablet.tabs]) tablets.kill(tablet, tab)
  return { wrong, values: valuesOf() }

  // ---- what happens besides ----

  async function act(): Promise<void> {
    world.now += chance.is(0.7) ? chance.below(3000) : chance.below(120_000)
    const living = tablets.all.filter(({ isWiped }) => !isWiped)
    // A report goes to and fro between two of them.
    const tablet = !isInspecting && chance.is(0.3) ? chance.pick(living.slice(0, 2)) : chance.pick(living)
    const tab = tablet.tabs.length === 0 ? undefined : chance.pick(tablet.tabs)
    const dice = chance.next()
    if (tab === undefined) {
      if (chance.is(0.4)) tablets.open(tablet)
    } else if (dice < 0.42) useForm(tablet, tab)
    else if (dice < 0.66) fireTimers()
    else if (dice < 0.72) tab.wake(chance.pick(['poll', 'visible', 'now'] as const))
    else await disturb(tablet, tab)
    await scheduler.settle()
  }

  function fireTimers(): void {
    if (chance.is(0.3)) {
      const next = Math.min(...tablets.all.flatMap(({ tabs }) => tabs.flatMap(({ timers }) => [...timers].map(({ at }) => at))))
      if (Number.isFinite(next)) world.now = Math.max(world.now, next)
    }
    for (const { tabs } of tablets.all)
      for (const { timers } of tabs)
        for (const timer of [...timers]) {
          if (timer.at > world.now) continue
          timers.delete(timer)
          timer.wake()
        }
  }

  function useForm(tablet: Tablet, tab: Tab): void {
    const streams = [...tab.shown.keys()]
    if (streams.length === 0 || tab.isClosing) return
    if (tablet.person.right === 'read' && chance.is(0.8)) return
    const stream = streams.length > 1 && chance.is(isInspecting ? 0.7 : 0.85) ? streamOf(UNITS[0]) : chance.pick(streams)
    const shown = tab.shown.get(stream)
    if (shown === undefined) return
    if (isInspecting && chance.is(0.7)) {
      const { role } = tablet.person
      const edit = inspectionEdit(chance, { role, shown, token: ++values })
      // Who was interrupted goes on from what was on the screen then.
      if (chance.is(0.15)) tab.focus.set(`${stream} ${edit.key}`, shown.cells.get(edit.key)?.base ?? [])
      else tablets.type(tablet, tab, { stream, ...edit })
      return
    }
    if (useReport(tablet, tab, shown)) return
    const isEqual = world.strikes('equalValues', 0.3)
    const key = isEqual ? EQUAL_KEY : chance.pick(keysFor(shown))
    const place = `${stream} ${key}`
    const kept = shown.drafts.get(key)
    const value = isEqual
      ? chance.pick([1, 2])
      : world.strikes('oddValue', 0.15)
        ? deep(`odd-${++values}`)
        : chance.is(0.05)
          ? ++values
          : `value-${++values}`
    const dice = chance.next()
    if (kept !== undefined && !tab.focus.has(place)) tab.focus.set(place, kept.base)
    else if (dice < 0.25) tab.focus.set(place, shown.cells.get(key)?.base ?? [])
    else if (dice < 0.45) tablets.draft(tablet, tab, { stream, key, value })
    else tablets.type(tablet, tab, { stream, key, value })
  }

  /** A step of the report, or a word about it; false: they go on typing. */
  function useReport(tablet: Tablet, tab: Tab, shown: ShownStream): boolean {
    const { role } = tablet.person
    const { stream } = shown
    const dice = chance.next()
    if (dice < 0.04) tablets.type(tablet, tab, { stream, ...commentEdit(chance, { role, token: ++values }) })
    else if (dice < STEPS_SHARE[role === 'reviewer' ? 'reviewer' : isInspecting ? 'inspecting' : 'school']) {
      const edit = reportEdit(chance, { role, shown, orgUnit: stream.slice(2), token: ++values })
      if (edit !== undefined) tablets.type(tablet, tab, { stream, ...edit })
      // Who waits for somebody else's step looks whether there is news.
      else if (chance.is(0.6)) tab.wake('now')
      else return false
    } else return false
    return true
  }

  /** The form of a report that is with the bureau takes nothing; somebody who still had it open types all the same. */
  function keysFor(shown: ShownStream): readonly string[] {
    const isLocked = isWithBureau(stateIn(shown.cells.get(STATE_KEY)?.heads.at(-1)?.value))
    if (isLocked && chance.is(0.7)) return KEYS.filter((key) => !REPORT_KEYS.some((one) => one === key))
    return chance.is(0.05) ? ['v/2024/a/remark'] : KEYS
  }

  async function disturb(tablet: Tablet, tab: Tab): Promise<void> {
    const { disk } = tablet
    const { username, role } = tablet.person
    const streams = tablet.person.orgUnits.map(streamOf)
    switch (chance.pick(DISTURBANCES)) {
      case 'backUp':
        return server.backUp()
      case 'stray':
        await network.deliverStray()
        return
      case 'sessionExpired':
        if (!tablet.hasSession) {
          tablet.hasSession = true
          tab.device?.syncNow()
        }
        return
      case 'tooOld':
        if (tablet.isOld) {
          // The new version of the app is a new page.
          tablet.isOld = false
          for (const one of [...tablet.tabs]) tablets.kill(tablet, one)
        } else if (world.strikes('tooOld', 0.2)) tablet.isOld = true
        return
      case 'offline':
        if (!tablet.isOnline) {
          tablet.isOnline = true
          for (const one of tablet.tabs) one.wake('now')
        } else if (world.strikes('offline', 0.3)) tablet.isOnline = false
        return
      case 'clockJumps':
        if (world.strikes('clockJumps', 0.4)) tablet.offset += chance.pick([-365, -1, 1, 365]) * 86_400_000 * chance.next()
        return
      case 'signedOut':
        if (tab.device === undefined || tab.isClosing || !world.strikes('signedOut', 0.3)) return
        tab.isClosing = true
        tablet.hasSession = false
        void tab.device.close().then(() => {
          tablets.kill(tablet, tab)
          tablet.hasSession = true
        })
        return
      case 'secondTab':
        if (tablet.tabs.length < 2 && world.strikes('secondTab', 0.6)) tablets.open(tablet)
        return
      case 'serverKilled':
        if (world.strikes('serverKilled', 0.2)) server.crash()
        return
      case 'restored':
        if (world.strikes('restored', 0.5)) putBack(true)
        return
      case 'rolledBack':
        if (world.strikes('rolledBack', 0.5)) putBack(false)
        return
      case 'backupVerified':
        if (world.has('backupVerified') && server.verify()) count(tally.faults, 'backupVerified')
        return
      case 'wiped':
        if (tablets.all.length < 6 && world.strikes('wiped', 0.3)) wipe(tablet)
        return
      case 'copied':
        if (tablets.all.length >= 6 || !world.strikes('copied', 0.5)) return
        record.conditions.wasCopied = true
        for (const one of record.typed.values()) if (one.tablet === tablet.id || one.isTwofold) one.isTwofold = true
        record.conditions.copied.add(tablet.id).add(tablets.all.length)
        tablets.open(tablets.add(tablet.person, { written: disk.written, flushed: disk.written }))
        return
      case 'rightsChanged':
        // Who works for the bureau reads every school for as long as they do.
        if (world.strikes('rightsChanged', 0.4)) changeRight(isBureauRole(role) ? 'li' : username, chance.pick(streams))
        return
      case 'planUpdated':
        if (world.strikes('planUpdated', 0.1)) server.updatePlan()
        return
      case 'windowMoved':
        if (world.strikes('windowMoved', 0.5)) server.setWindows(drawWindows(chance, world.now))
        return
      case 'photosLate':
        if (world.strikes('photosLate', 0.5)) server.havePhotosArrived(chance.pick(streams), false)
        else if (chance.is(0.5)) server.havePhotosArrived(chance.pick(streams), true)
        return
      case 'deposited':
        return useFile(tab)
      case 'putAside':
        if (world.has('putAside')) await putAside(tablet, tab)
        return
    }
  }

  function changeRight(person: string, stream: string): void {
    const right = server.rightOf(person, stream)
    const full = people.find(({ username }) => username === person)?.right
    server.grant(person, stream, right === full ? 'gone' : full)
    if (right !== full) return
    record.conditions.wasRightTaken = true
    for (const { id, person: owner } of tablets.all) if (owner.username === person) tellsNoMore(id, stream)
  }

  /** Who may not read the stream any more, or has just forgotten it, can no longer tell of what was seen there. */
  function tellsNoMore(tablet: number, stream?: string): void {
    for (const one of record.typed.values()) {
      if ((stream !== undefined && one.stream !== stream) || one.tellers?.has(tablet) !== true) continue
      one.tellers = new Set([...one.tellers].filter((id) => id !== tablet))
      if (one.tellers.size === 0) one.isExcused = true
    }
  }

  function wipe(tablet: Tablet): void {
    for (const tab of [...tablet.tabs]) tablets.kill(tablet, tab)
    tablet.isWiped = true
    const logged = tokensIn(server.streams())
    for (const one of record.typed.values()) {
      if (one.tablet === tablet.id) {
        one.isOrphan = true
        if (!logged.has(one.token)) one.isExcused = true
      }
    }
    tellsNoMore(tablet.id)
    tablets.open(tablets.add(tablet.person))
    // Misfortunes seldom come alone.
    if (chance.is(0.6) && world.strikes('restored', 1)) putBack(true)
  }

  function tokensIn(streams: ReturnType<typeof server.streams>): ReadonlySet<number> {
    const found = new Set<number>()
    for (const [stream, { log }] of streams)
      for (const row of log) {
        const one = record.tokenOf(stream, row)
        if (one !== undefined) found.add(one.token)
      }
    return found
  }

  function putBack(isSaid: boolean): void {
    const before = tokensIn(server.streams())
    if (server.putBack(isSaid) === undefined) return
    // Somebody is away meanwhile, and comes back when others have written on.
    if (chance.is(0.6) && world.strikes('offline', 1)) chance.pick(tablets.all).isOnline = false
    const after = tokensIn(server.streams())
    for (const one of record.typed.values()) {
      if (!one.isOrphan || one.isExcused || after.has(one.token)) continue
      if (before.has(one.token)) {
        const tellers = tablets.all.filter((tablet) => shows(tablet, one)).map(({ id }) => id)
        one.tellers = new Set(tellers)
      }
      // Only a server that says of itself that it was put back believes what others tell.
      if (!server.isRestored() || (one.tellers?.size ?? 0) === 0) one.isExcused = true
    }
  }

  /** Whether the tablet has the value as a head, safe from a power loss, and may tell of it. */
  function shows(
    tablet: Tablet,
    one: { readonly stream: string; readonly key: string; readonly value: Json; readonly at: number },
  ): boolean {
    if (tablet.isWiped || server.rightOf(tablet.person.username, one.stream) !== 'write') return false
    // Nobody is believed about what is not theirs to write.
    if (!mayWriteBySim(tablet.person.role, one.key)) return false
    const view = tablet.disk.flushed.streams.get(one.stream)?.view
    const heads = view?.cells[one.key]?.heads ?? []
    return heads.some(({ value, from }) => sameJson(value, one.value) && from.some(({ at }) => at === one.at))
  }

  function useFile(tab: Tab): void {
    // It stays, so that it may be handed in again.
    if (files.length > 0 && chance.is(0.6)) {
      if (world.strikes('deposited', 0.7)) server.deposit(chance.pick(files))
    } else if (!tab.isClosing && world.has('deposited'))
      void tab.device?.exportUnsent().then((text) => files.push(text), ignoreRefusal)
  }

  function ignoreRefusal(error: unknown): void {
    if (!(error instanceof Refused)) world.wrong(`the device throws ${String(error)}`)
  }

  async function putAside(tablet: Tablet, tab: Tab): Promise<void> {
    for (const stream of tab.shown.keys()) {
      const row = ownRows(tablet, stream).find((one) => isRefused(one) && one.open)
      if (row === undefined || tab.isClosing || !world.strikes('putAside', 0.8)) continue
      for (const one of record.typed.values())
        if (one.tablet === tablet.id && one.stream === stream && one.key === row.key) one.isAside = true
      tab.device?.putAside({ stream, key: row.key }).catch(ignoreRefusal)
      return
    }
    await scheduler.settle()
  }

  // ---- states ----

  function observe(): void {
    for (const tablet of tablets.all) {
      if (tablet.isWiped) continue
      const { written } = tablet.disk
      const phases = phasesOf(tablet)
      if (written === tablet.observed?.written && phases === tablet.observed.phases) continue
      tablet.observed = { written, phases }
      const now = stateOf(tablet)
      if (now === tablet.state) continue
      tally.states.add(now)
      tally.ways.add(`${tablet.state} > ${now}`)
      tablet.state = now
      // Also when the word that the right was taken came late, and it was given back meanwhile.
      if (record.conditions.wasPutBack)
        for (const [stream, { view }] of tablet.disk.written.streams) if (view.gone === true) tellsNoMore(tablet.id, stream)
    }
  }

  function phasesOf({ tabs }: Tablet): string {
    return tabs.length === 0 ? 'closed' : tabs.map(({ device }) => device?.sync.phase ?? 'opening').join('+')
  }

  function stateOf(tablet: Tablet): string {
    const flags: string[] = [phasesOf(tablet)]
    for (const [, { view, own, evidence }] of tablet.disk.written.streams) {
      let waiting = false
      let refused = false
      let again = false
      for (const row of own.values()) {
        if (isWaiting(row)) waiting = true
        if (isRefused(row) && row.open) refused = true
        if (row.again === true) again = true
      }
      let tells = false
      for (const { waits } of evidence.values()) if (waits) tells = true
      flags.push(
        `${waiting ? 'w' : ''}${refused ? 'r' : ''}${again ? 'a' : ''}${view.old === undefined ? '' : 'o'}${view.gone === true ? 'g' : ''}${tells ? 't' : ''}`,
      )
    }
    return flags.join(' ')
  }

  // ---- rest ----

  /** All come back to the network at once, while whatever strikes still does. */
  async function comeBack(): Promise<void> {
    for (const tablet of tablets.all) {
      if (tablet.isWiped) continue
      Object.assign(tablet, { hasSession: true, isOnline: true })
      for (const tab of tablet.tabs) tab.wake('now')
    }
    for (let step = 0; step < BACK_STEPS && wrong.length === 0; step++) {
      tally.steps++
      if (!(await scheduler.step())) {
        world.now += 60_000
        for (const tablet of tablets.all) if (!tablet.isWiped && tablet.tabs.length === 0) tablets.open(tablet)
        fireTimers()
        await scheduler.settle()
      }
      observe()
    }
  }

  async function comeToRest(): Promise<void> {
    for (const tablet of tablets.all) {
      if (tablet.isWiped) continue
      Object.assign(tablet, { hasSession: true, isOnline: true })
      // The new version of the app is a new page, and so is what a new right opens.
      const readable = tablet.person.orgUnits.map(streamOf).filter((stream) => tablets.isReader(tablet.person.username, stream))
      for (const tab of [...tablet.tabs])
        if (tablet.isOld || readable.some((stream) => !tab.shown.has(stream))) tablets.kill(tablet, tab)
      tablet.isOld = false
    }
    let quiet = 0
    let before = ''
    let left = CALM_STEPS_MAX
    const runDry = async () => {
      while (left > 0 && (await scheduler.step())) left--
    }
    // What nobody can read is given up only after some runs that all look alike.
    const isQuiet = () => quiet >= (isSomethingWaiting() ? 5 : 2)
    for (let round = 0; round < ROUNDS_MAX && !isQuiet(); round++) {
      world.now += 700_000
      for (const tablet of tablets.all) {
        if (tablet.isWiped) continue
        // Who was signed out signs in again.
        if (tablet.tabs.length === 0) tablets.open(tablet)
      }
      for (let turns = 0; turns < 3; turns++) {
        await runDry()
        if (turns === 0) for (const { tabs } of tablets.all) for (const tab of tabs) tab.wake('now')
        fireTimers()
        await scheduler.settle()
      }
      await runDry()
      const now = `${server.head()} ${tablets.all.map((tablet) => stateOf(tablet)).join()}`
      quiet = now === before ? quiet + 1 : 0
      before = now
    }
    tally.steps += CALM_STEPS_MAX - left
    world.checked('I13 it comes to rest')
    if (!isQuiet()) world.wrong('I13: it never comes to rest')
  }

  function isSomethingWaiting(): boolean {
    return tablets.all.some(
      (tablet) =>
        !tablet.isWiped && [...tablet.disk.written.streams.values()].some(({ own }) => [...own.values()].some(isWaiting)),
    )
  }

  function check(): void {
    const held = new Set<number>()
    for (const tablet of tablets.all) {
      if (tablet.isWiped) continue
      for (const code of tablet.person.orgUnits) checkTablet(tablet, streamOf(code), held)
    }
    record.checkEnd(server.streams(), held)
  }

  function checkTablet(tablet: Tablet, stream: string, held: Set<number>): void {
    const view = viewOf(tablet, stream)
    const waiting = ownRows(tablet, stream).filter(isWaiting)
    const right = server.rightOf(tablet.person.username, stream)
    if (right === undefined || right === 'gone') {
      world.checked('I9 no rows after the right is gone')
      if (Object.keys(view?.cells ?? {}).length + Object.keys(view?.old ?? {}).length > 0)
        world.wrong(`I9: tablet ${tablet.id} still has rows of ${stream}`)
      // What is their own stays on the tablet: a server that was put back does not hear of it from who never had the right, for it, and a
      // refusal that it has forgotten is not asked for again.
      for (const { pv } of ownRows(tablet, stream)) held.add(pv)
      if (right === 'gone' && waiting.length > 0) world.wrong(`I13: tablet ${tablet.id} still has unsent work for ${stream}`)
      return
    }
    world.checked('I6 at rest all have the rows of the server')
    const copy = server.see(stream)
    if (waiting.length > 0) world.wrong(`I13: tablet ${tablet.id} still has unsent work for ${stream}`)
    const cells = Object.fromEntries(copy.cells)
    if (view !== undefined && digestOf(view.cells) !== copy.head.digest)
      world.wrong(`I6: tablet ${tablet.id} has other cells of ${stream} than the server`)
    if (!sameCells(view?.cells ?? {}, cells)) world.wrong(`I6: tablet ${tablet.id} has not the cells of ${stream}`)
    record.checkRefusals(tablet.id, stream, copy, new Map(ownRows(tablet, stream).map((row) => [row.pv, row])))
    const shown = tablet.tabs.map((tab) => tab.shown.get(stream)).filter((one) => one !== undefined)
    const state = stateIn(copy.cells.get(STATE_KEY)?.heads.at(-1)?.value)
    for (const one of shown) {
      const { cells: screen } = one
      world.checked('I16 at rest the screen shows where the report stands')
      const life = lifeOf(one, { period: '2024', dataSet: 'students' })
      if (life.state !== state)
        world.wrong(`I16: tablet ${tablet.id} shows the report of ${stream} as ${life.state}, and it is ${state}`)
      for (const [key, { heads }] of copy.cells) {
        const cell = screen.get(key)
        if (cell?.mark === 'rejected') continue
        world.checked('I6 at rest the screen shows the rows of the server')
        if (valuesIn(cell?.heads ?? []) !== valuesIn(heads))
          world.wrong(
            `I6: tablet ${tablet.id} shows ${JSON.stringify(cell?.heads.map(({ value }) => value))} for ${stream} ${key}`,
          )
        else if (cell?.mark !== (heads.length > 1 ? 'conflict' : 'confirmed'))
          world.wrong(`I6: tablet ${tablet.id} marks ${stream} ${key} as ${cell?.mark}`)
      }
    }
  }

  function valuesOf(): string {
    return JSON.stringify(
      [...server.streams()].map(([stream, { cells, log }]) => [
        stream,
        log.length,
        [...cells].map(([key, { heads }]) => [key, heads.map(({ value }) => value)]),
      ]),
    )
  }
}

const DISTURBANCES = [
  'backUp',
  'backUp',
  'stray',
  'stray',
  'sessionExpired',
  'tooOld',
  'offline',
  'clockJumps',
  'signedOut',
  'secondTab',
  'serverKilled',
  'restored',
  'rolledBack',
  'backupVerified',
  'wiped',
  'copied',
  'copied',
  'rightsChanged',
  'planUpdated',
  'windowMoved',
  'photosLate',
  'deposited',
  'putAside',
  'putAside',
  'putAside',
] as const

/** How often somebody who uses the form thinks of the report as a whole. */
const STEPS_SHARE = { reviewer: 0.75, inspecting: 0.15, school: 0.4 } as const

/** Deeper than a request may carry: the server cannot read it. */
function deep(text: string): Json {
  let value: Json = text
  for (let depth = 0; depth < 9; depth++) value = [value]
  return value
}

/** The order of the heads says nothing: after a silent rollback it may be another one for those who were up to date before. */
function sameCells(one: Readonly<Record<string, Cell>>, other: Readonly<Record<string, Cell>>): boolean {
  const sorted = (cells: Readonly<Record<string, Cell>>) =>
    JSON.stringify(
      Object.entries(cells)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, { seq, heads }]) => [key, seq, heads.map((head) => JSON.stringify(head)).sort()]),
    )
  return sorted(one) === sorted(other)
}

const valuesIn = (heads: readonly { readonly value: Json }[]): string =>
  heads
    .map(({ value }) => JSON.stringify(value))
    .sort()
    .join()

export type { Chance }
