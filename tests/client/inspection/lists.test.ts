import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, expect, test, vi } from 'vitest'
import FindingsCard from '#client/features/home/FindingsCard.vue'
import AllFindingsPage from '#client/features/inspection/AllFindingsPage.vue'
import AllInspectionsPage from '#client/features/inspection/AllInspectionsPage.vue'
import FindingsPage from '#client/features/inspection/FindingsPage.vue'
import InspectionsPage from '#client/features/inspection/InspectionsPage.vue'
import PreparePage from '#client/features/inspection/PreparePage.vue'
import { dayOf, daysAfter } from '#client/state/days'
import { inspectedIn } from '#client/state/inspected'
import { inspectionsIn } from '#client/state/records'
import { usePlace } from '#client/state/place'
import type { Role } from '#domain/person'
import { inspectionKey, itemKey, valueKey, type Json } from '#sync/protocol'
import { smallPlan } from '../../plan/small-plan'
import { addFinding, addVisit, openWorld, PERIOD, school, VISIT, type World } from './world'
import '../fields/what-jsdom-lacks'

let world: World
let page: VueWrapper
afterEach(() => world.close())

async function arrive(role: Role, prepare: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  world = await openWorld(role)
  usePlace().visit({ unit: school.code, period: PERIOD })
  await prepare()
}
const of = { unit: school.code, period: PERIOD }
const button = (text: string) => page.findAll('button').find((each) => each.text().includes(text))

test('inspections stand by how far they are, with what came of them', async () => {
  await arrive('inspector', async () => {
    await addVisit(world, { gate: 'unmet', 'onSite.bandwidth': 'met' })
    await addFinding(world)
  })
  page = await world.show(InspectionsPage, of)
  expect(page.get('.board__main').text()).toMatch(/正在检查.*已查 2 \/ 4.*1 项不符合.*1 个待整改/s)
})

test('an inspector plans a visit on a day out of the month', async () => {
  await arrive('inspector')
  page = await world.show(AllInspectionsPage, {})
  await button('安排检查')?.trigger('click')
  await flushPromises()
  const day = daysAfter(dayOf(Date.now()), 1)
  await page.get(`dialog [data-day="${day}"]`).trigger('click')
  await page.findAll('dialog .dialog__end button').at(0)?.trigger('click')
  await vi.waitFor(() => expect(inspectionsIn(world.shown)).toHaveLength(1))
  expect(inspectionsIn(world.shown)[0]).toMatchObject({
    of: 'visit',
    state: 'planned',
    about: { planned: day, template: 'campus' },
  })
  await flushPromises()
  expect(page.text()).toContain('已安排')
})

test('a school begins a self-inspection, and the bureau begins none', async () => {
  await arrive('filler')
  page = await world.show(InspectionsPage, of)
  await button('开始自查')?.trigger('click')
  await flushPromises()
  await page.findAll('dialog .dialog__end button').at(1)?.trigger('click')
  await vi.waitFor(() => expect(inspectionsIn(world.shown)[0]).toMatchObject({ of: 'self', state: 'underway' }))
  await world.close()
  await arrive('reviewer')
  page = await world.show(InspectionsPage, of)
  expect(button('检查')).toBeUndefined()
})

test('arrows move through the days of the month', async () => {
  await arrive('inspector')
  page = await world.show(InspectionsPage, of)
  const today = dayOf(Date.now())
  await page.get(`[data-day="${today}"]`).trigger('keydown', { key: 'ArrowDown' })
  await flushPromises()
  expect(document.activeElement?.getAttribute('data-day')).toBe(daysAfter(today, 7))
})

test('a school’s findings, and those of all schools of an inspector', async () => {
  await arrive('inspector', async () => {
    await addVisit(world, { gate: 'unmet' })
    await addFinding(world, '2020-01-01')
  })
  page = await world.show(FindingsPage, of)
  expect(page.text()).toMatch(/1 个没了结，其中 1 个超期/)
  expect(page.get('.findrow').text()).toMatch(/已超 \d+ 天大门没关/)
  page.unmount()
  page = await world.show(AllFindingsPage, {})
  expect(page.get('.findrow').text()).toContain('甲小学')
  await page.get('input[type="search"]').setValue('乙小学')
  expect(page.find('.findrow').exists()).toBe(false)
})

test('a school’s home says what is to be put right, and nothing where there is nothing', async () => {
  await arrive('inspector')
  const props = { stream: world.shown, base: '/u/a/2031', period: PERIOD, now: Date.parse('2031-06-01') }
  page = await world.show(FindingsCard, props)
  expect(page.find('section').exists()).toBe(false)
  await addVisit(world, { gate: 'unmet' })
  await addFinding(world)
  await flushPromises()
  expect(page.text()).toMatch(/1 个问题待整改.*其中 1 个超期/s)
  expect(page.get('a').attributes('href')).toBe('/u/a/2031/findings')
})

test('schools are chosen to be taken along, and the choice is kept', async () => {
  await arrive('inspector')
  page = await world.show(PreparePage, {})
  await button('全选')?.trigger('click')
  expect(button('带上 2 所学校')).toBeDefined()
  await vi.waitFor(async () => expect(await world.device.kept('prepare')).toEqual(['a', 'b']))
})

test('what an inspection said stands beside what the school reports: an inspector’s word before the school’s own', async () => {
  await arrive('inspector', async () => {
    await addVisit(world, { 'onSite.bandwidth': 'unmet' })
  })
  // Written by another role; here only what is read out of it counts.
  const self = 's-aaaaaaaaaaaaa'
  await world.set(inspectionKey(self, 'about'), { template: 'campus', period: PERIOD, planned: '2031-05-07', by: 'principal' })
  await world.move(inspectionKey(self, 'state'), 'underway')
  await world.set(itemKey(self, 'onSite.bandwidth', 'verdict'), 'met')
  const reported: Readonly<Record<string, Json>> = { bandwidth: '10' }
  for (const [element, value] of Object.entries(reported)) await world.set(valueKey(PERIOD, element), value)
  const values = {
    get: (element: string) => (element in reported ? { value: reported[element] } : undefined),
  }
  const { byCheck, byElement } = inspectedIn({ plan: smallPlan, unit: school, stream: world.shown, values, period: PERIOD })
  expect(byCheck.get('bandwidth')).toMatchObject({ verdict: 'unmet', of: 'visit', agreement: 'contradicts' })
  expect(byElement.get('bandwidth')?.to).toBe(`/u/a/${PERIOD}/inspections/${VISIT}?item=onSite.bandwidth`)
  await world.move(inspectionKey(VISIT, 'state'), 'finished')
  const none = inspectedIn({ plan: smallPlan, unit: school, stream: world.shown, values, period: '2030' })
  expect(none.byCheck.size).toBe(0)
})
