import { flushPromises, mount, type DOMWrapper, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import '#client/state/old-engines'
import WebhookSettings from '#client/features/webhooks/WebhookSettings.vue'
import { useAnnouncer } from '#client/state/announcer'
import { whenWords } from '#client/ui/when'
import type { Fault } from '#domain/fault'
import { faultText } from '#domain/fault-messages'
import type { NewWebhook, Webhook, WebhookTest } from '#domain/webhook'
import '../all-messages'
import '../fields/what-jsdom-lacks'

const NOW = new Date('2031-12-01T12:00:00+08:00')
const ROBOT: Webhook = {
  ...{ id: 'h-1', name: '校长群', kind: 'dingtalk', isOn: true, occasions: ['returned', 'overdue'] },
  ...{ host: 'oapi.dingtalk.com', hasSecret: true, waiting: 0, givenUp: 0 },
}

/** The server: what it has, what a request meets instead, and what it was sent. */
const server = {
  webhooks: [] as readonly Webhook[],
  version: 1,
  meets: undefined as 'nothing' | Fault | undefined,
  says: { isSent: true, said: 'ok' } as WebhookTest,
  sent: [] as { readonly webhooks: readonly NewWebhook[]; readonly match: string | null }[],
  tested: [] as string[],
}

function answer(input: unknown, init: RequestInit = {}): Promise<Response> {
  const json = (body: unknown, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(body), { status, headers: { etag: `"${server.version}"` } }))
  if (server.meets === 'nothing') return Promise.reject(new TypeError('Failed to fetch'))
  const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
  if (String(input).endsWith('/test')) {
    server.tested.push((body as { id: string }).id)
    return json(server.says)
  }
  if (init.method === 'PUT') {
    const { webhooks } = body as { webhooks: readonly NewWebhook[] }
    const match = new Headers(init.headers).get('if-match')
    server.sent.push({ webhooks, match })
    const fault = server.meets ?? (match === `"${server.version}"` ? undefined : ({ kind: 'webhook.changed' } as const))
    if (fault !== undefined) return json({ fault, message: faultText(fault) }, 409)
    server.version += 1
    server.webhooks = webhooks.map(({ id = 'h-new', name, kind, isOn, occasions, url, secret }) => {
      const old = server.webhooks.find((each) => each.id === id)
      const host = url === undefined ? (old?.host ?? '') : new URL(url).host
      const hasSecret = secret === undefined ? (old?.hasSecret ?? false) : secret !== ''
      return { id, name, kind, isOn, occasions, host, hasSecret, waiting: 0, givenUp: 0 }
    })
  }
  return json({ webhooks: server.webhooks })
}

