import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Role } from '#domain/person'
import { createAccount } from '#server/accounts'
import { openSession, SESSION_COOKIE } from '#server/sessions'
import { valueKey, type TabletState } from '#sync/protocol'
import {
  answersOf,
  askOf,
  openDistrict,
  OTHER_SCHOOL,
  PASSWORD,
  SCHOOL,
  setTo,
  syncBody,
  type Answer,
  type District,
} from './district'

const MINUTE_MS = 60_000
const KEY = valueKey('2024', 'goodYouth')

let district: District
beforeAll(async () => {
  district = await openDistrict()
  const made = await createAccount(
    district.server().db,
    { username: 'elsewhere', name: '别校', role: 'filler', orgUnits: [OTHER_SCHOOL, SCHOOL], password: PASSWORD },
    0,
  )
  if (!made.ok) throw new Error(made.fault.kind)
})
afterAll(() => district.close())

let tablets = 0
let tablet = ''
beforeEach(() => {
  tablets += 1
  tablet = `tablet${String.fromCharCode(97 + (tablets >> 4), 97 + (tablets & 15))}aaaaa`
})

const QUIET: Omit<TabletState, 'id'> = { unsent: 0, refused: 0, conflicts: 0, files: 0, drafts: 0 }
type Said = Partial<TabletState>

function says(said: Said, options: { readonly now?: number; readonly app?: string; readonly mutations?: number } = {}) {
  const { now = district.clock.now, app = '1.2.3', mutations = 0 } = options
  const device = said.id ?? tablet
  const ask = askOf({ device, mutations: Array.from({ length: mutations }, (_, index) => setTo(index + 1, KEY, String(index))) })
  return { ...syncBody(ask), now, app, tablet: { id: tablet, ...QUIET, ...said } }
}

/** Asks with a session of its own. */
async function signIn(username: string): Promise<(method: 'GET' | 'POST', url: string, body?: unknown) => Promise<Answer>> {
  const token = await openSession(district.server().db, username, district.clock.now)
  return (method, url, body) =>
    district.inject({
      method,
      url,
      cookies: { [SESSION_COOKIE]: token },
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, payload: JSON.stringify(body) }),
    })
}

type Listed = Record<string, unknown> & { readonly id: string }
async function listedBy(role: Role): Promise<readonly Listed[]> {
  const answer = await district.as(role)('GET', '/api/tablets')
  expect(answer.status, answer.text).toBe(200)
  return (answer.body as { readonly tablets: readonly Listed[] }).tablets
}
const rowOf = async (id = tablet, role: Role = 'admin') => (await listedBy(role)).find((each) => each.id === id)

test('a tablet is listed with its person, its clock and all that it last said', async () => {
  const { now } = district.clock
  const storage = { used: 5e9, quota: 6e9, persisted: false }
  await district.as('filler')(
    'POST',
    '/api/sync',
    says(
      { unsent: 3, oldest: now - 5000, refused: 1, conflicts: 2, files: 4, drafts: 6, plan: 7, storage },
      { now: now + 90_000 },
    ),
  )
  const answer = await district.as('reviewer')('GET', '/api/tablets')
  expect(answer.body).toMatchObject({ now, app: '1.2.3', plan: district.server().plan.plan.document.version })
  expect(await rowOf()).toEqual({
    id: tablet,
    username: 'filler',
    name: 'filler',
    role: 'filler',
    orgUnits: [SCHOOL],
    firstContact: now,
    lastContact: now,
    clockAhead: 90_000,
    app: '1.2.3',
    plan: 7,
    unsent: 3,
    oldest: now - 5000,
    refused: 1,
    conflicts: 2,
    files: 4,
    drafts: 6,
    storage,
    mayRevoke: true,
  })
})

test('what it does not say is not made up', async () => {
  await district.as('filler')('POST', '/api/sync', says({}))
  const row = await rowOf()
  expect(row).toMatchObject({ storage: {} })
  for (const field of ['oldest', 'plan', 'revoked']) expect(row).not.toHaveProperty(field)
})

