/**
 * Who works on this tablet, with which plan, for which org units.
 *
 * ```
 *   starting --(the tablet remembers a session)--> ready --signOut, revoked--> signedOut
 *      |                                             ^                             |
 *      +-----------(it remembers none)--> signedOut -+-----------signIn------------+
 * ```
 * Opening never waits for the network: what the tablet remembers is shown at once and refreshed behind it. A session that has
 * expired stays `ready`; `needsSignIn` says so, and signing in again lets the device go on sending. A session that was revoked shows
 * nothing further: only the server lets its person in again, and what is unsent waits on the tablet.
 */
import { defineStore } from 'pinia'
import { computed, hasInjectionContext, inject, shallowRef, watch } from 'vue'
import type { ApiFault, NamedPerson } from '#client/device/api'
import type { Device } from '#client/device/contract'
import type { Credentials, Unsent } from '#client/device/session-store'
import { failed, ok, type Result } from '#domain/fault'
import { may } from '#domain/may'
import type { OrgUnit } from '#domain/org-unit'
import { isBureauRole, type Person } from '#domain/person'
import type { Plan } from '#plan/plan'
import { SESSION_WORLD, type DemoAccount, type SessionWorld } from './session-world'
import { planKeyOf, readTrustedPlan } from './trusted-plan'
import { SERVER } from '#sync/protocol'
import { t } from '../i18n/i18n'

const REFRESH_EVERY_MS = 10 * 60_000
/** A form makes a value of what is typed after a second and a half: what is a draft for so long has no form any more. */
const STRAY_MS = 10_000

export type SessionPhase = 'starting' | 'signedOut' | 'ready'

/** `unreachable`: no network, and this tablet cannot know the password. */
export type SignInFault = ApiFault

type Opened = {
  readonly person: Person
  readonly orgUnits: readonly OrgUnit[]
  readonly colleagues: readonly NamedPerson[]
  readonly plan: Plan
}

