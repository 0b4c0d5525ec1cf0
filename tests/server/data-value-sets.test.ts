import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { IMPORT_DEVICE } from '#server/import-values'
import { digestOf } from '#sync/hash'
import { remarkKey, valueKey, type Cell } from '#sync/protocol'
import { deskOf } from './desk'
import { answersOf, askOf, DEVICE, openDistrict, OTHER_SCHOOL, SCHOOL, setTo, syncBody, type District } from './district'

let district: District
beforeEach(async () => {
  district = await openDistrict()
})
afterEach(() => district.close())

type Row = Record<string, unknown>
const row = (dataElement: string, value: unknown, more: Row = {}): Row => ({
  dataElement,
  period: '2024',
  orgUnit: SCHOOL,
  value,
  ...more,
})
const put = (dataValues: readonly unknown[], query = '', envelope: Row = {}) =>
  district.as('reviewer')('POST', `/api/dataValueSets${query}`, { ...envelope, dataValues })
const get = (query: string) => district.as('reviewer')('GET', `/api/dataValueSets?${query}`)
const stored = async (orgUnit = SCHOOL): Promise<Readonly<Record<string, Cell>>> => {
  const [answer] = answersOf(
    await district.as('reviewer')('POST', '/api/sync', syncBody(askOf({ orgUnit, device: 'readeraaaaaaa' }))),
  )
  if (answer === undefined || !('rows' in answer)) throw new Error('no rows')
  return Object.fromEntries(answer.rows)
}
const counts = (change: Row) => ({ imported: 0, updated: 0, deleted: 0, ignored: 0, refused: 0, ...change })

