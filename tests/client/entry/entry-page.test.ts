import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import EntryPage from '#client/features/entry/EntryPage.vue'
import type { Device } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { blankDisk, type Disk } from '#client/device/memory-store'
import { useSession } from '#client/state/session'
import type { OrgUnit } from '#domain/org-unit'
import type { Person, Role } from '#domain/person'
import { streamOf, valueKey, type Json } from '#sync/protocol'
import { smallPlan, unit } from '../../plan/small-plan'
import '../all-messages'
import '../fields/what-jsdom-lacks'

vi.setConfig({ testTimeout: 60_000 })

const PERIOD = '2031'
const school: OrgUnit = unit('a', 'primary', { name: '甲小学' })

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
  dataSet = 'basics',
  as: (real: Device) => Device = (real) => real,
): Promise<VueWrapper> {
  const person: Person = { username: role, name: '王', role, orgUnits: role === 'reviewer' ? [] : [school.code] }
  setActivePinia(createPinia())
  device = await memoryDevice({ person, orgUnits: [school], disk })
  const session = useSession()
  session.person = person
  session.plan = smallPlan
  session.orgUnits = [school]
  session.device = as(device)
  session.phase = 'ready'
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component: { template: '<p></p>' } }],
  })
  const wrapper = mount(EntryPage, {
    props: { unit: school.code, period: PERIOD, dataSet },
    global: { plugins: [router] },
    attachTo: document.body,
  })
  page = wrapper
  await eventually(() => expect(wrapper.findAll('.frow').length).toBeGreaterThan(12))
  return wrapper
}

/** A machine that runs many tests at once is slow; how long it takes is not what is tested. */
const eventually = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 20_000 })

const row = (id: string) => page?.get(`[id="row-${id}"]`) ?? raise('no page')
const input = (id: string): HTMLInputElement => row(id).get('input').element
const stateOf = (id: string): string => row(id).get('.state').text()
function raise(message: string): never {
  throw new Error(message)
}

async function type(id: string, text: string): Promise<void> {
  input(id).focus()
  input(id).value = text
  await row(id).get('input').trigger('input')
  await flushPromises()
}
async function answer(id: string, text: string): Promise<void> {
  await type(id, text)
  input(id).blur()
  await flushPromises()
}
/** What is stored as values, after everything on its way has arrived. */
async function stored(id: string): Promise<Json | undefined> {
  return (await device.open(streamOf(school.code))).cells.get(valueKey(PERIOD, id))?.value
}

describe('typing in a form', () => {
  test('a key is on this tablet at once, and its text stays as it was typed', async () => {
    await arrive()
    expect(stateOf('practiceDays')).toBe('未填')
    await type('practiceDays', '2。')
    expect(stateOf('practiceDays')).toBe('存在本机')
    expect(input('practiceDays').value).toBe('2。')
    expect(await stored('practiceDays')).toBeUndefined()
  })

  test.each([
    ['practiceDays', '2。5', '2.5'],
    ['practiceDays', '１２．５', '12.5'],
    ['practiceDays', '2.50', '2.5'],
    ['awards', '1,654', '1654'],
    ['awards', '1.2万', '12000'],
    ['attendance', '96％', '96'],
    ['awards', '8a5', '8a5'],
    ['awards', '', null],
  ])('in %s the text %j is stored as %j', async (id, text, value) => {
    await arrive()
    await type(id, '7')
    await answer(id, text)
    expect(await stored(id)).toEqual(value)
  })

  test('what is no number is kept as typed and marked after leaving the field', async () => {
    await arrive()
    await type('awards', '8a5')
    // Another row's finding shows that the form has been checked meanwhile.
    await device.commit({ stream: streamOf(school.code), key: valueKey(PERIOD, 'tested'), value: '9x', base: [], pv: 1 })
    await eventually(() => expect(row('tested').find('.note').exists()).toBe(true))
    expect(row('awards').find('.note').exists()).toBe(false)
    await answer('awards', '8a5')
    await eventually(() => expect(stateOf('awards')).toBe('需核对'))
    await eventually(() => expect(row('awards').get('.note').text()).toContain('8a5'))
    expect(input('awards').value).toBe('8a5')
    expect(input('awards').getAttribute('aria-invalid')).toBe('true')
    expect(input('awards').getAttribute('aria-describedby')).toBe(row('awards').get('.frow__msg').attributes('id'))
  })

  test('a part above its whole names both numbers and the difference', async () => {
    await arrive()
    await answer('tested', '1126')
    await answer('passed', '1148')
    await eventually(() => expect(stateOf('passed')).toBe('需核对'))
    await eventually(() => expect(row('passed').get('.note').text()).toMatch(/1148.*1126.*22/))
    await answer('passed', '1100')
    await eventually(() => expect(stateOf('passed')).toBe('存在本机'))
  })

  test('an answer opens the rows that hang on it', async () => {
    const wrapper = await arrive()
    expect(wrapper.find('[id="row-prizes"]').exists()).toBe(false)
    await row('title').get('input[value=true]').trigger('change')
    await flushPromises()
    expect(wrapper.find('[id="row-prizes"]').exists()).toBe(true)
    expect(await stored('title')).toBe('true')
  })

  test('a list of units that comes anew does not end what is being typed', async () => {
    await arrive()
    await type('awards', '3')
    useSession().orgUnits = [{ ...school }]
    await flushPromises()
    expect(await stored('awards')).toBeUndefined()
    await answer('awards', '31')
    expect(await stored('awards')).toBe('31')
  })

  test('Enter goes on to the next field', async () => {
    await arrive()
    await type('tested', '5')
    await row('tested').get('input').trigger('keydown', { key: 'Enter' })
    expect(document.activeElement?.id).toBe('f-passed')
    await flushPromises()
    expect(await stored('tested')).toBe('5')
  })

  test('leaving the screen makes a value of what is being typed', async () => {
    const wrapper = await arrive()
    await type('awards', '31')
    wrapper.unmount()
    await flushPromises()
    expect(await stored('awards')).toBe('31')
  })

  test('a draft of a tab that was killed stands in its field again', async () => {
    await arrive()
    await type('awards', '31')
    const killed: Disk = { ...disk }
    page?.unmount()
    await flushPromises()
    await device.close()
    disk = killed
    await arrive()
    expect(input('awards').value).toBe('31')
    expect(stateOf('awards')).toBe('存在本机')
  })
})

