import { createPinia, setActivePinia } from 'pinia'
import { flushPromises, mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter } from 'vue-router'
import { expect, test } from 'vitest'
import { memoryDevice } from '#client/device/memory-device'
import SyncCentrePage from '#client/features/sync-centre/SyncCentrePage.vue'
import { useSession } from '#client/state/session'
import { failed, ok } from '#domain/fault'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import { readDeposit } from '#sync/deposit'
import type { NetAnswer } from '#sync/ports'
import type { SyncRequest, VerdictRow } from '#sync/protocol'
import { smallPlan } from '../state/small-plan'

const person: Person = { username: 'wang', name: '王校长', role: 'principal', orgUnits: ['u1'] }
const unit: OrgUnit = { code: 'u1', name: '学校', type: 'primary', ownership: 'public' }

/** Says to every mutation what `judge` says, and has no rows of its own. */
function refusing(judge: (key: string) => VerdictRow[2]) {
  let seq = 0
  return (request: SyncRequest): Promise<NetAnswer> =>
    Promise.resolve({
      kind: 'answered',
      answer: {
        v: 1,
        now: request.now,
        answers: request.asks.map((ask) => ({
          stream: ask.stream,
          epoch: 'e',
          last: Math.max(ask.acked, ...ask.mutations.map(({ n }) => n)),
          verdicts: ask.mutations.map(({ n, key }): VerdictRow => [n, ++seq, judge(key)]),
          witnessed: [],
          rows: [],
          from: ask.cursor,
          upto: seq,
          done: true,
        })),
      },
    })
}

async function open(world: Partial<Parameters<typeof memoryDevice>[0]>) {
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  const device = await memoryDevice({ person, orgUnits: [unit], ...world })
  session.phase = 'ready'
  session.person = person
  session.orgUnits = [unit]
  session.plan = smallPlan()
  session.device = device
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:all(.*)*', component: { template: '<p></p>' } }],
  })
  const page = mount(SyncCentrePage, { global: { plugins: [pinia, router] } })
  await flushPromises()
  const type = (key: string, value: string) => device.commit({ stream: 's/u1', key, value, base: [], pv: 1 })
  return { page, device, type }
}

test('off the network, what waits is listed by data set and may be taken away as a file', async () => {
  const { page, device, type } = await open({})
  await type('v/2024/rooms', '12')
  await type('v/2024/canteen', 'true')
  await type('v/2024/teachers', '40')
  await expect.poll(() => page.findAll('.qgroup').length).toBe(2)
  const rows = page.findAll('.qgroup > summary').map((row) => row.text())
  expect(rows[0]).toContain('校舍 · 2024 年度')
  expect(rows[0]).toContain('教室数、有食堂')
  expect(rows[0]).toContain('2 个数值')
  expect(rows[1]).toContain('师生')
  const values = page.findAll('.qgroup .qvalue').map((value) => [value.text(), value.find('a').attributes('href')])
  expect(values[0]?.[0]).toContain('教室数12 间')
  expect(values.map(([, href]) => href)).toEqual([
    '/u/u1/2024/fill/house#rooms',
    '/u/u1/2024/fill/house#canteen',
    '/u/u1/2024/fill/staff#teachers',
  ])
  expect(page.text()).toContain('等待发送 3 项')
  expect(page.text()).toContain('把没发出的 3 项存成一个文件')
  await device.close()
})

test('what was refused stands with its value and its reason in plain words, and leads to its field', async () => {
  const { page, device, type } = await open({
    net: { exchange: refusing((key) => (key.endsWith('rooms') ? 'rejected: locked' : 'applied')), abort: () => undefined },
  })
  await type('v/2024/rooms', '12')
  device.syncNow()
  await expect.poll(() => page.findAll('.refused__one').length).toBe(1)
  const row = page.get('.refused__one')
  expect(row.text()).toContain('教室数 12 间')
  expect(row.text()).toContain('区教育局退回或重新打开后，可以再交一次')
  expect(row.get('a').attributes('href')).toBe('/u/u1/2024/fill/house#rooms')
  expect(page.text()).toContain('没收下 1 项')
  await device.close()
})

