// @vitest-environment node
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { afterEach, expect, test } from 'vitest'
import type { ApiResult } from '#client/device/api'
import type { DeviceWorld } from '#client/device/make-device'
import { memoryDevice } from '#client/device/memory-device'
import { openSessionStore, type SessionStore } from '#client/device/session-store'
import { useSession } from '#client/state/session'
import { SESSION_WORLD, type SessionWorld } from '#client/state/session-world'
import { failed, ok } from '#domain/fault'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import { smallDocument } from './small-plan'

const wang: Person = { username: 'wang', name: '王校长', role: 'principal', orgUnits: ['u2', 'u1'] }
const zhao: Person = { username: 'zhao', name: '赵局', role: 'leader', orgUnits: [] }
const unit = (code: string): OrgUnit => ({ code, name: `学校 ${code}`, type: 'primary', ownership: 'public' })

/** A server that can be unplugged, and forgets sessions on demand. */
function makeServer() {
  const server = {
    isUp: true,
    signedIn: undefined as Person | undefined,
    /** Tablets were revoked; ends with the next signing in. */
    isRevoked: false,
    planVersion: 1,
    units: [unit('u1'), unit('u2'), unit('u3')],
    people: [wang, zhao],
  }
  const answer = <T>(give: () => ApiResult<T>): Promise<ApiResult<T>> =>
    Promise.resolve(server.isUp ? give() : failed({ kind: 'unreachable' }))
  const whenSignedIn = <T>(value: () => T) =>
    answer(() => {
      if (server.isRevoked) return failed({ kind: 'session.revoked' })
      return server.signedIn === undefined ? failed({ kind: 'session.missing' }) : ok(value())
    })
  const api: SessionWorld['api'] = {
    signIn: (username, password) =>
      answer(() => {
        const person = server.people.find((each) => each.username === username.toLowerCase())
        if (person === undefined || password !== 'right') return failed({ kind: 'session.wrongPassword' })
        server.signedIn = person
        server.isRevoked = false
        return ok(person)
      }),
    signOut: () =>
      answer(() => {
        server.signedIn = undefined
        return ok(undefined)
      }),
    fetchSession: () => whenSignedIn(() => server.signedIn ?? wang),
    fetchPlan: () => whenSignedIn<unknown>(() => smallDocument(server.planVersion)),
    fetchOrgUnits: () => whenSignedIn<readonly OrgUnit[]>(() => server.units),
    fetchPeople: () => whenSignedIn(() => server.people.map(({ username, name }) => ({ username, name }))),
    fetchDemoAccounts: () => Promise.resolve([]),
  }
  return { server, api }
}

const stores: SessionStore[] = []
let quiet: (() => void)[] = []
let now = 1_700_000_000_000

/** The app as it starts in a tab, over the tablet's database. */
function openTab({ server, api }: ReturnType<typeof makeServer>, net?: DeviceWorld['net']) {
  const store = openSessionStore()
  stores.push(store)
  const reported: unknown[] = []
  const app = createApp({ render: () => null })
  app.use(createPinia())
  app.provide(SESSION_WORLD, {
    api,
    store,
    openDevice: (by) => memoryDevice(net === undefined ? by : { ...by, net }),
    atQuietMoment: (run) => quiet.push(run),
    afterPaint: (work) => work(),
    isOnline: () => server.isUp,
    now: () => now,
    report: (error) => reported.push(error),
  })
  return { session: app.runWithContext(() => useSession()), store, reported }
}

const answersArrived = () => new Promise((resolve) => setTimeout(resolve, 50))

afterEach(async () => {
  quiet = []
  for (const store of stores.splice(0)) store.close()
  await new Promise<void>((resolve, reject) => {
    const deletion = indexedDB.deleteDatabase('youxue-app')
    deletion.onsuccess = () => resolve()
    deletion.onerror = () => reject(new Error('the database is in use'))
  })
})

test('a tablet that knows nobody asks to sign in', async () => {
  const { session } = openTab(makeServer())
  await session.start()
  expect(session.phase).toBe('signedOut')
  expect(session.person).toBeUndefined()
})

