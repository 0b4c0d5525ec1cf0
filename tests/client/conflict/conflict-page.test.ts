import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import type { Device } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { blankDisk, type Disk } from '#client/device/memory-store'
import ConflictPage from '#client/features/conflict/ConflictPage.vue'
import { useSession } from '#client/state/session'
import type { OrgUnit } from '#domain/org-unit'
import type { Person, Role } from '#domain/person'
import { exchange } from '#sync/exchange'
import type { NetAnswer } from '#sync/ports'
import type { Answer, Json, SyncRequest } from '#sync/protocol'
import { memoryLedger, type MemoryLedger } from '../../contract/memory-ledger'
import '../fields/what-jsdom-lacks'
import { smallPlan } from '../state/small-plan'

vi.setConfig({ testTimeout: 60_000 })

const stream = 's/u1'
const school: OrgUnit = { code: 'u1', name: '学校', type: 'primary', ownership: 'public' }
const PEOPLE = { wang: '王校长', li: '李老师', zhao: '赵老师' } as const
type Name = keyof typeof PEOPLE

/** A machine that runs many tests at once is slow; how long it takes is not what is tested. */
const eventually = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 20_000, interval: 10 })

let ledger: MemoryLedger
let disk: Disk
let page: VueWrapper | undefined
let router: Router
let up: boolean
const devices: Device[] = []
beforeEach(() => {
  ledger = memoryLedger()
  disk = blankDisk()
  up = true
})
afterEach(async () => {
  page?.unmount()
  page = undefined
  await flushPromises()
  for (const device of devices.splice(0)) await device.close()
})

const personOf = (username: Name, role: Role = 'principal'): Person => ({
  username,
  name: PEOPLE[username],
  role,
  orgUnits: ['u1'],
})

async function tablet(person: Person, keptOn: Disk = blankDisk(), isUp: () => boolean = () => true): Promise<Device> {
  const answer = async (request: SyncRequest): Promise<NetAnswer> => {
    if (!isUp()) return { kind: 'unreachable' }
    const right = person.role === 'inspector' ? 'read' : 'write'
    const answers: Answer[] = []
    for (const ask of request.asks)
      answers.push(
        structuredClone(await exchange({ ledger, ask: structuredClone(ask), person, right, now: Date.now(), skew: 0 })),
      )
    return { kind: 'answered', answer: { v: 1, now: Date.now(), answers } }
  }
  const device = await memoryDevice({
    ...{ person, orgUnits: [school], disk: keptOn, isOnline: () => true },
    net: { exchange: answer, abort: () => undefined },
  })
  devices.push(device)
  await device.open(stream)
  return device
}

async function say(device: Device, key: string, value: Json): Promise<void> {
  const shown = await device.open(stream)
  await device.commit({ stream, key, value, base: shown.cells.get(key)?.base ?? [], pv: 1 })
}
/** Without waiting for the loop to look by itself. */
async function sent(device: Device): Promise<void> {
  device.syncNow()
  await eventually(() => expect(device.sync.waiting).toBe(0))
}
async function fresh(device: Device): Promise<void> {
  const before = ledger.see(stream).head.seq
  device.syncNow()
  await sent(device)
  await eventually(() => expect(ledger.see(stream).head.seq).toBeGreaterThanOrEqual(before))
}

/** Everybody types without having seen the others. */
async function typed(key: string, values: Partial<Record<Name, Json>>): Promise<void> {
  const tablets = await Promise.all(Object.keys(values).map((name) => tablet(personOf(name as Name))))
  for (const device of tablets) {
    await device.commit({ stream, key, value: values[device.person.username as Name] ?? null, base: [], pv: 1 })
    await sent(device)
  }
}

async function open(element: string | undefined, role: Role = 'principal'): Promise<Device> {
  const pinia = createPinia()
  setActivePinia(pinia)
  const person = personOf('wang', role)
  const device = await tablet(person, disk, () => up)
  await fresh(device)
  const session = useSession()
  session.phase = 'ready'
  session.person = person
  session.orgUnits = [school]
  session.peopleKnown = [personOf('li'), personOf('zhao')]
  session.plan = smallPlan()
  session.device = device
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/u/:unit/:period/conflict/:element?', component: ConflictPage, props: true },
      { path: '/:all(.*)*', component: { template: '<p></p>' } },
    ],
  })
  await router.push(`/u/u1/2024/conflict/${element ?? ''}`)
  page = mount({ template: '<RouterView />' }, { global: { plugins: [pinia, router] }, attachTo: document.body })
  return device
}

const wrapper = (): VueWrapper => page ?? raise('no page')
function raise(message: string): never {
  throw new Error(message)
}
const cards = () => wrapper().findAll('.side-card')
const valuesShown = () => cards().map((card) => card.get('.side-card__value b').text())
const primary = () => wrapper().get('.dock .btn--primary')
const press = async (key: string) => {
  window.dispatchEvent(new KeyboardEvent('keydown', { key }))
  await flushPromises()
}
const headsOf = (key: string) =>
  ledger
    .see(stream)
    .cells.get(key)
    ?.heads.map(({ value }) => value)

