/** Accounts as people meet them: the first password, who looks after whom, many at once, sessions, and strangers' wrong passwords. */
import { hash } from '@node-rs/argon2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Role } from '#domain/person'
import { BROWSER_COOKIE } from '#server/known-browsers'
import { SESSION_COOKIE } from '#server/sessions'
import { fileKey, valueKey } from '#sync/protocol'
import {
  answersOf,
  askOf,
  openDistrict,
  OTHER_SCHOOL,
  PASSWORD,
  plan,
  SCHOOL,
  setTo,
  syncBody,
  type Answer,
  type District,
} from './district'

let district: District
beforeAll(async () => {
  district = await openDistrict()
})
afterAll(() => district.close())

const NEW = 'my-own-password'
let made = 0
const nameOf = () => `person-${String(made++)}`

const as = (token: string, method: 'GET' | 'POST' | 'DELETE' | 'PATCH', url: string, payload?: object): Promise<Answer> =>
  district.inject({ method, url, cookies: { [SESSION_COOKIE]: token }, ...(payload === undefined ? {} : { payload }) })

type From = { readonly address?: string; readonly browser?: string | undefined; readonly agent?: string }
const signIn = (username: string, password: string, { address = '10.1.1.1', browser, agent }: From = {}) =>
  district.inject({
    method: 'POST',
    url: '/api/session',
    remoteAddress: address,
    payload: { username, password },
    ...(browser === undefined ? {} : { cookies: { [BROWSER_COOKIE]: browser } }),
    ...(agent === undefined ? {} : { headers: { 'user-agent': agent } }),
  })
const cookieIn = (answer: Answer, name: string): string => {
  const cookies = [answer.headers['set-cookie']].flat().map(String)
  return cookies.flatMap((cookie) => (cookie.startsWith(`${name}=`) ? [/=([^;]*)/.exec(cookie)?.[1] ?? ''] : []))[0] ?? ''
}
const tokenIn = (answer: Answer) => cookieIn(answer, SESSION_COOKIE)
const passwordIn = ({ body }: Answer) => String((body as { password?: string }).password)

const makeFiller = async (more: object = {}) => {
  const username = nameOf()
  const answer = await district.as('admin')('POST', '/api/accounts', {
    ...{ username, name: username, role: 'filler', orgUnits: [SCHOOL] },
    ...more,
  })
  expect(answer.status, answer.text).toBe(201)
  return { username, password: passwordIn(answer) }
}

describe('the first sign-in', () => {
  test('may do nothing but set a password, and then everything', async () => {
    const { username, password } = await makeFiller()
    const opened = await signIn(username, password)
    expect(opened.body).toMatchObject({ username, isOneTime: true })
    const token = tokenIn(opened)
    for (const url of ['/api/plan', '/api/orgUnits', '/api/people', '/api/sessions', '/api/dataValueSets?period=2024']) {
      const refused = await as(token, 'GET', url)
      expect([refused.status, refused.body]).toMatchObject([403, { fault: { kind: 'password.oneTime' } }])
    }
    expect((await as(token, 'POST', '/api/sync', syncBody(askOf({})))).body).toMatchObject({
      fault: { kind: 'password.oneTime' },
    })
    expect((await as(token, 'GET', '/api/session')).body).toMatchObject({ isOneTime: true })
    for (const [wanted, problem] of [
      ['short', 'passwordLength'],
      [password, 'passwordOld'],
    ] as const) {
      const refused = await as(token, 'POST', '/api/password', { password: wanted })
      expect(refused.body).toMatchObject({ fault: { kind: 'account.invalid', values: { problem } } })
    }
    expect((await as(token, 'POST', '/api/password', { password: NEW })).status).toBe(204)
    expect((await as(token, 'GET', '/api/plan')).status).toBe(200)
    expect((await as(token, 'GET', '/api/session')).body).not.toHaveProperty('isOneTime')
    expect((await signIn(username, password)).status).toBe(401)
    expect((await signIn(username, NEW)).body).not.toHaveProperty('isOneTime')
  })

  test('is asked for also where whoever made the account chose the password', async () => {
    const { username } = await makeFiller({ password: 'chosen-by-the-admin' })
    expect((await signIn(username, 'chosen-by-the-admin')).body).toMatchObject({ isOneTime: true })
  })

  test('ends what somebody else opened with the same one-time password', async () => {
    const { username, password } = await makeFiller()
    const [one, other] = [tokenIn(await signIn(username, password)), tokenIn(await signIn(username, password))]
    expect((await as(one, 'POST', '/api/password', { password: NEW })).status).toBe(204)
    expect((await as(other, 'POST', '/api/password', { password: 'another-password' })).status).toBe(401)
  })
})

