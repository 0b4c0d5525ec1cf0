/** Who may do what: every route × every role, as one table. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROLES, type Role } from '#domain/person'
import { rightTo } from '#server/right-to-stream'
import { streamOf, valueKey } from '#sync/protocol'
import { answersOf, askOf, DISTRICT, openDistrict, OTHER_SCHOOL, SCHOOL, setTo, syncBody, type District } from './district'

let district: District
beforeAll(async () => {
  district = await openDistrict()
})
afterAll(() => district.close())

type Row = {
  readonly route: string
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  /** A function makes another one for each try. */
  readonly body?: unknown
  /** Roles that are let through; the others get 403. `all`: no session needed. */
  readonly roles: readonly Role[] | 'all'
  readonly status?: number
}

const BUREAU: readonly Role[] = ['reviewer', 'leader', 'admin']
const row = { dataElement: 'goodYouth', period: '2024', orgUnit: SCHOOL, value: '3' }
let accounts = 0
let attempts = 0

const FILE = `/api/files/${'a'.repeat(64)}?orgUnit=${SCHOOL}`

const TABLE: readonly Row[] = [
  { route: 'GET /api/health', method: 'GET', url: '/api/health', roles: 'all' },
  {
    route: 'POST /api/session',
    method: 'POST',
    url: '/api/session',
    body: () => ({ username: `nobody-${attempts++}`, password: 'x' }),
    roles: 'all',
    status: 401,
  },
  { route: 'DELETE /api/session', method: 'DELETE', url: '/api/session', roles: 'all', status: 204 },
  { route: 'GET /api/demo', method: 'GET', url: '/api/demo', roles: 'all', status: 404 },
  { route: 'GET /api/session', method: 'GET', url: '/api/session', roles: ROLES },
  { route: 'GET /api/plan', method: 'GET', url: '/api/plan', roles: ROLES },
  { route: 'POST /api/sync', method: 'POST', url: '/api/sync', body: syncBody(askOf({})), roles: ROLES },
  // What a bearer may hand in stands in deposits.test.ts.
  {
    route: 'POST /api/deposits',
    method: 'POST',
    url: '/api/deposits',
    body: { kind: 'youxue.unsent', v: 1, content: '{}', digest: '' },
    roles: ROLES,
    status: 400,
  },
  {
    route: 'POST /api/deposits/seal',
    method: 'POST',
    url: '/api/deposits/seal',
    body: { tablet: 'tabletaaaaaaa' },
    roles: ROLES,
  },
  { route: 'GET /api/files/{sha256}', method: 'GET', url: FILE, roles: ROLES, status: 404 },
  { route: 'HEAD /api/files/{sha256}', method: 'HEAD', url: FILE, roles: ['filler', 'principal', 'inspector', 'reviewer'] },
  // Without its headers it is no piece; who may bring one stands in files.test.ts.
  { route: 'PATCH /api/files/{sha256}', method: 'PATCH', url: FILE, body: {}, roles: ROLES, status: 400 },
  { route: 'GET /api/orgUnits', method: 'GET', url: '/api/orgUnits', roles: ROLES },
  { route: 'POST /api/orgUnits', method: 'POST', url: '/api/orgUnits', body: [], roles: ['admin'] },
  { route: 'GET /api/accounts', method: 'GET', url: '/api/accounts', roles: ['principal', 'admin'] },
  // Which accounts are whose to look after stands in accounts.test.ts and rights-attack.test.ts.
  {
    route: 'POST /api/accounts/import',
    method: 'POST',
    url: '/api/accounts/import',
    body: { accounts: [], take: 'all' },
    roles: ['admin'],
  },
  {
    route: 'POST /api/accounts/{username}/password',
    method: 'POST',
    url: '/api/accounts/nobody/password',
    roles: ['principal', 'admin'],
    status: 404,
  },
  { route: 'GET /api/audit', method: 'GET', url: '/api/audit', roles: ['admin'] },
  { route: 'POST /api/password', method: 'POST', url: '/api/password', body: { password: 'x' }, roles: ROLES, status: 400 },
  { route: 'GET /api/sessions', method: 'GET', url: '/api/sessions', roles: ROLES },
  { route: 'DELETE /api/sessions/{id}', method: 'DELETE', url: '/api/sessions/none', roles: ROLES, status: 404 },
  { route: 'GET /api/history', method: 'GET', url: `/api/history?stream=s/${SCHOOL}&key=v/2024/x`, roles: ROLES },
  {
    route: 'GET /api/history',
    method: 'GET',
    url: `/api/history?stream=s/${OTHER_SCHOOL}&key=v/2024/x`,
    roles: BUREAU,
  },
  {
    route: 'PATCH /api/accounts/{username}',
    method: 'PATCH',
    url: '/api/accounts/filler',
    body: { name: 'filler' },
    roles: ['principal', 'admin'],
  },
  { route: 'GET /api/windows', method: 'GET', url: '/api/windows', roles: ROLES },
  { route: 'PUT /api/windows', method: 'PUT', url: '/api/windows', body: { windows: [] }, roles: ['admin'] },
  { route: 'GET /api/webhooks', method: 'GET', url: '/api/webhooks', roles: ['admin'] },
  { route: 'PUT /api/webhooks', method: 'PUT', url: '/api/webhooks', body: { webhooks: [] }, roles: ['admin'] },
  {
    ...{ route: 'POST /api/webhooks/test', method: 'POST', url: '/api/webhooks/test' },
    ...{ body: { id: 'none' }, roles: ['admin'], status: 404 },
  },
  { route: 'GET /api/tablets', method: 'GET', url: '/api/tablets', roles: ['principal', ...BUREAU] },
  // Of a tablet that one may not see one is told only that there is none: who revokes which stands in tablets.test.ts.
  {
    route: 'POST /api/tablets/{id}/revoke',
    method: 'POST',
    url: '/api/tablets/nobodyaaaaaaa/revoke',
    roles: ROLES,
    status: 404,
  },
  { route: 'GET /api/people', method: 'GET', url: '/api/people', roles: ROLES },
  {
    route: 'POST /api/accounts',
    method: 'POST',
    url: '/api/accounts',
    body: () => ({ username: `made-${accounts++}`, name: 'x', role: 'leader', orgUnits: [], password: 'long-enough' }),
    roles: ['admin'],
    status: 201,
  },
  {
    route: 'POST /api/dataValueSets',
    method: 'POST',
    url: '/api/dataValueSets',
    body: { dataValues: [row] },
    roles: ['reviewer'],
  },
  { route: 'GET /api/dataValueSets', method: 'GET', url: '/api/dataValueSets?period=2024', roles: ROLES },
  { route: 'GET /api/dataValueSets', method: 'GET', url: `/api/dataValueSets?period=2024&orgUnit=${SCHOOL}`, roles: ROLES },
  {
    route: 'GET /api/dataValueSets',
    method: 'GET',
    url: `/api/dataValueSets?period=2024&orgUnit=${OTHER_SCHOOL}`,
    roles: BUREAU,
  },
  { route: 'GET /api/findings', method: 'GET', url: '/api/findings?period=2024', roles: ROLES },
  { route: 'GET /api/findings', method: 'GET', url: `/api/findings?period=2024&orgUnit=${OTHER_SCHOOL}`, roles: BUREAU },
  { route: 'GET /api/inspections', method: 'GET', url: '/api/inspections?period=2024', roles: ROLES },
  { route: 'GET /api/inspections', method: 'GET', url: `/api/inspections?period=2024&orgUnit=${OTHER_SCHOOL}`, roles: BUREAU },
  { route: 'GET /api/reports', method: 'GET', url: '/api/reports?period=2024', roles: ROLES },
  { route: 'GET /api/reports', method: 'GET', url: `/api/reports?period=2024&orgUnit=${OTHER_SCHOOL}`, roles: BUREAU },
  ...([SCHOOL, OTHER_SCHOOL] as const).flatMap((unit): readonly Row[] => {
    const roles = unit === SCHOOL ? ROLES : BUREAU
    return [
      {
        ...{ route: 'GET /api/reports/{orgUnit}/{period}/{dataSet}', method: 'GET' },
        ...{ url: `/api/reports/${unit}/2024/students`, roles },
      },
      { ...{ route: 'GET /api/peers', method: 'GET' }, url: `/api/peers?period=2024&dataSet=students&orgUnit=${unit}`, roles },
      { ...{ route: 'GET /api/usual-ranges', method: 'GET' }, url: `/api/usual-ranges?period=2024&orgUnit=${unit}`, roles },
    ]
  }),
  { route: 'GET /api/news', method: 'GET', url: '/api/news?period=2024', roles: BUREAU },
  { route: 'GET /api/figures', method: 'GET', url: '/api/figures?period=2024', roles: BUREAU },
  { route: 'GET /api/figures', method: 'GET', url: `/api/figures?period=2024&orgUnit=${SCHOOL}`, roles: ROLES },
  { route: 'GET /api/figures', method: 'GET', url: `/api/figures?period=2024&orgUnit=${SCHOOL},${OTHER_SCHOOL}`, roles: BUREAU },
  { route: 'GET /api/figures', method: 'GET', url: '/api/figures?period=2024&orgUnit=nowhere', roles: BUREAU, status: 404 },
  {
    route: 'GET /api/figures/{id}/contributions',
    method: 'GET',
    url: '/api/figures/FIGURE/contributions?period=2024',
    roles: BUREAU,
  },
  {
    route: 'GET /api/figures/{id}/contributions',
    method: 'GET',
    url: `/api/figures/FIGURE/contributions?period=2024&orgUnit=${SCHOOL}`,
    roles: ROLES,
  },
]

