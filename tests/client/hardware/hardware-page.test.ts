import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import HardwarePage from '#client/features/hardware/HardwarePage.vue'
import type { Device } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { useSession } from '#client/state/session'
import type { Person, Role } from '#domain/person'
import { fileKey, streamOf, valueKey } from '#sync/protocol'
import { smallPlan, unit } from '../../plan/small-plan'
import '../all-messages'
import '../fields/what-jsdom-lacks'

vi.setConfig({ testTimeout: 60_000 })

const PERIOD = '2031'
const school = unit('a', 'primary', { name: '甲小学' })
const stream = streamOf(school.code)
let page: VueWrapper
let device: Device
afterEach(async () => {
  page.unmount()
  await flushPromises()
  await device.close()
})

async function arrive(typed: Readonly<Record<string, string>>, role: Role = 'principal'): Promise<void> {
  const person: Person = { username: role, name: '王', role, orgUnits: [school.code] }
  setActivePinia(createPinia())
  device = await memoryDevice({ person, orgUnits: [school] })
  for (const [element, value] of Object.entries(typed)) {
    await device.commit({ stream, key: valueKey(PERIOD, element), value, base: [], pv: 1 })
  }
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
  page = mount(HardwarePage, {
    props: { unit: school.code, period: PERIOD },
    global: { plugins: [router] },
    attachTo: document.body,
  })
  await vi.waitFor(() => expect(page.find('.glance').exists()).toBe(true), { timeout: 20_000 })
}

const stored = async (element: string) => (await device.open(stream)).cells.get(valueKey(PERIOD, element))?.value

describe('the hardware checklist', () => {
  test('shows what is short with how much, then what is not reported, then what is met', async () => {
    await arrive({ bandwidth: '1.4', wireless: '30', places: '30', equipped: 'true' })
    expect(page.get('.gap').text()).toMatch(/带宽.*1\.4.*≥ 2\.5 Gbps.*还差 1\.1 Gbps/s)
    expect(page.get('.glance').attributes('aria-label')).toContain('2 项达标，1 项未达')
    expect(page.text()).toContain('30 / 30 个')
  })

  test('a value is changed over the list, from what is there, and the list follows every key', async () => {
    await arrive({ bandwidth: '1.4' })
    await page.get('.gap button').trigger('click')
    await flushPromises()
    const input = page.get('dialog input[inputmode]')
    const element = input.element as HTMLInputElement
    expect(element.value).toBe('1.4')
    element.value = '2。5'
    await input.trigger('input')
    await flushPromises()
    expect(page.find('.gap').exists()).toBe(false)
    expect(page.get('dialog').text()).toContain('已存到本机')
    element.blur()
    await flushPromises()
    expect(await stored('bandwidth')).toBe('2.5')
  })

  test('evidence stands at its line: a cover where it is short, a small one where it is met, and a camera where there is none', async () => {
    await arrive({ bandwidth: '1.4', wireless: '30', places: '30', equipped: 'true' })
    const attach = (element: string, digit: string) =>
      device.commit({
        ...{ stream, key: fileKey(valueKey(PERIOD, element), digit.repeat(64)), base: [], pv: 1 },
        value: { name: `${digit}.webp`, type: 'image/webp', size: 9 },
      })
    await attach('bandwidth', 'a')
    await attach('bandwidth', 'b')
    await attach('wireless', 'c')
    await expect.poll(() => page.find('.gap .preview--cover').exists()).toBe(true)
    expect(page.get('.gap .preview--cover').attributes('aria-label')).toMatch(/：2 张照片，最近一张/)
    await expect.poll(() => page.findAll('.meet .preview--line:not(.preview--add)').length).toBe(1)
    const cameras = page.findAll('.meet .preview--add')
    expect(cameras.map((camera) => camera.attributes('aria-label'))).toContainEqual(expect.stringContaining('拍照或选图'))
    await page.get('.gap .preview--cover').trigger('click')
    await expect.poll(() => page.findAll('dialog .photo__tag').length).toBe(2)
  })

  test('Enter in the last field closes and keeps', async () => {
    await arrive({ bandwidth: '1.4' })
    await page.get('.gap button').trigger('click')
    await flushPromises()
    const input = page.get('dialog input[inputmode]')
    ;(input.element as HTMLInputElement).value = '3'
    await input.trigger('input')
    await input.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect((page.get('dialog').element as HTMLDialogElement).open).toBe(false)
    expect(await stored('bandwidth')).toBe('3')
  })

  test('an inspector reads and changes nothing', async () => {
    await arrive({ bandwidth: '1.4' }, 'inspector')
    expect(page.find('.gap').exists()).toBe(true)
    expect(page.findAll('button')).toHaveLength(1)
    expect(page.find('.gap button').exists()).toBe(false)
  })
})