describe('an import', () => {
  test('leaves a report that is with the bureau as it is, says so of each of its rows, and takes the others', async () => {
    const [principal, reviewer] = [deskOf(district, 'principal', SCHOOL), deskOf(district, 'reviewer', SCHOOL)]
    const report = { period: '2024', dataSet: 'students' }
    await put([row('goodYouth', '3')])
    expect(await principal.step('submitted', report)).toBe('applied')
    const rows = [row('goodYouth', '4'), row('goodYouth', '4', { period: '2023' }), row('goodYouth', '4', { comment: 'x' })]
    for (const query of ['?dryRun=true', '']) {
      const answer = await put(rows, query)
      expect(answer.body, query).toMatchObject({
        counts: counts({ imported: 1, refused: 2 }),
        rows: [0, 2].map((index) => ({ index, fault: { kind: 'report.locked', path: `dataValues.${String(index)}` } })),
      })
    }
    expect((await stored())[valueKey('2024', 'goodYouth')]?.heads).toMatchObject([{ value: '3' }])
    expect(await reviewer.step('returned', report, { why: 'look again' })).toBe('applied')
    expect((await put(rows)).body).toMatchObject({ counts: counts({ updated: 2, ignored: 1 }) })
  })

  test('says of each row what became of it', async () => {
    const first = await put([row('goodYouth', '3'), row('studentEntries', 12), row('groupRun', true)])
    expect(first.status).toBe(200)
    expect(first.body).toEqual({ status: 'complete', dryRun: false, counts: counts({ imported: 3 }), rows: [] })
    const second = await put([
      row('goodYouth', '3'),
      row('studentEntries', '１,３００'),
      row('groupRun', ''),
      row('goodYouth', 'x', { period: '2023' }),
      row('studentAwards', ''),
    ])
    expect(second.body).toMatchObject({
      status: 'partial',
      counts: counts({ ignored: 2, updated: 1, deleted: 1, refused: 1 }),
      rows: [
        {
          index: 3,
          fault: { kind: 'value.notANumber', path: 'dataValues.3.value' },
          message: { zh: expect.stringMatching(/./), en: expect.stringMatching(/./) },
        },
      ],
    })
    const cells = await stored()
    expect(cells[valueKey('2024', 'studentEntries')]?.heads).toMatchObject([{ value: '1300' }])
    expect(cells[valueKey('2024', 'groupRun')]?.heads).toMatchObject([{ value: null }])
  })

  test('is in the history under its author, like what a tablet sent', async () => {
    await put([row('goodYouth', '3')])
    await put([row('goodYouth', '4', { comment: '复核后更正' })])
    const log = await district.server().db.selectFrom('log').selectAll().orderBy('seq').execute()
    expect(log.map(({ device, n, by, key, base, verdict }) => ({ device, n, by, key, base, verdict }))).toEqual([
      { device: IMPORT_DEVICE, n: 1, by: 'reviewer', key: valueKey('2024', 'goodYouth'), base: null, verdict: 'applied' },
      {
        device: IMPORT_DEVICE,
        n: 2,
        by: 'reviewer',
        key: valueKey('2024', 'goodYouth'),
        base: `["${IMPORT_DEVICE}:1"]`,
        verdict: 'applied',
      },
      { device: IMPORT_DEVICE, n: 3, by: 'reviewer', key: remarkKey('2024', 'goodYouth'), base: null, verdict: 'applied' },
    ])
  })

  test('replaces what a tablet sent before, and is in conflict with what a tablet typed without seeing it', async () => {
    const key = valueKey('2024', 'goodYouth')
    answersOf(await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, key, '5')] }))))
    expect((await put([row('goodYouth', '6')])).body).toMatchObject({ counts: counts({ updated: 1 }) })
    expect((await stored())[key]?.heads).toMatchObject([{ value: '6' }])
    const late = askOf({ mutations: [setTo(1, key, '5'), setTo(2, key, '7', [`${DEVICE}:1`])] })
    const [answer] = answersOf(await district.as('principal')('POST', '/api/sync', syncBody(late)))
    expect(answer).toMatchObject({
      verdicts: [[1], [2, expect.any(Number), 'conflict']].map((each) => expect.arrayContaining(each)),
    })
    expect((await stored())[key]?.heads.map((head) => head.value).sort()).toEqual(['6', '7'])
    expect((await get(`period=2024&orgUnit=${SCHOOL}`)).body).toEqual({
      dataValues: [{ dataElement: 'goodYouth', period: '2024', orgUnit: SCHOOL, conflict: expect.arrayContaining(['6', '7']) }],
    })
    // The bureau decides by saying it again.
    expect((await put([row('goodYouth', '7')])).body).toMatchObject({ counts: counts({ updated: 1 }) })
    expect((await stored())[key]?.heads).toMatchObject([{ value: '7' }])
  })

  test('two rows for one cell follow one another', async () => {
    const answer = await put([row('goodYouth', '1'), row('goodYouth', '2'), row('goodYouth', '2')])
    expect(answer.body).toMatchObject({ counts: counts({ imported: 1, updated: 1, ignored: 1 }) })
    expect((await stored())[valueKey('2024', 'goodYouth')]?.heads).toMatchObject([{ value: '2' }])
  })

  test('a dry run says the same and writes nothing', async () => {
    await put([row('studentEntries', '12')])
    const rows = [row('goodYouth', '3'), row('studentEntries', '13'), row('no', '1'), row('studentAwards', '1')]
    const before = await district.server().db.selectFrom('log').selectAll().execute()
    const dry = await put(rows, '?dryRun=true')
    expect(await district.server().db.selectFrom('log').selectAll().execute()).toEqual(before)
    const wet = await put(rows, '?dryRun=false')
    expect({ ...(dry.body as object), dryRun: false }).toEqual(wet.body)
    expect(dry.body).toMatchObject({ dryRun: true, counts: counts({ imported: 2, updated: 1, refused: 1 }) })
  })

  test('where no row is understood, the first fault is the answer', async () => {
    const answer = await put([row('no', '1'), row('goodYouth', '1', { orgUnit: 'nowhere' })])
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({
      fault: { kind: 'element.unknown', path: 'dataValues.0.dataElement' },
      status: 'refused',
      counts: counts({ refused: 2 }),
      rows: [{ index: 0 }, { index: 1, fault: { kind: 'orgUnit.unknown' } }],
    })
  })

  test('an empty import is complete', async () => {
    expect((await put([])).body).toMatchObject({ status: 'complete', counts: counts({}) })
  })

  test('period and org unit may stand once for all rows', async () => {
    const answer = await put([{ dataElement: 'goodYouth', value: '3' }], '', { period: '2023', orgUnit: SCHOOL })
    expect(answer.body).toMatchObject({ counts: counts({ imported: 1 }) })
    expect(Object.keys(await stored())).toEqual([valueKey('2023', 'goodYouth')])
  })

  test('imports at the same time do not disturb one another', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => put([row('goodYouth', String(index)), row('newHousing', '1')])),
    )
    for (const answer of answers) expect(answer.status).toBe(200)
    const log = await district.server().db.selectFrom('log').select(['n']).orderBy('seq').execute()
    expect(log.map(({ n }) => n)).toEqual(log.map((_, index) => index + 1))
    const cells = await stored()
    expect(cells[valueKey('2024', 'goodYouth')]?.heads).toHaveLength(1)
    const head = await district.server().db.selectFrom('stream').select('digest').executeTakeFirstOrThrow()
    expect(head.digest).toBe(digestOf(cells))
  })
})

