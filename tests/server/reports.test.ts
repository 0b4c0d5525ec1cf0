/** The queue, a report's page, its peers and news: what they say at each step of a report's life, and to whom. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Role } from '#domain/person'
import type { NewsAnswer, PeersAnswer, ReportPage, ReportsAnswer, UsualRangesAnswer } from '#plan/report-wire'
import { parseReportStated } from '#domain/report'
import { commentId, commentKey, fileKey, inspectionKey, itemKey, recordId, remarkKey, reportKey, valueKey } from '#sync/protocol'
import { SESSION_COOKIE } from '#server/sessions'
import { deskOf, openDesk, type Desk } from './desk'
import { openDistrict, OTHER_SCHOOL, plan, SCHOOL, START, UNITS, type District } from './district'

const REPORT = { period: '2024', dataSet: 'students' }
const value = (element: string, period = '2024'): string => valueKey(period, element)
const HOUR_MS = 3_600_000

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

async function get<T>(role: Role, url: string): Promise<T> {
  const answer = await district.as(role)('GET', url)
  expect(answer.status, answer.text.slice(0, 300)).toBe(200)
  return answer.body as T
}
const queue = (query = '', role: Role = 'reviewer') => get<ReportsAnswer>(role, `/api/reports?period=2024${query}`)
const page = (role: Role = 'reviewer') => get<ReportPage>(role, `/api/reports/${SCHOOL}/2024/students`)
const element = (of: ReportPage, id: string) => of.elements.find((each) => each.element === id)

/** Moves the clock, so that each step has a moment of its own. */
const later = (hours = 1): number => (district.clock.now += hours * HOUR_MS)

