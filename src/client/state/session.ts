/**
 * Who works on this device, with which plan, for which org units.
 *
 *     starting --(the shelf holds a session)--> ready --signOut--> signedOut
 *        |                                        ^                   |
 *        +------------(it holds none)------> signedOut ----signIn-----+
 *
 * Opening never waits for the network: what the shelf holds is shown at once and refreshed behind it. A session that has
 * expired stays `ready`; `needsSignIn` says so, and signing in again lets the device go on sending.
 */
import { defineStore } from 'pinia'
import { computed, hasInjectionContext, inject, shallowRef } from 'vue'
import type { Device } from '#client/device/contract'
import { failed, ok, type Fault, type Result } from '#domain/fault'
import { may } from '#domain/may'
import type { OrgUnit } from '#domain/org-unit'
import { isBureauRole, type Person } from '#domain/person'
import type { Plan } from '#plan/plan'
import { SESSION_WORLD, type DemoAccount, type KeptPlan, type KeptSession, type SessionWorld } from './session-world'

export type SessionPhase = 'starting' | 'signedOut' | 'ready'

/** `unreachable`: no network, and the password is not known on this device. */
export type SignInFault = Fault | { readonly kind: 'unreachable' }

export const useSession = defineStore('session', () => {
  const injected = hasInjectionContext() ? inject(SESSION_WORLD, undefined) : undefined
  const phase = shallowRef<SessionPhase>('starting')
  const person = shallowRef<Person>()
  const plan = shallowRef<Plan>()
  const orgUnits = shallowRef<readonly OrgUnit[]>([])
  const device = shallowRef<Device>()
  const demoAccounts = shallowRef<readonly DemoAccount[]>([])
  const peopleKnown = shallowRef<readonly Person[]>([])
  /** The server has said that the session is over. */
  const expired = shallowRef(false)
  let kept: KeptSession | undefined

  const unitsByCode = computed(() => new Map(orgUnits.value.map((unit) => [unit.code, unit])))
  /** The units the person works for, in the order of the account; every unit for the bureau's roles. */
  const ownUnits = computed(() => {
    const who = person.value
    if (who === undefined) return []
    if (isBureauRole(who.role)) return orgUnits.value
    return who.orgUnits.flatMap((code) => unitsByCode.value.get(code) ?? [])
  })
  const isBureau = computed(() => person.value !== undefined && isBureauRole(person.value.role))
  const needsSignIn = computed(() => phase.value === 'ready' && (expired.value || device.value?.sync.phase === 'signedOut'))

  function unit(code: string): OrgUnit | undefined {
    return unitsByCode.value.get(code)
  }

  function mayWrite(code: string): boolean {
    return person.value !== undefined && may(person.value, { do: 'write', orgUnit: code })
  }

  /** Opens the last session from this device. Nothing in here waits for an answer of the network. */
  async function start(): Promise<void> {
    const last = await world().shelf.last()
    if (last === undefined) {
      await showSignIn()
      return
    }
    await enter(last)
    void refresh()
  }

  async function signIn(username: string, password: string): Promise<Result<void, SignInFault>> {
    const credentials = { username, password }
    const reply = await world().server.signIn(credentials)
    if (reply.kind === 'refused') return failed(reply.fault)
    if (reply.kind === 'unreachable') return await signInWithoutNetwork(credentials)
    const [planReply, unitsReply] = await Promise.all([world().server.plan(), world().server.orgUnits()])
    if (planReply.kind === 'refused') return failed(planReply.fault)
    if (unitsReply.kind === 'refused') return failed(unitsReply.fault)
    if (planReply.kind === 'unreachable' || unitsReply.kind === 'unreachable') return failed({ kind: 'unreachable' })
    const session = { person: reply.value, plan: planReply.value, orgUnits: unitsReply.value }
    await world().shelf.keep(session)
    await world().shelf.remember(credentials)
    await enter(session)
    expired.value = false
    device.value?.syncNow()
    return ok(undefined)
  }

  async function signInWithoutNetwork(credentials: { username: string; password: string }): Promise<Result<void, SignInFault>> {
    const session = await world().shelf.reopen(credentials)
    if (session === 'unknown') return failed({ kind: 'unreachable' })
    if (session === 'wrongPassword') return failed({ kind: 'session.wrongPassword' })
    await world().shelf.keep(session)
    await enter(session)
    return ok(undefined)
  }

  /** Unsent work stays on the device, and only the same person opens it again. */
  async function signOut(): Promise<void> {
    await device.value?.close()
    await world().shelf.leave()
    void world().server.signOut()
    device.value = undefined
    person.value = undefined
    plan.value = undefined
    orgUnits.value = []
    kept = undefined
    expired.value = false
    await showSignIn()
  }

  async function enter(session: KeptSession): Promise<void> {
    const sameDevice = device.value !== undefined && person.value?.username === session.person.username
    if (!sameDevice) {
      await device.value?.close()
      device.value = await world().openDevice(session)
    }
    kept = session
    person.value = session.person
    orgUnits.value = session.orgUnits
    plan.value = session.plan.plan
    phase.value = 'ready'
  }

  async function showSignIn(): Promise<void> {
    phase.value = 'signedOut'
    peopleKnown.value = await world().shelf.people()
    void world()
      .server.demoAccounts()
      .then((accounts) => (demoAccounts.value = accounts))
  }

  /** Looks whether the session, the plan and the units are still what the device holds. */
  async function refresh(): Promise<void> {
    const opened = kept
    if (opened === undefined) return
    const server = world().server
    const who = await server.person()
    if (kept !== opened || who.kind === 'unreachable') return
    if (who.kind === 'refused') {
      expired.value = who.fault.kind === 'session.missing'
      return
    }
    if (who.value.username !== opened.person.username) {
      // The cookie is another person's: their session must not carry this person's work.
      expired.value = true
      return
    }
    expired.value = false
    const [planReply, unitsReply] = await Promise.all([server.plan(), server.orgUnits()])
    if (kept !== opened) return
    const fresh: KeptSession = {
      person: who.value,
      plan: planReply.kind === 'answered' ? planReply.value : opened.plan,
      orgUnits: unitsReply.kind === 'answered' ? unitsReply.value : opened.orgUnits,
    }
    kept = fresh
    await world().shelf.keep(fresh)
    if (kept !== fresh) return
    person.value = fresh.person
    orgUnits.value = fresh.orgUnits
    if (!isSamePlan(opened.plan, fresh.plan)) {
      world().atQuietMoment(() => {
        if (kept === fresh) plan.value = fresh.plan.plan
      })
    }
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
    expired,
    ownUnits,
    isBureau,
    needsSignIn,
    unit,
    mayWrite,
    start,
    signIn,
    signOut,
    refresh,
  }
})

function isSamePlan(a: KeptPlan, b: KeptPlan): boolean {
  return a.plan.document.id === b.plan.document.id && a.plan.document.version === b.plan.document.version
}