describe('a tablet that is full', () => {
  test('the text stays in its field, and the row and the foot say that it is not stored', async () => {
    const wrapper = await arrive('principal', 'basics', (real) => ({
      ...real,
      draft: () => Promise.reject(new Error('full')),
      commit: () => Promise.reject(new Error('full')),
    }))
    await answer('awards', '31')
    expect(stateOf('awards')).toBe('还没存下')
    expect(wrapper.get('.dock [role=alert]').text()).toContain('有 1 项还没存进本机')
    await eventually(() => expect(row('awards').get('.note').text()).toContain('字还在框里'))
    // Longer than a field waits for its text to come back from the store.
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(input('awards').value).toBe('31')
    expect(await stored('awards')).toBeUndefined()
  })
})

describe('what else a row can say', () => {
  test('a stated absence needs its reason, and can be taken back', async () => {
    const wrapper = await arrive()
    await eventually(() => expect(wrapper.find('dialog').exists()).toBe(true))
    await row('awards').findAll('.frow__tools button')[1]?.trigger('click')
    await wrapper.get('dialog form').trigger('submit')
    expect(wrapper.get('dialog').text()).toContain('请写一句原因')
    expect(await stored('awards')).toBeUndefined()
    await wrapper.get('dialog textarea').setValue('没有参加')
    await wrapper.get('dialog form').trigger('submit')
    await flushPromises()
    expect(await stored('awards')).toEqual({ absence: 'notApplicable', reason: '没有参加' })
    expect(row('awards').text()).toContain('没有参加')
    await row('awards').get('.absent button').trigger('click')
    await flushPromises()
    expect(await stored('awards')).toBeNull()
  })

  test('a form with open questions says what is missing instead of being marked as filled', async () => {
    const wrapper = await arrive('filler')
    const button = await eventually(() => wrapper.get('.dock [aria-disabled=true]'))
    await button.trigger('click')
    expect(wrapper.get('.dock [role=alert]').text()).toMatch(/\d+ 项没填/)
    expect((await device.open(streamOf(school.code))).cells.size).toBe(0)
  })
})

describe('who may only read', () => {
  test('an inspector sees values and no fields', async () => {
    await arrive('principal')
    await answer('awards', '31')
    page?.unmount()
    await flushPromises()
    await device.close()
    const wrapper = await arrive('inspector')
    expect(wrapper.findAll('.frow input, .frow textarea, .frow select')).toHaveLength(0)
    expect(row('awards').text()).toContain('31 人次')
    expect(wrapper.find('.dock button').exists()).toBe(false)
  })

  test('a school does not type what the bureau enters, and the bureau does', async () => {
    await arrive('principal')
    expect(row('satisfied').find('input').exists()).toBe(false)
    page?.unmount()
    await flushPromises()
    await device.close()
    await arrive('reviewer')
    expect(row('satisfied').find('input').exists()).toBe(true)
  })
})
