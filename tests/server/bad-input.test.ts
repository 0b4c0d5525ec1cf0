/** What nobody should send: each a fault with its kind, both sentences and the right status, and nothing half-written. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { FAULT_KINDS, type FaultKind } from '#domain/fault'
import type { Role } from '#domain/person'
import { STATUS_BY_FAULT } from '#server/fault-status'
import { openDistrict, OTHER_SCHOOL, SCHOOL, type Answer, type District } from './district'

let district: District
let before: string
beforeAll(async () => {
  district = await openDistrict()
  before = await everything()
})
afterAll(() => district.close())

/** All that is stored, but the log's own clockwork. */
async function everything(): Promise<string> {
  const { db } = district.server()
  const tables = ['stream', 'cell', 'log', 'peer', 'meta', 'org_unit', 'account', 'session', 'plan'] as const
  const rows = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()))
  return JSON.stringify(rows)
}
afterEach(async () => {
  expect(await everything()).toBe(before)
})

function expectFault(answer: Answer, kind: FaultKind, path?: string) {
  expect(answer.body, answer.text.slice(0, 300)).toMatchObject({
    fault: { kind, ...(path === undefined ? {} : { path }) },
    message: { zh: expect.stringMatching(/[\u4e00-\u9fff]/), en: expect.stringMatching(/[a-z]/) },
  })
  expect(answer.status).toBe(STATUS_BY_FAULT[kind])
}

const value = (change: Record<string, unknown>) => ({
  dataValues: [{ dataElement: 'goodYouth', period: '2024', orgUnit: SCHOOL, value: '3', ...change }],
})