test('what the server takes from nobody of this account says so, with its ways out, and is not sent again and again', async () => {
  let asked = 0
  const forbidding = (request: SyncRequest): Promise<NetAnswer> => {
    asked += 1
    const answers = request.asks.map(({ stream }) => ({ stream, forbidden: true as const }))
    return Promise.resolve({ kind: 'answered', answer: { v: 1, now: request.now, answers } })
  }
  const { page, device, type } = await open({ net: { exchange: forbidding, abort: () => undefined } })
  await type('v/2024/rooms', '12')
  device.syncNow()
  await expect.poll(() => page.find('.qgroup .note--bad').exists()).toBe(true)
  expect(page.get('.qgroup').text()).toContain('没有权限发送')
  expect(page.get('.qgroup .note--bad').text()).toContain('这些都还在本机，没有丢')
  expect(page.get('.qgroup').attributes('open')).toBeDefined()
  expect(page.get('.qgroup .qvalue').text()).toContain('教室数12 间')
  expect(page.text()).toContain('把没发出的 1 项存成一个文件')
  expect(asked).toBeLessThan(5)
  await device.close()
})

test('sending is paused and taken up again', async () => {
  const { page, device, type } = await open({})
  await type('v/2024/rooms', '12')
  const press = async (text: string) => {
    const button = page.findAll('button').find((each) => each.text() === text)
    await button?.trigger('click')
  }
  await press('先暂停')
  expect(device.sync.paused).toBe(true)
  expect(page.get('.sending__title').text()).toBe('已暂停，1 项等着')
  await press('接着发送')
  expect(device.sync.paused).toBe(false)
  await device.close()
})

/** Has two values of one cell, and a clock that differs. */
const withConflict =
  (aheadMs: number) =>
  (request: SyncRequest): Promise<NetAnswer> => {
    const from = (id: string, by: string) => [{ id, base: [], by, at: request.now }]
    const cell = {
      seq: 2,
      heads: [
        { value: '12', from: from('aaaaaaaaaaaaa:1', 'wang') },
        { value: '13', from: from('bbbbbbbbbbbbb:1', 'li') },
      ],
    }
    const answers = request.asks.map(({ stream, cursor }) => ({
      ...{ stream, epoch: 'e', last: 0, verdicts: [], witnessed: [], from: cursor, upto: 2, done: true },
      rows: cursor === 0 ? [['v/2024/rooms', cell] as const] : [],
    }))
    return Promise.resolve({ kind: 'answered', answer: { v: 1, now: request.now - aheadMs, answers } })
  }

test('what has two values is listed with both, and leads to where one is chosen', async () => {
  const { page, device } = await open({ net: { exchange: withConflict(0), abort: () => undefined } })
  await expect.poll(() => page.findAll('.qrow--conflict').length).toBe(1)
  const row = page.get('.qrow--conflict')
  expect(row.text()).toContain('教室数')
  expect(row.text()).toMatch(/1[23] 间 \/ 1[23] 间/)
  expect(row.get('a').attributes('href')).toBe('/u/u1/2024/conflict/rooms')
  await device.close()
})

test('a clock that is off by hours is said, and the lists show the bureau’s time', async () => {
  const aheadMs = 5 * 3600_000
  const clock = { now: () => new Date(2024, 5, 1, 12, 0).getTime(), after: () => () => undefined }
  const { page, device, type } = await open({ clock, net: { exchange: withConflict(aheadMs), abort: () => undefined } })
  expect(page.text()).not.toContain('本机时钟不准')
  Object.assign(device.sync, { skew: aheadMs })
  await type('v/2024/teachers', '40')
  await expect.poll(() => page.findAll('.qgroup').length).toBe(1)
  expect(page.text()).toContain('快 5 小时')
  expect(page.text()).toContain('本机时钟不准')
  expect(page.get('.qgroup time').attributes('datetime')).toBe(new Date(2024, 5, 1, 7, 0).toISOString())
  await device.close()
})

/** What a person does who chooses a file. */
async function choose(page: Awaited<ReturnType<typeof open>>['page'], text: string): Promise<void> {
  const input = page.get('input[type=file]')
  const file = new File([text], 'unsent.youxue')
  // jsdom's files have no text() of their own.
  Object.defineProperty(file, 'text', { value: () => Promise.resolve(text) })
  Object.defineProperty(input.element, 'files', { value: [file], configurable: true })
  Object.defineProperty(input.element, 'value', { value: '', writable: true, configurable: true })
  await input.trigger('change')
  await flushPromises()
}