let shown: VueWrapper | undefined
beforeEach(() => {
  Object.assign(server, { webhooks: [], version: 1, meets: undefined, says: { isSent: true, said: 'ok' }, sent: [], tested: [] })
  vi.stubGlobal('fetch', vi.fn<typeof fetch>(answer))
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
})
afterEach(() => {
  shown?.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function open(...webhooks: readonly Webhook[]): Promise<VueWrapper> {
  server.webhooks = webhooks
  const pinia = createPinia()
  setActivePinia(pinia)
  shown = mount(WebhookSettings, { global: { plugins: [pinia] }, attachTo: document.body })
  await flushPromises()
  return shown
}
async function press(within: Pick<VueWrapper, 'findAll'>, words: string): Promise<void> {
  const found = within.findAll('button').find((each) => each.text() === words)
  if (found === undefined) throw new Error(`no button ${words}`)
  await found.trigger('click')
  await flushPromises()
}
async function save(section: VueWrapper): Promise<void> {
  await section.get('dialog form').trigger('submit')
  await flushPromises()
}
const fieldOf = (section: VueWrapper, label: string): Omit<DOMWrapper<HTMLInputElement>, 'exists'> => {
  const found = section.findAll('dialog label').find((each) => each.text() === label)
  if (found === undefined) throw new Error(`no field ${label}`)
  const named = found.attributes('for')
  return named === undefined ? found.get<HTMLInputElement>('input') : section.get<HTMLInputElement>(`[id="${named}"]`)
}

test('without a robot it says that nothing is sent; one is added with its address and secret', async () => {
  const section = await open()
  expect(section.text()).toContain('还没有群机器人，现在什么也不往外发。')
  await press(section, '添加机器人')
  await fieldOf(section, '名字').setValue('校长群')
  await fieldOf(section, 'Webhook 地址').setValue('https://oapi.dingtalk.com/robot/send?access_token=abc')
  await fieldOf(section, '加签密钥').setValue('SEC1')
  await fieldOf(section, '还有三天截止').setValue(false)
  await save(section)
  expect(server.sent).toEqual([
    {
      match: '"1"',
      webhooks: [
        {
          ...{ name: '校长群', kind: 'dingtalk', isOn: true, occasions: ['returned', 'overdue'] },
          ...{ url: 'https://oapi.dingtalk.com/robot/send?access_token=abc', secret: 'SEC1' },
        },
      ],
    },
  ])
  expect(section.find('dialog').exists()).toBe(false)
  expect(section.get('.webhook').text()).toContain('钉钉 · oapi.dingtalk.com · 加签')
  expect(section.get('.webhook').text()).toContain('报表退回、过了截止时间')
  expect(section.text()).not.toContain('SEC1')
  expect(useAnnouncer().sentence).toBe('群机器人已保存')
})

test('what is left empty stays; another maker’s robot needs its own address', async () => {
  const section = await open(ROBOT)
  await press(section, '修改')
  expect(fieldOf(section, 'Webhook 地址').element.value).toBe('')
  expect(section.get('dialog').text()).toContain('已设（oapi.dingtalk.com）。空着就不改。')
  await fieldOf(section, '名字').setValue('改名')
  await save(section)
  expect(server.sent[0]?.webhooks).toEqual([
    { id: 'h-1', name: '改名', kind: 'dingtalk', isOn: true, occasions: ROBOT.occasions },
  ])
  await press(section, '修改')
  await section.get('dialog select').setValue('wecom')
  expect(section.get('dialog').text()).not.toContain('加签密钥')
  await save(section)
  expect(server.sent[1]?.webhooks[0]).toMatchObject({ kind: 'wecom', url: '', secret: '' })
})

test('signing can be given up', async () => {
  const section = await open(ROBOT)
  await press(section, '修改')
  await fieldOf(section, '不再加签').setValue(true)
  await save(section)
  expect(server.sent[0]?.webhooks[0]).toMatchObject({ secret: '' })
})

test('what the server finds wrong stands in the dialog, and what is typed stays', async () => {
  const section = await open()
  server.meets = { kind: 'webhook.invalid', path: 'webhooks.0.url', values: { problem: 'webhookNotHttps' } }
  await press(section, '添加机器人')
  await fieldOf(section, 'Webhook 地址').setValue('http://x')
  await save(section)
  expect(section.get('dialog + *, [role="alert"] .note--bad').text()).toContain('地址要以 https:// 开头')
  expect(fieldOf(section, 'Webhook 地址').element.value).toBe('http://x')
})

test('one is switched off and on; where that does not reach the server the switch goes back', async () => {
  const section = await open(ROBOT)
  const box = section.get<HTMLInputElement>('[role="switch"]')
  await box.setValue(false)
  await flushPromises()
  expect(server.sent[0]?.webhooks).toEqual([
    { id: 'h-1', name: '校长群', kind: 'dingtalk', isOn: false, occasions: ROBOT.occasions },
  ])
  expect(useAnnouncer().sentence).toBe('机器人“校长群”已停用')
  server.meets = 'nothing'
  await box.setValue(true)
  await flushPromises()
  expect(box.element.checked).toBe(false)
  expect(section.get('[role="alert"]').text()).toContain('连不上服务器，没有改成')
})

test('a test shows what the robot said, or why it did not take it', async () => {
  const section = await open(ROBOT)
  await press(section, '发测试消息')
  expect(server.tested).toEqual(['h-1'])
  expect(section.get('.webhook [role="status"]').text()).toContain('它说：ok')
  server.says = { isSent: false, fault: { kind: 'refused', code: 310_000, said: 'sign not match' } }
  await press(section, '发测试消息')
  expect(section.get('.webhook [role="status"]').text()).toBe('机器人没有收下：sign not match（310000）。')
  server.says = { isSent: false, fault: { kind: 'private' } }
  await press(section, '发测试消息')
  expect(section.get('.webhook [role="status"]').text()).toContain('内部网络')
})

test('how it fares: what went out last, what waits, what was given up, and the last fault', async () => {
  const at = NOW.getTime() - 3_600_000
  // By the clocks of wherever this runs.
  const when = whenWords(at, NOW.getTime())
  const section = await open({ ...ROBOT, sent: at, waiting: 2, givenUp: 1, fault: { kind: 'status', status: 502, at } })
  expect(section.get('.webhook').text()).toContain(`上次发出：${when}，2 条等着再发，1 条一天内没发出去，不再发`)
  expect(section.get('.webhook .note--bad').text()).toBe(`${when}没发出去：机器人那边没有接住（HTTP 502）。`)
})

test('one is removed after a question; the focus goes on', async () => {
  const section = await open(ROBOT, { ...ROBOT, id: 'h-2', name: '群二' })
  await press(section.get('.webhook'), '移除')
  expect(section.get('dialog').text()).toContain('移除机器人“校长群”')
  await press(section.get('dialog'), '移除')
  expect(server.sent[0]?.webhooks.map(({ id }) => id)).toEqual(['h-2'])
  expect(section.findAll('.webhook')).toHaveLength(1)
  expect(document.activeElement?.textContent).toContain('添加机器人')
})

test('where somebody else was faster nothing is changed, and what is there now is shown', async () => {
  const section = await open(ROBOT)
  server.webhooks = [{ ...ROBOT, name: '别人改的' }]
  server.version += 1
  await section.get<HTMLInputElement>('[role="switch"]').setValue(false)
  await flushPromises()
  expect(section.get('[role="alert"]').text()).toContain('刚被别人改过')
  expect(section.get('.webhook__name').text()).toBe('别人改的')
  expect(section.get<HTMLInputElement>('[role="switch"]').element.checked).toBe(true)
})

test('without a network it says so and can be asked again', async () => {
  server.meets = 'nothing'
  const section = await open(ROBOT)
  expect(section.text()).toContain('群机器人的设定没取到')
  server.meets = undefined
  await press(section, '再取一次')
  expect(section.findAll('.webhook')).toHaveLength(1)
})