test.each<[string, Role | undefined, 'GET' | 'POST', string, unknown, FaultKind, string?]>([
  [
    'text for a number',
    'reviewer',
    'POST',
    '/api/dataValueSets',
    value({ value: '许多' }),
    'value.notANumber',
    'dataValues.0.value',
  ],
  ['a half child', 'reviewer', 'POST', '/api/dataValueSets', value({ value: '2.5' }), 'value.notWhole', 'dataValues.0.value'],
  [
    'perhaps for yes or no',
    'reviewer',
    'POST',
    '/api/dataValueSets',
    value({ dataElement: 'inclusive', orgUnit: OTHER_SCHOOL, value: 'perhaps' }),
    'value.notYesNo',
  ],
  [
    'a grade that is none',
    'reviewer',
    'POST',
    '/api/dataValueSets',
    value({ dataElement: 'kindergartenGrade', orgUnit: OTHER_SCHOOL, value: 'Z9' }),
    'value.notAChoice',
  ],
  ['an object for a value', 'reviewer', 'POST', '/api/dataValueSets', value({ value: {} }), 'body.invalid', 'dataValues.0.value'],
  ['no value', 'reviewer', 'POST', '/api/dataValueSets', value({ value: undefined }), 'body.invalid', 'dataValues.0.value'],
  ['a misspelt field', 'reviewer', 'POST', '/api/dataValueSets', value({ coment: 'x' }), 'body.invalid', 'dataValues.0.coment'],
  ['a row that is none', 'reviewer', 'POST', '/api/dataValueSets', { dataValues: [3] }, 'body.invalid', 'dataValues.0'],
  [
    'an absence without a reason',
    'reviewer',
    'POST',
    '/api/dataValueSets',
    value({ value: undefined, absence: 'notAvailable' }),
    'body.invalid',
    'dataValues.0.reason',
  ],
  [
    'an unknown element',
    'reviewer',
    'POST',
    '/api/dataValueSets',
    value({ dataElement: 'goodYoof' }),
    'element.unknown',
    'dataValues.0.dataElement',
  ],
  [
    'an element that is not asked there',
    'reviewer',
    'POST',
    '/api/dataValueSets',
    value({ dataElement: 'enrolment.senior' }),
    'element.notAsked',
    'dataValues.0.dataElement',
  ],
  [
    'an unknown period',
    'reviewer',
    'POST',
    '/api/dataValueSets',
    value({ period: '1999' }),
    'period.unknown',
    'dataValues.0.period',
  ],
  [
    'an unknown unit',
    'reviewer',
    'POST',
    '/api/dataValueSets',
    value({ orgUnit: 'x' }),
    'orgUnit.unknown',
    'dataValues.0.orgUnit',
  ],
  ['no JSON', 'reviewer', 'POST', '/api/dataValueSets', '{"dataValues":[', 'body.notJson'],
  ['no JSON in the exchange', 'principal', 'POST', '/api/sync', 'v=1&asks=', 'body.notJson'],
  ['an empty body', 'principal', 'POST', '/api/sync', '', 'body.notJson'],
  ['a prototype in disguise', 'principal', 'POST', '/api/sync', '{"__proto__":{"v":1}}', 'body.notJson'],
  ['JSON that is no request', 'principal', 'POST', '/api/sync', [], 'body.invalid'],
  [
    'a number too large for the machine',
    'principal',
    'POST',
    '/api/sync',
    '{"v":1,"app":"x","now":1e999,"asks":[]}',
    'body.invalid',
    'now',
  ],
  ['no rows', 'reviewer', 'POST', '/api/dataValueSets', {}, 'body.invalid', 'dataValues'],
  ['a dry run that is perhaps', 'reviewer', 'POST', '/api/dataValueSets?dryRun=maybe', value({}), 'query.invalid', 'dryRun'],
  ['no period', 'leader', 'GET', '/api/figures', undefined, 'query.invalid', 'period'],
  ['an unknown period asked for', 'leader', 'GET', '/api/figures?period=1999', undefined, 'period.unknown', 'period'],
  ['a period that is none', 'leader', 'GET', '/api/figures?period=2024-01', undefined, 'period.unknown', 'period'],
  ['an unknown figure', 'leader', 'GET', '/api/figures/x/contributions?period=2024', undefined, 'figure.unknown'],
  ['an unknown data set', 'leader', 'GET', '/api/dataValueSets?period=2024&dataSet=x', undefined, 'dataSet.unknown', 'dataSet'],
  [
    'an unknown unit asked for',
    'leader',
    'GET',
    '/api/dataValueSets?period=2024&orgUnit=x',
    undefined,
    'orgUnit.unknown',
    'orgUnit',
  ],
  [
    'a foreign unit',
    'principal',
    'GET',
    `/api/dataValueSets?period=2024&orgUnit=${OTHER_SCHOOL}`,
    undefined,
    'right.missing',
    'orgUnit',
  ],
  [
    'a unit that may not even exist',
    'principal',
    'GET',
    '/api/dataValueSets?period=2024&orgUnit=x',
    undefined,
    'right.missing',
    'orgUnit',
  ],
  ['a missing cookie', undefined, 'POST', '/api/sync', {}, 'session.missing'],
  ['a missing cookie and no JSON', undefined, 'POST', '/api/dataValueSets', '{', 'session.missing'],
  ['an unknown route', 'principal', 'GET', '/api/secrets', undefined, 'route.unknown'],
  ['an unknown method', 'principal', 'POST', '/api/plan', {}, 'route.unknown'],
  [
    'a unit of no type',
    'admin',
    'POST',
    '/api/orgUnits',
    [{ code: 'a', name: 'b', type: 'c', ownership: 'public' }],
    'body.invalid',
    '0.type',
  ],
  [
    'a unit with a misspelt field',
    'admin',
    'POST',
    '/api/orgUnits',
    { code: 'a', name: 'b', type: 'primary', ownership: 'public', closd: '2024-01-01' },
    'body.invalid',
    'closd',
  ],
  [
    'a good unit before a bad one',
    'admin',
    'POST',
    '/api/orgUnits',
    [
      { code: 'good', name: 'b', type: 'primary', ownership: 'public' },
      { code: 'bad', name: 'b', type: 'primary', ownership: 'public', opened: '2023-02-30' },
    ],
    'orgUnit.invalid',
    '1.opened',
  ],
  [
    'a second district',
    'admin',
    'POST',
    '/api/orgUnits',
    { code: 'd2', name: 'b', type: 'district', ownership: 'public' },
    'orgUnit.invalid',
    'type',
  ],
  [
    'one code twice',
    'admin',
    'POST',
    '/api/orgUnits',
    [1, 2].map((n) => ({ code: 'twice', name: `${n}`, type: 'primary', ownership: 'public' })),
    'orgUnit.invalid',
    '1.code',
  ],
  [
    'an account that exists, in another case',
    'admin',
    'POST',
    '/api/accounts',
    { username: 'PRINCIPAL', name: 'x', role: 'leader', orgUnits: [] },
    'account.exists',
    'username',
  ],
  [
    "a school's person without a school",
    'admin',
    'POST',
    '/api/accounts',
    { username: 'new', name: 'x', role: 'filler', orgUnits: [] },
    'account.invalid',
    'orgUnits',
  ],
  [
    "a bureau's person with a school",
    'admin',
    'POST',
    '/api/accounts',
    { username: 'new', name: 'x', role: 'leader', orgUnits: [SCHOOL] },
    'account.invalid',
    'orgUnits',
  ],
  [
    'an account for a school that is none',
    'admin',
    'POST',
    '/api/accounts',
    { username: 'new', name: 'x', role: 'filler', orgUnits: [SCHOOL, 'x'] },
    'orgUnit.unknown',
    'orgUnits.1',
  ],
  [
    'a short password',
    'admin',
    'POST',
    '/api/accounts',
    { username: 'new', name: 'x', role: 'leader', orgUnits: [], password: '1234567' },
    'account.invalid',
    'password',
  ],
  [
    'a username of signs',
    'admin',
    'POST',
    '/api/accounts',
    { username: '../etc', name: 'x', role: 'leader', orgUnits: [] },
    'account.invalid',
    'username',
  ],
])('%s', async (_what, role, method, url, body, kind, path) => {
  expectFault(await district.as(role)(method, url, body), kind, path)
})

test.each(['/api/dataValueSets', '/api/sync', '/api/session', '/api/orgUnits'])('a body of 20 MB to %s', async (url) => {
  const answer = await district.as('reviewer')('POST', url, JSON.stringify({ dataValues: 'x'.repeat(20 * 1024 * 1024) }))
  expectFault(answer, 'body.tooLarge')
  expect(answer.body).toMatchObject({ fault: { values: { limitBytes: expect.any(Number) } } })
})

test('a body of another type', async () => {
  const answer = await district.inject({
    method: 'POST',
    url: '/api/sync',
    cookies: { youxue_session: district.cookieOf('principal') },
    headers: { 'content-type': 'text/plain' },
    payload: '{}',
  })
  expectFault(answer, 'body.notJson')
})

test('a defect is reported as one, without its inner words', async () => {
  const broken = await openDistrict()
  await broken.server().db.schema.dropTable('session').execute()
  const answer = await broken.as('leader')('GET', '/api/session')
  expectFault(answer, 'server.defect')
  expect(answer.text).not.toContain('session')
  await broken.close()
})

test('every kind of fault has a status of its class', () => {
  for (const kind of FAULT_KINDS) expect(STATUS_BY_FAULT[kind]).toBeGreaterThanOrEqual(400)
})
