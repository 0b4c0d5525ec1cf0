/** An account is changed or disabled: what its tablets still bring, what leaves them, and who is told what. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { blankDisk, type Disk } from '#client/device/memory-store'
import type { Role } from '#domain/person'
import { streamOf, valueKey } from '#sync/protocol'
import {
  answersOf,
  askOf,
  openDistrict,
  OTHER_SCHOOL,
  PASSWORD,
  person,
  SCHOOL,
  setTo,
  syncBody,
  type District,
} from './district'
import { openTablet, type Tablet } from './tablet'

let district: District
let tablets: Tablet[] = []
beforeEach(async () => {
  district = await openDistrict()
})
afterEach(async () => {
  await Promise.all(tablets.map((tablet) => tablet.close()))
  tablets = []
  await district.close()
})

const STREAM = streamOf(SCHOOL)
const KEY = valueKey('2024', 'goodYouth')
const OTHER_KEY = valueKey('2024', 'newHousing')
const change = (username: string, body: unknown) => district.as('admin')('PATCH', `/api/accounts/${username}`, body)
/** A busy machine. */
const WAIT = { timeout: 30_000, interval: 10 }
const logged = () => district.server().db.selectFrom('log').select(['key', 'value', 'by', 'verdict']).orderBy('seq').execute()

async function tabletOf(role: Role, more: { readonly disk?: Disk; readonly orgUnits?: readonly string[] } = {}): Promise<Tablet> {
  const { orgUnits, ...rest } = more
  const who = { ...person(role), ...(orgUnits === undefined ? {} : { orgUnits }) }
  const tablet = await openTablet(district, { person: who, cookie: district.cookieOf(role), ...rest })
  tablets.push(tablet)
  return tablet
}

