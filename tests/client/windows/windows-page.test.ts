import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter, RouterView, type Router } from 'vue-router'
import '#client/state/old-engines'
import WindowsPage from '#client/features/windows/WindowsPage.vue'
import type { Device } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { useAnnouncer } from '#client/state/announcer'
import { useSession } from '#client/state/session'
import { faultText } from '#domain/fault-messages'
import type { Fault } from '#domain/fault'
import type { Role } from '#domain/person'
import type { ReportWindow } from '#domain/window'
import { smallPlan, unit } from '../../plan/small-plan'
import '../all-messages'
import '../fields/what-jsdom-lacks'

const NOW = new Date('2031-12-01T12:00:00+08:00')
const schools = ['甲小学', '乙小学', '丙小学'].map((name, n) => unit(`p-${n}`, 'primary', { name }))
const [first, second] = smallPlan.document.dataSets.map(({ title }) => title.zh)
const BASICS = { period: '2031', dataSet: 'basics' }

/** The server: what it has, how often that was changed, what a request meets instead, and what it was sent. */
const server = {
  windows: [] as readonly ReportWindow[],
  version: 1,
  meets: undefined as 'nothing' | Fault | undefined,
  sent: [] as { readonly windows: readonly ReportWindow[]; readonly match: string | null }[],
}
function change(windows: readonly ReportWindow[]): void {
  server.windows = windows
  server.version += 1
}

function answer(_input: unknown, init: RequestInit = {}): Promise<Response> {
  const json = (body: unknown, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(body), { status, headers: { etag: `"${server.version}"` } }))
  if (server.meets === 'nothing') return Promise.reject(new TypeError('Failed to fetch'))
  if (init.method === 'PUT') {
    if (typeof init.body !== 'string') throw new Error('no text was sent')
    const { windows } = JSON.parse(init.body) as { windows: readonly ReportWindow[] }
    const match = new Headers(init.headers).get('if-match')
    server.sent.push({ windows, match })
    const fault = server.meets ?? (match === `"${server.version}"` ? undefined : ({ kind: 'window.changed' } as const))
    if (fault !== undefined) return json({ fault, message: faultText(fault) }, 409)
    change(windows)
  }
  return json({ timeZone: 'Asia/Shanghai', windows: server.windows })
}

let page: VueWrapper | undefined
let device: Device
let router: Router
beforeEach(() => {
  Object.assign(server, { windows: [], version: 1, meets: undefined, sent: [] })
  vi.stubGlobal('fetch', vi.fn<typeof fetch>(answer))
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
})
afterEach(async () => {
  page?.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
  await device.close()
})

async function open(role: Role = 'admin', kept?: readonly ReportWindow[]): Promise<VueWrapper> {
  const person = { username: role, name: '管理员', role, orgUnits: [] }
  const pinia = createPinia()
  setActivePinia(pinia)
  device = await memoryDevice({ person, orgUnits: schools })
  if (kept !== undefined) await device.keep('windows', JSON.parse(JSON.stringify({ timeZone: 'Asia/Shanghai', windows: kept })))
  const session = useSession()
  session.person = person
  session.plan = smallPlan
  session.orgUnits = schools
  session.device = device
  session.phase = 'ready'
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/windows', component: WindowsPage },
      { path: '/:rest(.*)*', component: { template: '<p>another page</p>' } },
    ],
  })
  await router.push('/windows')
  page = mount(RouterView, { global: { plugins: [pinia, router] }, attachTo: document.body })
  await flushPromises()
  return page
}

const groupOf = (shown: VueWrapper, name = first) =>
  shown.findAll('.windows__row').find((row) => row.get('h3').text() === name) ?? raise(`no row ${name}`)
const button = (within: Pick<VueWrapper, 'findAll'>, words: string) =>
  within.findAll('button').find((each) => each.text().includes(words)) ?? raise(`no button ${words}`)
