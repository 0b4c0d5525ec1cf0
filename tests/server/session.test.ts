import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAttempts } from '#server/attempts'
import { SESSION_COOKIE } from '#server/sessions'
import { openDistrict, PASSWORD, person, START, type District } from './district'

const DAY_MS = 24 * 60 * 60 * 1000

let district: District
beforeAll(async () => {
  district = await openDistrict()
})
afterAll(() => district.close())

const signIn = (username: string, password: string) => district.as(undefined)('POST', '/api/session', { username, password })

describe('signing in', () => {
  test('answers who it is and sets a cookie that no script can read and no other site sends', async () => {
    const answer = await signIn('principal', PASSWORD)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual(person('principal'))
    const cookie = String(answer.headers['set-cookie'])
    expect(cookie).toMatch(new RegExp(`^${SESSION_COOKIE}=[\\w-]{43};`))
    for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/', `Max-Age=${180 * 24 * 60 * 60}`])
      expect(cookie).toContain(attribute)
    expect(cookie).not.toContain('Secure')
  })

  test('behind a proxy that ends TLS the cookie is for TLS only', async () => {
    const answer = await district.inject({
      method: 'POST',
      url: '/api/session',
      headers: { 'content-type': 'application/json', 'x-forwarded-proto': 'https' },
      payload: { username: 'leader', password: PASSWORD },
    })
    const cookies = [answer.headers['set-cookie']].flat().map(String)
    expect(cookies).toHaveLength(2)
    for (const cookie of cookies) expect(cookie).toContain('Secure')
  })

  test('a username is the same in any case and width', async () => {
    expect((await signIn(' PRINCIPAL ', PASSWORD)).status).toBe(200)
    expect((await signIn('ｐｒｉｎｃｉｐａｌ', PASSWORD)).status).toBe(200)
  })

  test('a wrong password and an unknown name get the same answer', async () => {
    const wrong = await signIn('filler', 'not-the-password')
    const unknown = await signIn('nobody-at-all', 'not-the-password')
    expect(wrong.status).toBe(401)
    expect(wrong.body).toMatchObject({ fault: { kind: 'session.wrongPassword' } })
    expect(unknown.body).toEqual(wrong.body)
    expect(wrong.headers['set-cookie']).toBeUndefined()
  })

  test('the database holds no token and no password', async () => {
    const answer = await signIn('leader', PASSWORD)
    const token = /=([\w-]{43});/.exec(String(answer.headers['set-cookie']))?.[1]
    expect(token).toBeDefined()
    const { db } = district.server()
    const sessions = JSON.stringify(await db.selectFrom('session').selectAll().execute())
    const accounts = JSON.stringify(await db.selectFrom('account').selectAll().execute())
    expect(sessions).not.toContain(token)
    expect(accounts).not.toContain(PASSWORD)
    expect(accounts).toContain('$argon2id$')
  })

  test('after five wrong passwords that address waits for that name, and nobody else does', async () => {
    for (let time = 0; time < 5; time++) expect((await signIn('inspector', 'wrong-password')).status).toBe(401)
    const refused = await signIn('inspector', PASSWORD)
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({ fault: { kind: 'session.tooManyAttempts', values: { seconds: 2 } } })
    expect(refused.headers['retry-after']).toBe('2')
    const elsewhere = await district.inject({
      method: 'POST',
      url: '/api/session',
      remoteAddress: '10.0.0.7',
      headers: { 'content-type': 'application/json' },
      payload: { username: 'inspector', password: PASSWORD },
    })
    expect(elsewhere.status).toBe(200)
    expect((await signIn('reviewer', PASSWORD)).status).toBe(200)
    district.clock.now += 2000
    expect((await signIn('inspector', PASSWORD)).status).toBe(200)
  })
})

test('of many wrong passwords at once only the first five are looked at', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => signIn('leader', `wrong-password-${index}`)))
  const statuses = answers.map(({ status }) => status).sort((one, other) => one - other)
  expect(statuses).toEqual([...Array.from({ length: 5 }, () => 401), ...Array.from({ length: 15 }, () => 429)])
  district.clock.now += 2000
  expect((await signIn('leader', PASSWORD)).status).toBe(200)
})

