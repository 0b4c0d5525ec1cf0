/** Robots of chat groups: what they are told, when, and how often; through the exchange, the routes and a receiver on this machine. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ReportWindow } from '#domain/window'
import type { NewWebhook, Webhook, Webhooks, WebhookTest } from '#domain/webhook'
import { SESSION_COOKIE } from '#server/sessions'
import { claim, waitAfter } from '#server/webhooks/outbox'
import { openTelling, type Telling } from '#server/webhooks/telling'
import { deskOf, openDesk, type Desk } from './desk'
import { openDistrict, OTHER_SCHOOL, plan, SCHOOL, START, type Answer, type District } from './district'
import { answers, isSigned, KEY, openRobot, refused, SECRET, type RobotServer } from './robot'

const AT = { period: '2024', dataSet: 'profile' }
const TITLE = plan.dataSets.get('profile')?.title.zh ?? ''
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

let district: District
let robot: RobotServer
let desks: Record<'school' | 'other' | 'reviewer' | 'otherReviewer', Desk>
beforeEach(async () => {
  district = await openDistrict({ allowsPrivateWebhooks: true })
  robot = await openRobot()
  desks = {
    school: deskOf(district, 'principal', SCHOOL),
    other: await openDesk(district, { username: 'head', role: 'principal', orgUnits: [OTHER_SCHOOL] }, OTHER_SCHOOL),
    reviewer: deskOf(district, 'reviewer', SCHOOL),
    otherReviewer: deskOf(district, 'reviewer', OTHER_SCHOOL),
  }
})
afterEach(async () => {
  await robot.close()
  await district.close()
})

const dingtalk = (more: Partial<NewWebhook> = {}): NewWebhook => ({
  ...{ name: '校长群', kind: 'dingtalk', isOn: true, occasions: ['returned', 'dueSoon', 'overdue'] },
  ...{ url: robot.url('dingtalk'), secret: SECRET },
  ...more,
})
const put = (...webhooks: readonly NewWebhook[]): Promise<Answer> => district.as('admin')('PUT', '/api/webhooks', { webhooks })
const shown = async (): Promise<readonly Webhook[]> =>
  ((await district.as('admin')('GET', '/api/webhooks')).body as Webhooks).webhooks
const turn = (): Promise<void> => district.server().telling.turn()
/** As the program does, which takes its turns every five seconds. */
async function turnsFor(ms: number): Promise<void> {
  for (const end = district.clock.now + ms; district.clock.now < end;) {
    district.clock.now += Math.min(5000, end - district.clock.now)
    await turn()
  }
}
const texts = (): readonly string[] => robot.heard.map(({ content }) => content)

async function giveBack(which: 'school' | 'other', at = AT): Promise<void> {
  expect(await desks[which].step('submitted', at)).toBe('applied')
  const reviewer = which === 'school' ? desks.reviewer : desks.otherReviewer
  expect(await reviewer.step('returned', at, { why: '请核对' })).toBe('applied')
}

