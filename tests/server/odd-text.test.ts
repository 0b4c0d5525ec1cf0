/** Texts that a database or a driver might give back as other ones: NUL, at which some end a text, and half a surrogate pair. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { valueKey } from '#sync/protocol'
import { answersOf, askOf, openDistrict, OTHER_SCHOOL, PASSWORD, SCHOOL, setTo, syncBody, type District } from './district'

let district: District
beforeEach(async () => {
  district = await openDistrict()
})
afterEach(() => district.close())

const ODD = ['\u0000', '\u0000abc', 'abc\u0000', 'a\ud800b', '\udc00']
const KEY = valueKey('2024', 'goodYouth')
const unit = { code: 'x-1', name: '新小学', type: 'primary', ownership: 'public' }

describe('what becomes a column of its own is refused', () => {
  test.each(['name', 'group', 'community', 'subdistrict'])('%s of an org unit', async (field) => {
    for (const odd of ODD) {
      const answer = await district.as('admin')('POST', '/api/orgUnits', { ...unit, [field]: odd })
      expect(answer.status, JSON.stringify(odd)).toBe(400)
      expect(answer.body).toMatchObject({ fault: { kind: 'body.invalid', path: field } })
    }
    expect((await district.as('admin')('GET', '/api/orgUnits')).body).toHaveLength(4)
  })

  test.each([
    ['username', { username: 'new\u0000' }],
    ['name', { name: 'a\u0000b' }],
    ['orgUnits.0', { orgUnits: [`${SCHOOL}\u0000`] }],
  ])('%s of an account', async (path, odd) => {
    const account = { username: 'new', name: 'new', role: 'filler', orgUnits: [SCHOOL], ...odd }
    const answer = await district.as('admin')('POST', '/api/accounts', account)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ fault: { kind: 'body.invalid', path } })
  })

  test('a user name that would be cut to another one does not sign in', async () => {
    for (const odd of ['principal\u0000', 'principal\u0000x', 'principal\ud800']) {
      const answer = await district.as(undefined)('POST', '/api/session', { username: odd, password: PASSWORD })
      expect(answer.status).toBe(400)
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })

  test.each([`s/${SCHOOL}\u0000zz`, `s/${SCHOOL}\ud800`])('the name of a stream, %j', async (stream) => {
    const ask = { ...askOf({ mutations: [setTo(1, KEY, '1')] }), stream }
    const answer = await district.as('reviewer')('POST', '/api/sync', syncBody(ask))
    expect(answer.status).toBe(400)
    expect(await district.server().db.selectFrom('stream').selectAll().execute()).toEqual([])
  })

  test('the author that a witness names', async () => {
    const witness = { ...setTo(1, KEY, '1'), id: 'otherbbbbbbbb:1', by: 'li\u0000' }
    const answer = await district.as('principal')('POST', '/api/sync', syncBody(askOf({ witnesses: [witness] })))
    expect(answer.body).toMatchObject({ fault: { kind: 'body.invalid', path: 'asks.0.witnesses.0.by' } })
  })
})

test('a stream whose name is no code is nobody’s', async () => {
  const ask = { ...askOf({}), stream: 's/../x' }
  expect(answersOf(await district.as('reviewer')('POST', '/api/sync', syncBody(ask)))).toEqual([
    { stream: 's/../x', forbidden: true },
  ])
})

test('in a value they are kept, and come back as they were', async () => {
  const values = [...ODD, { '\u0000': ['\ud800', 'a\u0000b'] }]
  const mutations = values.map((value, index) => setTo(index + 1, valueKey('2024', `e${index}`), value))
  const read = async () => {
    const [answer] = answersOf(await district.as('reviewer')('POST', '/api/sync', syncBody(askOf({ device: 'readeraaaaaaa' }))))
    if (answer === undefined || !('rows' in answer)) throw new Error('no rows')
    return answer.rows.map(([, { heads }]) => heads[0]?.value)
  }
  answersOf(await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations }))))
  expect(await read()).toEqual(values)
  await district.restart()
  expect(await read()).toEqual(values)
  // The log recognises them.
  const [again] = answersOf(await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations }))))
  expect(again).toMatchObject({ last: values.length })
})

test('binding such a text is a defect, wherever it comes from', async () => {
  for (const odd of ODD) {
    const { db } = district.server()
    await expect(db.selectFrom('account').selectAll().where('key', '=', odd).execute()).rejects.toThrow('cannot be bound')
  }
})

test('a unit that lies in the database in an odd form does not stop the start, and can be put right', async () => {
  const { db } = district.server()
  await db.updateTable('org_unit').set({ name: '' }).where('code', '=', SCHOOL).execute()
  await db.updateTable('org_unit').set({ type: 'castle' }).where('code', '=', OTHER_SCHOOL).execute()
  await district.restart()
  const admin = district.as('admin')
  const listed = (await admin('GET', '/api/orgUnits')).body as { code: string; name: string }[]
  expect(listed.find(({ code }) => code === SCHOOL)?.name).toBe('')
  expect(listed.map(({ code }) => code)).not.toContain(OTHER_SCHOOL)
  for (const code of [SCHOOL, OTHER_SCHOOL]) {
    expect((await admin('POST', '/api/orgUnits', { ...unit, code })).status).toBe(200)
  }
  expect((await admin('GET', '/api/orgUnits')).body).toContainEqual({ ...unit, code: OTHER_SCHOOL })
})