describe('a password', () => {
  test('is changed by whoever knows the present one, and others’ sessions end where that is wished', async () => {
    const { username, password } = await makeFiller()
    const first = tokenIn(await signIn(username, password))
    await as(first, 'POST', '/api/password', { password: NEW })
    const second = tokenIn(await signIn(username, NEW))
    const wrong = await as(first, 'POST', '/api/password', { old: 'not-the-present', password: 'the-next-password' })
    expect([wrong.status, wrong.body]).toMatchObject([403, { fault: { kind: 'password.wrong' } }])
    expect((await as(first, 'POST', '/api/password', { old: NEW, password: username })).status).toBe(400)
    expect((await as(first, 'POST', '/api/password', { old: NEW, password: 'the-next-password' })).status).toBe(204)
    expect((await as(second, 'GET', '/api/session')).status).toBe(200)
    const ending = { old: 'the-next-password', password: 'the-last-password', endOthers: true }
    expect((await as(first, 'POST', '/api/password', ending)).status).toBe(204)
    expect((await as(second, 'GET', '/api/session')).body).toMatchObject({ fault: { kind: 'session.revoked' } })
    expect((await as(first, 'GET', '/api/session')).status).toBe(200)
  })

  test('cannot be tried without end on a tablet that is signed in', async () => {
    const { username, password } = await makeFiller()
    const token = tokenIn(await signIn(username, password))
    await as(token, 'POST', '/api/password', { password: NEW })
    const guess = () => as(token, 'POST', '/api/password', { old: 'a-guess-of-somebody', password: 'another-password' })
    for (let time = 0; time < 5; time++) expect((await guess()).status).toBe(403)
    expect((await guess()).status).toBe(429)
    district.clock.now += 2000
    expect((await as(token, 'POST', '/api/password', { old: NEW, password: 'another-password' })).status).toBe(204)
  })

  test('that was reset is shown once; tablets that are signed in go on', async () => {
    const { username, password } = await makeFiller()
    const token = tokenIn(await signIn(username, password))
    await as(token, 'POST', '/api/password', { password: NEW })
    const reset = await district.as('admin')('POST', `/api/accounts/${username}/password`)
    expect(passwordIn(reset)).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){2}$/)
    expect((await as(token, 'POST', '/api/sync', syncBody(askOf({})))).status).toBe(200)
    expect((await signIn(username, NEW)).status).toBe(401)
    expect((await signIn(username, passwordIn(reset))).body).toMatchObject({ isOneTime: true })
    const listed = (await district.as('admin')('GET', '/api/accounts')).body as readonly { username: string }[]
    expect(listed.find((account) => account.username === username)).toMatchObject({ isOneTime: true })
    expect(JSON.stringify(listed)).not.toContain(passwordIn(reset))
  })

  test('that was hashed at a lower cost is hashed anew when it is next given', async () => {
    const { username } = await makeFiller()
    const { db } = district.server()
    const old = await hash(NEW, { memoryCost: 1024, timeCost: 1, parallelism: 1 })
    await db.updateTable('account').set({ password_hash: old, one_time: 0 }).where('key', '=', username).execute()
    const stored = async () =>
      (await db.selectFrom('account').select('password_hash').where('key', '=', username).executeTakeFirstOrThrow()).password_hash
    await signIn(username, 'not-the-password')
    expect(await stored()).toBe(old)
    expect((await signIn(username, NEW)).status).toBe(200)
    expect(await stored()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect((await signIn(username, NEW)).status).toBe(200)
  })
})