describe.each(TABLE)('$method $url', ({ method, url, body, roles, status = 200 }) => {
  const address = () => url.replace('FIGURE', district.server().plan.plan.figures.keys().next().value ?? '')

  test.each(ROLES)('%s', async (role) => {
    const asker = roles === 'all' ? undefined : role
    const answer = await district.as(asker)(method, address(), typeof body === 'function' ? (body as () => unknown)() : body)
    if (roles === 'all' || roles.includes(role)) expect(answer.status, answer.text).toBe(status)
    else {
      expect(answer.status).toBe(403)
      // An answer to this question has no body.
      if (method === 'HEAD') return
      expect(answer.body).toMatchObject({
        fault: { kind: 'right.missing' },
        message: { zh: expect.stringMatching(/./), en: expect.stringMatching(/./) },
      })
    }
  })

  test.runIf(roles !== 'all')('without a session', async () => {
    const answer = await district.as(undefined)(method, address(), typeof body === 'function' ? {} : body)
    expect(answer.status).toBe(401)
    if (method !== 'HEAD') expect(answer.body).toMatchObject({ fault: { kind: 'session.missing' } })
  })
})

test('the table leaves out no route', async () => {
  const { body } = await district.as(undefined)('GET', '/api/openapi.json')
  const { paths } = body as { paths: Record<string, Record<string, unknown>> }
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(described.sort()).toEqual([...new Set(TABLE.map((each) => each.route))].sort())
})