function fieldsOf(within: Pick<VueWrapper, 'findAll'>, label: string) {
  const fields = within.findAll('.moment').filter((each) => each.get('label').text() === label)
  return fields.map((field) => field.get<HTMLInputElement>('input'))
}
async function type(within: Pick<VueWrapper, 'findAll'>, label: string, moment: string, nth = 0): Promise<void> {
  const field = fieldsOf(within, label)[nth] ?? raise(`no field ${label}`)
  await field.setValue(moment)
  await field.trigger('blur')
}
async function press(within: Pick<VueWrapper, 'findAll'>, words: string): Promise<void> {
  await button(within, words).trigger('click')
  await flushPromises()
}
function raise(message: string): never {
  throw new Error(message)
}

test('where each stands now is said beside its times, in the district’s zone', async () => {
  server.windows = [
    { ...BASICS, opens: '2031-11-01T08:00', due: '2031-11-30T23:59', closes: '2031-12-20T12:00', extensions: [] },
    { period: '2031', dataSet: 'equipment', opens: '2031-12-01T12:01', extensions: [] },
    { period: '2030', dataSet: 'basics', closes: '2030-12-31T23:59', extensions: [] },
  ]
  const shown = await open()
  expect(shown.get('header').text()).toContain('中国标准时间（Asia/Shanghai）')
  expect(groupOf(shown).text()).toContain('逾期可补')
  expect(fieldsOf(groupOf(shown), '截止')[0]?.element.value).toBe('2031-11-30T23:59')
  expect(groupOf(shown, second).text()).toContain('未到')
  await shown.get('select').setValue('2030')
  expect(groupOf(shown).text()).toContain('已截止')
  expect(groupOf(shown, second).text()).toContain('不限时间')
})

test('all forms are set at once, a single one otherwise, and saved as what was seen', async () => {
  const shown = await open()
  const all = shown.get('.windows__fill')
  await type(all, '开始', '2031-11-01T08:00')
  await type(all, '截止', '2031-12-20T23:59')
  await press(all, '用到')
  await type(groupOf(shown), '截止', '2031-12-24T23:59')
  expect(groupOf(shown).text()).toContain('还没保存')
  expect(server.sent).toEqual([])
  await press(shown, '保存')
  expect(server.sent).toHaveLength(1)
  const { windows, match } = server.sent[0] ?? raise('nothing was sent')
  expect(match).toBe('"1"')
  expect(windows).toHaveLength(smallPlan.document.dataSets.length)
  expect(windows.find(({ dataSet }) => dataSet === 'basics')).toEqual({
    ...BASICS,
    opens: '2031-11-01T08:00',
    due: '2031-12-24T23:59',
    extensions: [],
  })
  expect(windows.find(({ dataSet }) => dataSet === 'equipment')?.due).toBe('2031-12-20T23:59')
  expect(useAnnouncer().sentence).toContain('已保存')
  expect(shown.text()).not.toContain('还没保存')
  expect(groupOf(shown).text()).toContain('开放')
})

test('a school is found by name, is given more time, and loses it again', async () => {
  server.windows = [{ ...BASICS, due: '2031-12-20T23:59', extensions: [{ orgUnit: 'p-2', due: '2031-12-22T23:59' }] }]
  const shown = await open()
  const row = groupOf(shown)
  await press(row, '延期 1 所')
  const search = row.get('input[type=search]')
  await search.setValue('小学')
  // The one that has it already is not offered.
  expect(row.findAll('.extensions__found button').map((each) => each.text())).toEqual(['甲小学（p-0）', '乙小学（p-1）'])
  await press(row, '乙小学')
  const added = row.findAll('.extensions__row')[1] ?? raise('no second school')
  expect(added.element.contains(document.activeElement)).toBe(true)
  expect(added.text()).toContain('延期请写新的截止或关闭时间')
  await press(shown, '保存')
  expect(server.sent).toEqual([])
  await type(added, '关闭', '2032-01-05T12:00')
  expect(added.text()).not.toContain('延期请写')
  const given = row.findAll('.extensions__row')[0] ?? raise('no first school')
  await given.get('button').trigger('click')
  await press(shown, '保存')
  expect(server.windows[0]?.extensions).toEqual([{ orgUnit: 'p-1', closes: '2032-01-05T12:00' }])
})