test('strangers cannot lock anybody out of a browser that knows them, in the same network either', async () => {
  const { username, password } = await makeFiller()
  const known = cookieIn(await signIn(username, password), BROWSER_COOKIE)
  expect(known).toMatch(/^[\w-]{22}$/)
  for (let time = 0; time < 12; time++) await signIn(username, 'a-guess-of-somebody')
  expect((await signIn(username, password)).status).toBe(429)
  const own = await signIn(username, password, { browser: known })
  expect(own.status).toBe(200)
  expect(cookieIn(own, BROWSER_COOKIE)).toBe(known)
  // One that was not given here is no better than none, and is not taken over.
  expect((await signIn(username, password, { browser: 'A'.repeat(22) })).status).toBe(429)
  const elsewhere = await signIn(username, password, { address: '10.2.2.2', browser: 'A'.repeat(22) })
  expect(cookieIn(elsewhere, BROWSER_COOKIE)).not.toBe('A'.repeat(22))
  // The known one slows down too, for itself.
  for (let time = 0; time < 5; time++) await signIn(username, 'a-guess-of-somebody', { browser: known })
  expect((await signIn(username, password, { browser: known })).status).toBe(429)
  const another = await makeFiller()
  for (let time = 0; time < 5; time++) await signIn(another.username, 'a-guess-of-somebody', { browser: known })
  expect((await signIn(another.username, another.password, { browser: known })).status).toBe(429)
})

describe('sessions', () => {
  test('are one for each browser: who signs in again there does not leave the old one behind', async () => {
    const { username, password } = await makeFiller()
    const first = tokenIn(await signIn(username, password))
    const again = await district.inject({
      ...{ method: 'POST', url: '/api/session', payload: { username, password }, cookies: { [SESSION_COOKIE]: first } },
    })
    expect((await as(first, 'GET', '/api/session')).body).toMatchObject({ fault: { kind: 'session.missing' } })
    expect((await as(tokenIn(again), 'GET', '/api/session')).status).toBe(200)
    // Another person's in the same browser is not this one's to end.
    await district.inject({
      ...{ method: 'POST', url: '/api/session', payload: { username: 'leader', password: PASSWORD } },
      cookies: { [SESSION_COOKIE]: tokenIn(again) },
    })
    expect((await as(tokenIn(again), 'GET', '/api/session')).status).toBe(200)
  })

  test('are listed to their owner and ended by them, and by nobody else', async () => {
    const { username, password } = await makeFiller()
    const first = tokenIn(await signIn(username, password, { agent: 'Tablet One' }))
    await as(first, 'POST', '/api/password', { password: NEW })
    const second = tokenIn(await signIn(username, NEW, { agent: 'Tablet Two' }))
    type Row = { readonly id: string; readonly agent: string; readonly isThis: boolean }
    const list = async () => (await as(first, 'GET', '/api/sessions')).body as readonly Row[]
    const rows = await list()
    expect(new Map(rows.map(({ agent, isThis }) => [agent, isThis]))).toEqual(
      new Map([
        ['Tablet One', true],
        ['Tablet Two', false],
      ]),
    )
    const other = rows.find(({ isThis }) => !isThis)?.id ?? ''
    const foreign = await district.as('principal')('DELETE', `/api/sessions/${other}`)
    const none = await district.as('principal')('DELETE', `/api/sessions/${'0'.repeat(20)}`)
    expect(foreign.status).toBe(404)
    expect(foreign.body).toEqual(none.body)
    expect((await as(second, 'GET', '/api/plan')).status).toBe(200)
    expect((await as(first, 'DELETE', `/api/sessions/${other}`)).status).toBe(204)
    expect((await as(second, 'GET', '/api/plan')).body).toMatchObject({ fault: { kind: 'session.revoked' } })
    expect(await list()).toHaveLength(1)
    expect((await as(first, 'DELETE', '/api/sessions/%25')).status).toBe(404)
  })
})

