import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, test, vi } from 'vitest'
import { defineComponent, h, shallowRef } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Device, OutboxRow } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { useSession } from '#client/state/session'
import { useRefused } from '#client/state/use-refused'
import RefusedList from '#client/ui/RefusedList.vue'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import { exchange } from '#sync/exchange'
import { REJECTIONS } from '#sync/protocol'
import { lockedReports } from '../../contract/locked-reports'
import { memoryLedger } from '../../contract/memory-ledger'
import '../all-messages'
import { smallPlan } from './small-plan'

const stream = 's/u1'
const school: OrgUnit = { code: 'u1', name: '学校', type: 'primary', ownership: 'public' }
const person: Person = { username: 'wang', name: '王校长', role: 'principal', orgUnits: ['u1'] }
const eventually = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 20_000, interval: 10 })

let device: Device | undefined
let list: VueWrapper | undefined
afterEach(async () => {
  list?.unmount()
  vi.unstubAllGlobals()
  await flushPromises()
  await device?.close()
})

async function open() {
  const ledger = memoryLedger()
  let locked = false
  const opened = await memoryDevice({
    ...{ person, orgUnits: [school], isOnline: () => true },
    net: {
      abort: () => undefined,
      async exchange(request) {
        const answers = []
        for (const ask of request.asks) {
          const reports = lockedReports(() => locked)
          answers.push(await exchange({ ledger, ask, person, right: 'write', reports, now: request.now, skew: 0 }))
        }
        return { kind: 'answered', answer: structuredClone({ v: 1, now: request.now, answers }) }
      },
    },
  })
  device = opened
  const shown = await opened.open(stream)
  const say = async (key: string, value: string) => {
    await opened.commit({ stream, key, value, base: shown.cells.get(key)?.base ?? [], pv: 1 })
    opened.syncNow()
    await eventually(() => expect(opened.sync.waiting).toBe(0))
  }
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  session.phase = 'ready'
  session.person = person
  session.orgUnits = [school]
  session.plan = smallPlan()
  session.device = opened
  const rows = shallowRef<readonly OutboxRow[]>([])
  const Host = defineComponent(() => {
    const refused = useRefused(() => rows.value)
    return () =>
      h(RefusedList, {
        rows: refused.rows.value,
        onAgain: (id: string) => void refused.again(id),
        onAside: (id: string) => void refused.putAside(id),
        onCopy: (id: string) => void refused.copy(id),
      })
  })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:all(.*)*', component: { template: '<p></p>' } }],
  })
  const show = async () => {
    rows.value = await opened.outbox()
    await flushPromises()
  }
  const mounted = mount(Host, { global: { plugins: [pinia, router] } })
  list = mounted
  const press = async (text: string) => {
    const button = mounted.findAll('button').find((each) => each.text() === text)
    if (button === undefined) throw new Error(`no button ${text}`)
    await button.trigger('click')
    await flushPromises()
  }
  return { device: opened, shown, say, show, mounted, press, lock: (is: boolean) => (locked = is), ledger }
}

const ROOMS = 'v/2024/rooms'

test('a refused value stands with its reason and what stands there now, and is sent again over that', async () => {
  const { say, show, mounted, press, lock, shown, device, ledger } = await open()
  await say(ROOMS, '12')
  lock(true)
  await say(ROOMS, '14')
  await show()
  const text = mounted.text()
  expect(text).toContain('教室数')
  expect(text).toContain('14 间')
  expect(text).toContain('校舍 · 2024 年度')
  expect(text).toContain('区教育局退回或重新打开后，可以再交一次')
  expect(text).toContain('区教育局那里现在是：你 填 12 间')
  expect(mounted.get('a').attributes('href')).toBe('/u/u1/2024/fill/house#rooms')
  lock(false)
  await press('再交一次')
  expect(mounted.findAll('li')).toEqual([])
  device.syncNow()
  await eventually(() => expect(shown.cells.get(ROOMS)).toMatchObject({ value: '14', mark: 'confirmed' }))
  expect(
    ledger
      .see(stream)
      .cells.get(ROOMS)
      ?.heads.map(({ value }) => value),
  ).toEqual(['14'])
})

test('put aside, it leaves the list and asks for nobody', async () => {
  const { say, show, mounted, press, lock, device } = await open()
  lock(true)
  await say(ROOMS, '14')
  await show()
  await press('先放下')
  expect(mounted.findAll('li')).toEqual([])
  expect(await device.outbox()).toEqual([])
  expect(device.sync.rejected).toBe(0)
})

test('a value of an element that the plan no longer has is listed by its identifier, and can be copied and put aside', async () => {
  const { say, show, mounted, press, lock } = await open()
  lock(true)
  await say('v/2024/gone', '旧值')
  await show()
  expect(mounted.text()).toContain('gone')
  expect(mounted.text()).toContain('旧值')
  expect(mounted.text()).toContain('计划里已没有这一项')
  expect(mounted.find('a').exists()).toBe(false)
  expect(mounted.findAll('button').map((button) => button.text())).toEqual(['复制', '先放下'])
  const written: string[] = []
  vi.stubGlobal('navigator', { clipboard: { writeText: (text: string) => Promise.resolve(void written.push(text)) } })
  await press('复制')
  expect(written).toEqual(['旧值'])
  await press('先放下')
  expect(mounted.findAll('li')).toEqual([])
})

test('every reason is a sentence of its own', async () => {
  const { reasonOf } = await import('#client/state/rejection-words')
  const keys = REJECTIONS.map((rejection) => reasonOf(`rejected: ${rejection}`))
  expect(new Set(keys).size).toBe(REJECTIONS.length)
  expect(keys).not.toContain('entry.reason.other')
  expect(reasonOf('rejected: by a newer server')).toBe('entry.reason.other')
})