describe('what was returned', () => {
  test('nobody is told anything as long as no robot is set, or it is off', async () => {
    await giveBack('school')
    await turnsFor(2 * MINUTE_MS)
    expect((await put(dingtalk({ isOn: false }))).status).toBe(200)
    await giveBack('other')
    await turnsFor(2 * MINUTE_MS)
    expect(robot.heard).toEqual([])
    expect(await district.server().db.selectFrom('webhook_message').selectAll().execute()).toEqual([])
  })

  test('what is returned within a minute is told in one message for each data set, signed, without the reason', async () => {
    expect((await put(dingtalk())).status).toBe(200)
    await turn()
    await giveBack('school')
    await turnsFor(30_000)
    await giveBack('other')
    await giveBack('school', { ...AT, dataSet: 'teachers' })
    expect(robot.heard).toEqual([])
    await turnsFor(MINUTE_MS)
    expect(texts()).toEqual([
      `优学填报：2024 年度《${TITLE}》有 2 所学校的报表被退回：第一幼儿园、第一小学。请打开优学填报看审核意见，改好后重新提交。`,
      expect.stringMatching(/有 1 所学校的报表被退回：第一小学。/),
    ])
    for (const heard of robot.heard) {
      expect(isSigned(heard, SECRET, district.clock.now)).toBe(true)
      expect(isSigned(heard, `${SECRET}x`, district.clock.now)).toBe(false)
      expect(heard.query.get('access_token')).toBe(KEY)
      expect(heard.type).toBe('application/json; charset=utf-8')
    }
    await turnsFor(10 * MINUTE_MS)
    expect(robot.heard).toHaveLength(2)
    expect(await shown()).toMatchObject([{ waiting: 0, givenUp: 0 }])
  })

  test('a robot is told only of what comes after it was set; WeCom’s is not signed', async () => {
    await giveBack('school')
    await turnsFor(2 * MINUTE_MS)
    await put(dingtalk({ kind: 'wecom', url: robot.url('wecom'), secret: undefined }))
    await turnsFor(2 * MINUTE_MS)
    expect(robot.heard).toEqual([])
    await giveBack('other')
    await turnsFor(2 * MINUTE_MS)
    expect(texts()).toEqual([expect.stringContaining('1 所学校的报表被退回：第一幼儿园')])
    const [heard] = robot.heard
    expect([...(heard?.query.keys() ?? [])]).toEqual(['key'])
  })

  test('a robot that does not take it is asked again, later each time, until it does', async () => {
    await put(dingtalk())
    robot.replies.push(answers(500), refused(310_000, 'sign not match'))
    await giveBack('school')
    await turnsFor(MINUTE_MS + 5000)
    expect(robot.heard).toHaveLength(1)
    expect(await shown()).toMatchObject([{ waiting: 1, fault: { kind: 'status', status: 500, at: START + MINUTE_MS } }])
    await turnsFor(20_000)
    expect(robot.heard).toHaveLength(1)
    await turnsFor(20_000)
    expect(robot.heard).toHaveLength(2)
    expect(await shown()).toMatchObject([{ waiting: 1, fault: { kind: 'refused', code: 310_000, said: 'sign not match' } }])
    await turnsFor(2 * MINUTE_MS)
    expect(robot.heard).toHaveLength(3)
    const [set] = await shown()
    expect(set).toMatchObject({ waiting: 0, givenUp: 0 })
    expect(set?.sent).toBeGreaterThan(START)
    expect(set).not.toHaveProperty('fault')
    await turnsFor(10 * MINUTE_MS)
    expect(robot.heard).toHaveLength(3)
  })

  test('a restart loses none and repeats none', async () => {
    await put(dingtalk())
    await turn()
    await giveBack('school')
    await district.restart()
    await turnsFor(2 * MINUTE_MS)
    expect(robot.heard).toHaveLength(1)
    robot.replies.push(answers(502))
    await giveBack('other')
    await turnsFor(MINUTE_MS + 5000)
    await district.restart()
    await turnsFor(2 * MINUTE_MS)
    expect(texts().map((text) => /退回：(.*?)。/.exec(text)?.[1])).toEqual(['第一小学', '第一幼儿园', '第一幼儿园'])
    await district.restart()
    await turnsFor(HOUR_MS)
    expect(robot.heard).toHaveLength(3)
  })

  test('after a day it is given up, and the fault stays to be seen', async () => {
    await put(dingtalk())
    for (let n = 0; n < 100; n++) robot.replies.push(answers(503))
    await giveBack('school')
    await turnsFor(MINUTE_MS)
    for (let hours = 0; hours < 30; hours += 0.5) {
      district.clock.now += HOUR_MS / 2
      await turn()
    }
    // Half a minute, one, two, four … an hour: some thirty times a day.
    expect(robot.heard.length).toBeGreaterThan(15)
    expect(robot.heard.length).toBeLessThan(60)
    const before = robot.heard.length
    expect(await shown()).toMatchObject([{ waiting: 0, givenUp: 1, fault: { kind: 'status', status: 503 } }])
    await turnsFor(5 * MINUTE_MS)
    expect(robot.heard).toHaveLength(before)
  })

  test('told that it speaks too often a robot rests for ten minutes from everything', async () => {
    await put(dingtalk({ kind: 'wecom', url: robot.url('wecom'), secret: undefined }))
    robot.replies.push(refused(45_009))
    await giveBack('school')
    await giveBack('school', { ...AT, dataSet: 'teachers' })
    await turnsFor(10 * MINUTE_MS)
    expect(robot.heard).toHaveLength(1)
    await turnsFor(3 * MINUTE_MS)
    expect(new Set(texts())).toHaveProperty('size', 2)
    expect(robot.heard).toHaveLength(3)
  })
})