describe('an export', () => {
  test('comes in again without a change, also what is absent and what is remarked', async () => {
    const rows = [
      row('goodYouth', '3', { comment: '含两名转学生' }),
      row('studentEntries', undefined, { absence: 'notAvailable', reason: '名单未汇总' }),
      row('inclusive', 'true', { orgUnit: OTHER_SCHOOL }),
      row('newHousing', '2', { period: '2023' }),
    ]
    expect((await put(rows)).body).toMatchObject({ counts: counts({ imported: 4 }) })
    const exported = await get('period=2024')
    expect(exported.body).toEqual({
      dataValues: [
        { dataElement: 'inclusive', period: '2024', orgUnit: OTHER_SCHOOL, value: 'true' },
        { dataElement: 'goodYouth', period: '2024', orgUnit: SCHOOL, value: '3', comment: '含两名转学生' },
        { dataElement: 'studentEntries', period: '2024', orgUnit: SCHOOL, absence: 'notAvailable', reason: '名单未汇总' },
      ],
    })
    const { dataValues } = exported.body as { dataValues: readonly unknown[] }
    expect((await put(dataValues)).body).toMatchObject({ status: 'complete', counts: counts({ ignored: 3 }) })
  })

  test('keeps to the data set and the org units asked for', async () => {
    await put([row('goodYouth', '3'), row('newHousing', '1'), row('inclusive', 'true', { orgUnit: OTHER_SCHOOL })])
    const elements = async (query: string) =>
      ((await get(query)).body as { dataValues: readonly { dataElement: string }[] }).dataValues.map((each) => each.dataElement)
    expect(await elements('period=2024&dataSet=students')).toEqual(['goodYouth'])
    expect(await elements(`period=2024&orgUnit=${OTHER_SCHOOL}`)).toEqual(['inclusive'])
    expect(await elements(`period=2024&orgUnit=${SCHOOL},${OTHER_SCHOOL}`)).toEqual(['goodYouth', 'newHousing', 'inclusive'])
    expect(await elements('period=2022')).toEqual([])
    const own = await district.as('principal')('GET', '/api/dataValueSets?period=2024')
    expect((own.body as { dataValues: readonly unknown[] }).dataValues).toHaveLength(2)
  })

  test('leaves out nothing that a newer tablet wrote', async () => {
    const mutations = [setTo(1, valueKey('2024', 'newElement'), '1'), setTo(2, valueKey('2024', 'goodYouth'), 7)]
    answersOf(await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations }))))
    expect((await get(`period=2024&orgUnit=${SCHOOL}`)).body).toMatchObject({
      dataValues: [
        { dataElement: 'goodYouth', value: '7' },
        { dataElement: 'newElement', value: '1' },
      ],
    })
  })
})
