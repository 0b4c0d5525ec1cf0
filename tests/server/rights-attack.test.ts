/**
 * The rights, attacked: every route that the API describes, and every kind of key that a mutation can write, asked by every role and by a
 * stranger, of their own school, of another one, and of one that does not exist.
 *
 * Two things must hold: whoever may passes and nobody else does; and whoever is refused is answered the same whether or not the thing is
 * there. A route or a kind of key that is not in the tables below fails.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROLES, type Role } from '#domain/person'
import { createAccount } from '#server/accounts'
import { openSession, SESSION_COOKIE } from '#server/sessions'
import { COMMENT_FIELDS } from '#domain/comment'
import {
  commentKey,
  fileKey,
  FINDING_FIELDS,
  findingKey,
  findingOwner,
  INSPECTION_FIELDS,
  inspectionKey,
  ITEM_FIELDS,
  itemKey,
  itemOwner,
  markKey,
  parseKey,
  remarkKey,
  reportKey,
  valueKey,
  type Json,
  type ParsedKey,
} from '#sync/protocol'
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

const SCHOOL_ROLES: readonly Role[] = ['filler', 'principal', 'inspector']
const BUREAU: readonly Role[] = ['reviewer', 'leader', 'admin']
const NOWHERE = 'nowhere-1'
const SHA = 'a'.repeat(64)

type Place = {
  readonly unit: string
  /** An account, a session, a tablet of that unit; of `NOWHERE` one that does not exist. */
  readonly account: string
  readonly session: string
  readonly tablet: string
}
const places = new Map<string, Place>()

let district: District
beforeAll(async () => {
  district = await openDistrict()
  const { db, now } = district.server()
  for (const [unit, tablet] of [
    [SCHOOL, 'ownaaaaaaaaaa'],
    [OTHER_SCHOOL, 'otheraaaaaaaa'],
  ] as const) {
    const username = `filler-of-${unit}`
    await createAccount(db, { username, name: username, role: 'filler', orgUnits: [unit], password: PASSWORD }, now())
    const cookie = await openSession(db, username, now())
    const sessions = await district.inject({ method: 'GET', url: '/api/sessions', cookies: { [SESSION_COOKIE]: cookie } })
    const state = { id: tablet, unsent: 0, refused: 0, conflicts: 0, files: 0, drafts: 0 }
    const synced = await district.inject({
      ...{ method: 'POST', url: '/api/sync', cookies: { [SESSION_COOKIE]: cookie } },
      payload: { ...syncBody(askOf({ orgUnit: unit, device: tablet })), tablet: state },
    })
    expect(synced.status, synced.text).toBe(200)
    const [first] = sessions.body as readonly { id: string }[]
    places.set(unit, { unit, account: username, session: first?.id ?? '', tablet })
  }
  places.set(NOWHERE, { unit: NOWHERE, account: 'filler-of-nobody', session: '0'.repeat(20), tablet: 'nobodyaaaaaaa' })
})
afterAll(() => district.close())

const placeOf = (unit: string): Place => {
  const place = places.get(unit)
  if (place === undefined) throw new Error(`nothing is known of ${unit}`)
  return place
}