test('signing in brings the plan and the units, and gives the units in the order of the account', async () => {
  const { session } = openTab(makeServer())
  await session.start()
  expect(await session.signIn('wang', 'right')).toEqual({ ok: true, value: undefined })
  expect(session.phase).toBe('ready')
  expect(session.ownUnits.map(({ code }) => code)).toEqual(['u2', 'u1'])
  expect(session.plan?.dataSets.has('staff')).toBe(true)
  expect([session.mayWrite('u1'), session.mayWrite('u3')]).toEqual([true, false])
  expect(session.device?.person.username).toBe('wang')
})

test('a wrong password and a missing network are told apart', async () => {
  const world = makeServer()
  const { session } = openTab(world)
  await session.start()
  expect(await session.signIn('wang', 'wrong')).toEqual({ ok: false, fault: { kind: 'session.wrongPassword' } })
  world.server.isUp = false
  expect(await session.signIn('wang', 'right')).toEqual({ ok: false, fault: { kind: 'unreachable' } })
  expect(session.phase).toBe('signedOut')
})

test('the last session opens without a network', async () => {
  const world = makeServer()
  const first = openTab(world).session
  await first.start()
  await first.signIn('wang', 'right')
  world.server.isUp = false
  const { session } = openTab(world)
  await session.start()
  expect(session.phase).toBe('ready')
  expect(session.person).toEqual(wang)
  expect(session.plan?.document.version).toBe(1)
  expect(session.unit('u3')?.name).toBe('学校 u3')
  expect(session.needsSignIn).toBe(false)
})

test('who signed out gets in without a network by the password that was right here, and by no other', async () => {
  const world = makeServer()
  const { session, store, reported } = openTab(world)
  await session.start()
  await session.signIn('wang', 'right')
  // The proof of the password is made beside the signing in.
  await expect.poll(() => store.checkPassword({ username: 'wang', password: 'right' }), { timeout: 15_000 }).toBe('right')
  await session.signOut()
  expect(session.phase).toBe('signedOut')
  expect([session.person, session.plan, session.device]).toEqual([undefined, undefined, undefined])
  expect(session.peopleKnown.map(({ name }) => name)).toEqual(['王校长'])
  world.server.isUp = false
  expect(await session.signIn('Wang', 'wrong')).toEqual({ ok: false, fault: { kind: 'session.wrongPassword' } })
  expect(await session.signIn('zhao', 'right')).toEqual({ ok: false, fault: { kind: 'unreachable' } })
  expect(await session.signIn('Wang', 'right')).toEqual({ ok: true, value: undefined })
  expect(session.person).toEqual(wang)
  expect(reported).toEqual([])
}, 30_000)

test('an expired session keeps the screen and asks to sign in again, which ends the asking', async () => {
  const world = makeServer()
  const { session } = openTab(world)
  await session.start()
  await session.signIn('wang', 'right')
  const device = session.device
  world.server.signedIn = undefined
  await session.refresh()
  expect([session.phase, session.needsSignIn]).toEqual(['ready', true])
  await session.signIn('wang', 'right')
  expect(session.needsSignIn).toBe(false)
  expect(session.device).toBe(device)
})

test('a revoked tablet shows nothing further, and only the server lets its person in again', async () => {
  const world = makeServer()
  const { session, store } = openTab(world)
  await session.start()
  await session.signIn('wang', 'right')
  await expect.poll(() => store.checkPassword({ username: 'wang', password: 'right' }), { timeout: 15_000 }).toBe('right')
  world.server.isRevoked = true
  await session.refresh()
  expect([session.phase, session.revoked]).toEqual(['signedOut', true])
  expect([session.person, session.plan, session.device]).toEqual([undefined, undefined, undefined])
  // Opened again off the network, it knows nobody, and the password opens nothing.
  world.server.isUp = false
  const { session: next } = openTab(world)
  await next.start()
  expect(next.phase).toBe('signedOut')
  expect(await next.signIn('wang', 'right')).toEqual({ ok: false, fault: { kind: 'unreachable' } })
  world.server.isUp = true
  expect(await session.signIn('wang', 'right')).toEqual({ ok: true, value: undefined })
  expect([session.phase, session.revoked]).toEqual(['ready', false])
}, 30_000)

