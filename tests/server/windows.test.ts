/** Windows as the bureau sets them and everybody reads them. That a report is handed in only within one: in the tests of the reports' rules. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ROLES } from '#domain/person'
import type { ReportWindow, Windows } from '#domain/window'
import { SESSION_COOKIE } from '#server/sessions'
import { openDistrict, OTHER_SCHOOL, SCHOOL, type Answer, type District } from './district'

let district: District
beforeAll(async () => {
  district = await openDistrict()
})
beforeEach(async () => {
  expect((await put([])).status).toBe(200)
})
afterAll(() => district.close())

const WINDOW: ReportWindow = {
  ...{ period: '2024', dataSet: 'students', opens: '2024-11-01T08:00', due: '2024-12-20T23:59', closes: '2024-12-31T12:00' },
  extensions: [
    { orgUnit: OTHER_SCHOOL, due: '2024-12-25T23:59' },
    { orgUnit: SCHOOL, due: '2024-12-22T23:59', closes: '2025-01-05T12:00' },
  ],
}

function put(windows: readonly ReportWindow[], headers: Record<string, string> = {}): Promise<Answer> {
  return district.inject({
    method: 'PUT',
    url: '/api/windows',
    cookies: { [SESSION_COOKIE]: district.cookieOf('admin') },
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify({ windows }),
  })
}

test('the administrator sets windows and everybody reads them; of the extensions a school reads its own', async () => {
  expect((await put([WINDOW])).body).toEqual({
    timeZone: 'Asia/Shanghai',
    windows: [{ ...WINDOW, extensions: [...WINDOW.extensions].sort((one, other) => (one.orgUnit < other.orgUnit ? -1 : 1)) }],
  })
  for (const role of ROLES) {
    const { status, body } = await district.as(role)('GET', '/api/windows')
    expect(status).toBe(200)
    const units = (body as Windows).windows[0]?.extensions.map(({ orgUnit }) => orgUnit)
    const isOfSchool = ['filler', 'principal', 'inspector'].includes(role)
    expect(units, role).toEqual(isOfSchool ? [SCHOOL] : [OTHER_SCHOOL, SCHOOL])
  }
  expect((await district.as(undefined)('GET', '/api/windows')).status).toBe(401)
})

test('only the administrator sets them', async () => {
  for (const role of ROLES.filter((one) => one !== 'admin')) {
    const answer = await district.inject({
      method: 'PUT',
      url: '/api/windows',
      cookies: { [SESSION_COOKIE]: district.cookieOf(role) },
      payload: { windows: [WINDOW] },
    })
    expect(answer.status, role).toBe(403)
  }
  expect((await district.as('admin')('GET', '/api/windows')).body).toMatchObject({ windows: [] })
})

test('a reader who has them is told so in few bytes, until they change', async () => {
  const get = (tag?: string) =>
    district.inject({
      method: 'GET',
      url: '/api/windows',
      cookies: { [SESSION_COOKIE]: district.cookieOf('filler') },
      ...(tag === undefined ? {} : { headers: { 'if-none-match': tag } }),
    })
  await put([WINDOW])
  const first = await get()
  const tag = String(first.headers['etag'])
  expect(await get(tag)).toMatchObject({ status: 304, text: '' })
  // What another school is given is none of this one's news.
  await put([{ ...WINDOW, extensions: WINDOW.extensions.slice(1) }])
  expect((await get(tag)).status).toBe(304)
  await put([{ ...WINDOW, extensions: [] }])
  expect((await get(tag)).status).toBe(200)
})

test('of two who change them at once the second is told, and nothing of theirs is kept', async () => {
  const seen = String((await put([WINDOW])).headers['etag'])
  expect((await put([], { 'if-match': seen })).status).toBe(200)
  expect(await put([WINDOW], { 'if-match': seen })).toMatchObject({
    status: 412,
    body: { fault: { kind: 'window.changed' } },
  })
  expect((await district.as('admin')('GET', '/api/windows')).body).toMatchObject({ windows: [] })
})

test('what cannot be is said with its place, and nothing of it is kept', async () => {
  const cases: readonly (readonly [readonly ReportWindow[], number, object])[] = [
    [
      [{ ...WINDOW, closes: '2024-12-01T00:00' }],
      400,
      { kind: 'window.invalid', path: 'windows.0.closes', values: { problem: 'closesBeforeDue' } },
    ],
    [[{ ...WINDOW, opens: '2024-11-31T08:00' }], 400, { kind: 'window.invalid', path: 'windows.0.opens' }],
    [[WINDOW, WINDOW], 400, { kind: 'window.invalid', path: 'windows.1.dataSet', values: { problem: 'windowTwice' } }],
    [
      [{ ...WINDOW, extensions: [...WINDOW.extensions, { orgUnit: SCHOOL, due: '2024-12-23T10:00' }] }],
      400,
      { kind: 'window.invalid', path: 'windows.0.extensions.2.orgUnit', values: { problem: 'extensionTwice' } },
    ],
    [
      [{ ...WINDOW, extensions: [{ orgUnit: SCHOOL }] }],
      400,
      { path: 'windows.0.extensions.0', values: { problem: 'extensionEmpty' } },
    ],
    [[{ ...WINDOW, period: '2031' }], 400, { kind: 'period.unknown', path: 'windows.0.period' }],
    [[{ ...WINDOW, dataSet: 'nothing' }], 404, { kind: 'dataSet.unknown', path: 'windows.0.dataSet' }],
    [
      [{ ...WINDOW, extensions: [{ orgUnit: 'x-9', due: '2024-12-23T10:00' }] }],
      404,
      { kind: 'orgUnit.unknown', path: 'windows.0.extensions.0.orgUnit' },
    ],
    [[{ ...WINDOW, due: 'tomorrow' }], 400, { kind: 'body.invalid' }],
  ]
  for (const [windows, status, fault] of cases) expect(await put(windows)).toMatchObject({ status, body: { fault } })
  expect((await district.as('admin')('GET', '/api/windows')).body).toMatchObject({ windows: [] })
})

test('windows outlive the program', async () => {
  await put([WINDOW])
  await district.restart()
  expect((await district.as('reviewer')('GET', '/api/windows')).body).toMatchObject({ windows: [{ due: WINDOW.due }] })
})