describe('a report’s life, as the bureau sees it', () => {
  test('before anybody has submitted it, it is open, and all that the plan asks for is', async () => {
    const { counts, rows, total } = await queue()
    expect([counts.submitted, counts.approved, rows, total]).toEqual([0, 0, [], 0])
    expect(counts.open).toBeGreaterThan(15)
    const open = await queue('&state=open&dataSet=students')
    expect(open.rows.map(({ orgUnit }) => orgUnit)).toEqual(UNITS.map(({ code }) => code).sort())
    expect(open.rows[0]).toEqual({
      ...{ orgUnit: OTHER_SCHOOL, ...REPORT, state: 'open', round: 0, late: false, comments: 0, photos: 0, marks: 0 },
    })
  })

  test('submitted, with its warnings', async () => {
    await filler.set(value('fitnessTested', '2023'), '100')
    await filler.set(remarkKey('2023', 'fitnessTested'), 'two classes away')
    await filler.set(value('fitnessTested'), '200')
    await filler.set(value('fitnessPassed'), '190')
    await filler.set(value('goodYouth'), '0')
    await filler.set(value('goodYouth', '2023'), '4')
    await filler.set(remarkKey('2024', 'goodYouth'), 'no contest this year')
    await filler.set(fileKey(value('fitnessPassed'), 'a'.repeat(64)), { name: 'a.jpg', type: 'image/jpeg', size: 9 })
    later()
    expect(await principal.step('submitted', REPORT)).toBe('applied')
    const { rows, counts } = await queue()
    expect(counts.submitted).toBe(1)
    expect(rows).toEqual([
      {
        ...{ orgUnit: SCHOOL, ...REPORT, state: 'submitted', by: 'principal', name: 'principal' },
        ...{ at: district.clock.now, received: district.clock.now, submitted: district.clock.now },
        ...{ round: 1, late: false, comments: 0, photos: 1, marks: 0 },
        ...{ errors: 0, warnings: 2, unanswered: 1 },
        warning: expect.objectContaining({ kind: 'changed', elements: ['fitnessTested'] }) as unknown,
      },
    ])
    const seen = await page()
    expect(element(seen, 'fitnessTested')).toMatchObject({
      ...{ isAsked: true, isOwn: true, value: '200', lastYear: '100', lastRemark: 'two classes away', by: 'filler', files: [] },
    })
    expect(element(seen, 'goodYouth')).toMatchObject({ value: '0', remark: 'no contest this year' })
    expect(element(seen, 'fitnessPassed')?.files).toEqual([
      {
        ...{ sha256: 'a'.repeat(64), about: { name: 'a.jpg', type: 'image/jpeg', size: 9 }, by: 'filler', name: 'filler' },
        ...{ at: START, hasArrived: false },
      },
    ])
    expect(seen.elements.map((each) => each.element)).toContain('graduates.primary')
    expect(seen.elements.map((each) => each.element)).not.toContain('graduates.junior')
    expect(seen.findings.map(({ kind, answered }) => [kind, answered])).toEqual([
      ['zero', true],
      ['changed', false],
    ])
    const cells = await reviewer.cells()
    // What the submission vouched for is what an approval has to say; and the receipts are the ledger's numbers.
    const stated = parseReportStated(cells.get(reportKey('2024', 'students'))?.heads[0]?.value)
    expect(seen.digest).toBe(stated?.seen)
    expect(seen.receipt).toBe(cells.get(reportKey('2024', 'students'))?.seq)
    expect(element(seen, 'fitnessTested')?.receipt).toBe(cells.get(value('fitnessTested'))?.seq)
    expect(seen.compared).toBeUndefined()
    expect(seen.steps).toEqual([
      {
        ...{ state: 'submitted', by: 'principal', name: 'principal', role: 'principal' },
        ...{ at: district.clock.now, received: district.clock.now, receipt: seen.receipt },
      },
    ])
  })

  test('returned with comments, which stay open until they are settled', async () => {
    const id = commentId('aaaaaaaaaaaaa')
    await reviewer.set(commentKey(id, 'about'), { ...REPORT, element: 'fitnessTested' })
    await reviewer.set(commentKey(id, 'to'), ['principal'])
    await reviewer.set(commentKey(id, 'text'), 'twice as many?')
    const reply = commentId('bbbbbbbbbbbbb')
    later()
    await principal.set(commentKey(reply, 'about'), { ...REPORT, element: 'fitnessTested', reply: id })
    await principal.set(commentKey(reply, 'text'), 'a slip')
    await principal.set(commentKey(reply, 'to'), ['reviewer'])
    expect(await reviewer.step('returned', REPORT, { why: 'see the comment', marks: ['fitnessTested', 'fitnessPassed'] })).toBe(
      'applied',
    )
    expect((await queue()).rows).toMatchObject([
      { state: 'returned', by: 'reviewer', marks: 2, comments: 1, changed: 0, round: 1 },
    ])
    const seen = await page('principal')
    expect(seen.comments).toEqual([
      {
        ...{ id, element: 'fitnessTested', text: 'twice as many?', to: ['principal'], resolved: false },
        ...{ by: 'reviewer', name: 'reviewer', role: 'reviewer', at: district.clock.now - HOUR_MS },
      },
      {
        ...{ id: reply, element: 'fitnessTested', reply: id, text: 'a slip', to: ['reviewer'], resolved: false },
        ...{ by: 'principal', name: 'principal', role: 'principal', at: district.clock.now },
      },
    ])
    expect(seen.steps.at(-1)).toMatchObject({
      state: 'returned',
      why: 'see the comment',
      marks: ['fitnessTested', 'fitnessPassed'],
    })
    await reviewer.set(commentKey(id, 'resolved'), true)
    expect((await queue()).rows).toMatchObject([{ comments: 0 }])
  })

  test('what is changed since is counted while the school works, and shown when it comes again', async () => {
    const first = await page()
    await filler.set(value('fitnessTested'), '110')
    await filler.set(remarkKey('2024', 'goodYouth'), 'another reason')
    await filler.set(value('fitnessPassed'), '180')
    expect((await queue()).rows).toMatchObject([{ state: 'returned', changed: 3 }])
    // Put back: no change.
    await filler.set(value('fitnessPassed'), '100')
    await filler.set(value('fitnessPassed'), '190')
    await filler.set(value('fitnessTested'), '195')
    expect((await queue()).rows).toMatchObject([{ state: 'returned', changed: 2 }])
    // Submitted by mistake and withdrawn: the bureau has not seen it, so it is no round.
    later()
    await principal.step('submitted', REPORT)
    await principal.step('withdrawn', REPORT)
    expect((await queue()).rows).toMatchObject([{ state: 'withdrawn', changed: 2, round: 1 }])
    await filler.set(value('fitnessTested'), '191')
    await principal.step('submitted', REPORT)
    expect((await queue()).rows).toMatchObject([{ state: 'submitted', changed: 2, round: 2 }])
    const seen = await page()
    expect(seen.compared).toEqual({ by: 'principal', received: first.steps[0]?.received, receipt: first.receipt })
    expect(element(seen, 'fitnessTested')).toMatchObject({ value: '191', before: { value: '200' } })
    expect(element(seen, 'goodYouth')).toMatchObject({
      ...{ value: '0', remark: 'another reason' },
      before: { value: '0', remark: 'no contest this year' },
    })
    expect(element(seen, 'fitnessPassed')).not.toHaveProperty('before')
    expect(seen.steps.map(({ state }) => state)).toEqual(['submitted', 'returned', 'submitted', 'withdrawn', 'submitted'])
  })

  test('returned a second time: the difference is to what the bureau saw then', async () => {
    later()
    await reviewer.step('reviewing', REPORT)
    expect((await queue('&state=submitted,reviewing')).rows).toMatchObject([{ state: 'reviewing' }])
    await reviewer.step('returned', REPORT, { why: 'once more' })
    expect((await queue()).rows).toMatchObject([{ state: 'returned', changed: 0, marks: 0 }])
    await filler.set(value('fitnessTested'), '192')
    await principal.step('submitted', REPORT)
    expect((await queue()).rows).toMatchObject([{ state: 'submitted', changed: 1, round: 3 }])
    expect(element(await page(), 'fitnessTested')).toMatchObject({ value: '192', before: { value: '191' } })
  })

  test('is the same after a restart', async () => {
    const [before, pageBefore] = [(await queue()).rows, await page()]
    await district.restart()
    expect((await queue()).rows).toEqual(before)
    expect(await page()).toEqual(pageBefore)
  })

  test('a verdict of an inspection that says otherwise stands beside the value', async () => {
    const inspector = deskOf(district, 'inspector', SCHOOL)
    const placed = [...plan.items.values()].find(({ item }) => item.check === 'bandwidth')
    const id = recordId('visit', 'aaaaaaaaaaaaa')
    const template = placed?.template.id ?? ''
    await inspector.set(inspectionKey(id, 'about'), { template, period: '2024', planned: '2024-09-02', by: 'inspector' })
    await inspector.move(inspectionKey(id, 'state'), { state: 'underway' })
    await inspector.set(itemKey(id, placed?.item.id ?? '', 'verdict'), 'unmet')
    await filler.set(value('bandwidth'), '10')
    const { contradictions } = await get<ReportPage>('reviewer', `/api/reports/${SCHOOL}/2024/hardware`)
    expect(contradictions).toMatchObject([
      { check: 'bandwidth', elements: ['bandwidth'], reported: 'met', verdict: 'unmet', of: 'visit', inspection: id },
    ])
    expect((await page()).contradictions).toEqual([])
  })
})