test('a tablet that has nothing new to say is written once a minute, and news at once', async () => {
  const filler = district.as('filler')
  const began = district.clock.now
  const lastContact = async () => Number((await rowOf())?.['lastContact']) - began
  await filler('POST', '/api/sync', says({ unsent: 5 }))
  // The list waits for what is being written; until then the session does not know the tablet.
  expect(await lastContact()).toBe(0)
  district.clock.now = began + 20_000
  await filler('POST', '/api/sync', says({ unsent: 4, drafts: 1 }))
  expect(await lastContact()).toBe(0)
  expect(await rowOf()).toMatchObject({ unsent: 5 })

  district.clock.now = began + 30_000
  await filler('POST', '/api/sync', says({ unsent: 0 }))
  expect(await lastContact()).toBe(30_000)
  expect(await rowOf()).toMatchObject({ unsent: 0, firstContact: began })

  district.clock.now = began + 30_000 + MINUTE_MS
  await filler('POST', '/api/sync', says({ unsent: 0 }))
  expect(await lastContact()).toBe(30_000 + MINUTE_MS)
})

test.each([
  ['a refusal', { refused: 1 }, {}],
  ['a conflict', { conflicts: 1 }, {}],
  ['a photo that waits', { files: 1 }, {}],
  ['a newer plan', { plan: 2 }, {}],
  ['a promise to keep the storage', { storage: { persisted: true } }, {}],
  ['a storage that is nearly full', { storage: { used: 95, quota: 100 } }, {}],
  ['a newer app', {}, { app: '9.9.9' }],
])('%s is news', async (_what, said: Said, options: { readonly app?: string }) => {
  await district.as('filler')('POST', '/api/sync', says({}))
  district.clock.now += 1000
  await district.as('filler')('POST', '/api/sync', says(said, options))
  expect(await rowOf()).toMatchObject({ lastContact: district.clock.now })
})

test.each([
  ['no object', 7],
  ['a name that is none', { ...QUIET, id: 'x' }],
  ['half a value', { ...QUIET, id: 'tabletxaaaaaa', unsent: 0.5 }],
  ['a number beyond all counting', { ...QUIET, id: 'tabletxaaaaaa', drafts: 2 ** 40 }],
  ['a word for a number', { ...QUIET, id: 'tabletxaaaaaa', storage: { used: 'much' } }],
])('of a tablet that says %s nothing is noted, and its values arrive', async (_what, said) => {
  const before = await listedBy('admin')
  const answer = await district.as('filler')('POST', '/api/sync', { ...says({}, { mutations: 1 }), tablet: said })
  expect(answersOf(answer)).toMatchObject([{ verdicts: [[1, expect.any(Number), expect.any(String)]] }])
  expect(await listedBy('admin')).toEqual(before)
})

test('the values arrive also when what the tablet said cannot be noted', async () => {
  const broken = await openDistrict()
  const { schema } = broken.server().db
  await schema.alterTable('tablet').renameTo('tablet_elsewhere').execute()
  const answer = await broken.as('filler')('POST', '/api/sync', says({}, { mutations: 1 }))
  expect(answersOf(answer)).toMatchObject([{ verdicts: [[1, 1, 'applied']] }])
  // Not before the attempt to note it has come to nothing.
  expect((await broken.as('admin')('GET', '/api/tablets')).status).toBe(500)
  await schema.alterTable('tablet_elsewhere').renameTo('tablet').execute()
  await broken.close()
})

test('a version with a text that no database gives back is left out, not the tablet', async () => {
  await district.as('filler')('POST', '/api/sync', says({ unsent: 1 }, { app: 'a\u0000b' }))
  expect(await rowOf()).toMatchObject({ app: '', unsent: 1 })
})

test("no account takes over another's tablet", async () => {
  await district.as('filler')('POST', '/api/sync', says({ unsent: 5 }))
  district.clock.now += MINUTE_MS
  await district.as('principal')('POST', '/api/sync', says({ unsent: 0 }))
  expect(await rowOf()).toMatchObject({ username: 'filler', unsent: 5 })
})

test('the bureau sees every tablet; a principal those of the own school, and of a shared person only the own school', async () => {
  const inspector = `inspec${tablet.slice(6)}`
  const shared = `shared${tablet.slice(6)}`
  await district.as('filler')('POST', '/api/sync', says({}))
  await district.as('inspector')('POST', '/api/sync', says({ id: inspector }))
  await (
    await signIn('elsewhere')
  )('POST', '/api/sync', says({ id: shared }))
  const seenBy = async (role: Role) =>
    (await listedBy(role))
      .map(({ id }) => id)
      .filter((id) => [tablet, inspector, shared].includes(id))
      .sort()
  for (const role of ['reviewer', 'leader', 'admin'] as const)
    expect(await seenBy(role)).toEqual([inspector, shared, tablet].sort())
  expect(await seenBy('principal')).toEqual([shared, tablet].sort())
  expect(await rowOf(shared, 'principal')).toMatchObject({ orgUnits: [SCHOOL], mayRevoke: false })
  expect(await rowOf(shared, 'reviewer')).toMatchObject({ orgUnits: [OTHER_SCHOOL, SCHOOL], mayRevoke: false })
})

