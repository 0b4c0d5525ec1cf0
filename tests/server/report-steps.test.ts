/** What stands against the steps of a report on the server, through the exchange of tablets. */
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReportsAnswer } from '#plan/report-wire'
import { openUploads } from '#server/files/uploads'
import { headIds } from '#sync/cell'
import { fileKey, remarkKey, reportKey, streamOf, valueKey } from '#sync/protocol'
import { deskOf, openDesk, type Desk } from './desk'
import { askOf, openDistrict, OTHER_SCHOOL, SCHOOL, syncBody, type District } from './district'
import { pngOf, sha256Of } from './pictures'

const REPORT = { period: '2024', dataSet: 'students' }
const value = (element: string, period = '2024'): string => valueKey(period, element)

let district: District
let principal: Desk
let filler: Desk
let reviewer: Desk
beforeAll(async () => {
  district = await openDistrict()
  principal = deskOf(district, 'principal', SCHOOL)
  filler = deskOf(district, 'filler', SCHOOL)
  reviewer = deskOf(district, 'reviewer', SCHOOL)
})
afterAll(() => district.close())

test('errors block a submission, also one that lies in another data set, and nothing else of theirs does', async () => {
  expect(await filler.set(value('fitnessPassed'), '90')).toBe('applied')
  expect(await filler.set(value('fitnessTested'), '80')).toBe('applied')
  expect(await principal.step('submitted', REPORT)).toBe('rejected: unready')

  expect(await filler.set(value('fitnessTested'), '100')).toBe('applied')
  // Tested more pupils than there are: the number of pupils stands in another data set.
  expect(await filler.set(value('enrolment.primary', '2024'), '99')).toBe('applied')
  expect(await principal.step('submitted', REPORT)).toBe('rejected: unready')
  expect(await filler.set(value('enrolment.primary'), '120')).toBe('applied')
  // An error of another report is not in the way.
  expect(await filler.set(value('classes.primary'), 'many')).toBe('applied')
  expect(await principal.step('submitted', REPORT)).toBe('applied')
  expect(await principal.step('submitted', { ...REPORT, dataSet: 'profile' })).toBe('rejected: unready')
})

test('what is submitted stays as it is, while the rest goes on', async () => {
  expect(await filler.set(value('fitnessPassed'), '91')).toBe('rejected: locked')
  expect(await filler.set(remarkKey('2024', 'fitnessPassed'), 'why')).toBe('rejected: locked')
  expect(await filler.set(fileKey(value('fitnessPassed'), 'a'.repeat(64)), { name: 'a.jpg' })).toBe('rejected: locked')
  expect(await filler.set(value('enrolment.primary'), '121')).toBe('applied')
})

test('a report is approved only once all its photos have arrived; one that was taken away is not waited for', async () => {
  const bytes = pngOf(8, 8)
  const sha256 = sha256Of(bytes)
  expect(await reviewer.step('returned', REPORT, { why: 'photos, please', marks: ['fitnessPassed'] })).toBe('applied')
  expect(await filler.set(fileKey(value('fitnessPassed'), sha256), { name: 'a.png' })).toBe('applied')
  expect(await filler.set(fileKey(value('fitnessPassed'), 'b'.repeat(64)), { name: 'b.png' })).toBe('applied')
  expect(await filler.set(fileKey(value('fitnessPassed'), 'b'.repeat(64)), null)).toBe('applied')
  // Of another report, of another year, and of nothing that the school answers.
  expect(await filler.set(fileKey(value('enrolment.primary'), 'c'.repeat(64)), { name: 'c.png' })).toBe('applied')
  expect(await filler.set(fileKey(value('fitnessPassed', '2023'), 'd'.repeat(64)), { name: 'd.png' })).toBe('applied')
  expect(await principal.step('submitted', REPORT)).toBe('applied')
  expect(await reviewer.step('approved', REPORT)).toBe('rejected: missing photos')

  // The same picture for another school is another file.
  await bring(OTHER_SCHOOL, bytes)
  expect(await reviewer.step('approved', REPORT)).toBe('rejected: missing photos')
  await bring(SCHOOL, bytes)
  expect(await reviewer.step('approved', REPORT)).toBe('applied')
})

