/** What inspections say together: of which schools, by whose word, and where it is not what a school reports. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Role } from '#domain/person'
import { itemsOf } from '#plan/inspection'
import type { InspectionsAnswer } from '#server/wire'
import { inspectionKey, itemKey, recordId, valueKey, type Json } from '#sync/protocol'
import {
  answersOf,
  askOf,
  openDistrict,
  OTHER_SCHOOL,
  plan,
  SCHOOL,
  setTo,
  START,
  syncBody,
  UNITS,
  type District,
} from './district'

const id = (of: 'visit' | 'self', letter: string) => recordId(of, letter.repeat(13))
const VISIT = id('visit', 'a')
const OWN = id('self', 'b')
const CANCELLED = id('visit', 'c')
const OTHER_YEAR = id('visit', 'd')
const UNKNOWN_LIST = id('visit', 'e')
const WITHOUT_STATE = id('visit', 'f')
const [school] = UNITS
const hardware = plan.document.inspections?.templates.find((template) => template.groups.some(({ id }) => id === 'net'))
if (school === undefined || hardware === undefined) throw new Error('the plan has no such list')
const asked = itemsOf(plan, school, hardware).length

let district: District
beforeAll(async () => {
  district = await openDistrict()
  const write = async (role: Role, device: string, rows: readonly (readonly [key: string, value: Json, at?: number])[]) => {
    const mutations = rows.map(([key, value, at = START], n) => ({
      ...setTo(n + 1, key, value),
      kind: key.endsWith('/state') ? 'move' : 'set',
      at,
    }))
    const answer = await district.as(role)('POST', '/api/sync', syncBody(askOf({ device, mutations })))
    answersOf(answer)
    expect(answer.text).not.toContain('rejected')
  }
  const about = (template: string, period = '2024'): Json => ({ template, period, planned: '2024-09-01', by: 'x' })
  await write('filler', 'fillersaaaaaa', [
    [valueKey('2024', 'bandwidth'), '10'],
    [valueKey('2024', 'wirelessPlaces'), '很多'],
  ])
  await write('inspector', 'inspectoraaaa', [
    [inspectionKey(VISIT, 'about'), about(hardware.id)],
    [inspectionKey(VISIT, 'state'), { state: 'underway' }],
    [itemKey(VISIT, 'hw.bandwidth', 'verdict'), 'unmet', START - 1000],
    [itemKey(VISIT, 'hw.wireless', 'verdict'), 'unmet'],
    [itemKey(VISIT, 'hw.canteenA', 'verdict'), 'whatever'],
    [inspectionKey(CANCELLED, 'about'), about(hardware.id)],
    [inspectionKey(CANCELLED, 'state'), { state: 'planned' }],
    [itemKey(CANCELLED, 'hw.artRooms', 'verdict'), 'met'],
    [inspectionKey(OTHER_YEAR, 'about'), about(hardware.id, '2023')],
    [inspectionKey(OTHER_YEAR, 'state'), { state: 'underway' }],
    [itemKey(OTHER_YEAR, 'hw.scienceRooms', 'verdict'), 'met'],
    [inspectionKey(UNKNOWN_LIST, 'about'), about('noSuchList')],
    [inspectionKey(UNKNOWN_LIST, 'state'), { state: 'underway' }],
    [itemKey(UNKNOWN_LIST, 'hw.scienceRooms', 'verdict'), 'met'],
    [inspectionKey(WITHOUT_STATE, 'about'), about(hardware.id)],
    [itemKey(WITHOUT_STATE, 'hw.scienceRooms', 'verdict'), 'met'],
  ])
  // The school's own word is later, and still the inspector's counts.
  await write('principal', 'principalaaaa', [
    [inspectionKey(OWN, 'about'), about(hardware.id)],
    [inspectionKey(OWN, 'state'), { state: 'underway' }],
    [itemKey(OWN, 'hw.bandwidth', 'verdict'), 'met', START + 1000],
    [itemKey(OWN, 'hw.sportsVenues', 'verdict'), 'met'],
  ])
})
afterAll(() => district.close())

const read = async (role: Role, query = 'period=2024'): Promise<InspectionsAnswer> => {
  const answer = await district.as(role)('GET', `/api/inspections?${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.body as InspectionsAnswer
}

test('each inspection says where it stands and how many items have which verdict', async () => {
  const { inspections } = await read('reviewer')
  expect(inspections.map(({ id }) => id).sort((one, other) => one.localeCompare(other))).toEqual([OWN, VISIT, CANCELLED])
  expect(inspections.find(({ id }) => id === VISIT)).toEqual({
    id: VISIT,
    orgUnit: SCHOOL,
    of: 'visit',
    template: hardware.id,
    planned: '2024-09-01',
    state: 'underway',
    by: 'inspector',
    at: START,
    counts: { met: 0, unmet: 2, notApplicable: 0, unchecked: asked - 2 },
  })
  // What is only planned says nothing yet.
  expect(inspections.find(({ id }) => id === CANCELLED)?.counts.unchecked).toBe(asked)
})

test('together each item of each school counts once, and a school that reports another thing is named', async () => {
  const { groups, contradictions } = await read('reviewer', `period=2024&orgUnit=${SCHOOL}`)
  const of = (group: string) => groups.find((each) => each.template === hardware.id && each.group === group)?.counts
  expect(of('net')).toEqual({ met: 0, unmet: 2, notApplicable: 0, unchecked: 0 })
  expect(of('rooms')).toMatchObject({ met: 1, unmet: 0 })
  expect(contradictions).toEqual([
    {
      orgUnit: SCHOOL,
      check: 'bandwidth',
      reported: 'met',
      verdict: 'unmet',
      of: 'visit',
      inspection: VISIT,
      item: 'hw.bandwidth',
      at: START - 1000,
    },
  ])
})

test('a school is told of itself, the bureau of all, and nobody else of anything', async () => {
  const all = await read('leader')
  const own = await read('filler')
  const sum = ({ groups }: InspectionsAnswer) => groups.reduce((total, { counts }) => total + counts.unchecked, 0)
  expect(own.inspections).toHaveLength(3)
  expect(sum(all)).toBeGreaterThan(sum(own))
  expect(await read('filler', `period=2024&orgUnit=${SCHOOL}`)).toEqual(own)
  expect((await district.as('filler')('GET', `/api/inspections?period=2024&orgUnit=${OTHER_SCHOOL}`)).status).toBe(403)
  expect((await district.as(undefined)('GET', '/api/inspections?period=2024')).status).toBe(401)
  expect((await district.as('leader')('GET', '/api/inspections?period=1999')).status).toBe(400)
})

test('a value that is put right is no contradiction any more', async () => {
  const report = (value: string) =>
    district.as('reviewer')('POST', '/api/dataValueSets', {
      dataValues: [{ dataElement: 'bandwidth', period: '2024', orgUnit: SCHOOL, value }],
    })
  expect((await report('1')).body).toMatchObject({ status: 'complete' })
  expect((await read('reviewer')).contradictions).toEqual([])
  await report('10')
  expect((await read('reviewer')).contradictions).toHaveLength(1)
})
