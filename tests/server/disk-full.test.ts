/** No room on the server: a clear answer, nothing half written, and everything goes on by itself once there is room. */
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkLedger } from '#server/backup/check-ledger'
import { streamOf, valueKey } from '#sync/protocol'
import { answersOf, askOf, openDistrict, person, SCHOOL, setTo, syncBody, type District } from './district'
import { isOnPostgres } from '../postgres/fresh-database'
import { openTablet } from './tablet'

let district: District
beforeEach(async () => {
  district = await openDistrict()
})
afterEach(() => district.close())

const STREAM = streamOf(SCHOOL)
/** Larger than what is free in the pages that are there. */
const LONG = 'x'.repeat(20_000)
const health = () => district.as(undefined)('GET', '/api/health')
const logged = async () => (await district.server().db.selectFrom('log').select('n').orderBy('n').execute()).map(({ n }) => n)

/** The database may not grow any more: as a disk without room, for SQLite itself. */
async function fillDisk(): Promise<void> {
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(district.server().db)
  await sql.raw(`pragma max_page_count = ${String(rows[0]?.page_count ?? 0)}`).execute(district.server().db)
}
const makeRoom = () => sql.raw('pragma max_page_count = 1073741823').execute(district.server().db)

test.skipIf(isOnPostgres())(
  'an exchange that finds no room is told so, in both languages, and nothing of it is written',
  async () => {
    const send = (...numbers: readonly number[]) => {
      const mutations = numbers.map((n) => setTo(n, valueKey('2024', `e${String(n)}`), `${String(n)}${LONG}`))
      return district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations })))
    }
    expect((await send(1)).status).toBe(200)
    expect((await health()).body).toMatchObject({ status: 'ok' })
    await fillDisk()
    district.clock.now += 1000
    const since = district.clock.now
    const full = await send(1, 2, 3)
    expect(full).toMatchObject({
      status: 507,
      body: {
        fault: { kind: 'server.full' },
        message: { zh: expect.stringContaining('空间') as string, en: expect.stringContaining('room') as string },
      },
      headers: { 'retry-after': '60' },
    })
    district.clock.now += 1000
    expect((await send(1, 2, 3)).status).toBe(507)
    expect(await logged()).toEqual([1])
    expect((await health()).body).toMatchObject({ status: 'full', fullSince: since })
    expect((await checkLedger(district.server().db)).findings).toEqual([])
    // Reading goes on, and so does what needs no room.
    const [read] = answersOf(await district.as('filler')('POST', '/api/sync', syncBody(askOf({ device: 'otherbbbbbbbb' }))))
    expect(read).toMatchObject({ upto: 1, done: true })

    await makeRoom()
    expect(answersOf(await send(1, 2, 3))).toMatchObject([{ last: 3 }])
    expect((await health()).body).toMatchObject({ status: 'ok' })
    expect((await checkLedger(district.server().db)).findings).toEqual([])
  },
)

test.skipIf(isOnPostgres())('an import that finds no room is told so too', async () => {
  await fillDisk()
  const dataValues = Array.from({ length: 40 }, (_, at) => ({
    dataElement: 'newHousing',
    period: '2024',
    orgUnit: SCHOOL,
    value: String(at),
    comment: LONG.slice(0, 500),
  }))
  const answer = await district.as('reviewer')('POST', '/api/dataValueSets', { dataValues })
  expect(answer).toMatchObject({ status: 507, body: { fault: { kind: 'server.full' } } })
  expect(await logged()).toEqual([])
})

test.skipIf(isOnPostgres())('a tablet keeps what it has, says when it tries again, and gets through by itself', async () => {
  const tablet = await openTablet(district, { person: person('principal'), cookie: district.cookieOf('principal') })
  const shown = await tablet.open(STREAM)
  await tablet.exchanged()
  await fillDisk()
  const key = valueKey('2024', 'a')
  await tablet.commit({ stream: STREAM, key, value: LONG, base: [], pv: 1 })
  await tablet.until(() => tablet.sync.phase === 'waiting')
  expect(tablet.sync.nextTry).toBeGreaterThanOrEqual(district.clock.now + 60_000)
  expect(tablet.sync.waiting).toBe(1)
  expect(shown.cells.get(key)).toMatchObject({ value: LONG, mark: 'onDevice' })
  await makeRoom()
  await tablet.until(() => shown.cells.get(key)?.mark === 'confirmed')
  expect(await logged()).toEqual([1])
  await tablet.close()
})
