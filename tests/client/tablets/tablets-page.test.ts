import '../all-messages'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import TabletsPage from '#client/features/tablets/TabletsPage.vue'
import { useAnnouncer } from '#client/state/announcer'
import { useSession } from '#client/state/session'
import { faultText } from '#domain/fault-messages'
import type { Fault } from '#domain/fault'
import type { Tablet } from '#domain/tablet'

const NOW = Date.UTC(2024, 11, 20, 2)
const DAY_MS = 86_400_000

const tablet = (id: string, said: Partial<Tablet> = {}): Tablet => ({
  id,
  username: id,
  name: `老师 ${id}`,
  role: 'filler',
  orgUnits: ['p-1'],
  firstContact: NOW - 9 * DAY_MS,
  lastContact: NOW - 60_000,
  clockAhead: 0,
  app: '1.2.3',
  plan: 1,
  unsent: 0,
  refused: 0,
  conflicts: 0,
  files: 0,
  drafts: 0,
  storage: {},
  mayRevoke: true,
  ...said,
})

/** The server: what it lists, what it was asked to stop, and what a request meets instead. */
const server = {
  tablets: [] as Tablet[],
  meets: undefined as 'nothing' | Fault | undefined,
  stopped: [] as string[],
}

function answer(input: unknown): Promise<Response> {
  const url = String(input)
  const json = (body: unknown, status = 200) => Promise.resolve(new Response(JSON.stringify(body), { status }))
  if (server.meets === 'nothing') return Promise.reject(new TypeError('Failed to fetch'))
  if (server.meets !== undefined) return json({ fault: server.meets, message: faultText(server.meets) }, 401)
  const [, id] = /tablets\/(\w+)\/revoke$/.exec(url) ?? []
  if (id === undefined) return json({ now: NOW, app: '1.2.3', plan: 1, tablets: server.tablets })
  server.stopped.push(id)
  server.tablets = server.tablets.map((each) => (each.id === id ? { ...each, revoked: { at: NOW, by: 'admin' } } : each))
  return Promise.resolve(new Response(null, { status: 204 }))
}

let page: VueWrapper | undefined
beforeEach(() => {
  server.tablets = []
  server.meets = undefined
  server.stopped = []
  vi.stubGlobal('fetch', vi.fn<typeof fetch>(answer))
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true
  }
  HTMLDialogElement.prototype.close = function () {
    this.open = false
  }
})
afterEach(() => {
  page?.unmount()
  vi.unstubAllGlobals()
})

async function open(): Promise<VueWrapper> {
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  session.orgUnits = [{ code: 'p-1', name: '第一小学', type: 'primary', ownership: 'public' }]
  page = mount(TabletsPage, { global: { plugins: [pinia] }, attachTo: document.body })
  await flushPromises()
  return page
}
const rows = (shown: VueWrapper) => shown.findAll('tbody tr').map((row) => row.text())
const press = async (shown: VueWrapper, name: string, within = '') => {
  const button = shown.findAll(`${within} button`.trim()).find((each) => each.text() === name)
  if (button === undefined) throw new Error(`no button ${name}`)
  await button.trigger('click')
  await flushPromises()
}

test('each tablet has a row with what it last said, the worrying ones first', async () => {
  server.tablets = [
    tablet('fine'),
    tablet('stuck', { unsent: 12, files: 2, oldest: NOW - 3 * DAY_MS, app: '1.2.2', plan: 0, drafts: 1 }),
    tablet('full', { storage: { used: 95, quota: 100, persisted: false }, clockAhead: 3 * 3_600_000 }),
  ]
  const shown = await open()
  expect(shown.text()).toContain('3 台，其中 2 台要留意')
  const [first, second, third] = rows(shown)
  for (const words of ['第一小学', '老师 stuck（填报员）', '设备编号 stuck', '14 项压了 3 天', '12 项', '文件 2 份']) {
    expect(first).toContain(words)
  }
  for (const words of ['1.2.2', '旧版', '计划第 0 版（旧）', '正在填 1 项']) expect(first).toContain(words)
  for (const words of ['存储快满了', '时钟不准', '已用 95%', '系统可能清掉', '快 3 小时', '都已送出'])
    expect(second).toContain(words)
  for (const words of ['正常', '都已送出', '平板没说', '准']) expect(third).toContain(words)
  expect(third).not.toContain('旧')
})

