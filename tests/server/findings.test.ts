/** The list of what inspections found wanting: who is told of which, and what stands in it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FindingRow } from '#domain/finding-row'
import type { Role } from '#domain/person'
import { createAccount } from '#server/accounts'
import { openSession, SESSION_COOKIE } from '#server/sessions'
import { fileKey, findingKey, findingOwner, itemOwner, streamOf, type Json } from '#sync/protocol'
import { openDistrict, OTHER_SCHOOL, PASSWORD, SCHOOL, START, askOf, syncBody, type District } from './district'

const INSPECTION = 'v-aaaaaaaaaaaaa'
const FINDING = 'v-bbbbbbbbbbbbb'
let district: District
beforeAll(async () => {
  district = await openDistrict()
  const { db } = district.server()
  const made = await createAccount(
    db,
    { username: 'both', name: '督学', role: 'inspector', orgUnits: [SCHOOL, OTHER_SCHOOL], password: PASSWORD },
    START,
  )
  if (!made.ok) throw new Error(JSON.stringify(made.fault))
  const cookie = await openSession(db, 'both', START)
  const write = async (orgUnit: string, rows: readonly (readonly [string, Json, 'set' | 'move'])[]): Promise<void> => {
    const mutations = rows.map(([key, value, kind], at) => ({ n: at + 1, kind, key, value, base: [], at: START, pv: 1 }))
    const answer = await district.inject({
      method: 'POST',
      url: '/api/sync',
      cookies: { [SESSION_COOKIE]: cookie },
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(syncBody(askOf({ stream: streamOf(orgUnit), device: 'inspectoraaaa', mutations }))),
    })
    expect(answer.text).not.toContain('rejected')
    expect(answer.status).toBe(200)
  }
  const about = (period: string): Json => ({ inspection: INSPECTION, item: 'gate', period })
  const photo = { name: 'a.jpg', type: 'image/jpeg', size: 9 }
  await write(SCHOOL, [
    [findingKey(FINDING, 'about'), about('2024'), 'set'],
    [findingKey(FINDING, 'what'), '大门没关', 'set'],
    [findingKey(FINDING, 'due'), '2024-09-08', 'set'],
    [findingKey(FINDING, 'who'), '门卫', 'set'],
    [fileKey(itemOwner(INSPECTION, 'gate'), 'a'.repeat(64)), photo, 'set'],
    [fileKey(findingOwner(FINDING, 'found'), 'b'.repeat(64)), photo, 'set'],
    [fileKey(findingOwner(FINDING, 'found'), 'c'.repeat(64)), null, 'set'],
    [findingKey(FINDING, 'state'), { state: 'open' }, 'move'],
    // One of another year, and one that never became a finding.
    [findingKey('v-ccccccccccccc', 'about'), about('2023'), 'set'],
    [findingKey('v-ccccccccccccc', 'state'), { state: 'open' }, 'move'],
    [findingKey('v-ddddddddddddd', 'about'), about('2024'), 'set'],
  ])
  await write(OTHER_SCHOOL, [
    [findingKey('v-eeeeeeeeeeeee', 'about'), about('2024'), 'set'],
    [findingKey('v-eeeeeeeeeeeee', 'state'), { state: 'open' }, 'move'],
  ])
})
afterAll(() => district.close())

const rowsOf = async (role: Role, query = 'period=2024'): Promise<readonly FindingRow[]> => {
  const answer = await district.as(role)('GET', `/api/findings?${query}`)
  expect(answer.status).toBe(200)
  return answer.body as readonly FindingRow[]
}

test('a line says what was found, until when, by whom, and how many photos there are', async () => {
  const rows = await rowsOf('reviewer')
  expect(rows.find(({ id }) => id === FINDING)).toEqual({
    id: FINDING,
    orgUnit: SCHOOL,
    of: 'visit',
    inspection: INSPECTION,
    item: 'gate',
    period: '2024',
    what: '大门没关',
    due: '2024-09-08',
    who: '门卫',
    answer: '',
    state: 'open',
    by: 'both',
    at: START,
    photos: { found: 2, answer: 0 },
  })
})

test('the bureau is told of every school, a school only of its own', async () => {
  for (const role of ['reviewer', 'leader', 'admin'] as const) {
    expect((await rowsOf(role)).map(({ orgUnit }) => orgUnit).sort()).toEqual([OTHER_SCHOOL, SCHOOL].sort())
  }
  for (const role of ['filler', 'principal', 'inspector'] as const) {
    expect((await rowsOf(role)).map(({ id }) => id)).toEqual([FINDING])
  }
  expect((await rowsOf('reviewer', `period=2024&orgUnit=${OTHER_SCHOOL}`)).map(({ id }) => id)).toEqual(['v-eeeeeeeeeeeee'])
})

test('who asks for another school, for no session or for no period of the plan is refused', async () => {
  expect((await district.as('principal')('GET', `/api/findings?period=2024&orgUnit=${OTHER_SCHOOL}`)).status).toBe(403)
  expect((await district.as(undefined)('GET', '/api/findings?period=2024')).status).toBe(401)
  expect((await district.as('reviewer')('GET', '/api/findings?period=1999')).status).toBe(400)
  expect((await district.as('reviewer')('GET', '/api/findings')).status).toBe(400)
})

test('only findings of the year that is asked for', async () => {
  expect((await rowsOf('reviewer', 'period=2023')).map(({ id }) => id)).toEqual(['v-ccccccccccccc'])
})