type Asked = {
  readonly url: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

type Route = {
  readonly ask: (place: Place) => Asked
  /** Who passes, of their own school's thing and of another's; where the bureau's roles have no school, both are the same to them. */
  readonly own: readonly Role[] | 'anybody'
  readonly other: readonly Role[]
  /** What whoever passes may be told besides that it is done: it is not about rights. */
  readonly told?: readonly number[]
  /** Of a thing that is not there, whoever may read everything is told so. */
  readonly isAboutThing?: true
  /** Who may see the thing anyway, and is told only that it is not theirs to change. */
  readonly seenBy?: readonly Role[]
}

const everybody = { own: ROLES, other: ROLES } as const
const only = (...roles: readonly Role[]) => ({ own: roles, other: roles })
const readers = { own: ROLES, other: BUREAU, isAboutThing: true } as const
const [DATA_SET] = plan.document.dataSets
const dataSet = DATA_SET?.id ?? ''
const period = '2024'
let tries = 0

/** Keyed as the description names them. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET /api/health': { ask: () => ({ url: '/api/health' }), own: 'anybody', other: ROLES },
  'GET /api/demo': { ask: () => ({ url: '/api/demo' }), own: 'anybody', other: ROLES, told: [404] },
  'POST /api/session': {
    ask: () => ({ url: '/api/session', body: { username: `stranger-${String(tries++)}`, password: 'wrong' } }),
    own: 'anybody',
    other: ROLES,
    told: [401],
  },
  // Asked in passing: it would end the session that the next tries need.
  'DELETE /api/session': { ask: () => ({ url: '/api/session?kept' }), own: 'anybody', other: ROLES },
  'GET /api/session': { ask: () => ({ url: '/api/session' }), ...everybody },
  'POST /api/password': { ask: () => ({ url: '/api/password', body: { password: 'short' } }), ...everybody, told: [400] },
  'GET /api/sessions': { ask: () => ({ url: '/api/sessions' }), ...everybody },
  // Nobody's but one's own: of another's and of none one is told the same.
  'DELETE /api/sessions/{id}': { ask: ({ session }) => ({ url: `/api/sessions/${session}` }), own: [], other: [] },
  'GET /api/plan': { ask: () => ({ url: '/api/plan' }), ...everybody },
  'GET /api/people': { ask: () => ({ url: '/api/people' }), ...everybody },
  'GET /api/orgUnits': { ask: () => ({ url: '/api/orgUnits' }), ...everybody },
  'POST /api/orgUnits': { ask: () => ({ url: '/api/orgUnits', body: [] }), ...only('admin') },
  // What it takes stands in the second table.
  'POST /api/sync': { ask: ({ unit }) => ({ url: '/api/sync', body: syncBody(askOf({ orgUnit: unit })) }), ...everybody },
  'POST /api/deposits': {
    ask: () => ({ url: '/api/deposits', body: { kind: 'youxue.unsent', v: 1, content: '{}', digest: '' } }),
    ...everybody,
    told: [400],
  },
  // For a tablet that nobody has yet; of others' it is the matter of deposits.test.ts.
  'POST /api/deposits/seal': { ask: () => ({ url: '/api/deposits/seal', body: { tablet: 'freshaaaaaaaa' } }), ...everybody },
  'GET /api/files/{sha256}': { ask: ({ unit }) => ({ url: `/api/files/${SHA}?orgUnit=${unit}` }), own: [], other: [] },
  'HEAD /api/files/{sha256}': {
    ask: ({ unit }) => ({ url: `/api/files/${SHA}?orgUnit=${unit}` }),
    own: [...SCHOOL_ROLES, 'reviewer'],
    other: ['reviewer'],
  },
  'PATCH /api/files/{sha256}': {
    ask: ({ unit }) => ({
      url: `/api/files/${SHA}?orgUnit=${unit}`,
      headers: {
        ...{ 'content-type': 'application/partial-upload', 'upload-offset': '7' },
        ...{ 'upload-length': '9', 'upload-type': 'image/png' },
      },
    }),
    own: [...SCHOOL_ROLES, 'reviewer'],
    other: ['reviewer'],
    told: [409],
  },
  'GET /api/accounts': { ask: () => ({ url: '/api/accounts' }), ...only('principal', 'admin') },
  'POST /api/accounts': {
    ask: ({ unit }) => ({
      url: '/api/accounts',
      body: { username: `made-${String(tries++)}`, name: 'x', role: 'filler', orgUnits: [unit] },
    }),
    own: ['principal', 'admin'],
    other: ['admin'],
    isAboutThing: true,
  },
  'POST /api/accounts/import': {
    ask: () => ({ url: '/api/accounts/import', body: { accounts: [], take: 'all', dryRun: true } }),
    ...only('admin'),
  },
  'PATCH /api/accounts/{username}': {
    ask: ({ account }) => ({ url: `/api/accounts/${account}`, body: { name: 'x' } }),
    own: ['principal', 'admin'],
    other: ['admin'],
    isAboutThing: true,
  },
  'POST /api/accounts/{username}/password': {
    ask: ({ account }) => ({ url: `/api/accounts/${account}/password` }),
    own: ['principal', 'admin'],
    other: ['admin'],
    isAboutThing: true,
  },
  'GET /api/audit': { ask: () => ({ url: '/api/audit' }), ...only('admin') },
  'GET /api/tablets': { ask: () => ({ url: '/api/tablets' }), ...only('principal', ...BUREAU) },
  'POST /api/tablets/{id}/revoke': {
    ask: ({ tablet }) => ({ url: `/api/tablets/${tablet}/revoke` }),
    own: ['principal', 'admin'],
    other: ['admin'],
    isAboutThing: true,
    seenBy: BUREAU,
  },
  'GET /api/dataValueSets': {
    ask: ({ unit }) => ({ url: `/api/dataValueSets?period=${period}&orgUnit=${unit}` }),
    ...readers,
  },
  'POST /api/dataValueSets': {
    ask: ({ unit }) => ({
      url: '/api/dataValueSets?dryRun=true',
      body: { dataValues: [{ dataElement: 'goodYouth', period, orgUnit: unit, value: '3' }] },
    }),
    ...only('reviewer'),
    isAboutThing: true,
    told: [400],
  },
  'GET /api/findings': { ask: ({ unit }) => ({ url: `/api/findings?period=${period}&orgUnit=${unit}` }), ...readers },
  'GET /api/inspections': { ask: ({ unit }) => ({ url: `/api/inspections?period=${period}&orgUnit=${unit}` }), ...readers },
  'GET /api/figures': { ask: ({ unit }) => ({ url: `/api/figures?period=${period}&orgUnit=${unit}` }), ...readers },
  'GET /api/figures/{id}/contributions': {
    ask: ({ unit }) => ({
      url: `/api/figures/${String(plan.figures.keys().next().value)}/contributions?period=${period}&orgUnit=${unit}`,
    }),
    ...readers,
  },
  'GET /api/history': { ask: ({ unit }) => ({ url: `/api/history?stream=s/${unit}&key=v/2024/x` }), ...readers },
  'GET /api/reports': { ask: ({ unit }) => ({ url: `/api/reports?period=${period}&orgUnit=${unit}` }), ...readers },
  'GET /api/reports/{orgUnit}/{period}/{dataSet}': {
    ask: ({ unit }) => ({ url: `/api/reports/${unit}/${period}/${dataSet}` }),
    ...readers,
  },
  'GET /api/peers': {
    ask: ({ unit }) => ({ url: `/api/peers?period=${period}&dataSet=${dataSet}&orgUnit=${unit}` }),
    ...readers,
  },
  'GET /api/usual-ranges': { ask: ({ unit }) => ({ url: `/api/usual-ranges?period=${period}&orgUnit=${unit}` }), ...readers },
  'GET /api/news': { ask: () => ({ url: `/api/news?period=${period}` }), ...only(...BUREAU) },
  'GET /api/windows': { ask: () => ({ url: '/api/windows' }), ...everybody },
  'PUT /api/windows': { ask: () => ({ url: '/api/windows', body: { windows: [] } }), ...only('admin') },
  'GET /api/webhooks': { ask: () => ({ url: '/api/webhooks' }), ...only('admin') },
  'PUT /api/webhooks': { ask: () => ({ url: '/api/webhooks', body: { webhooks: [] } }), ...only('admin') },
  'POST /api/webhooks/test': {
    ask: () => ({ url: '/api/webhooks/test', body: { id: 'none' } }),
    ...only('admin'),
    told: [404],
  },
}

const described = async (): Promise<readonly string[]> => {
  const { body } = await district.as(undefined)('GET', '/api/openapi.json')
  const { paths } = body as { paths: Record<string, Record<string, unknown>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
}

async function ask(name: string, place: Place, cookie: string | undefined): Promise<Answer> {
  const route = ROUTES[name]
  if (route === undefined) throw new Error(`no entry for ${name}`)
  const { url, body, headers = {} } = route.ask(place)
  const method = name.slice(0, name.indexOf(' ')) as 'GET'
  return district.inject({
    method,
    url,
    headers,
    ...(cookie === undefined ? {} : { cookies: { [SESSION_COOKIE]: cookie } }),
    ...(body === undefined ? {} : { payload: body }),
  })
}

/** The answer without the name of what was asked for. */
function withoutNames({ status, text }: Answer, { unit, account, tablet, session }: Place): string {
  let shown = `${String(status)} ${text}`
  for (const name of [account, unit, tablet, session]) shown = shown.replaceAll(name, '…')
  return shown
}

const isRefusal = ({ status }: Answer): boolean => status === 401 || status === 403 || status === 404

test('every route that is described has an entry', async () => {
  expect((await described()).filter((name) => ROUTES[name] === undefined)).toEqual([])
})

describe.each(Object.keys(ROUTES))('%s', (name) => {
  const { own, other, told = [], isAboutThing, seenBy = [] } = ROUTES[name] as Route
  const isThere = async () => (await described()).includes(name)
  const passes = (answer: Answer) => answer.status < 300 || told.includes(answer.status)

  test.each(ROLES)('%s', async (role) => {
    if (!(await isThere())) return
    const cookie = name === 'DELETE /api/session' ? undefined : district.cookieOf(role)
    const [ofOwn, ofOther, ofNone] = [
      await ask(name, placeOf(SCHOOL), cookie),
      await ask(name, placeOf(OTHER_SCHOOL), cookie),
      await ask(name, placeOf(NOWHERE), cookie),
    ]
    const mayOwn = own === 'anybody' || own.includes(role)
    const mayOther = own === 'anybody' || other.includes(role)
    expect(passes(ofOwn), `own: ${ofOwn.text}`).toBe(mayOwn)
    expect(passes(ofOther), `other: ${ofOther.text}`).toBe(mayOther)
    if (!mayOwn) expect(isRefusal(ofOwn), ofOwn.text).toBe(true)
    if (mayOther) {
      // Whoever may read everything is told what is not there.
      if (isAboutThing === true && !told.includes(ofNone.status)) expect(ofNone.status, ofNone.text).toBe(404)
      return
    }
    expect(isRefusal(ofOther), ofOther.text).toBe(true)
    if (seenBy.includes(role)) return
    expect(withoutNames(ofOther, placeOf(OTHER_SCHOOL))).toBe(withoutNames(ofNone, placeOf(NOWHERE)))
  })

  test('a stranger, and somebody whose password is a one-time one', async () => {
    if (own === 'anybody' || !(await isThere())) return
    const { db, now } = district.server()
    const unset = await openSession(db, 'admin', now(), { isOneTime: true })
    for (const unit of [SCHOOL, OTHER_SCHOOL, NOWHERE]) {
      for (const cookie of [undefined, 'A'.repeat(43)]) {
        const refused = await ask(name, placeOf(unit), cookie)
        expect(refused.status, refused.text).toBe(401)
        if (!name.startsWith('HEAD')) expect(refused.body).toMatchObject({ fault: { kind: 'session.missing' } })
      }
      const refused = await ask(name, placeOf(unit), unset)
      if (name === 'GET /api/session' || name === 'POST /api/password') expect(passes(refused)).toBe(true)
      else expect(refused.status, refused.text).toBe(403)
    }
  })

  test('a page of another site, with somebody’s cookie', async () => {
    if (name.startsWith('GET') || name.startsWith('HEAD') || !(await isThere())) return
    const { url, body, headers = {} } = (ROUTES[name] as Route).ask(placeOf(SCHOOL))
    const tried = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://elsewhere.example' },
      { origin: 'null' },
    ]
    for (const from of tried) {
      const refused = await district.inject({
        method: name.slice(0, name.indexOf(' ')),
        url,
        cookies: { [SESSION_COOKIE]: district.cookieOf('admin') },
        headers: { ...headers, ...from },
        ...(body === undefined ? {} : { payload: body }),
      })
      expect([refused.status, refused.body]).toMatchObject([403, { fault: { kind: 'origin.foreign' } }])
    }
  })
})