test('each sees the org units that are theirs', async () => {
  const codesOf = async (role: Role) =>
    ((await district.as(role)('GET', '/api/orgUnits')).body as readonly { code: string }[]).map((unit) => unit.code)
  for (const role of ['filler', 'principal', 'inspector'] as const) expect(await codesOf(role)).toEqual([SCHOOL])
  for (const role of BUREAU) expect(await codesOf(role)).toEqual([DISTRICT, OTHER_SCHOOL, 'n-1', SCHOOL])
})

describe('in the exchange', () => {
  const verdictOf = async (role: Role, orgUnit: string, element: string) => {
    const device = `${role.replace(/[^a-z]/g, '')}aaaaaaaaaaaaa`.slice(0, 13)
    const ask = askOf({ orgUnit, device, mutations: [setTo(1, valueKey('2023', element), '1')] })
    const [answer] = answersOf(await district.as(role)('POST', '/api/sync', syncBody(ask)))
    if (answer === undefined) throw new Error('no answer')
    if ('forbidden' in answer) return 'forbidden'
    return 'verdicts' in answer ? answer.verdicts[0]?.[2] : answer
  }

  test.each([
    ['filler', SCHOOL, 'applied'],
    ['principal', SCHOOL, 'merged'],
    ['inspector', SCHOOL, 'rejected: forbidden'],
    // What a school answers is its own word, also towards the bureau.
    ['reviewer', SCHOOL, 'rejected: forbidden'],
    ['leader', SCHOOL, 'rejected: forbidden'],
    ['admin', SCHOOL, 'rejected: forbidden'],
    ['filler', OTHER_SCHOOL, 'forbidden'],
    ['principal', OTHER_SCHOOL, 'forbidden'],
    ['inspector', OTHER_SCHOOL, 'forbidden'],
    ['principal', DISTRICT, 'forbidden'],
    ['reviewer', 'nowhere', 'forbidden'],
  ] as const)('%s writing for %s: %s', async (role, orgUnit, verdict) => {
    expect(await verdictOf(role, orgUnit, 'goodYouth')).toBe(verdict)
  })

  test("a third party's results are the reviewer's to enter, not the school's", async () => {
    const third = (role: Role, device: string) =>
      district.as(role)(
        'POST',
        '/api/sync',
        syncBody(askOf({ device, mutations: [setTo(1, valueKey('2023', 'teachersSurveyed'), '9')] })),
      )
    const [own] = answersOf(await third('principal', 'thirdpartyaaa'))
    expect(own).toMatchObject({ verdicts: [[1, expect.any(Number), 'rejected: forbidden']] })
    const [bureau] = answersOf(await third('reviewer', 'thirdpartybbb'))
    expect(bureau).toMatchObject({ verdicts: [[1, expect.any(Number), 'applied']] })
  })

  test('of a school the reviewer may tell a restored server what it had typed, and not type it', async () => {
    const reviewer = { username: 'reviewer', name: '', role: 'reviewer' as const, orgUnits: [] }
    const rights = await rightTo(district.server(), { person: reviewer, isDisabled: false }, streamOf(SCHOOL))
    const key = valueKey('2023', 'goodYouth')
    expect([rights.mayWrite?.(key), rights.mayTell?.(key)]).toEqual([false, true])
  })
})