test('what cannot be is told at its field, and is not sent', async () => {
  const shown = await open()
  await type(groupOf(shown), '开始', '2031-12-21T08:00')
  await type(groupOf(shown), '截止', '2031-12-20T23:59')
  const due = fieldsOf(groupOf(shown), '截止')[0]
  expect(due?.attributes('aria-invalid')).toBe('true')
  expect(document.getElementById(due?.attributes('aria-describedby') ?? '')?.textContent).toContain('截止早于开始')
  await shown.get('select').setValue('2030')
  await press(shown, '保存')
  expect(server.sent).toEqual([])
  // It is of another year: that is shown, and the field has the focus.
  expect(document.activeElement).toBe(fieldsOf(groupOf(shown), '截止')[0]?.element)
  expect(shown.get('select').element.value).toBe('2031')
})

test('what the server finds wrong is told at its field until that is changed', async () => {
  server.windows = [{ ...BASICS, due: '2031-12-20T23:59', extensions: [{ orgUnit: 'p-1', due: '2031-12-22T23:59' }] }]
  const shown = await open()
  await type(groupOf(shown), '截止', '2031-12-19T23:59')
  server.meets = { kind: 'orgUnit.unknown', path: 'windows.0.extensions.0.orgUnit', values: { orgUnit: 'p-1' } }
  await press(shown, '保存')
  expect(shown.get('.extensions .moment__trouble').text()).toContain('p-1')
  server.meets = undefined
  await press(shown.get('.extensions'), '去掉')
  await press(shown, '保存')
  expect(server.windows).toEqual([{ ...BASICS, due: '2031-12-19T23:59', extensions: [] }])
})

test('somebody else was faster: what is there now is shown, what was typed stays, and saving again replaces it', async () => {
  server.windows = [{ ...BASICS, due: '2031-12-20T23:59', extensions: [] }]
  const shown = await open()
  await type(groupOf(shown), '截止', '2031-12-24T23:59')
  change([
    { ...BASICS, due: '2031-12-10T12:00', closes: '2031-12-31T12:00', extensions: [] },
    { period: '2031', dataSet: 'equipment', due: '2031-12-11T12:00', extensions: [] },
  ])
  await press(shown, '保存')
  expect(shown.get('[role=alert]').text()).toContain('刚被别人改过')
  expect(groupOf(shown).get('.note').text()).toContain('截止 2031 年 12 月 10 日 12:00')
  expect(fieldsOf(groupOf(shown), '截止')[0]?.element.value).toBe('2031-12-24T23:59')
  expect(fieldsOf(groupOf(shown), '关闭')[0]?.element.value).toBe('2031-12-31T12:00')
  expect(fieldsOf(groupOf(shown, second), '截止')[0]?.element.value).toBe('2031-12-11T12:00')
  await press(shown, '保存')
  expect(server.windows[0]).toEqual({
    ...BASICS,
    due: '2031-12-24T23:59',
    closes: '2031-12-31T12:00',
    extensions: [],
  })
  expect(server.windows).toHaveLength(2)
  expect(shown.find('[role=alert] .note').exists()).toBe(false)
})

test('theirs can be taken instead of what was typed', async () => {
  server.windows = [{ ...BASICS, due: '2031-12-20T23:59', extensions: [] }]
  const shown = await open()
  await type(groupOf(shown), '截止', '2031-12-24T23:59')
  change([{ ...BASICS, due: '2031-12-10T12:00', extensions: [] }])
  await press(shown, '保存')
  await press(groupOf(shown), '用现在的')
  expect(fieldsOf(groupOf(shown), '截止')[0]?.element.value).toBe('2031-12-10T12:00')
  expect(shown.find('.windows__save').exists()).toBe(false)
})

test('without a network nothing typed is lost, and it is saved later', async () => {
  const shown = await open()
  await type(groupOf(shown), '截止', '2031-12-24T23:59')
  server.meets = 'nothing'
  await press(shown, '保存')
  expect(shown.get('[role=alert]').text()).toContain('还没有保存')
  expect(fieldsOf(groupOf(shown), '截止')[0]?.element.value).toBe('2031-12-24T23:59')
  server.meets = undefined
  await press(shown, '保存')
  expect(server.windows).toHaveLength(1)
})