test('a colleague’s file is taken over without a network, says what became of it, and is put away', async () => {
  const other = await memoryDevice({ person: { ...person, username: 'li', name: '李老师' }, orgUnits: [unit] })
  await other.commit({ stream: 's/u1', key: 'v/2024/rooms', value: '12', base: [], pv: 1 })
  const text = await other.exportUnsent()
  await other.close()
  let isUp = false
  const sent: string[] = []
  const { page, device } = await open({
    isOnline: () => true,
    sendDeposit: (handed) => {
      if (!isUp) return Promise.resolve(failed({ kind: 'unreachable' }))
      sent.push(handed)
      const author = { username: 'li', name: '李老师' }
      const streams = [{ outcome: 'taken' as const, verdicts: [[1, 5, 'conflict']] as const }]
      return Promise.resolve(ok({ author, values: 1, taken: 1, streams, before: { name: '赵老师', at: 0 } }))
    },
  })
  await choose(page, 'not a file of ours')
  expect(page.get('[role=alert]').text()).toContain('不是优学填报导出的文件')
  await choose(page, text.replace('12', '13'))
  expect(page.get('[role=alert]').text()).toContain('在路上变了样')
  await choose(page, text)
  expect(page.find('[role=alert]').exists()).toBe(false)
  const row = () => page.get('[aria-labelledby=h-hand-in] .qrow').text()
  expect(row()).toContain('李老师的 1 个数值')
  expect(row()).toContain('等着网络')
  isUp = true
  device.syncNow()
  await expect.poll(() => row()).toContain('区教育局收到 1 个')
  expect(row()).toContain('1 处有两个值')
  expect(row()).toContain('同一个文件 赵老师 交过')
  expect(sent).toEqual([text])
  await page.get('[aria-labelledby=h-hand-in] button').trigger('click')
  await expect.poll(() => page.find('[aria-labelledby=h-hand-in]').exists()).toBe(false)
  await device.close()
})

test('a file that the server refuses says why in the server’s words', async () => {
  const other = await memoryDevice({ person: { ...person, username: 'li', name: '李老师' }, orgUnits: [unit] })
  await other.commit({ stream: 's/u1', key: 'v/2024/rooms', value: '12', base: [], pv: 1 })
  const text = await other.exportUnsent()
  await other.close()
  const { page, device } = await open({
    isOnline: () => true,
    sendDeposit: () => Promise.resolve(failed({ kind: 'deposit.unsealed', values: { name: '李老师' } })),
  })
  await choose(page, text)
  await expect.poll(() => page.get('[aria-labelledby=h-hand-in] .qrow').text()).toContain('只能由 李老师 本人登录后交')
  await device.close()
})

test('the export has what is typed and no value yet, as the field would have it', async () => {
  const { page, device } = await open({})
  await device.draft({ stream: 's/u1', key: 'v/2024/rooms', value: '１２', base: [] })
  await flushPromises()
  const saved: Blob[] = []
  Object.assign(URL, {
    createObjectURL: (blob: Blob) => {
      saved.push(blob)
      return 'blob:x'
    },
    revokeObjectURL: () => undefined,
  })
  await page
    .findAll('button')
    .find((button) => button.text() === '导出')
    ?.trigger('click')
  await expect.poll(() => saved.length).toBe(1)
  const text = await new Promise<string>((resolve) => {
    const reader = new FileReader()
    reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result : '')
    reader.readAsText(saved[0] ?? new Blob())
  })
  const read = readDeposit(text)
  expect(read).toMatchObject({ kind: 'read', deposit: { asks: [{ mutations: [{ key: 'v/2024/rooms', value: '12' }] }] } })
  // Without a key from the server it says who can hand it in.
  expect(page.text()).toContain('这个文件没有签名')
  await device.close()
})

test('whether the tablet is ready for a day without network is one list, and a touch puts right what can be', async () => {
  let exchanges = 0
  const { page, device } = await open({
    net: {
      exchange: (request) => {
        exchanges += 1
        return withConflict(0)(request)
      },
      abort: () => undefined,
    },
  })
  await expect.poll(() => page.find('.checks').exists()).toBe(true)
  const line = (words: string) => page.findAll('.check').find((check) => check.text().includes(words))
  await expect.poll(() => line('1 所学校的报表都在本机')?.classes()).toContain('check--ok')
  expect(line('规划在本机')?.classes()).toContain('check--ok')
  expect(exchanges).toBeGreaterThan(0)
  await device.close()
})

test('a report that is not here yet is fetched by a touch', async () => {
  let isUp = false
  const { page, device } = await open({
    net: {
      exchange: (request) => (isUp ? withConflict(0)(request) : Promise.resolve({ kind: 'unreachable' })),
      abort: () => undefined,
    },
  })
  const line = (words: string) => page.findAll('.check').find((check) => check.text().includes(words))
  await expect.poll(() => line('学校的报表还没取全')?.classes()).toContain('check--todo')
  await expect.poll(() => device.sync.phase).toBe('offline')
  isUp = true
  await line('学校的报表还没取全')?.get('button').trigger('click')
  await expect.poll(() => line('1 所学校的报表都在本机')?.classes()).toContain('check--ok')
  await device.close()
})