describe('the queue', () => {
  let kindergarten: Desk
  beforeAll(async () => {
    kindergarten = await openDesk(district, { username: 'head', role: 'principal', orgUnits: [OTHER_SCHOOL] }, OTHER_SCHOOL)
    for (const dataSet of ['profile', 'students', 'teachers']) {
      later()
      expect(await kindergarten.step('submitted', { period: '2024', dataSet })).toBe('applied')
    }
  })
  const idsOf = ({ rows }: ReportsAnswer) => rows.map(({ orgUnit, dataSet }) => `${orgUnit} ${dataSet}`)
  const ALL = [`${OTHER_SCHOOL} teachers`, `${OTHER_SCHOOL} students`, `${OTHER_SCHOOL} profile`, `${SCHOOL} students`]

  test('has what came last first, and whatever order is asked for', async () => {
    expect(idsOf(await queue())).toEqual(ALL)
    expect(idsOf(await queue('&sort=waiting'))).toEqual([...ALL].reverse())
    expect(idsOf(await queue('&sort=orgUnit'))).toEqual([ALL[2], ALL[1], ALL[0], ALL[3]])
    expect(idsOf(await queue('&sort=changed'))[0]).toBe(ALL[3])
    expect(idsOf(await queue('&sort=warnings'))[0]).toBe(ALL[3])
  })

  test('comes in pages, also when a row leaves it in between', async () => {
    const first = await queue('&limit=2')
    expect([idsOf(first), first.total]).toEqual([ALL.slice(0, 2), 4])
    const other = deskOf(district, 'reviewer', OTHER_SCHOOL)
    expect(await other.step('returned', { period: '2024', dataSet: 'teachers' }, { why: 'x' })).toBe('applied')
    const second = await queue(`&limit=2&cursor=${first.next ?? ''}`)
    expect([idsOf(second), second.next]).toEqual([ALL.slice(2), undefined])
    await kindergarten.step('submitted', { period: '2024', dataSet: 'teachers' })
  })

  test('is narrowed', async () => {
    expect(idsOf(await queue('&type=kindergarten'))).toEqual(ALL.slice(0, 3))
    expect(idsOf(await queue(`&orgUnit=${SCHOOL}`))).toEqual([ALL[3]])
    expect(idsOf(await queue(`&q=${encodeURIComponent('小学')}`))).toEqual([ALL[3]])
    expect(idsOf(await queue('&dataSet=students'))).toEqual([ALL[1], ALL[3]])
    expect(idsOf(await queue('&only=changed'))).toEqual([ALL[3]])
    expect(idsOf(await queue('&only=warnings,changed'))).toEqual([ALL[3]])
    expect(idsOf(await queue('&only=errors'))).toEqual([])
    // The tabs count what the filters leave, whatever state is shown.
    expect((await queue('&only=changed&state=approved')).counts).toMatchObject({ submitted: 1, approved: 0 })
  })

  test.each(['state=what', 'only=what', 'sort=what', 'cursor=what', 'limit=0', 'limit=501'])('%s is a fault', async (query) => {
    const answer = await district.as('reviewer')('GET', `/api/reports?period=2024&${query}`)
    expect([answer.status, answer.text.includes('query.invalid')], answer.text).toEqual([400, true])
  })
})