describe('several servers on one database', () => {
  const another = (): Telling => {
    const { db, reports, figures, now } = district.server()
    const network = { allowsPrivate: true }
    return openTelling({ db, plan, reports, catchUp: () => figures.catchUp(), network, isShared: true, now, chance: () => 0.5 })
  }

  test('send each message once', async () => {
    await put(dingtalk())
    const tellings = [district.server().telling, another(), another()]
    await giveBack('school')
    await giveBack('other', { ...AT, period: '2023' })
    for (let at = 0; at < 3 * MINUTE_MS; at += 5000) {
      district.clock.now += 5000
      await Promise.all(tellings.map((one) => one.turn()))
    }
    expect(robot.heard).toHaveLength(2)
    expect(new Set(texts().map((text) => /退回：(.*?)。/.exec(text)?.[1]))).toEqual(new Set(['第一小学', '第一幼儿园']))
  })

  test('what one has taken the others leave alone, and take it over when it is gone', async () => {
    await put(dingtalk())
    await giveBack('school')
    district.clock.now += MINUTE_MS
    const { db } = district.server()
    // As one that stops here: it has noticed, taken it, and says nothing more.
    robot.replies.push(answers(500))
    await turn()
    district.clock.now += MINUTE_MS
    const [id] = (await shown()).map((one) => one.id)
    const taken = await claim(db, id ?? '', district.clock.now)
    expect(taken?.text).toContain('第一小学')
    expect(await claim(db, id ?? '', district.clock.now)).toBeUndefined()
    await turnsFor(50_000)
    expect(robot.heard).toHaveLength(1)
    await turnsFor(20_000)
    expect(robot.heard).toHaveLength(2)
  })
})

describe('what is due', () => {
  const windows = (...all: readonly ReportWindow[]): Promise<Answer> =>
    district.as('admin')('PUT', '/api/windows', { windows: all })
  /** `YYYY-MM-DDTHH:mm` in China. */
  const goTo = (local: string): void => {
    district.clock.now = Date.parse(`${local}:00+08:00`)
  }
  const dueTexts = (): readonly (readonly (string | undefined)[])[] =>
    texts().map((text) => (/(将于|已于) (.*?) 截止，还有 (\d+) 所学校没有提交：(.*?)。/.exec(text) ?? []).slice(1))

  test('is told once three days before and once when it is over, of the schools that have not handed in, by their own end', async () => {
    const extensions = [{ orgUnit: OTHER_SCHOOL, due: '2024-09-23T17:00' }]
    expect((await windows({ ...AT, due: '2024-09-20T23:59', extensions })).status).toBe(200)
    await put(dingtalk())
    goTo('2024-09-17T07:59')
    await turn()
    expect(robot.heard).toEqual([])
    goTo('2024-09-17T09:00')
    await turn()
    // Of the nine years' school nothing is handed in; the kindergarten has its own end.
    expect(dueTexts()).toEqual([['将于', '9 月 20 日 23:59', '2', '第一实验学校、第一小学']])
    expect(await desks.school.step('submitted', AT)).toBe('applied')
    for (const local of ['2024-09-18T10:00', '2024-09-19T10:00', '2024-09-20T10:00']) {
      goTo(local)
      await turnsFor(20_000)
    }
    expect(dueTexts().slice(1)).toEqual([['将于', '9 月 23 日 17:00', '1', '第一幼儿园']])
    // Not at night.
    goTo('2024-09-21T00:30')
    await turnsFor(20_000)
    expect(robot.heard).toHaveLength(2)
    goTo('2024-09-21T08:30')
    await turnsFor(20_000)
    expect(dueTexts().slice(2)).toEqual([['已于', '9 月 20 日 23:59', '1', '第一实验学校']])
    await district.restart()
    for (const local of ['2024-09-22T10:00', '2024-09-23T18:00', '2024-09-25T10:00']) {
      goTo(local)
      await turnsFor(20_000)
    }
    expect(dueTexts().slice(3)).toEqual([['已于', '9 月 23 日 17:00', '1', '第一幼儿园']])
  })

  test('is looked at once an hour, and only for a robot that tells of it', async () => {
    await put(
      dingtalk({ occasions: ['returned', 'overdue'] }),
      dingtalk({ name: '群二', occasions: ['dueSoon'], secret: undefined }),
    )
    goTo('2024-09-18T09:00')
    await turn()
    await windows({ ...AT, due: '2024-09-20T23:59', extensions: [] })
    await turnsFor(59 * MINUTE_MS)
    expect(robot.heard).toEqual([])
    await turnsFor(2 * MINUTE_MS)
    expect(robot.heard).toHaveLength(1)
    expect(robot.heard[0]?.query.has('sign')).toBe(false)
    goTo('2024-09-21T09:00')
    await turnsFor(20_000)
    expect(robot.heard).toHaveLength(2)
    expect(robot.heard[1]?.query.has('sign')).toBe(true)
  })

  test('nothing is said where everybody has handed in, or where it was over a week ago', async () => {
    const nineYears = await openDesk(district, { username: 'third', role: 'principal', orgUnits: ['n-1'] }, 'n-1')
    goTo('2024-09-10T09:00')
    const old = { ...AT, period: '2023', due: '2024-09-01T12:00', extensions: [] }
    expect((await windows(old, { ...AT, due: '2024-09-12T12:00', extensions: [] })).status).toBe(200)
    for (const desk of [desks.school, desks.other, nineYears]) expect(await desk.step('submitted', AT)).toBe('applied')
    await put(dingtalk())
    await turnsFor(20_000)
    goTo('2024-09-13T09:00')
    await turnsFor(20_000)
    expect(robot.heard).toEqual([])
  })
})