describe('the session', () => {
  test('says who is signed in, and without it says so', async () => {
    expect((await district.as('reviewer')('GET', '/api/session')).body).toEqual(person('reviewer'))
    const without = await district.as(undefined)('GET', '/api/session')
    expect(without.status).toBe(401)
    expect(without.body).toMatchObject({ fault: { kind: 'session.missing' } })
    const forged = await district.inject({ method: 'GET', url: '/api/session', cookies: { [SESSION_COOKIE]: 'A'.repeat(43) } })
    expect(forged.status).toBe(401)
  })

  test('ends on this device when it is signed out, and goes on elsewhere', async () => {
    const tokenOf = (answer: { headers: Record<string, unknown> }) =>
      /=([\w-]{43});/.exec(String(answer.headers['set-cookie']))?.[1] ?? ''
    const one = tokenOf(await signIn('filler', PASSWORD))
    const other = tokenOf(await signIn('filler', PASSWORD))
    const out = await district.inject({ method: 'DELETE', url: '/api/session', cookies: { [SESSION_COOKIE]: one } })
    expect(out.status).toBe(204)
    const ask = (token: string) => district.inject({ method: 'GET', url: '/api/session', cookies: { [SESSION_COOKIE]: token } })
    expect((await ask(one)).status).toBe(401)
    expect((await ask(other)).status).toBe(200)
    expect((await district.inject({ method: 'DELETE', url: '/api/session' })).status).toBe(204)
  })

  test('ends also when a program says that it sends JSON, and sends nothing', async () => {
    const signedIn = await signIn('filler', PASSWORD)
    const token = /=([\w-]{43});/.exec(String(signedIn.headers['set-cookie']))?.[1] ?? ''
    const out = await district.inject({
      method: 'DELETE',
      url: '/api/session',
      cookies: { [SESSION_COOKIE]: token },
      headers: { 'content-type': 'application/json' },
    })
    expect(out.status).toBe(204)
    const after = await district.inject({ method: 'GET', url: '/api/session', cookies: { [SESSION_COOKIE]: token } })
    expect(after.status).toBe(401)
  })

  test('lasts 180 days from its last use', async () => {
    const ask = () => district.as('leader')('GET', '/api/session')
    district.clock.now = START + 100 * DAY_MS
    const used = await ask()
    expect(used.status).toBe(200)
    expect(used.headers['set-cookie']).toContain('Max-Age=15552000')
    expect((await ask()).headers['set-cookie']).toBeUndefined()
    district.clock.now = START + 279 * DAY_MS
    expect((await ask()).status).toBe(200)
    district.clock.now = START + 279 * DAY_MS + 181 * DAY_MS
    expect((await ask()).status).toBe(401)
    district.clock.now = START
  })
})

describe('a write from another site', () => {
  const write = (headers: Record<string, string>) =>
    district.inject({
      method: 'DELETE',
      url: '/api/session',
      headers: { host: 'youxue.example', ...headers },
    })

  test.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://youxue.example' }],
  ])('is refused: %j', async (headers) => {
    const answer = await write(headers)
    expect(answer.status).toBe(403)
    expect(answer.body).toMatchObject({ fault: { kind: 'origin.foreign' } })
  })

  test.each([[{}], [{ origin: 'http://youxue.example' }], [{ 'sec-fetch-site': 'same-origin' }], [{ 'sec-fetch-site': 'none' }]])(
    'is none: %j',
    async (headers) => {
      expect((await write(headers)).status).toBe(204)
    },
  )
})

test('pauses grow with each wrong password, never beyond five minutes, and end with the right one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), (wrong) => {
      const attempts = createAttempts()
      for (let time = 0; time < wrong; time++) attempts.begin('someone', '10.0.0.1', 0)
      const pauseMs = attempts.pauseMs('someone', '10.0.0.1', 0)
      expect(pauseMs).toBe(wrong < 5 ? 0 : Math.min(300_000, 2000 * 2 ** (wrong - 5)))
      expect(attempts.pauseMs('someone', '10.0.0.2', 0)).toBe(0)
      expect(attempts.pauseMs('other', '10.0.0.1', 0)).toBe(0)
      attempts.right('someone', '10.0.0.1')
      expect(attempts.pauseMs('someone', '10.0.0.1', 0)).toBe(0)
    }),
  )
})

test('a tab whose person was replaced in another tab does not sign the other one out', async () => {
  const district = await openDistrict()
  const cookies = { [SESSION_COOKIE]: district.cookieOf('filler') }
  const stale = { method: 'DELETE' as const, url: '/api/session', cookies, headers: { 'x-youxue-person': 'principal' } }
  expect((await district.inject(stale)).status).toBe(204)
  expect((await district.as('filler')('GET', '/api/session')).status).toBe(200)
  expect((await district.inject({ ...stale, headers: { 'x-youxue-person': 'filler' } })).status).toBe(204)
  expect((await district.as('filler')('GET', '/api/session')).status).toBe(401)
  await district.close()
})