const ROOMS = 'v/2024/rooms'

describe('a conflict on the screen', () => {
  test('has its values side by side, with who and on which device, one’s own first and picked', async () => {
    await typed(ROOMS, { li: '12', wang: '14' })
    await open('rooms')
    await eventually(() => expect(valuesShown()).toEqual(['14', '12']))
    expect(wrapper().get('h1').text()).toBe('有 2 个值，请选一个')
    expect(cards()[0]?.text()).toContain('我填的')
    expect(cards()[1]?.text()).toContain('李老师填的')
    expect(cards()[1]?.text()).toMatch(/平板 [A-Z2-7]{4}/)
    expect(wrapper().get('.versus__diff').text()).toBe('2间之差')
    expect(primary().text()).toBe('用我填的 14 间')
  })

  test('is decided by picking another’s value, by keyboard too, and the next one follows', async () => {
    await typed(ROOMS, { li: '12', wang: '14' })
    await typed('v/2024/teachers', { li: '40', wang: '41' })
    const device = await open('teachers')
    await eventually(() => expect(valuesShown()).toEqual(['41', '40']))
    await press('2')
    expect(primary().text()).toBe('用李老师填的 40 人')
    await press('Enter')
    await eventually(() => expect(router.currentRoute.value.path).toBe('/u/u1/2024/conflict/rooms'))
    await sent(device)
    expect(headsOf('v/2024/teachers')).toEqual(['40'])
    await eventually(() => expect(valuesShown()).toEqual(['14', '12']))
    await primary().trigger('click')
    await eventually(() => expect(wrapper().get('h1').text()).toBe('都选好了'))
    await sent(device)
    expect(headsOf(ROOMS)).toEqual(['14'])
  })

  test('of three people is one of three values', async () => {
    await typed(ROOMS, { li: '12', wang: '14', zhao: '13' })
    const device = await open('rooms')
    await eventually(() => expect(valuesShown()).toEqual(['14', '12', '13']))
    await press('3')
    await primary().trigger('click')
    await sent(device)
    await eventually(() => expect(headsOf(ROOMS)).toEqual(['13']))
  })

  test('is decided by a third value, without a network, in the form in which people type numbers', async () => {
    await typed(ROOMS, { li: '12', wang: '14' })
    const device = await open('rooms')
    await eventually(() => expect(cards()).toHaveLength(2))
    up = false
    const input = wrapper().get<HTMLInputElement>('.third input[type=text]')
    input.element.focus()
    await input.setValue('１３')
    expect(primary().text()).toBe('用新的 13 间')
    await primary().trigger('click')
    await eventually(() => expect(wrapper().get('h1').text()).toBe('都选好了'))
    expect((await device.open(stream)).cells.get(ROOMS)).toMatchObject({ value: '13', mark: 'onDevice' })
    up = true
    device.syncNow()
    await sent(device)
    expect(headsOf(ROOMS)).toEqual(['13'])
  })

  test('a third value that was begun is there after a start, and is no value until it is chosen', async () => {
    await typed(ROOMS, { li: '12', wang: '14' })
    await open('rooms')
    await eventually(() => expect(cards()).toHaveLength(2))
    const input = wrapper().get<HTMLInputElement>('.third input[type=text]')
    input.element.focus()
    await input.setValue('1')
    await flushPromises()
    page?.unmount()
    const device = await open('rooms')
    await eventually(() => expect(wrapper().get<HTMLInputElement>('.third input[type=text]').element.value).toBe('1'))
    expect(primary().text()).toBe('用新的 1 间')
    expect((await device.open(stream)).drafts.size).toBe(0)
    expect(headsOf(ROOMS)).toHaveLength(2)
  })

  test('what comes in while it is open is told, and is not replaced by the decision', async () => {
    await typed(ROOMS, { li: '12', wang: '14' })
    const device = await open('rooms')
    await eventually(() => expect(cards()).toHaveLength(2))
    await typed(ROOMS, { zhao: '13' })
    device.syncNow()
    await eventually(() => expect(wrapper().find('.conflict__come').exists()).toBe(true))
    expect(wrapper().get('.conflict__come').text()).toContain('赵老师填的 13 间')
    expect(valuesShown()).toEqual(['14', '12'])
    await primary().trigger('click')
    await sent(device)
    await eventually(() => expect(headsOf(ROOMS)).toEqual(['13', '14']))
  })

  test('what comes in and is looked at, too, is replaced', async () => {
    await typed(ROOMS, { li: '12', wang: '14' })
    const device = await open('rooms')
    await eventually(() => expect(cards()).toHaveLength(2))
    await typed(ROOMS, { zhao: '13' })
    device.syncNow()
    await eventually(() => expect(wrapper().find('.conflict__come').exists()).toBe(true))
    await wrapper().get('.conflict__come button').trigger('click')
    expect(valuesShown()).toEqual(['14', '12', '13'])
    expect(wrapper().find('.conflict__come').exists()).toBe(false)
    await primary().trigger('click')
    await sent(device)
    await eventually(() => expect(headsOf(ROOMS)).toEqual(['14']))
  })

  test('that somebody else decides meanwhile says so', async () => {
    await typed(ROOMS, { li: '12', wang: '14' })
    const device = await open('rooms')
    await eventually(() => expect(cards()).toHaveLength(2))
    const other = await tablet(personOf('zhao'))
    await fresh(other)
    await eventually(async () => expect((await other.open(stream)).cells.get(ROOMS)?.heads).toHaveLength(2))
    await say(other, ROOMS, '13')
    await sent(other)
    device.syncNow()
    await eventually(() => expect(wrapper().text()).toContain('现在是 13 间，赵老师选的。'))
  })
})