describe('a principal', () => {
  const principal = (method: 'GET' | 'POST' | 'PATCH', url: string, body?: unknown) => district.as('principal')(method, url, body)
  const filler = (more: object = {}) => ({ username: nameOf(), name: 'x', role: 'filler', orgUnits: [SCHOOL], ...more })

  test('makes, limits, disables and resets the fillers of their own school', async () => {
    const made = filler({ dataSets: [plan.document.dataSets[0]?.id] })
    expect((await principal('POST', '/api/accounts', made)).status).toBe(201)
    const url = `/api/accounts/${made.username}`
    expect((await principal('PATCH', url, { dataSets: null })).body).not.toHaveProperty('dataSets')
    expect((await principal('PATCH', url, { disabled: true })).body).toMatchObject({ disabled: district.clock.now })
    expect((await principal('PATCH', url, { disabled: false })).body).not.toHaveProperty('disabled')
    expect(passwordIn(await principal('POST', `${url}/password`))).toMatch(/-/)
    const listed = (await principal('GET', '/api/accounts')).body as readonly { role: Role; orgUnits: readonly string[] }[]
    expect(listed.length).toBeGreaterThan(0)
    for (const { role, orgUnits } of listed) expect([role, orgUnits]).toEqual(['filler', [SCHOOL]])
  })

  test.each([
    ['of another school', { orgUnits: [OTHER_SCHOOL] }],
    ['of another school too', { orgUnits: [SCHOOL, OTHER_SCHOOL] }],
    ['of a school that is none', { orgUnits: ['nowhere'] }],
    ['of no school', { orgUnits: [] }],
    ['who is a principal', { role: 'principal' }],
    ['who is an inspector', { role: 'inspector' }],
    ['who is an admin', { role: 'admin', orgUnits: [] }],
  ])('makes nobody %s, and makes nobody so', async (_who, more) => {
    const refused = await principal('POST', '/api/accounts', filler(more))
    expect([refused.status, refused.body]).toMatchObject([403, { fault: { kind: 'right.missing' } }])
    const { username } = await makeFiller()
    const change = await principal('PATCH', `/api/accounts/${username}`, more)
    expect(change.status, change.text).toBeGreaterThanOrEqual(400)
    const accounts = (await district.as('admin')('GET', '/api/accounts')).body as readonly { username: string }[]
    expect(accounts.find((account) => account.username === username)).toMatchObject({ role: 'filler', orgUnits: [SCHOOL] })
  })

  test('is told the same of somebody else’s people and of nobody', async () => {
    const { username: elsewhere } = await makeFiller({ orgUnits: [OTHER_SCHOOL] })
    const { username: both } = await makeFiller({ orgUnits: [SCHOOL, OTHER_SCHOOL] })
    const nobody = (name: string) => ({ fault: { kind: 'account.unknown', values: { username: name } } })
    for (const name of [elsewhere, both, 'admin', 'reviewer', 'principal', 'inspector', 'nobody-at-all']) {
      expect((await principal('PATCH', `/api/accounts/${name}`, { name: 'y' })).body).toMatchObject(nobody(name))
      expect((await principal('POST', `/api/accounts/${name}/password`)).body).toMatchObject(nobody(name))
    }
  })
})

describe('a filler who was given some data sets', () => {
  test('writes these only: values, remarks, evidence and the mark', async () => {
    const [given, other] = plan.document.dataSets
    const elementOf = (dataSet: string | undefined) =>
      plan.elementList.find((element) => element.dataSet.id === dataSet)?.id ?? ''
    const [own, foreign] = [elementOf(given?.id), elementOf(other?.id)]
    const { username, password } = await makeFiller({ dataSets: [given?.id] })
    const opened = await signIn(username, password)
    expect(opened.body).toMatchObject({ dataSets: [given?.id] })
    const token = tokenIn(opened)
    await as(token, 'POST', '/api/password', { password: NEW })
    const file = { sha256: 'a'.repeat(64), name: 'x.png', type: 'image/png', size: 1 }
    const keys = [
      valueKey('2023', own),
      `${valueKey('2023', own)}/remark`,
      valueKey('2023', foreign),
      `${valueKey('2023', foreign)}/remark`,
      fileKey(valueKey('2023', foreign), file.sha256),
      `m/2023/${String(other?.id)}`,
      valueKey('2023', 'notInThisPlan'),
    ]
    const mutations = keys.map((key, at) => setTo(at + 1, key, key.startsWith('a/') ? file : '1'))
    const ask = askOf({ device: 'givenaaaaaaaa', mutations })
    const [answer] = answersOf(await as(token, 'POST', '/api/sync', syncBody(ask)))
    const verdicts = answer !== undefined && 'verdicts' in answer ? answer.verdicts.map(([, , verdict]) => verdict) : []
    expect(verdicts.map((verdict) => verdict !== 'rejected: forbidden')).toEqual([true, true, false, false, false, false, true])
  })

  test('is one that the plan has, and of a filler', async () => {
    const account = { username: nameOf(), name: 'x', role: 'filler', orgUnits: [SCHOOL], dataSets: ['none'] }
    const admin = district.as('admin')
    expect((await admin('POST', '/api/accounts', account)).body).toMatchObject({ fault: { kind: 'dataSet.unknown' } })
    const dataSets = [plan.document.dataSets[0]?.id]
    expect((await admin('POST', '/api/accounts', { ...account, role: 'principal', dataSets })).body).toMatchObject({
      fault: { kind: 'account.invalid', values: { problem: 'dataSetsOfFiller' } },
    })
    // Who fills no more is limited no more.
    const { username } = await makeFiller({ dataSets })
    expect((await admin('PATCH', `/api/accounts/${username}`, { role: 'principal' })).body).not.toHaveProperty('dataSets')
  })
})