test('a report that the plan does not ask for takes no steps', async () => {
  for (const at of [
    { period: '1999', dataSet: 'students' },
    { period: '2024', dataSet: 'no-such' },
  ])
    expect(await principal.step('submitted', at), JSON.stringify(at)).toBe('rejected: invalid')
  const kindergarten = await openDesk(district, { username: 'head', role: 'principal', orgUnits: [OTHER_SCHOOL] }, OTHER_SCHOOL)
  // Only for the years of compulsory schooling.
  expect(await kindergarten.step('submitted', { period: '2024', dataSet: 'balance' })).toBe('rejected: invalid')
  expect(await kindergarten.step('submitted', { period: '2024', dataSet: 'profile' })).toBe('applied')
})

test('outside its window a report is not handed in, by the server’s clock; late it is, and the queue says so', async () => {
  const at = { period: '2024', dataSet: 'teachers' }
  // The clock begins at 08:00 of 1 September 2024 in China.
  const window = { ...at, opens: '2024-09-02T00:00', due: '2024-09-03T23:59', closes: '2024-09-05T23:59', extensions: [] }
  expect((await district.as('admin')('PUT', '/api/windows', { windows: [window] })).status).toBe(200)
  const lateOf = async () => {
    const { body } = await district.as('reviewer')(
      'GET',
      '/api/reports?period=2024&dataSet=teachers&state=open,submitted,withdrawn',
    )
    return (body as ReportsAnswer).rows.filter(({ orgUnit }) => orgUnit === SCHOOL).map(({ late }) => late)
  }
  const DAY_MS = 86_400_000
  expect(await principal.step('submitted', at)).toBe('rejected: closed')
  expect(await lateOf()).toEqual([false])
  district.clock.now += DAY_MS
  expect(await principal.step('submitted', at)).toBe('applied')
  expect(await lateOf()).toEqual([false])
  expect(await principal.step('withdrawn', at)).toBe('applied')
  district.clock.now += 2 * DAY_MS
  expect(await lateOf()).toEqual([true])
  expect(await principal.step('submitted', at)).toBe('applied')
  expect(await lateOf()).toEqual([true])
  const key = reportKey(at.period, at.dataSet)
  const submitted = (await principal.cells()).get(key)?.heads[0]?.value ?? null
  expect(await principal.step('withdrawn', at)).toBe('applied')
  district.clock.now += 3 * DAY_MS
  expect(await principal.step('submitted', at)).toBe('rejected: closed')
  // Nor by telling of oneself that one had handed it in.
  const base = [...headIds((await principal.cells()).get(key)?.heads ?? [])]
  const told = { id: 'aaaaaaaaaaaaa:1', by: 'principal', n: 1, kind: 'set', key, value: submitted, base, at: 1, pv: 0 }
  const body = syncBody(askOf({ stream: streamOf(SCHOOL), device: 'bbbbbbbbbbbbb', witnesses: [told] }))
  expect((await district.as('principal')('POST', '/api/sync', body)).status).toBe(200)
  expect((await principal.cells()).get(key)?.heads[0]?.value).toEqual({ state: 'withdrawn' })
})

test('a value with two heads is to be decided first', async () => {
  const at = { period: '2023', dataSet: 'students' }
  const another = await openDesk(district, { username: 'colleague', role: 'filler', orgUnits: [SCHOOL] }, SCHOOL)
  expect(await filler.set(value('goodYouth', '2023'), '1')).toBe('applied')
  expect(await another.beside(value('goodYouth', '2023'), '2')).toBe('conflict')
  expect(await principal.step('submitted', at)).toBe('rejected: conflicts')
  expect(await principal.set(value('goodYouth', '2023'), '2')).toBe('applied')
  const key = reportKey(at.period, at.dataSet)
  expect(await principal.move(key, { state: 'submitted', seen: '0'.repeat(16) })).toBe('rejected: changed')
  expect(await principal.step('submitted', at)).toBe('applied')
})

async function bring(orgUnit: string, bytes: Buffer): Promise<void> {
  const uploads = openUploads({
    ...district.server(),
    report: (error) => {
      throw error
    },
  })
  const piece = { offset: 0, length: bytes.length, type: 'image/png', body: Readable.from([bytes]), by: 'filler' }
  const brought = await uploads.append({ orgUnit, sha256: sha256Of(bytes) }, piece)
  expect(brought).toMatchObject({ ok: true, value: { isComplete: true } })
  await uploads.close()
}