describe('remarks', () => {
  const REMARK = `${ROOMS}/remark`

  test('that differ stand at their values, and are put together with the decision', async () => {
    await typed(ROOMS, { li: '12', wang: '14' })
    await typed(REMARK, { li: '新楼不算', wang: '含新楼' })
    const device = await open('rooms')
    await eventually(() => expect(cards()).toHaveLength(2))
    expect(cards()[0]?.text()).toContain('含新楼')
    expect(cards()[1]?.text()).toContain('新楼不算')
    await primary().trigger('click')
    await sent(device)
    await eventually(() => expect(headsOf(REMARK)).toHaveLength(1))
    expect(headsOf(REMARK)).toEqual([expect.stringMatching(/^(含新楼\n新楼不算|新楼不算\n含新楼)$/)])
    expect(headsOf(ROOMS)).toEqual(['14'])
  })

  test('stay apart where somebody wants that', async () => {
    await typed(ROOMS, { li: '12', wang: '14' })
    await typed(REMARK, { li: '新楼不算', wang: '含新楼' })
    const device = await open('rooms')
    await eventually(() => expect(cards()).toHaveLength(2))
    await wrapper().get<HTMLInputElement>('.keep input[type=checkbox]').setValue(false)
    await primary().trigger('click')
    await eventually(() => expect(router.currentRoute.value.path).toContain('remark'))
    await sent(device)
    expect(headsOf(REMARK)).toHaveLength(2)
  })

  test('in conflict alone are put together and edited', async () => {
    await typed(REMARK, { li: '新楼不算', wang: '含新楼' })
    const device = await open('rooms')
    await eventually(() => expect(valuesShown()).toEqual(['含新楼', '新楼不算']))
    const join = wrapper().get('.third__join')
    await join.trigger('click')
    expect(wrapper().get<HTMLTextAreaElement>('.third textarea').element.value).toBe('含新楼\n新楼不算')
    await primary().trigger('click')
    await sent(device)
    await eventually(() => expect(headsOf(REMARK)).toEqual(['含新楼\n新楼不算']))
  })

  test('are written with a decision', async () => {
    await typed(ROOMS, { li: '12', wang: '14' })
    const device = await open('rooms')
    await eventually(() => expect(cards()).toHaveLength(2))
    await wrapper().get('.keep button').trigger('click')
    const text = wrapper().get<HTMLTextAreaElement>('.keep textarea')
    text.element.focus()
    await text.setValue('数过了')
    await primary().trigger('click')
    await sent(device)
    await eventually(() => expect(headsOf(REMARK)).toEqual(['数过了']))
  })
})

test('whether a form is filled can be in conflict, too', async () => {
  await typed('m/2024/staff', { li: true, wang: null })
  const device = await open('mark:staff')
  await eventually(() => expect(valuesShown()).toEqual(['未填完', '已填完']))
  expect(wrapper().find('.third').exists()).toBe(false)
  await press('2')
  await primary().trigger('click')
  await sent(device)
  await eventually(() => expect(headsOf('m/2024/staff')).toEqual([true]))
})

test('an element that the plan no longer has is decided like any other', async () => {
  await typed('v/2024/gone', { li: '甲', wang: '乙' })
  const device = await open(undefined)
  await eventually(() => expect(wrapper().get('h2').text()).toBe('gone'))
  await press('2')
  await primary().trigger('click')
  await sent(device)
  await eventually(() => expect(headsOf('v/2024/gone')).toEqual(['甲']))
})

test('whoever may only read sees both values and nothing to press', async () => {
  await typed(ROOMS, { li: '12', zhao: '14' })
  await open('rooms', 'inspector')
  await eventually(() => expect(cards()).toHaveLength(2))
  expect(wrapper().findAll('input')).toEqual([])
  expect(wrapper().find('.dock .btn--primary').exists()).toBe(false)
  expect(wrapper().get('.dock').text()).toContain('由学校来选')
})

test('nothing is picked where neither value is one’s own, and the button says what is missing', async () => {
  await typed(ROOMS, { li: '12', zhao: '14' })
  await open('rooms')
  await eventually(() => expect(cards()).toHaveLength(2))
  await primary().trigger('click')
  expect(wrapper().get('[role=alert]').text()).toBe('请先选一个值。')
  expect(headsOf(ROOMS)).toHaveLength(2)
})
