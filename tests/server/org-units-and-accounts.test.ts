import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DISTRICT, openDistrict, PASSWORD, person, SCHOOL, UNITS, type District } from './district'

let district: District
beforeAll(async () => {
  district = await openDistrict()
})
afterAll(() => district.close())

describe('org units', () => {
  test('come as a plain array, each with what is known of it', async () => {
    const { body } = await district.as('leader')('GET', '/api/orgUnits')
    expect(body).toEqual([
      { code: DISTRICT, name: '杭州市钱塘区', type: 'district', ownership: 'public' },
      ...[...UNITS].sort((one, other) => (one.code < other.code ? -1 : 1)),
    ])
  })

  test('are made, replaced and left alone by their code, one or many', async () => {
    const admin = district.as('admin')
    const unit = { code: 'x-1', name: '新小学', type: 'primary', ownership: 'public', group: '集团', opened: '2023-09-01' }
    expect((await admin('POST', '/api/orgUnits', unit)).body).toEqual({ created: ['x-1'], updated: [], unchanged: [] })
    const closed = { code: 'x-1', name: '新小学', type: 'primary', ownership: 'public', closed: '2024-08-31' }
    const answer = await admin('POST', '/api/orgUnits', [closed, UNITS[0], { ...unit, code: 'x-2' }])
    expect(answer.body).toEqual({ created: ['x-2'], updated: ['x-1'], unchanged: [SCHOOL] })
    const { body } = await admin('GET', '/api/orgUnits')
    expect(body).toContainEqual(closed)
    expect(body).toContainEqual({ ...unit, code: 'x-2' })
  })

  test('three thousand of them fit into one request', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({
      code: `m-${index}`,
      name: `第${index}小学`,
      type: 'primary',
      ownership: 'public',
      subdistrict: '下沙街道',
    }))
    const answer = await district.as('admin')('POST', '/api/orgUnits', many)
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ created: { length: 3000 } })
  })

  test('the district may be given another name, and stays the district', async () => {
    const admin = district.as('admin')
    const renamed = { code: DISTRICT, name: '钱塘区', type: 'district', ownership: 'public' }
    expect((await admin('POST', '/api/orgUnits', renamed)).body).toMatchObject({ updated: [DISTRICT] })
    const changed = await admin('POST', '/api/orgUnits', { ...renamed, type: 'primary' })
    expect(changed.body).toMatchObject({ fault: { kind: 'orgUnit.invalid', path: 'type' } })
  })
})

describe('accounts', () => {
  test('are listed without their secrets', async () => {
    const { body } = await district.as('admin')('GET', '/api/accounts')
    expect(body).toEqual((['admin', 'filler', 'inspector', 'leader', 'principal', 'reviewer'] as const).map(person))
  })

  test('get the password that was chosen, and it is not answered', async () => {
    const answer = await district.as('admin')('POST', '/api/accounts', {
      username: '王老师',
      name: '王老师',
      role: 'filler',
      orgUnits: [SCHOOL, SCHOOL],
      password: PASSWORD,
    })
    expect(answer.status).toBe(201)
    expect(answer.body).toEqual({ username: '王老师', name: '王老师', role: 'filler', orgUnits: [SCHOOL] })
    const signedIn = await district.as(undefined)('POST', '/api/session', { username: '王老师', password: PASSWORD })
    expect(signedIn.status).toBe(200)
  })

  test('get a password made when none was chosen, shown this once', async () => {
    const answer = await district.as('admin')('POST', '/api/accounts', {
      username: 'li',
      name: '李',
      role: 'leader',
      orgUnits: [],
    })
    const { password } = answer.body as { password: string }
    expect(password).toMatch(/^[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}$/)
    expect((await district.as(undefined)('POST', '/api/session', { username: 'li', password })).status).toBe(200)
    expect((await district.as('admin')('GET', '/api/accounts')).text).not.toContain(password)
  })
})

describe('people', () => {
  type Named = { username: string; name: string; role: string }

  test('are named to those who see what they type, and to nobody else', async () => {
    const seenBy = async (role: 'filler' | 'leader') =>
      ((await district.as(role)('GET', '/api/people')).body as Named[]).map(({ username }) => username)
    expect(await seenBy('filler')).toContain('principal')
    expect(await seenBy('filler')).toContain('reviewer')
    expect(await seenBy('filler')).not.toContain('admin')
    expect(await seenBy('leader')).toContain('principal')
  })

  test('are told by name and role alone', async () => {
    const { body } = await district.as('filler')('GET', '/api/people')
    for (const person of body as Named[]) expect(Object.keys(person).sort()).toEqual(['name', 'role', 'username'])
  })
})