export const useSession = defineStore('session', () => {
  const injected = hasInjectionContext() ? inject(SESSION_WORLD, undefined) : undefined
  const phase = shallowRef<SessionPhase>('starting')
  const person = shallowRef<Person>()
  const plan = shallowRef<Plan>()
  const orgUnits = shallowRef<readonly OrgUnit[]>([])
  const colleagues = shallowRef<readonly NamedPerson[]>([])
  const device = shallowRef<Device>()
  const demoAccounts = shallowRef<readonly DemoAccount[]>([])
  const peopleKnown = shallowRef<readonly Person[]>([])
  /** What each of them has on this tablet that has not reached the bureau; only where nobody is signed in. */
  const unsentOf = shallowRef<ReadonlyMap<string, Unsent>>(new Map())
  /** The server has said that the session is over. */
  const expired = shallowRef(false)
  /** When the server last said whose session it is, by this device's clock; unknown before the first time after opening. */
  const confirmedAt = shallowRef<number>()
  /** The tablet was closed because the bureau or the principal has stopped it. */
  const revoked = shallowRef(false)
  /** Grows with each entering and leaving: an answer to an earlier question is dropped. */
  let turn = 0
  /** When the session, the plan and the units were last compared with the server's, by this device's clock. */
  let refreshedAt = -Infinity

  const unitsByCode = computed(() => new Map(orgUnits.value.map((unit) => [unit.code, unit])))
  /** The units the person works for, in the order of the account; every unit for the bureau's roles. */
  const ownUnits = computed(() => {
    const who = person.value
    if (who === undefined) return []
    if (isBureauRole(who.role)) return orgUnits.value
    return who.orgUnits.flatMap((code) => unitsByCode.value.get(code) ?? [])
  })
  const isBureau = computed(() => person.value !== undefined && isBureauRole(person.value.role))
  /** The bureau's people have no school of their own: their device asks for nothing until they open one. */
  const hasContact = computed(() => !isBureau.value || device.value?.sync.lastContact !== undefined)
  const needsSignIn = computed(() => phase.value === 'ready' && (expired.value || device.value?.sync.phase === 'signedOut'))

  function unit(code: string): OrgUnit | undefined {
    return unitsByCode.value.get(code)
  }

  /** Of the data set, where one is named: a filler may be limited to some. */
  function mayWrite(code: string, dataSet?: string): boolean {
    const who = person.value
    if (who === undefined || !may(who, { do: 'write', orgUnit: code })) return false
    return dataSet === undefined || may(who, { do: 'writeCell', orgUnit: code, what: { is: 'value', dataSet } })
  }

  /** Rows say only the username. Colleagues, the bureau's reviewers and whoever worked on this tablet are called by name. */
  function nameOf(username: string): string {
    if (username === SERVER) return t('entry.cell.server')
    const isIt = (known: NamedPerson) => known.username === username
    return (colleagues.value.find(isIt) ?? peopleKnown.value.find(isIt))?.name ?? username
  }

  /** Opens the last session from this tablet. Nothing in here waits for an answer of the network. */
  async function start(): Promise<void> {
    const { store, report } = world()
    const kept = await store.readStart()
    const plan = readTrustedPlan(kept?.plan)
    if (kept === undefined || plan === undefined) {
      await showSignIn()
      return
    }
    const { session } = kept
    await enter({ ...session, colleagues: session.colleagues ?? [], plan })
    const mine = turn
    world().afterPaint(() => {
      store.people().then((people) => (peopleKnown.value = people), report)
      if (mine === turn) refresh().catch(report)
    })
  }

  async function signIn(username: string, password: string): Promise<Result<void, SignInFault>> {
    const { api, store, report } = world()
    const signedIn = await api.signIn(username, password)
    if (!signedIn.ok) {
      return signedIn.fault.kind === 'unreachable' ? signInWithoutNetwork({ username, password }) : signedIn
    }
    const [document, units, people] = await Promise.all([api.fetchPlan(), api.fetchOrgUnits(), api.fetchPeople()])
    if (!document.ok) return document
    if (!units.ok) return units
    const fetched = readTrustedPlan(document.value)
    if (fetched === undefined) return failed({ kind: 'unreachable' })
    // Names are worth having, not worth refusing somebody for.
    const opened = { person: signedIn.value, orgUnits: units.value, colleagues: people.ok ? people.value : [], plan: fetched }
    await remember(opened, document.value)
    // Takes a slow tablet a second, and is needed only the next time.
    store.rememberPassword({ username: opened.person.username, password }).catch(report)
    await enter(opened)
    expired.value = false
    confirmedAt.value = world().now()
    device.value?.syncNow()
    return ok(undefined)
  }

  async function signInWithoutNetwork({ username, password }: Credentials): Promise<Result<void, SignInFault>> {
    const { store } = world()
    const known = (await store.people()).find((each) => folded(each.username) === folded(username))
    if (known === undefined) return failed({ kind: 'unreachable' })
    const checked = await store.checkPassword({ username: known.username, password })
    if (checked === 'wrong') return failed({ kind: 'session.wrongPassword' })
    const stored = await store.readSessionOf(known.username)
    const storedPlan = stored === undefined ? undefined : readTrustedPlan(await store.readPlan(stored.plan))
    if (checked === 'unknown' || stored === undefined || storedPlan === undefined) return failed({ kind: 'unreachable' })
    await store.writeSession({ ...stored, since: world().now() })
    await enter({ ...stored, colleagues: stored.colleagues ?? [], plan: storedPlan })
    return ok(undefined)
  }

  /** Off the network, too, the tablet now opens with the new password, and with the old one no more. */
  async function passwordChanged(password: string): Promise<void> {
    const who = person.value
    if (who !== undefined) await world().store.rememberPassword({ username: who.username, password })
  }

  /** Unsent work stays on the tablet, and only the same person opens it again. */
  async function signOut(): Promise<void> {
    const leaving = leave()
    void world().api.signOut()
    await leaving
  }

  /** The password that was right here opens nothing any more: a lost tablet may be off the network for good. */
  async function seal(): Promise<void> {
    const { store, report } = world()
    const who = person.value
    if (who === undefined || phase.value !== 'ready') return
    revoked.value = true
    await store.forgetPassword(who.username).catch(report)
    await leave()
  }

  async function leave(): Promise<void> {
    const { store } = world()
    turn += 1
    const closing = device.value
    device.value = undefined
    await store.clearSession()
    await showSignIn()
    await closing?.close()
    person.value = undefined
    plan.value = undefined
    orgUnits.value = []
    colleagues.value = []
    expired.value = false
    confirmedAt.value = undefined
  }

  async function enter(opened: Opened): Promise<void> {
    turn += 1
    if (device.value === undefined || person.value?.username !== opened.person.username) {
      await device.value?.close()
      device.value = await world().openDevice(opened)
    }
    person.value = opened.person
    orgUnits.value = opened.orgUnits
    colleagues.value = opened.colleagues
    plan.value = opened.plan
    phase.value = 'ready'
    revoked.value = false
  }

  /** Each from that person's own database; nothing of it but how many. */
  async function countUnsent(): Promise<void> {
    const { store, report } = world()
    const mine = turn
    for (const { username } of peopleKnown.value) {
      const unsent = await store.unsentOf(username).catch(report)
      if (mine !== turn) return
      if (unsent !== undefined) unsentOf.value = new Map([...unsentOf.value, [username, unsent]])
    }
  }

  async function showSignIn(): Promise<void> {
    const { api, store, report } = world()
    unsentOf.value = new Map()
    peopleKnown.value = await store.people()
    phase.value = 'signedOut'
    countUnsent().catch(report)
    if (world().isOnline()) void api.fetchDemoAccounts().then((accounts) => (demoAccounts.value = accounts))
  }

  /** Looks whether the session, the plan and the units are still what the tablet remembers. */
  async function refresh(): Promise<void> {
    const { api, atQuietMoment } = world()
    const mine = turn
    refreshedAt = world().now()
    const opened = { person: person.value, plan: plan.value, orgUnits: orgUnits.value, colleagues: colleagues.value }
    if (opened.person === undefined || opened.plan === undefined || !world().isOnline()) return
    const who = await api.fetchSession()
    if (mine !== turn) return
    if (!who.ok) {
      if (who.fault.kind === 'session.missing') expired.value = true
      if (who.fault.kind === 'session.revoked') await seal()
      return
    }
    // Another person's cookie must not carry this person's work.
    expired.value = who.value.username !== opened.person.username
    if (expired.value) return
    confirmedAt.value = world().now()
    const [document, units, people] = await Promise.all([api.fetchPlan(), api.fetchOrgUnits(), api.fetchPeople()])
    if (mine !== turn) return
    const fetched = document.ok ? readTrustedPlan(document.value) : undefined
    const fresh = {
      person: who.value,
      orgUnits: units.ok ? units.value : opened.orgUnits,
      colleagues: people.ok ? people.value : opened.colleagues,
      plan: fetched ?? opened.plan,
    }
    await remember(fresh, fetched === undefined || !document.ok ? undefined : document.value, () => mine === turn)
    if (mine !== turn) return
    person.value = fresh.person
    orgUnits.value = fresh.orgUnits
    colleagues.value = fresh.colleagues
    if (planKeyOf(fresh.plan) === planKeyOf(opened.plan)) return
    atQuietMoment(() => {
      if (mine === turn) plan.value = fresh.plan
    })
  }

  /** What a page left behind that was closed while its last key was on its way to the database; no form need be opened for it to arrive. */
  async function settleStrays(): Promise<void> {
    const by = plan.value
    if (by === undefined) return
    await device.value?.settleDrafts({
      toWire: async (key, typed) => (await import('./wire-value')).toWire(by, key, typed),
      pv: by.document.version,
      ageMs: STRAY_MS,
    })
  }

  /** The plan before the session that names it: in between, the tablet still opens with the old one. */
  async function remember(opened: Opened, document: unknown, isStillHere = () => true): Promise<void> {
    const { store, now } = world()
    const key = planKeyOf(opened.plan)
    if (document !== undefined) await store.writePlan(key, document)
    // Whoever signed out meanwhile stays signed out.
    if (isStillHere()) await store.writeSession({ ...opened, plan: key, since: now() })
  }

  watch(
    () => device.value?.sync.revoked,
    (isRevoked) => {
      if (isRevoked === true) seal().catch(world().report)
    },
  )

  // A tablet stays open for weeks: a new plan, another school in the account and a session that is over are found with its contacts.
  if (injected !== undefined) {
    watch(
      () => device.value?.sync.lastContact,
      (contact) => {
        const isOld = Math.abs(injected.now() - refreshedAt) >= REFRESH_EVERY_MS
        if (contact === undefined || phase.value !== 'ready') return
        if (isOld) refresh().catch(injected.report)
        // The first contact is the kept one, read before the first screen: that waits for no database.
        injected.afterPaint(() => {
          settleStrays().catch(injected.report)
        })
      },
    )
  }

  function world(): SessionWorld {
    if (injected === undefined) throw new Error('the session has no world: main.ts provides it')
    return injected
  }

  return {
    phase,
    person,
    plan,
    orgUnits,
    device,
    demoAccounts,
    peopleKnown,
    unsentOf,
    expired,
    confirmedAt,
    revoked,
    ownUnits,
    isBureau,
    hasContact,
    needsSignIn,
    unit,
    mayWrite,
    nameOf,
    start,
    signIn,
    passwordChanged,
    signOut,
    refresh,
  }
})

/** As the server folds it: a tablet's keyboard likes to begin a name with a capital. */
const folded = (username: string): string => username.normalize('NFKC').trim().toLowerCase()