test('a tablet that hears of it with an exchange closes too', async () => {
  const { session } = openTab(makeServer(), {
    exchange: () => Promise.resolve({ kind: 'signedOut', revoked: true }),
    abort: () => undefined,
  })
  await session.start()
  await session.signIn('wang', 'right')
  await expect.poll(() => session.phase, { timeout: 15_000 }).toBe('signedOut')
  expect([session.revoked, session.device]).toEqual([true, undefined])
})

test('the cookie of another person never carries this person’s work', async () => {
  const world = makeServer()
  const { session } = openTab(world)
  await session.start()
  await session.signIn('wang', 'right')
  world.server.signedIn = zhao
  await session.refresh()
  expect(session.needsSignIn).toBe(true)
  expect(session.person).toEqual(wang)
})

test('another person signs in over an expired session: the device changes with them', async () => {
  const world = makeServer()
  const { session } = openTab(world)
  await session.start()
  await session.signIn('wang', 'right')
  await session.signIn('zhao', 'right')
  expect(session.device?.person.username).toBe('zhao')
  expect(session.isBureau).toBe(true)
  expect(session.ownUnits.map(({ code }) => code)).toEqual(['u1', 'u2', 'u3'])
})

test('a new plan waits for a quiet moment, and opens at the next start', async () => {
  const world = makeServer()
  const { session } = openTab(world)
  await session.start()
  await session.signIn('wang', 'right')
  world.server.planVersion = 2
  world.server.units = [unit('u1'), unit('u2')]
  await session.refresh()
  expect(session.plan?.document.version).toBe(1)
  expect(session.unit('u3')).toBeUndefined()
  const next = openTab(world).session
  await next.start()
  expect(next.plan?.document.version).toBe(2)
  for (const run of quiet) run()
  expect(session.plan?.document.version).toBe(2)
})

test('an answer that comes after signing out changes nothing', async () => {
  const world = makeServer()
  const { session } = openTab(world)
  await session.start()
  await session.signIn('wang', 'right')
  const late = session.refresh()
  await session.signOut()
  await late
  await answersArrived()
  expect(session.person).toBeUndefined()
  const { session: next } = openTab(world)
  await next.start()
  expect(next.phase).toBe('signedOut')
})

test('who signs out leaves unsent work behind, and the sign-in page knows of it', async () => {
  const world = makeServer()
  const { session, store } = openTab(world)
  const counted: string[] = []
  store.unsentOf = (username) => {
    counted.push(username)
    return Promise.resolve({ values: 3, refused: 0, drafts: 1 })
  }
  await session.start()
  await session.signIn('wang', 'right')
  expect(counted).toEqual([])
  await session.signOut()
  await expect.poll(() => session.unsentOf.get('wang')).toEqual({ values: 3, refused: 0, drafts: 1 })
  await session.signIn('wang', 'right')
  await session.signOut()
  expect(counted).toEqual(['wang', 'wang'])
})

test('a tablet that stays open finds a new plan with its contacts, and what waits on it is untouched', async () => {
  const world = makeServer()
  let exchanges = 0
  const { session } = openTab(world, {
    // Takes nothing and has nothing.
    exchange: ({ asks }) => {
      exchanges += 1
      const nothing = { epoch: 'e', last: 0, verdicts: [], witnessed: [], rows: [], from: 0, upto: 0, done: true }
      const answers = asks.map(({ stream }) => ({ stream, ...nothing }))
      return Promise.resolve({ kind: 'answered', answer: { v: 1, now: 0, answers } })
    },
    abort: () => undefined,
  })
  await session.start()
  await session.signIn('wang', 'right')
  const device = session.device
  await device?.commit({ stream: 's/u1', key: 'v/2024/rooms', value: '12', base: [], pv: 1 })
  world.server.planVersion = 2
  // Nothing but a contact, ten minutes after the last look.
  now += 10 * 60_000
  const before = exchanges
  device?.syncNow()
  await expect.poll(() => exchanges > before && quiet.length > 0, { timeout: 15_000 }).toBe(true)
  for (const run of quiet) run()
  expect(session.plan?.document.version).toBe(2)
  expect(session.device).toBe(device)
  expect(device?.sync.waiting).toBe(1)
}, 30_000)
