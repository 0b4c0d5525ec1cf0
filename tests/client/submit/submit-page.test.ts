import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import '#client/state/old-engines'
import SubmitPage from '#client/features/submit/SubmitPage.vue'
import { keysOf } from '#client/features/submit/submit-model'
import type { Device } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { blankDisk, type Disk } from '#client/device/memory-store'
import { useSession } from '#client/state/session'
import { useWindows } from '#client/state/windows'
import { failed, ok } from '#domain/fault'
import type { OrgUnit } from '#domain/org-unit'
import type { Person, Role } from '#domain/person'
import { reportDigest } from '#sync/report-digest'
import { markKey, remarkKey, reportKey, streamOf, valueKey, type Json, type Verdict } from '#sync/protocol'
import { memoryLedger } from '../../contract/memory-ledger'
import { smallPlan, unit } from '../../plan/small-plan'
import { networkTo } from '../device/world'
import '../all-messages'
import '../fields/what-jsdom-lacks'

vi.setConfig({ testTimeout: 60_000 })

const PERIOD = '2031'
const DATA_SET = 'basics'
const school: OrgUnit = unit('a', 'primary', { name: '甲小学' })
const stream = streamOf(school.code)
const STATE = reportKey(PERIOD, DATA_SET)
const eventually = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 20_000 })

let page: VueWrapper | undefined
let device: Device
let disk: Disk
beforeEach(() => {
  disk = blankDisk()
})
afterEach(async () => {
  page?.unmount()
  page = undefined
  await flushPromises()
  await device.close()
})

async function arrive(
  role: Role = 'principal',
  values: Readonly<Record<string, Json>> = {},
  period = PERIOD,
  world: Partial<Parameters<typeof memoryDevice>[0]> = {},
): Promise<VueWrapper> {
  const person: Person = { username: role, name: '王', role, orgUnits: [school.code] }
  setActivePinia(createPinia())
  device = await memoryDevice({ person, orgUnits: [school], disk, ...world })
  for (const [key, value] of Object.entries(values)) await device.commit({ stream, key, value, base: [], pv: 1 })
  const session = useSession()
  session.person = person
  session.plan = smallPlan
  session.orgUnits = [school]
  session.device = device
  session.phase = 'ready'
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component: { template: '<p></p>' } }],
  })
  const wrapper = mount(SubmitPage, {
    props: { unit: school.code, period, dataSet: DATA_SET },
    global: { plugins: [router] },
    attachTo: document.body,
  })
  page = wrapper
  await eventually(() => expect(wrapper.find('.submit__column').exists()).toBe(true))
  return wrapper
}
const button = (words: string) => page?.findAll('button').find((each) => each.text() === words) ?? raise(`no button ${words}`)
const has = (words: string): boolean => page?.findAll('button').some((each) => each.text() === words) ?? false
const cells = async () => (await device.open(stream)).cells
function raise(message: string): never {
  throw new Error(message)
}
const value = (element: string) => valueKey(PERIOD, element)

test('what is handed in is exactly what stands on the tablet, off the network too', async () => {
  const wrapper = await arrive('principal', { [value('awards')]: '31', [value('attendance')]: '96' })
  await button('提交').trigger('click')
  await eventually(() => expect(wrapper.text()).toContain('已提交'))
  const shown = await cells()
  const keys = keysOf({ plan: smallPlan, unit: school, period: PERIOD, dataSet: DATA_SET })
  expect(keys).toContain(value('awards'))
  expect(shown.get(STATE)).toMatchObject({
    mark: 'onDevice',
    value: { state: 'submitted', seen: reportDigest(keys, (key) => shown.get(key)?.value) },
  })
  expect((await device.outbox()).at(-1)?.vouched).toMatchObject({ [value('awards')]: '31' })
  expect(wrapper.text()).toContain('存在本机，连上网络后自动送出')
})

test('it can be taken back while nobody has begun, and handed in once more', async () => {
  const wrapper = await arrive('principal', { [value('awards')]: '31' })
  await button('提交').trigger('click')
  await eventually(() => expect(has('撤回')).toBe(true))
  await button('撤回').trigger('click')
  await eventually(() => expect(wrapper.text()).toContain('已撤回'))
  await button('再次提交').trigger('click')
  await eventually(() => expect(has('撤回')).toBe(true))
  expect(
    (await device.outbox()).filter(({ key }) => key === STATE).map(({ value }) => (value as { state: string }).state),
  ).toEqual([...['submitted', 'withdrawn', 'submitted']])
})

test('an error keeps it here, says how many there are, and leads to its field', async () => {
  const wrapper = await arrive('principal', { [value('awards')]: 'many' })
  expect(wrapper.get('#h-blocks').text()).toBe('先处理这 1 处')
  expect(wrapper.get('.submit__line').attributes('href')).toBe(`/u/a/${PERIOD}/fill/${DATA_SET}#awards`)
  expect(button('提交').attributes('aria-disabled')).toBe('true')
  await button('提交').trigger('click')
  await flushPromises()
  expect(wrapper.get('[role=alert]').text()).toContain('先处理上面 1 处')
  expect((await cells()).has(STATE)).toBe(false)
})

test('a warning is answered by a remark, and last year’s remark on the same stands beside it', async () => {
  const wrapper = await arrive('principal', {
    [valueKey('2030', 'awards')]: '10',
    [remarkKey('2030', 'awards')]: '去年承办比赛',
    [value('awards')]: '31',
  })
  expect(wrapper.get('#h-warnings').text()).toBe('请说明 1 处')
  expect(wrapper.get('.submit__warning').text()).toContain('去年承办比赛')
  await button('照上年说明写').trigger('click')
  await eventually(() => expect(wrapper.get('#h-warnings').text()).toBe('都已说明'))
  expect((await cells()).get(remarkKey(PERIOD, 'awards'))?.value).toBe('去年承办比赛')
})