test('a revoked tablet is told so, everywhere and in words, until its person signs in again', async () => {
  const first = await signIn('filler')
  await first('POST', '/api/sync', says({ unsent: 2 }))
  // Signed in anew on the same tablet: the first session is still in the database.
  const second = await signIn('filler')
  await second('POST', '/api/sync', says({ unsent: 2 }))
  const other = await signIn('filler')
  await other('POST', '/api/sync', says({ id: `other${tablet.slice(5)}` }))

  district.clock.now += 1000
  const at = district.clock.now
  expect((await district.as('admin')('POST', `/api/tablets/${tablet}/revoke`)).status).toBe(204)
  expect(await rowOf()).toMatchObject({ unsent: 2, revoked: { at, by: 'admin' } })
  expect((await rowOf())?.['revoked']).not.toHaveProperty('told')

  district.clock.now += 5000
  for (const ask of [first, second]) {
    for (const [method, url] of [
      ['POST', '/api/sync'],
      ['GET', '/api/session'],
      ['GET', '/api/orgUnits'],
    ] as const) {
      const answer = await ask(method, url, method === 'POST' ? says({}, { mutations: 1 }) : undefined)
      expect(answer.status).toBe(401)
      expect(answer.body).toMatchObject({ fault: { kind: 'session.revoked' } })
      district.clock.now += 1000
    }
  }
  expect(await rowOf()).toMatchObject({ unsent: 2, revoked: { at, by: 'admin', told: at + 5000 } })
  expect((await other('GET', '/api/session')).status).toBe(200)

  const again = await signIn('filler')
  expect(answersOf(await again('POST', '/api/sync', says({}, { mutations: 1 })))).toHaveLength(1)
  expect(await rowOf()).toMatchObject({ unsent: 0 })
  expect(await rowOf()).not.toHaveProperty('revoked')
  expect((await second('GET', '/api/session')).status).toBe(401)
})

test('an exchange that was under way when its tablet was revoked does not undo that', async () => {
  const filler = await signIn('filler')
  await filler('POST', '/api/sync', says({}))
  // Both are asked at once; whichever comes first, the tablet is revoked at the end.
  for (let round = 0; round < 5; round++) {
    district.clock.now += MINUTE_MS
    await Promise.all([
      filler('POST', '/api/sync', says({ unsent: round })),
      district.as('admin')('POST', `/api/tablets/${tablet}/revoke`),
    ])
    expect(await rowOf()).toMatchObject({ revoked: { by: 'admin' } })
    expect((await filler('GET', '/api/session')).status).toBe(401)
  }
})

test('a session from before that had not said its tablet yet ends with its first exchange', async () => {
  const late = await signIn('filler')
  await (
    await signIn('filler')
  )('POST', '/api/sync', says({}))
  district.clock.now += 1000
  await district.as('admin')('POST', `/api/tablets/${tablet}/revoke`)
  await late('POST', '/api/sync', says({}))
  expect(await rowOf()).toMatchObject({ revoked: { by: 'admin' } })
  expect((await late('GET', '/api/session')).body).toMatchObject({ fault: { kind: 'session.revoked' } })
})

test.each([
  ['admin', 'filler', 204],
  ['principal', 'filler', 204],
  ['principal', 'elsewhere', 403],
  ['principal', 'principal', 403],
  ['principal', 'inspector', 404],
  ['principal', 'reviewer', 404],
  ['reviewer', 'filler', 403],
  ['leader', 'filler', 403],
  ['filler', 'filler', 404],
  ['inspector', 'filler', 404],
] as const)("%s revokes %s's tablet: %i", async (asker, of, status) => {
  const person = await signIn(of)
  await person('POST', '/api/sync', says({}))
  const answer = await district.as(asker)('POST', `/api/tablets/${tablet}/revoke`)
  expect(answer.status, answer.text).toBe(status)
  expect((await person('GET', '/api/session')).status).toBe(status === 204 ? 401 : 200)
})

test('a tablet that nobody knows cannot be revoked', async () => {
  const answer = await district.as('admin')('POST', '/api/tablets/nobodyaaaaaaa/revoke')
  expect(answer.status).toBe(404)
  expect(answer.body).toMatchObject({ fault: { kind: 'tablet.unknown', path: 'id', values: { tablet: 'nobodyaaaaaaa' } } })
})