describe('the settings', () => {
  test('keys and secrets are never read back, neither in an answer nor in the log of administration, and stay when left out', async () => {
    const first = await put(dingtalk())
    expect(first.body).toEqual({
      webhooks: [
        {
          ...{ id: expect.any(String) as string, name: '校长群', kind: 'dingtalk', isOn: true },
          ...{ occasions: ['returned', 'dueSoon', 'overdue'], host: `127.0.0.1:${String(robot.port)}`, hasSecret: true },
          ...{ waiting: 0, givenUp: 0 },
        },
      ],
    })
    const [{ id } = { id: '' }] = (first.body as Webhooks).webhooks
    const again = await put({ ...dingtalk({ id, name: '改名' }), url: undefined, secret: undefined })
    expect(again.body).toMatchObject({ webhooks: [{ id, name: '改名', hasSecret: true }] })
    const tested = await district.as('admin')('POST', '/api/webhooks/test', { id })
    expect(isSigned(robot.heard[0] ?? { query: new URLSearchParams(), type: '', content: '' }, SECRET, START)).toBe(true)
    const audited = await district.as('admin')('GET', '/api/audit?kind=webhooks.put')
    expect(audited.text).toContain('改名')
    const got = await district.as('admin')('GET', '/api/webhooks')
    for (const { text } of [first, again, tested, audited, got]) {
      expect(text).not.toContain(SECRET)
      expect(text).not.toContain(KEY)
    }
    expect((await put(dingtalk({ id, secret: '' }))).body).toMatchObject({ webhooks: [{ hasSecret: false }] })
  })

  test('what cannot be is said with its place, and nothing of it is kept', async () => {
    const [{ id } = { id: '' }] = ((await put(dingtalk())).body as Webhooks).webhooks
    const cases: readonly (readonly [readonly NewWebhook[], number, object])[] = [
      [[dingtalk({ name: ' ' })], 400, { path: 'webhooks.0.name', values: { problem: 'webhookNameMissing' } }],
      [[dingtalk({ url: undefined })], 400, { path: 'webhooks.0.url', values: { problem: 'webhookUrlMissing' } }],
      [[dingtalk({ url: 'somewhere' })], 400, { path: 'webhooks.0.url', values: { problem: 'webhookUrlForm' } }],
      [[dingtalk({ url: 'ftp://a/?access_token=x' })], 400, { values: { problem: 'webhookNotHttps' } }],
      [[dingtalk({ url: 'https://u:p@a.cn/?access_token=x' })], 400, { values: { problem: 'webhookUrlForm' } }],
      [[dingtalk({ url: robot.url('wecom') })], 400, { values: { problem: 'webhookKeyMissing' } }],
      [[dingtalk({ kind: 'wecom', url: robot.url('wecom') })], 400, { values: { problem: 'webhookSecretOfDingtalk' } }],
      [[dingtalk({ id }), dingtalk({ id })], 400, { path: 'webhooks.1.id', values: { problem: 'webhookTwice' } }],
      [[dingtalk({ id: 'h-nobody' })], 404, { kind: 'webhook.unknown' }],
    ]
    for (const [webhooks, status, fault] of cases) expect(await put(...webhooks)).toMatchObject({ status, body: { fault } })
    expect(await shown()).toMatchObject([{ id, name: '校长群' }])
  })

  test('of two who change them at once the second is told', async () => {
    const ask = (name: string, tag: string) =>
      district.inject({
        ...{ method: 'PUT', url: '/api/webhooks', cookies: { [SESSION_COOKIE]: district.cookieOf('admin') } },
        headers: { 'if-match': tag },
        payload: { webhooks: [dingtalk({ name })] },
      })
    const tag = String((await district.as('admin')('GET', '/api/webhooks')).headers['etag'])
    expect((await ask('一', tag)).status).toBe(200)
    expect(await ask('二', tag)).toMatchObject({ status: 412, body: { fault: { kind: 'webhook.changed' } } })
    expect(await shown()).toMatchObject([{ name: '一' }])
  })

  test('a test is sent at once, also by one that is off, and answers with what the robot said', async () => {
    const [{ id } = { id: '' }] = ((await put(dingtalk({ isOn: false }))).body as Webhooks).webhooks
    const ask = async () => (await district.as('admin')('POST', '/api/webhooks/test', { id })).body as WebhookTest
    expect(await ask()).toEqual({ isSent: true, said: 'ok' })
    expect(texts()).toEqual(['优学填报：这是一条测试消息，机器人“校长群”已经接通。'])
    robot.replies.push(refused(310_000, 'keywords not in content'))
    expect(await ask()).toEqual({
      isSent: false,
      fault: { kind: 'refused', code: 310_000, said: 'keywords not in content' },
    })
  })

  test('one that is taken away or switched off says nothing of what waits', async () => {
    const [{ id } = { id: '' }] = ((await put(dingtalk())).body as Webhooks).webhooks
    robot.replies.push(answers(500), answers(500))
    await giveBack('school')
    await turnsFor(MINUTE_MS + 5000)
    await put(dingtalk({ id, isOn: false }))
    await put(dingtalk({ id }))
    await turnsFor(10 * MINUTE_MS)
    expect(robot.heard).toHaveLength(1)
    await giveBack('other')
    await turnsFor(MINUTE_MS + 5000)
    expect(robot.heard).toHaveLength(2)
    await put()
    await turnsFor(10 * MINUTE_MS)
    expect(robot.heard).toHaveLength(2)
    expect(await district.server().db.selectFrom('webhook_message').selectAll().execute()).toEqual([])
  })

  test('what a wrong address held up goes out as soon as it is put right', async () => {
    const [{ id } = { id: '' }] = (
      (await put(dingtalk({ url: `http://127.0.0.1:1/robot/send?access_token=${KEY}` }))).body as Webhooks
    ).webhooks
    await giveBack('school')
    await turnsFor(30 * MINUTE_MS)
    expect(await shown()).toMatchObject([{ waiting: 1, fault: { kind: 'unreachable', said: 'ECONNREFUSED' } }])
    await put(dingtalk({ id }))
    await turnsFor(10_000)
    expect(robot.heard).toHaveLength(1)
  })
})