/** Who may write a key, of their own school and of every one. */
type Writers = { readonly own: readonly Role[]; readonly every: readonly Role[] }
type Kind = {
  readonly keys: readonly (readonly [key: string, value: Json, by: 'set' | 'move'])[]
  readonly writers: Writers
}

const [VISIT, SELF, COMMENT] = ['v-attackaaaaaaa', 's-attackaaaaaaa', 'c-attackaaaaaaa']
const school: readonly Role[] = ['filler', 'principal']
const ofSchool: Writers = { own: school, every: ['reviewer'] }
/** What a school answers nobody else does; what a third party measured is the reviewer's. */
const ofUnit: Writers = { own: school, every: [] }
const ofBureau: Writers = { own: [], every: ['reviewer'] }
const setting = (keys: readonly string[], value: Json = 'x') => keys.map((key) => [key, value, 'set'] as const)
const file = (owner: string) => [fileKey(owner, SHA), { sha256: SHA, name: 'x.png', type: 'image/png', size: 1 }, 'set'] as const
const fieldsOf = <Field extends string>(fields: readonly Field[]) => fields.filter((field) => field !== 'state')

/** For each kind of key: a new kind does not compile without an entry. */
const KINDS: Readonly<Record<ParsedKey['kind'], readonly Kind[]>> = {
  value: [
    { keys: setting([valueKey('2023', 'goodYouth')], '1'), writers: ofUnit },
    { keys: setting([valueKey('2023', 'teachersSurveyed')], '1'), writers: ofBureau },
  ],
  remark: [
    { keys: setting([remarkKey('2023', 'goodYouth')]), writers: ofUnit },
    { keys: setting([remarkKey('2023', 'teachersSurveyed')]), writers: ofBureau },
  ],
  mark: [{ keys: setting([markKey('2023', dataSet)], true), writers: ofUnit }],
  unknown: [{ keys: setting(['z/anything']), writers: ofSchool }],
  comment: [
    {
      keys: setting(COMMENT_FIELDS.map((field) => commentKey(COMMENT, field))),
      writers: { own: [...school, 'inspector'], every: ['reviewer'] },
    },
  ],
  report: [
    {
      keys: [[reportKey('2023', dataSet), { state: 'submitted', seen: '0'.repeat(16) }, 'move']],
      writers: { own: ['principal'], every: [] },
    },
    {
      keys: [
        [reportKey('2023', dataSet), { state: 'approved', seen: '0'.repeat(16) }, 'move'],
        [reportKey('2023', dataSet), { state: 'returned', why: 'x' }, 'move'],
        [reportKey('2023', dataSet), { state: 'reviewing' }, 'move'],
        [reportKey('2023', dataSet), { state: 'reopened', why: 'x' }, 'move'],
      ],
      writers: { own: [], every: ['reviewer'] },
    },
  ],
  inspection: [
    {
      keys: [
        ...setting(fieldsOf(INSPECTION_FIELDS).map((field) => inspectionKey(VISIT, field))),
        [inspectionKey(VISIT, 'state'), { state: 'planned' }, 'move'],
      ],
      writers: { own: ['inspector'], every: [] },
    },
    {
      keys: [
        ...setting(fieldsOf(INSPECTION_FIELDS).map((field) => inspectionKey(SELF, field))),
        [inspectionKey(SELF, 'state'), { state: 'planned' }, 'move'],
      ],
      writers: { own: school, every: [] },
    },
  ],
  item: [
    { keys: setting(ITEM_FIELDS.map((field) => itemKey(VISIT, 'lamps', field))), writers: { own: ['inspector'], every: [] } },
    { keys: setting(ITEM_FIELDS.map((field) => itemKey(SELF, 'lamps', field))), writers: { own: school, every: [] } },
  ],
  finding: [
    {
      keys: [
        ...setting(fieldsOf(FINDING_FIELDS).flatMap((field) => (field === 'answer' ? [] : [findingKey(VISIT, field)]))),
        [findingKey(VISIT, 'state'), { state: 'open' }, 'move'],
      ],
      writers: { own: ['inspector'], every: [] },
    },
    {
      keys: setting([findingKey(VISIT, 'answer'), findingKey(SELF, 'answer')]),
      writers: { own: school, every: [] },
    },
    { keys: [[findingKey(VISIT, 'state'), { state: 'claimed' }, 'move']], writers: { own: ['principal'], every: [] } },
    {
      keys: [
        ...setting(fieldsOf(FINDING_FIELDS).flatMap((field) => (field === 'answer' ? [] : [findingKey(SELF, field)]))),
        [findingKey(SELF, 'state'), { state: 'open' }, 'move'],
      ],
      writers: { own: school, every: [] },
    },
  ],
  file: [
    { keys: [file(valueKey('2023', 'goodYouth'))], writers: ofUnit },
    { keys: [file(valueKey('2023', 'teachersSurveyed'))], writers: ofBureau },
    { keys: [file(itemOwner(VISIT, 'lamps')), file(findingOwner(VISIT, 'found'))], writers: { own: ['inspector'], every: [] } },
    { keys: [file(itemOwner(SELF, 'lamps')), file(findingOwner(SELF, 'found'))], writers: { own: school, every: [] } },
    { keys: [file(findingOwner(VISIT, 'answer')), file(findingOwner(SELF, 'answer'))], writers: { own: school, every: [] } },
  ],
}

