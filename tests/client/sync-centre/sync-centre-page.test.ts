import { createPinia, setActivePinia } from 'pinia'
import { flushPromises, mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter } from 'vue-router'
import { expect, test } from 'vitest'
import { memoryDevice } from '#client/device/memory-device'
import SyncCentrePage from '#client/features/sync-centre/SyncCentrePage.vue'
import { useSession } from '#client/state/session'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
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
  expect(row.text()).toContain('请区教育局退回后再交一次')
  expect(row.get('a').attributes('href')).toBe('/u/u1/2024/fill/house#rooms')
  expect(page.text()).toContain('没收下 1 项')
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