test('waiting grows from half a minute to an hour, by chance a quarter more or less', () => {
  expect([1, 2, 3, 8, 30].map((tries) => waitAfter(tries, 0.5) / 1000)).toEqual([30, 60, 120, 3600, 3600])
  expect(waitAfter(1, 0)).toBe(22_500)
  expect(waitAfter(1, 1)).toBe(37_500)
})

describe('without the setting for trying out', () => {
  let plainDistrict: District
  beforeAll(async () => {
    plainDistrict = await openDistrict()
  })
  afterAll(() => plainDistrict.close())

  test('neither plain http nor an address inside the network is taken, and a name that leads there is not followed', async () => {
    const set = (url: string) => plainDistrict.as('admin')('PUT', '/api/webhooks', { webhooks: [dingtalk({ url })] })
    for (const [url, problem] of [
      [robot.url('dingtalk'), 'webhookNotHttps'],
      ['https://127.0.0.1/robot/send?access_token=x', 'webhookPrivate'],
      ['https://2130706433/robot/send?access_token=x', 'webhookPrivate'],
      ['https://[::ffff:10.0.0.1]/robot/send?access_token=x', 'webhookPrivate'],
      ['https://[fd00::1]/robot/send?access_token=x', 'webhookPrivate'],
    ] as const)
      expect(await set(url), url).toMatchObject({ status: 400, body: { fault: { values: { problem } } } })
    const named = await set(`https://localhost:${String(robot.port)}/robot/send?access_token=x`)
    expect(named.status).toBe(200)
    const [{ id } = { id: '' }] = (named.body as Webhooks).webhooks
    const tested = await plainDistrict.as('admin')('POST', '/api/webhooks/test', { id })
    expect(tested.body).toEqual({ isSent: false, fault: { kind: 'private' } })
    expect(robot.heard).toEqual([])
  })
})