test('a filler marks the form as filled, and submits nothing', async () => {
  await arrive('filler', { [value('awards')]: '31' })
  expect(has('提交')).toBe(false)
  await button('本表已填完').trigger('click')
  await eventually(() => expect(has('撤回“已填完”')).toBe(true))
  expect((await cells()).get(markKey(PERIOD, DATA_SET))?.value).toBe(true)
})

test('an inspector reads, and neither marks nor submits', async () => {
  await arrive('inspector')
  expect(page?.findAll('.dock button')).toHaveLength(0)
})

test.each([
  ['2030-01-01T00:00', '已停止接收', 'closed'],
  ['2999-01-01T00:00', '才开始接收', 'notYet'],
])('outside of the window it is not handed in: %s', async (moment, words, standing) => {
  const wrapper = await arrive('principal', { [value('awards')]: '31' })
  const windows = useWindows()
  const times = standing === 'closed' ? { closes: '2020-01-01T00:00' } : { opens: moment }
  windows.windows = {
    timeZone: 'Asia/Shanghai',
    windows: [{ period: PERIOD, dataSet: DATA_SET, extensions: [], ...times }],
  }
  await eventually(() => expect(wrapper.text()).toContain(words))
  await button('提交').trigger('click')
  await flushPromises()
  expect(wrapper.get('[role=alert]').text()).toContain('不在填报时间内')
  expect((await cells()).has(STATE)).toBe(false)
})

test('overdue it can still be handed in, and the page says that it will be late', async () => {
  const wrapper = await arrive('principal', { [value('awards')]: '31' })
  useWindows().windows = {
    timeZone: 'Asia/Shanghai',
    windows: [{ period: PERIOD, dataSet: DATA_SET, due: '2020-01-01T00:00', extensions: [] }],
  }
  await eventually(() => expect(wrapper.text()).toContain('会标为逾期'))
  await button('提交').trigger('click')
  await eventually(() => expect(wrapper.text()).toContain('已提交'))
})

test('what came late is called late afterwards too, off the network from what is kept', async () => {
  const ledger = memoryLedger()
  const person: Person = { username: 'principal', name: '王', role: 'principal', orgUnits: [school.code] }
  const network = networkTo(ledger, person)
  network.judgeMove = () => undefined
  const RECEIVED = Date.parse('2031-12-21T08:30:00+08:00')
  let asked = 0
  const fetchHistory = () => {
    asked++
    if (!network.up) return Promise.resolve(failed({ kind: 'unreachable' } as const))
    const past = ledger.see(stream).log.filter(({ key }) => key === STATE)
    return Promise.resolve(
      ok({ past: past.map((row) => ({ ...row, id: `${row.device}:${row.n}`, received: RECEIVED })), more: false }),
    )
  }
  const windows = [{ period: PERIOD, dataSet: DATA_SET, due: '2031-12-20T23:59', extensions: [] }]
  const first = await arrive('principal', { [value('awards')]: '31' }, PERIOD, { net: network.net, fetchHistory })
  useWindows().windows = { timeZone: 'Asia/Shanghai', windows }
  await button('提交').trigger('click')
  await eventually(() => expect(first.text()).toContain('区教育局已收到'))
  await eventually(() => expect(first.text()).toContain('逾期提交：区教育局'))
  expect(first.text()).toContain('截止时间是')
  expect(asked).toBe(1)

  first.unmount()
  await device.close()
  network.up = false
  const again = await arrive('principal', {}, PERIOD, { net: network.net, fetchHistory })
  useWindows().windows = { timeZone: 'Asia/Shanghai', windows }
  await eventually(() => expect(again.text()).toContain('逾期提交：区教育局'))
  // The school is given more time: it is not late any more.
  const extended = [
    { ...windows[0], period: PERIOD, dataSet: DATA_SET, extensions: [{ orgUnit: school.code, due: '2031-12-22T23:59' }] },
  ]
  useWindows().windows = { timeZone: 'Asia/Shanghai', windows: extended }
  await eventually(() => expect(again.text()).toContain('已延期'))
  expect(again.text()).not.toContain('逾期提交')
  expect(asked).toBe(1)
})

test('a submission that met other values says which, and is handed in anew as it is now', async () => {
  const verdict: Verdict = 'rejected: changed'
  const wrapper = await arrive('principal', { [value('awards')]: '31' })
  await button('提交').trigger('click')
  await eventually(() => expect(has('撤回')).toBe(true))
  const counted = await device.outbox()
  await device.commit({
    stream,
    key: value('awards'),
    value: '32',
    base: (await cells()).get(value('awards'))?.base ?? [],
    pv: 1,
  })
  // What the server answers, as the exchange would bring it.
  const outbox = () => Promise.resolve(counted.map((row) => (row.key === STATE ? { ...row, verdict } : row)))
  const refused = { ...(await cells()).get(STATE), mark: 'rejected', verdict, heads: [], base: [] }
  const session = useSession()
  const opened = await device.open(stream)
  session.device = { ...device, outbox, opened: () => opened, sync: device.sync, files: device.files }
  ;(opened.cells as Map<string, unknown>).set(STATE, refused)
  await eventually(() => expect(wrapper.text()).toContain('和提交时不一样的 1 项'))
  expect(wrapper.get('.submit__changed').text()).toContain('提交时 31 人次，现在 32 人次')
  expect(has('照现在的内容再交一次')).toBe(true)
})