describe('who is told', () => {
  test('a school’s people and inspectors of their own units, and nothing of others whether or not they exist', async () => {
    for (const role of ['principal', 'filler', 'inspector'] as const) {
      expect(new Set((await queue('', role)).rows.map(({ orgUnit }) => orgUnit))).toEqual(new Set([SCHOOL]))
      const answers = []
      for (const code of [OTHER_SCHOOL, 'no-such']) {
        for (const url of [
          `/api/reports?period=2024&orgUnit=${code}`,
          `/api/reports/${code}/2024/students`,
          `/api/peers?period=2024&dataSet=students&orgUnit=${code}`,
          `/api/usual-ranges?period=2024&orgUnit=${code}`,
        ]) {
          const { status, text } = await district.as(role)('GET', url)
          answers.push([status, text.replaceAll(code, 'X')])
        }
      }
      expect(answers.slice(0, 4)).toEqual(answers.slice(4))
      expect(new Set(answers.map(([status]) => status))).toEqual(new Set([403]))
      expect((await district.as(role)('GET', '/api/news?period=2024')).status).toBe(403)
    }
  })

  test('the bureau that there is no such report', async () => {
    for (const [url, fault] of [
      ['/api/reports/no-such/2024/students', 'orgUnit.unknown'],
      [`/api/reports/${SCHOOL}/1999/students`, 'period.unknown'],
      [`/api/reports/${SCHOOL}/2024/no-such`, 'dataSet.unknown'],
      [`/api/reports/${OTHER_SCHOOL}/2024/balance`, 'dataSet.unknown'],
    ] as const)
      expect((await district.as('reviewer')('GET', url)).text, url).toContain(fault)
  })
})

