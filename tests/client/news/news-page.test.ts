import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import '#client/state/old-engines'
import NewsPage from '#client/features/news/NewsPage.vue'
import type { Device } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { blankDisk, type Disk } from '#client/device/memory-store'
import { useNews } from '#client/state/news-seen'
import { useSession } from '#client/state/session'
import type { Person } from '#domain/person'
import { commentKey, reportKey, streamOf, type Json } from '#sync/protocol'
import { memoryLedger } from '../../contract/memory-ledger'
import { smallPlan, unit } from '../../plan/small-plan'
import { networkTo } from '../device/world'
import '../all-messages'

const PERIOD = '2031'
const school = unit('a', 'primary', { name: '甲小学' })
const stream = streamOf(school.code)
const principal: Person = { username: 'wang', name: '王', role: 'principal', orgUnits: [school.code] }
const reviewer: Person = { username: 'zhao', name: '赵', role: 'reviewer', orgUnits: [] }
const eventually = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 20_000 })

let page: VueWrapper | undefined
const devices: Device[] = []
afterEach(async () => {
  page?.unmount()
  for (const device of devices.splice(0)) await device.close()
})

const ledgerOf = () => {
  const ledger = memoryLedger()
  return async (person: Person, disk?: Disk): Promise<Device> => {
    const network = networkTo(ledger, person)
    network.judgeMove = () => undefined
    const device = await memoryDevice({
      ...{ person, orgUnits: [school], net: network.net },
      ...(disk === undefined ? {} : { disk }),
    })
    devices.push(device)
    return device
  }
}
async function say(device: Device, all: readonly (readonly [key: string, value: Json])[]): Promise<void> {
  const { cells } = await device.open(stream)
  for (const [key, value] of all) {
    const edit = { stream, key, value, base: cells.get(key)?.base ?? [], pv: 1 }
    await (key.startsWith('w/') ? device.move(edit) : device.commit(edit))
  }
  device.syncNow()
  await eventually(() => expect(device.sync.waiting).toBe(0))
}
const comment = (id: string, text: string): readonly (readonly [string, Json])[] => [
  [commentKey(id, 'about'), { period: PERIOD, dataSet: 'basics', element: 'awards' }],
  [commentKey(id, 'text'), text],
]
async function open(device: Device): Promise<VueWrapper> {
  setActivePinia(createPinia())
  const session = useSession()
  session.person = principal
  session.plan = smallPlan
  session.orgUnits = [school]
  session.peopleKnown = [{ ...reviewer, name: '赵审核' }]
  session.device = device
  session.phase = 'ready'
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component: { template: '<p></p>' } }],
  })
  page = mount(NewsPage, { props: { unit: school.code, period: PERIOD }, global: { plugins: [router] } })
  await flushPromises()
  return page
}
const lines = (shown: VueWrapper) => shown.findAll('.news__line')

test('where nobody has said anything yet, the page says what will be here', async () => {
  const shown = await open(await ledgerOf()(principal))
  expect(lines(shown)).toHaveLength(0)
  expect(shown.text()).toContain('还没有消息')
})

test('what the bureau did and said is told newest first, with the way to it; one’s own steps are no news', async () => {
  const openAs = ledgerOf()
  const tablet = await openAs(principal)
  await say(tablet, [[reportKey(PERIOD, 'basics'), { state: 'submitted', seen: 'x' }]])
  const bureau = await openAs(reviewer)
  await bureau.open(stream)
  bureau.syncNow()
  await eventually(() => expect(bureau.opened(stream)?.cells.size).toBe(1))
  await say(bureau, [
    ...comment('c-aaaaaaaaaaaaa', '请核对获奖人次'),
    [reportKey(PERIOD, 'basics'), { state: 'returned', why: '获奖人次和去年差很多', marks: ['awards'] }],
  ])
  await say(tablet, comment('c-bbbbbbbbbbbbb', '已核对'))
  const shown = await open(tablet)
  await eventually(() => expect(lines(shown)).toHaveLength(2))
  const [first, second] = lines(shown)
  expect(first?.text()).toContain('获奖人次和去年差很多')
  expect(first?.attributes('href')).toContain('/u/a/2031/')
  expect(second?.text()).toContain('请核对获奖人次')
  expect(second?.text()).toContain('赵审核')
  expect(shown.text()).not.toContain('已核对')
})

test('what is new keeps its mark while it is read, and has none the next time, on this tablet', async () => {
  const openAs = ledgerOf()
  const disk = blankDisk()
  const tablet = await openAs(principal, disk)
  const bureau = await openAs(reviewer)
  await say(bureau, comment('c-aaaaaaaaaaaaa', '第一句'))
  await tablet.open(stream)
  tablet.syncNow()
  await eventually(() => expect(tablet.opened(stream)?.cells.size).toBeGreaterThan(1))
  const shown = await open(tablet)
  await eventually(() => expect(lines(shown)).toHaveLength(1))
  expect(lines(shown)[0]?.text()).toContain('新')
  expect(useNews().unread).toBe(0)

  shown.unmount()
  await say(bureau, comment('c-bbbbbbbbbbbbb', '第二句'))
  tablet.syncNow()
  await eventually(() => expect(tablet.opened(stream)?.cells.size).toBeGreaterThan(3))
  const again = await open(tablet)
  await eventually(() => expect(lines(again)).toHaveLength(2))
  expect(again.findAll('.chip--accent')).toHaveLength(1)
  expect(lines(again)[0]?.text()).toContain('第二句')
  expect(lines(again)[0]?.find('.chip--accent').exists()).toBe(true)
})
