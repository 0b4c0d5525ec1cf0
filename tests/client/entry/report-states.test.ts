/** The form of a report that the bureau has, or has had: over the real exchange and a ledger in memory. */
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import '#client/state/old-engines'
import EntryPage from '#client/features/entry/EntryPage.vue'
import type { Device } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { useSession } from '#client/state/session'
import type { Person } from '#domain/person'
import { commentKey, fileKey, markKey, reportKey, streamOf, valueKey, type Json } from '#sync/protocol'
import { memoryLedger } from '../../contract/memory-ledger'
import { smallPlan, unit } from '../../plan/small-plan'
import '../all-messages'
import { networkTo } from '../device/world'
import '../fields/what-jsdom-lacks'

vi.setConfig({ testTimeout: 60_000 })

const PERIOD = '2031'
const DATA_SET = 'basics'
const school = unit('a', 'primary', { name: '甲小学' })
const stream = streamOf(school.code)
const STATE = reportKey(PERIOD, DATA_SET)
const AWARDS = valueKey(PERIOD, 'awards')
const eventually = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 20_000 })

let page: VueWrapper | undefined
const devices: Device[] = []
afterEach(async () => {
  page?.unmount()
  page = undefined
  await flushPromises()
  for (const device of devices.splice(0)) await device.close()
})

async function deviceOf(role: Person['role'], ledger = memoryLedger()) {
  const person: Person = { username: role, name: role, role, orgUnits: [school.code] }
  const network = networkTo(ledger, person)
  network.judgeMove = () => undefined
  const device = await memoryDevice({ person, orgUnits: [school], net: network.net })
  devices.push(device)
  return { person, network, device, ledger }
}

async function show(device: Device, person: Person): Promise<VueWrapper> {
  setActivePinia(createPinia())
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
  page = mount(EntryPage, {
    props: { unit: school.code, period: PERIOD, dataSet: DATA_SET },
    global: { plugins: [router] },
    attachTo: document.body,
  })
  await eventually(() => expect(page?.find('[id="row-awards"]').exists()).toBe(true))
  return page
}

async function put(device: Device, key: string, value: Json, kind: 'commit' | 'move' = 'commit'): Promise<void> {
  const base = (await device.open(stream)).cells.get(key)?.base ?? []
  await device[kind]({ stream, key, value, base, pv: 1 })
}
/** Everything of this device is answered, and what others sent is here. */
async function settled(device: Device): Promise<void> {
  await eventually(() => {
    device.syncNow()
    expect(device.sync.waiting).toBe(0)
  })
}
const row = (id: string) => page?.get(`[id="row-${id}"]`)
const link = (words: string) => page?.findAll('button').find((each) => each.text() === words)

test('a report that the bureau has is read, not typed, and says so', async () => {
  const { device, person } = await deviceOf('principal')
  await put(device, AWARDS, '31')
  await put(device, STATE, { state: 'submitted', seen: '0123456789abcdef' }, 'move')
  const wrapper = await show(device, person)
  expect(wrapper.findAll('.frow input, .frow textarea, .frow select')).toHaveLength(0)
  expect(row('awards')?.text()).toContain('31 人次')
  expect(wrapper.get('.taskbar__sub').text()).toContain('已提交')
  await eventually(() => expect(wrapper.get('.band').text()).toContain('等区教育局审核'))
  expect(wrapper.get('.dock a').attributes('href')).toBe(`/u/a/${PERIOD}/${DATA_SET}/submit`)
  expect((await device.open(stream)).cells.has(markKey(PERIOD, DATA_SET))).toBe(false)
})

test('a change that came too late does not count, stands at its field, and counts with one touch once the report is open', async () => {
  const { device, person, network } = await deviceOf('principal')
  await put(device, AWARDS, '31')
  await settled(device)
  // A colleague hands it in while this tablet is off the network and types on.
  network.up = false
  await put(device, AWARDS, '32')
  const photo = fileKey(AWARDS, 'a'.repeat(64))
  await put(device, photo, { name: '奖状.webp', type: 'image/webp', size: 1 })
  network.isLocked = (key) => key === AWARDS || key === photo
  network.up = true
  await settled(device)
  await put(device, STATE, { state: 'submitted', seen: '0123456789abcdef' }, 'move')
  await settled(device)

  const wrapper = await show(device, person)
  await eventually(() => expect(wrapper.find('.band').exists()).toBe(true))
  expect(row('awards')?.get('.frow__value').text()).toBe('31 人次')
  await eventually(() => expect(row('awards')?.text()).toContain('你改的 32 人次 未计入'))
  expect(wrapper.get('.band').text()).toContain('有 2 项改动未计入')
  expect(link('现在计入')).toBeUndefined()

  network.isLocked = () => false
  await put(device, STATE, { state: 'returned', why: '请核对' }, 'move')
  await settled(device)
  await eventually(() => expect(link('现在计入')).toBeDefined())
  expect(row('awards')?.get('.state').text()).toBe('未计入')
  await link('现在计入')?.trigger('click')
  await settled(device)
  await eventually(() => expect(row('awards')?.get('.state').text()).not.toBe('未计入'))
  expect((await device.open(stream)).cells.get(AWARDS)).toMatchObject({ mark: 'confirmed', value: '32' })
  await eventually(() => expect(wrapper.get('.band').text()).not.toContain('未计入'))
  expect((await device.open(stream)).cells.get(photo)).toMatchObject({ mark: 'confirmed' })
})

test('what was returned is gone through one by one, with the reviewer’s words at the value', async () => {
  const { device, person } = await deviceOf('principal')
  await put(device, AWARDS, '31')
  await put(device, valueKey(PERIOD, 'attendance'), '96')
  await put(device, commentKey('c-aaaaaaaaaaaaa', 'about'), { period: PERIOD, dataSet: DATA_SET, element: 'awards' })
  await put(device, commentKey('c-aaaaaaaaaaaaa', 'text'), '与证书数不同')
  await put(device, STATE, { state: 'submitted', seen: '0123456789abcdef' }, 'move')
  await put(device, STATE, { state: 'returned', why: '两处', marks: ['attendance', 'awards', 'goneFromThePlan'] }, 'move')
  await settled(device)
  const wrapper = await show(device, person)
  await eventually(() => expect(wrapper.find('.returns').exists()).toBe(true))
  expect(wrapper.get('.returns').text()).toContain('退回 2 项')
  await link('逐项处理')?.trigger('click')
  await eventually(() => expect(document.activeElement?.closest('.frow')?.id).toBe('row-attendance'))
  await link('后一项')?.trigger('click')
  await eventually(() => expect(document.activeElement?.closest('.frow')?.id).toBe('row-awards'))
  await eventually(() => expect(row('awards')?.text()).toContain('与证书数不同'))
  expect(wrapper.get('.returns').text()).toContain('已改 0 / 2')
  await put(device, AWARDS, '30')
  await eventually(() => expect(wrapper.get('.returns').text()).toContain('已改 1 / 2'))
})