describe('news', () => {
  test('is what schools did behind the cursor, and what waits', async () => {
    const all = await get<NewsAnswer>('reviewer', '/api/news?period=2024')
    expect(all.news[0]).toMatchObject({ orgUnit: OTHER_SCHOOL, dataSet: 'teachers', state: 'submitted', name: 'head', round: 2 })
    expect(all.news.every(({ by }) => by !== 'reviewer')).toBe(true)
    expect(all.counts).toMatchObject({ submitted: 4 })
    // The principal's answer speaks to the reviewer, and is not settled.
    expect(all.mentions).toBe(1)
    expect((await get<NewsAnswer>('leader', '/api/news?period=2024')).mentions).toBe(0)
    const nothing = await get<NewsAnswer>('reviewer', `/api/news?period=2024&since=${String(all.cursor)}`)
    expect([nothing.news, nothing.cursor, nothing.counts]).toEqual([[], all.cursor, all.counts])
    later()
    await principal.step('withdrawn', REPORT)
    const fresh = await get<NewsAnswer>('reviewer', `/api/news?period=2024&since=${String(all.cursor)}`)
    expect(fresh.news).toMatchObject([{ orgUnit: SCHOOL, state: 'withdrawn', by: 'principal' }])
  })
})

describe('peers', () => {
  test('are compared by the plan’s ratios, and sizes not at all', async () => {
    const peers = await get<PeersAnswer>('reviewer', `/api/peers?period=2024&dataSet=students&orgUnit=${SCHOOL}`)
    // Of the district's units only the nine-year school has the primary stage too.
    expect(peers.units).toBe(2)
    const of = (id: string) => peers.elements.find((each) => each.element === id)
    expect(of('fitnessPassed')).toMatchObject({
      ...{ kind: 'ratio', times: 100, whole: ['fitnessTested'], orgUnits: [SCHOOL], rank: 1, better: 'atLeast' },
      own: expect.closeTo((190 / 192) * 100, 9) as number,
      target: expect.any(Number) as number,
    })
    expect(of('fitnessTested')).toEqual({ element: 'fitnessTested', kind: 'size' })
    expect(of('goodYouth')).toMatchObject({ kind: 'value', values: [0], own: 0, target: null })
  })

  test('are nobody in particular for the school, and nothing at all where they are few', async () => {
    const peers = await get<PeersAnswer>('principal', `/api/peers?period=2024&dataSet=students&orgUnit=${SCHOOL}`)
    for (const each of peers.elements) expect(each).not.toHaveProperty('orgUnits')
    expect(peers.elements.find((each) => each.element === 'goodYouth')).toMatchObject({ values: [], rank: null, own: 0 })
  })
})

test('usual ranges come once, and then only when they have changed', async () => {
  const url = `/api/usual-ranges?period=2024&orgUnit=${SCHOOL}`
  const answer = await district.as('principal')('GET', url)
  expect(answer.body as UsualRangesAnswer).toEqual({ period: '2024', orgUnit: SCHOOL, ranges: {} })
  const known = await district.inject({
    method: 'GET',
    url,
    headers: { 'if-none-match': String(answer.headers['etag']) },
    cookies: { [SESSION_COOKIE]: district.cookieOf('principal') },
  })
  expect(known.status).toBe(304)
})