describe('a person who works for the school no more', () => {
  test('unsent values are logged as refused and stay in the sync centre; the rows leave the tablet', async () => {
    const tablet = await tabletOf('filler')
    const shown = await tablet.open(STREAM)
    await tablet.commit({ stream: STREAM, key: KEY, value: '12', base: [], pv: 1 })
    await tablet.exchanged()
    expect(shown.cells.get(KEY)).toMatchObject({ value: '12', mark: 'confirmed' })

    tablet.network.up = false
    await tablet.commit({ stream: STREAM, key: OTHER_KEY, value: '7', base: [], pv: 1 })
    const answer = await change('filler', { orgUnits: [OTHER_SCHOOL] })
    expect(answer).toMatchObject({ status: 200, body: { username: 'filler', orgUnits: [OTHER_SCHOOL] } })
    tablet.network.up = true
    await tablet.exchanged()

    expect(await logged()).toEqual([
      { key: KEY, value: '"12"', by: 'filler', verdict: 'applied' },
      { key: OTHER_KEY, value: '"7"', by: 'filler', verdict: 'rejected: forbidden' },
    ])
    expect(shown.cells.has(KEY)).toBe(false)
    expect(await tablet.outbox()).toMatchObject([{ key: OTHER_KEY, value: '7', verdict: 'rejected: forbidden' }])
    expect(tablet.sync).toMatchObject({ waiting: 0, rejected: 1 })
    expect(await district.server().db.selectFrom('cell').select('key').execute()).toEqual([{ key: KEY }])
  })

  test('a tablet that hears of it only after a start, from the account, forgets the rows all the same', async () => {
    const disk = blankDisk()
    const before = await tabletOf('filler', { disk })
    await before.open(STREAM)
    await before.commit({ stream: STREAM, key: KEY, value: '12', base: [], pv: 1 })
    await before.exchanged()
    await before.close()
    await change('filler', { orgUnits: [OTHER_SCHOOL] })
    const after = await tabletOf('filler', { disk, orgUnits: [OTHER_SCHOOL] })
    await vi.waitFor(() => expect(disk.written.streams.get(STREAM)?.view).toMatchObject({ gone: true, cells: {} }), WAIT)
    await after.exchanged()
  })

  test('nothing comes down to them, and one who never worked there is told only that', async () => {
    await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, KEY, '12')] })))
    await change('filler', { orgUnits: [OTHER_SCHOOL] })
    const asked = askOf({ device: 'otherbbbbbbbb', mutations: [setTo(1, OTHER_KEY, '3')] })
    const [gone] = answersOf(await district.as('filler')('POST', '/api/sync', syncBody(asked)))
    expect(gone).toEqual({
      stream: STREAM,
      epoch: district.server().ledger.epoch,
      gone: true,
      last: 1,
      verdicts: [[1, 2, 'rejected: forbidden']],
      witnessed: [],
    })
    const never = askOf({ orgUnit: OTHER_SCHOOL, mutations: [setTo(1, KEY, '3')] })
    const [forbidden] = answersOf(await district.as('principal')('POST', '/api/sync', syncBody(never)))
    expect(forbidden).toEqual({ stream: streamOf(OTHER_SCHOOL), forbidden: true })
    expect(await logged()).toHaveLength(2)
  })

  test('once they work there again everything is back, and they may write', async () => {
    const tablet = await tabletOf('filler')
    const shown = await tablet.open(STREAM)
    await tablet.commit({ stream: STREAM, key: KEY, value: '12', base: [], pv: 1 })
    await tablet.exchanged()
    await change('filler', { orgUnits: [OTHER_SCHOOL] })
    await tablet.exchanged()
    expect(shown.cells.size).toBe(0)
    await change('filler', { orgUnits: [OTHER_SCHOOL, SCHOOL] })
    await tablet.exchanged()
    expect(shown.cells.get(KEY)).toMatchObject({ value: '12', mark: 'confirmed' })
    await tablet.commit({ stream: STREAM, key: KEY, value: '13', base: shown.cells.get(KEY)?.base ?? [], pv: 1 })
    await tablet.exchanged()
    expect(shown.cells.get(KEY)).toMatchObject({ value: '13', mark: 'confirmed' })
  })

  test('who only looks from now on keeps the rows, and what they had typed is refused', async () => {
    const tablet = await tabletOf('filler')
    const shown = await tablet.open(STREAM)
    await tablet.commit({ stream: STREAM, key: KEY, value: '12', base: [], pv: 1 })
    await tablet.exchanged()
    tablet.network.up = false
    await tablet.commit({ stream: STREAM, key: OTHER_KEY, value: '7', base: [], pv: 1 })
    await change('filler', { role: 'inspector' })
    tablet.network.up = true
    await tablet.exchanged()
    expect(shown.cells.get(KEY)).toMatchObject({ value: '12', mark: 'confirmed' })
    expect(shown.cells.get(OTHER_KEY)).toMatchObject({ value: '7', mark: 'rejected', verdict: 'rejected: forbidden' })
  })

  test('a reviewer who becomes a school’s person loses every other unit', async () => {
    await change('reviewer', { role: 'principal', orgUnits: [SCHOOL] })
    const answers = answersOf(
      await district.as('reviewer')('POST', '/api/sync', syncBody(askOf({}), askOf({ orgUnit: OTHER_SCHOOL }))),
    )
    expect(answers).toMatchObject([{ stream: STREAM, done: true }, { gone: true }])
  })

  test('their name still stands beside their values', async () => {
    const names = async () => (await district.as('principal')('GET', '/api/people')).body
    expect(await names()).toContainEqual({ username: 'filler', name: 'filler', role: 'filler' })
    await change('filler', { orgUnits: [OTHER_SCHOOL] })
    expect(await names()).toContainEqual({ username: 'filler', name: 'filler', role: 'filler' })
  })
})