test('450 tablets are shown in pages, searched and narrowed down', async () => {
  server.tablets = Array.from({ length: 450 }, (_, n) => tablet(`t${n}`, n % 150 === 7 ? { refused: 1 } : {}))
  const shown = await open()
  expect(rows(shown)).toHaveLength(50)
  expect(shown.text()).toContain('第 1 到 50 个，共 450 个')
  await press(shown, '下一页')
  expect(shown.text()).toContain('第 51 到 100 个')
  await shown.find('select').setValue('attention')
  expect(rows(shown)).toHaveLength(3)
  await shown.find('input[type=search]').setValue('老师 t157')
  expect(rows(shown)).toHaveLength(1)
  await shown.find('input[type=search]').setValue('没有的')
  expect(shown.text()).toContain('没有符合的平板')
  await press(shown, '显示全部')
  expect(rows(shown)).toHaveLength(50)
})

test('stopping asks first, says what becomes of unsent work, and when an offline tablet hears of it', async () => {
  server.tablets = [tablet('lost', { unsent: 4 }), tablet('mine', { mayRevoke: false })]
  const shown = await open()
  expect(shown.findAll('tbody button')).toHaveLength(1)
  await press(shown, '停用', 'tbody')
  const dialog = shown.find('dialog')
  for (const words of ['第一小学', '老师 lost', '还有 4 项没送出', '封存在平板上', '下次连上时才生效'])
    expect(dialog.text()).toContain(words)
  expect(server.stopped).toEqual([])
  await press(shown, '先不停用', 'dialog')
  expect(server.stopped).toEqual([])
  await press(shown, '停用', 'tbody')
  await press(shown, '停用', 'dialog')
  expect(server.stopped).toEqual(['lost'])
  expect(shown.find('dialog').element).toHaveProperty('open', false)
  const stopped = rows(shown).find((row) => row.includes('lost'))
  expect(stopped).toContain('已停用')
  expect(stopped).toContain('下次连上时生效')
  expect(shown.findAll('tbody button')).toHaveLength(0)
  expect(useAnnouncer().sentence).toBe('老师 lost的平板已停用')
  expect(document.activeElement?.className).toBe('tablets__scroll')
})

test('a stop that does not get through says so and leaves the question open', async () => {
  server.tablets = [tablet('lost')]
  const shown = await open()
  await press(shown, '停用', 'tbody')
  server.meets = 'nothing'
  await press(shown, '停用', 'dialog')
  expect(shown.find('dialog').element).toHaveProperty('open', true)
  expect(shown.find('dialog [role=alert]').text()).toContain('没停用成')
})

test('a tablet that has heard of it is told apart from one that has not', async () => {
  server.tablets = [tablet('told', { revoked: { at: NOW - DAY_MS, by: 'admin', told: NOW } })]
  const shown = await open()
  expect(rows(shown)[0]).toContain('平板已收到')
})

test('without a network the last seen stays, with its age; never seen, the page says why', async () => {
  server.tablets = [tablet('one')]
  const shown = await open()
  server.meets = 'nothing'
  window.dispatchEvent(new Event('online'))
  await flushPromises()
  expect(rows(shown)).toHaveLength(1)
  expect(shown.text()).toContain('现在没有网络')
  shown.unmount()
  const other = await open()
  expect(other.text()).toContain('平板的情况没取到')
  server.meets = undefined
  await press(other, '再取一次')
  expect(rows(other)).toHaveLength(1)
})

test('a sign-in that is over is told apart from a missing network', async () => {
  server.meets = { kind: 'session.missing' }
  expect((await open()).text()).toContain('登录过期')
})

test('where no tablet has been in contact yet, the page says what will be here', async () => {
  expect((await open()).text()).toContain('还没有平板连上来')
})