test('opened without a network, the last known ones are read, and can be set once it is there', async () => {
  server.meets = 'nothing'
  const shown = await open('admin', [{ ...BASICS, due: '2031-12-20T23:59', extensions: [] }])
  expect(shown.text()).toContain('这是上次取到的，只能看')
  expect(groupOf(shown).text()).toContain('2031 年 12 月 20 日 23:59')
  expect(groupOf(shown).text()).toContain('开放')
  expect(shown.findAll('input')).toHaveLength(0)
  server.meets = undefined
  server.windows = [{ ...BASICS, due: '2031-12-22T23:59', extensions: [] }]
  window.dispatchEvent(new Event('online'))
  await flushPromises()
  expect(fieldsOf(groupOf(shown), '截止')[0]?.element.value).toBe('2031-12-22T23:59')
})

test('nothing was ever seen and there is no network: the page says so, and asks again', async () => {
  server.meets = 'nothing'
  const shown = await open()
  expect(shown.text()).toContain('填报时间没取到')
  server.meets = undefined
  await press(shown, '再取一次')
  expect(shown.findAll('.windows__row')).toHaveLength(smallPlan.document.dataSets.length)
})

test('a reviewer reads, with the schools that have more time, and sets nothing', async () => {
  server.windows = [{ ...BASICS, due: '2031-11-20T23:59', extensions: [{ orgUnit: 'p-1', due: '2031-12-22T23:59' }] }]
  const shown = await open('reviewer')
  expect(shown.text()).toContain('由管理员设定')
  await press(groupOf(shown), '延期 1 所')
  const school = groupOf(shown).get('.extensions__row')
  expect(school.text()).toContain('乙小学')
  expect(school.text()).toContain('开放')
  expect(groupOf(shown).get('.windows__head').text()).toContain('逾期可补')
  expect(shown.findAll('input')).toHaveLength(0)
})

test('leaving asks where something is not saved, and goes only where that is wanted', async () => {
  const shown = await open()
  const closing = (): boolean => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
  expect(closing()).toBe(true)
  await type(groupOf(shown), '截止', '2031-12-24T23:59')
  expect(closing()).toBe(false)
  void router.push('/overview')
  await flushPromises()
  await press(shown.get('dialog'), '留在这里')
  expect(router.currentRoute.value.path).toBe('/windows')
  expect(fieldsOf(groupOf(shown), '截止')[0]?.element.value).toBe('2031-12-24T23:59')
  void router.push('/overview')
  await flushPromises()
  await press(shown.get('dialog'), '不保存')
  expect(router.currentRoute.value.path).toBe('/overview')
})

test('what is discarded is gone, and the page may be left', async () => {
  const shown = await open()
  await type(groupOf(shown), '截止', '2031-12-24T23:59')
  await press(shown, '放弃改动')
  expect(fieldsOf(groupOf(shown), '截止')[0]?.element.value).toBe('')
  await router.push('/overview')
  expect(shown.text()).toContain('another page')
})

test('a time that is half typed is no time: the one before stays, and nothing is saved', async () => {
  server.windows = [{ ...BASICS, due: '2031-12-20T23:59', extensions: [] }]
  const shown = await open()
  await type(groupOf(shown), '开始', '2031-11-01T08:00')
  const due = fieldsOf(groupOf(shown), '截止')[0] ?? raise('no field')
  // As Chromium has it while the day is being typed anew.
  Object.defineProperty(due.element, 'validity', { value: { badInput: true }, configurable: true })
  due.element.value = ''
  await due.trigger('input')
  await due.trigger('blur')
  expect(groupOf(shown).text()).toContain('请把日期和时间填完整')
  await press(shown, '保存')
  expect(server.sent).toEqual([])
  Object.defineProperty(due.element, 'validity', { value: { badInput: false }, configurable: true })
  await due.setValue('2031-12-21T23:59')
  await due.trigger('blur')
  await press(shown, '保存')
  expect(server.windows[0]).toMatchObject({ opens: '2031-11-01T08:00', due: '2031-12-21T23:59' })
})