describe('an account that is disabled', () => {
  test('cannot sign in, and is told why only with the right password', async () => {
    expect(await change('filler', { disabled: true })).toMatchObject({
      status: 200,
      body: { username: 'filler', disabled: district.clock.now },
    })
    const signIn = (password: string) => district.as(undefined)('POST', '/api/session', { username: 'filler', password })
    expect(await signIn(PASSWORD)).toMatchObject({ status: 403, body: { fault: { kind: 'account.disabled' } } })
    expect(await signIn('wrong-password')).toMatchObject({ status: 401, body: { fault: { kind: 'session.wrongPassword' } } })
    expect(await district.as('filler')('GET', '/api/session')).toMatchObject({
      status: 403,
      body: { fault: { kind: 'account.disabled' } },
    })
  })

  test('its tablet hands over what is unsent, and nothing comes down', async () => {
    const tablet = await tabletOf('filler')
    const shown = await tablet.open(STREAM)
    await tablet.commit({ stream: STREAM, key: KEY, value: '12', base: [], pv: 1 })
    await tablet.exchanged()
    tablet.network.up = false
    await tablet.commit({ stream: STREAM, key: OTHER_KEY, value: '7', base: [], pv: 1 })
    await change('filler', { disabled: true })
    tablet.network.up = true
    await tablet.exchanged()
    expect((await logged()).at(-1)).toEqual({ key: OTHER_KEY, value: '"7"', by: 'filler', verdict: 'rejected: forbidden' })
    expect(shown.cells.has(KEY)).toBe(false)
    expect(await tablet.outbox()).toMatchObject([{ key: OTHER_KEY, verdict: 'rejected: forbidden' }])
  })

  test('after thirty days its session is over', async () => {
    await change('filler', { disabled: true })
    district.clock.now += 31 * 24 * 60 * 60 * 1000
    expect(await district.as('filler')('POST', '/api/sync', syncBody(askOf({})))).toMatchObject({
      status: 401,
      body: { fault: { kind: 'session.missing' } },
    })
  })

  test('is as it was once it is enabled again', async () => {
    await change('filler', { disabled: true })
    expect(await change('filler', { disabled: false })).toMatchObject({
      body: { username: 'filler', name: 'filler', role: 'filler', orgUnits: [SCHOOL] },
    })
    expect(await district.as('filler')('GET', '/api/session')).toMatchObject({ status: 200 })
    const [answer] = answersOf(
      await district.as('filler')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, KEY, '1')] }))),
    )
    expect(answer).toMatchObject({ verdicts: [[1, 1, 'applied']] })
  })
})

describe('a change of an account that cannot be', () => {
  test.each([
    ['nobody of that name', 'nobody', { name: 'x' }, 404, 'account.unknown'],
    ['a unit that is none', 'filler', { orgUnits: ['nowhere'] }, 404, 'orgUnit.unknown'],
    ['a school’s role without a school', 'filler', { orgUnits: [] }, 400, 'account.invalid'],
    ['a role of the bureau with a school', 'filler', { role: 'leader', orgUnits: [SCHOOL] }, 400, 'account.invalid'],
    ['no name', 'filler', { name: ' ' }, 400, 'account.invalid'],
    ['a field that there is not', 'filler', { roll: 'admin' }, 400, 'body.invalid'],
    ['the last administrator disabled', 'admin', { disabled: true }, 400, 'account.invalid'],
    ['the last administrator made a leader', 'admin', { role: 'leader' }, 400, 'account.invalid'],
  ] as const)('%s', async (_what, username, body, status, kind) => {
    const before = (await district.as('admin')('GET', '/api/accounts')).body
    const answer = await change(username, body)
    expect(answer.status, answer.text).toBe(status)
    expect(answer.body).toMatchObject({ fault: { kind } })
    expect((await district.as('admin')('GET', '/api/accounts')).body).toEqual(before)
  })

  test('an administrator may go where another stays', async () => {
    await change('leader', { role: 'admin' })
    expect(await change('admin', { disabled: true })).toMatchObject({ status: 200 })
  })
})