describe('many accounts at once', () => {
  const send = (body: object) => district.as('admin')('POST', '/api/accounts/import', body)
  const table = (...lines: readonly string[]) => ['username,name,role,orgUnits,dataSets', ...lines].join('\n')
  const isThere = async (username: string) =>
    ((await district.as('admin')('GET', '/api/accounts')).body as readonly { username: string }[]).some(
      (account) => account.username === username,
    )

  test('a dry run says of each line what the real one does, and makes nothing', async () => {
    const [one, two] = [nameOf(), nameOf()]
    const csv = table(
      `${one},"张, 三",filler,${SCHOOL} ${OTHER_SCHOOL},${String(plan.document.dataSets[0]?.id)}`,
      `${two},李四,principal,nowhere`,
      `admin,王五,leader,`,
      `${one},again,leader,`,
      `x,y,king,`,
    )
    const dry = await send({ csv, take: 'good', dryRun: true })
    expect(dry.body).toMatchObject({ dryRun: true, made: 0, refused: 4 })
    const { rows } = dry.body as { rows: readonly { row: number; result: string; fault?: { kind: string } }[] }
    expect(rows.map(({ row, result, fault }) => [row, result, fault?.kind])).toEqual([
      [2, 'fits', undefined],
      [3, 'refused', 'orgUnit.unknown'],
      [4, 'refused', 'account.exists'],
      [5, 'refused', 'account.exists'],
      [6, 'refused', 'body.invalid'],
    ])
    expect(await isThere(one)).toBe(false)

    expect((await send({ csv, take: 'all' })).body).toMatchObject({ made: 0, refused: 4 })
    expect(await isThere(one)).toBe(false)

    const real = await send({ csv, take: 'good' })
    expect(real.body).toMatchObject({ made: 1, refused: 4 })
    const [first] = (real.body as { rows: readonly { password?: string }[] }).rows
    expect((await signIn(one, first?.password ?? '')).body).toMatchObject({
      ...{ name: '张, 三', orgUnits: [SCHOOL, OTHER_SCHOOL], isOneTime: true },
    })
    expect(await isThere(two)).toBe(false)
  })

  test('as JSON, all or none', async () => {
    const accounts = [nameOf(), nameOf()].map((username) => ({ username, name: 'x', role: 'filler', orgUnits: [SCHOOL] }))
    expect((await send({ accounts, take: 'all' })).body).toMatchObject({ made: 2, refused: 0 })
    for (const { username } of accounts) expect(await isThere(username)).toBe(true)
  })

  test.each([
    ['without its columns', 'username,name\na,b', 'columns'],
    ['with a column that nobody knows', `username,name,role,orgUnits,colour\na,b,filler,${SCHOOL},red`, 'columns'],
    ['without a line', 'username,name,role,orgUnits', 'empty'],
    ['with too many lines', table(...Array.from({ length: 501 }, (_, at) => `a${String(at)},b,leader,`)), 'tooMany'],
    ['with an open quote', 'username,name,role,orgUnits\n"a,b,leader,', 'unreadable'],
  ])('a table %s is refused as a whole', async (_how, csv, problem) => {
    const refused = await send({ csv, take: 'good' })
    expect([refused.status, refused.body]).toMatchObject([400, { fault: { kind: 'account.csv', values: { problem } } }])
  })
})

test.each(['filler', 'inspector', 'reviewer', 'leader'] as const)('a %s looks after nobody', async (role) => {
  for (const name of ['filler', 'nobody-at-all']) {
    const answers = [
      await district.as(role)('GET', '/api/accounts'),
      await district.as(role)('PATCH', `/api/accounts/${name}`, { name: 'x' }),
      await district.as(role)('POST', `/api/accounts/${name}/password`),
      await district.as(role)('POST', '/api/accounts', { username: name, name, role: 'filler', orgUnits: [SCHOOL] }),
      await district.as(role)('POST', '/api/accounts/import', { accounts: [], take: 'all' }),
      await district.as(role)('GET', '/api/audit'),
    ]
    for (const answer of answers) expect(answer.body).toMatchObject({ fault: { kind: 'right.missing' } })
  }
  expect((await signIn(role, PASSWORD)).status).toBe(200)
})