describe.each(Object.entries(KINDS))('a mutation of a %s', (kind, parts) => {
  test('is one', () => {
    for (const { keys } of parts) for (const [key] of keys) expect(parseKey(key).kind, key).toBe(kind)
  })

  test.each(ROLES)('%s', async (role) => {
    for (const { keys, writers } of parts) {
      for (const [sample, value, by] of keys) {
        // A comment's words are its author's: each role says something of its own.
        const key = sample.replace(COMMENT, `c-${role.padEnd(13, 'a')}`)
        for (const unit of [SCHOOL, OTHER_SCHOOL]) {
          const isOwn = unit === SCHOOL
          const may = writers.every.includes(role) || (isOwn && writers.own.includes(role))
          const verdict = await verdictOf(role, unit, { ...setTo(1, key, value), kind: by })
          const mayRead = BUREAU.includes(role) || isOwn
          const told = `${role}, ${unit}, ${key}: ${verdict}`
          // Whether the step exists, what it says and what it has seen come after the right: these are no refusals.
          if (may)
            expect(verdict, told).toMatch(
              /^(applied|merged|conflict|rejected: (stale|invalid|changed|conflicts|unready|missing photos|locked|closed))$/,
            )
          else if (mayRead)
            expect(verdict, told).toMatch(by === 'move' ? /^rejected: (forbidden|stale)$/ : /^rejected: forbidden$/)
          else {
            expect(verdict, told).toBe('forbidden')
            expect(await verdictOf(role, NOWHERE, { ...setTo(1, key, value), kind: by })).toBe('forbidden')
          }
        }
      }
    }
  })
})

let devices = 0

/** Each time from a new device: what was refused before says nothing of this one. */
async function verdictOf(role: Role, orgUnit: string, mutation: ReturnType<typeof setTo>): Promise<string> {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567'
  let rest = devices++
  const name = Array.from({ length: 6 }, () => {
    const letter = letters.charAt(rest % 32)
    rest = Math.floor(rest / 32)
    return letter
  }).join('')
  const asked = askOf({ orgUnit, device: `attacka${name}`, cursor: Number.MAX_SAFE_INTEGER, mutations: [mutation] })
  const [answer] = answersOf(await district.as(role)('POST', '/api/sync', syncBody(asked)))
  if (answer === undefined) throw new Error('no answer')
  if ('forbidden' in answer) return 'forbidden'
  return 'verdicts' in answer ? (answer.verdicts[0]?.[2] ?? 'none') : JSON.stringify(answer)
}
