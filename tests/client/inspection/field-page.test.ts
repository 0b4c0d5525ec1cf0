import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import InspectionPage from '#client/features/inspection/InspectionPage.vue'
import type { ShownCell, ShownHead } from '#client/device/contract'
import { findingsIn, inspectionIn } from '#client/state/records'
import { findingKey, inspectionKey, itemKey } from '#sync/protocol'
import { FINDING, PERIOD, school, stream, VISIT, addFinding, addVisit, openWorld, type World } from './world'
import '../fields/what-jsdom-lacks'

let world: World
let page: VueWrapper
beforeEach(async () => {
  world = await openWorld('inspector')
})
afterEach(() => world.close())

const arrive = async (): Promise<void> => {
  page = await world.show(InspectionPage, { unit: school.code, period: PERIOD, id: VISIT })
  await vi.waitFor(() => expect(page.find('.ask').exists()).toBe(true))
}
const verdictOf = (item: string) => world.shown.cells.get(itemKey(VISIT, item, 'verdict'))?.value
const press = async (key: string): Promise<void> => {
  window.dispatchEvent(new KeyboardEvent('keydown', { key }))
  await flushPromises()
}
const button = (words: string) => {
  const found = page.findAll('button').find((each) => each.text().includes(words))
  if (found === undefined) throw new Error(`no button ${words}`)
  return found
}

describe('going through a list', () => {
  test('opens at the first item that nobody has looked at', async () => {
    await addVisit(world, { 'onSite.bandwidth': 'met' })
    await arrive()
    expect(page.get('.ask').text()).toBe('有功能教室吗')
    expect(page.get('.inspect__progress').text()).toContain('1 / 4')
  })

  test('one touch is stored, and another takes it back', async () => {
    await addVisit(world)
    await arrive()
    await page.get('.verdict--ok').trigger('click')
    await vi.waitFor(() => expect(verdictOf('onSite.bandwidth')).toBe('met'))
    expect(page.get('.verdict--ok').attributes('aria-pressed')).toBe('true')
    await page.get('.verdict--todo').trigger('click')
    await vi.waitFor(() => expect(verdictOf('onSite.bandwidth')).toBeNull())
  })

  test('keys 1 to 4 say the verdict, arrows go from item to item', async () => {
    await addVisit(world)
    await arrive()
    await press('3')
    await press('ArrowRight')
    await press('2')
    await vi.waitFor(() => expect(verdictOf('onSite.rooms')).toBe('unmet'))
    expect(verdictOf('onSite.bandwidth')).toBe('notApplicable')
    await press('ArrowLeft')
    expect(page.get('.ask').text()).toBe('带宽够吗')
  })

  test('a digit that is typed in a field is no verdict', async () => {
    await addVisit(world)
    await arrive()
    page.get('#note').element.dispatchEvent(new KeyboardEvent('keydown', { key: '2', bubbles: true }))
    await flushPromises()
    expect(verdictOf('onSite.bandwidth')).toBeUndefined()
  })

  test('a day makes a finding of what is not met, with who answers for it; another day changes it', async () => {
    await addVisit(world, { 'onSite.bandwidth': 'met', 'onSite.rooms': 'met', 'onSite.canteens': 'met' })
    await arrive()
    await page.get('.verdict--bad').trigger('click')
    await flushPromises()
    await button('没关').trigger('click')
    await flushPromises()
    expect(findingsIn(world.shown)).toEqual([])
    await button('3 天').trigger('click')
    await vi.waitFor(() => expect(findingsIn(world.shown)).toHaveLength(1))
    const [finding] = findingsIn(world.shown)
    expect(finding).toMatchObject({
      of: 'visit',
      state: 'open',
      what: '没关',
      who: '门卫',
      about: { item: 'gate', period: PERIOD },
    })
    await button('今天').trigger('click')
    await vi.waitFor(() => expect(findingsIn(world.shown)[0]?.due).not.toBe(finding?.due))
    expect(findingsIn(world.shown)).toHaveLength(1)
    expect(page.get('.inspect__findings').text()).toContain('没关')
  })

  test('a note that was typed as the app was closed becomes the finding’s headline with the next start', async () => {
    await addVisit(world, { gate: 'unmet' })
    await addFinding(world)
    const noteKey = itemKey(VISIT, 'gate', 'note')
    await world.device.draft({ stream, key: noteKey, value: '门锁坏了', base: [] })
    const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000)
    await arrive()
    await vi.waitFor(() => expect(findingsIn(world.shown)[0]?.what).toContain('门锁坏了'))
    later.mockRestore()
    expect(page.get('.ask').text()).toBe('带宽够吗')
    await flushPromises()
    expect((await world.device.outbox()).filter(({ key }) => key === findingKey(FINDING, 'what'))).toHaveLength(2)
  })

  test('a finding whose item is met after all is withdrawn with a reason', async () => {
    await addVisit(world, { 'onSite.bandwidth': 'met', 'onSite.rooms': 'met', 'onSite.canteens': 'met' })
    await arrive()
    await page.get('.verdict--bad').trigger('click')
    await flushPromises()
    await button('今天').trigger('click')
    await vi.waitFor(() => expect(findingsIn(world.shown)).toHaveLength(1))
    await page.get('.verdict--ok').trigger('click')
    await flushPromises()
    await button('撤销问题').trigger('click')
    await flushPromises()
    const [withdraw] = page.findAll('dialog .btn--primary')
    await withdraw?.trigger('click')
    expect(findingsIn(world.shown)[0]?.state).toBe('open')
    await page.get('#why').setValue('看错了')
    await withdraw?.trigger('click')
    await vi.waitFor(() => expect(findingsIn(world.shown)[0]).toMatchObject({ state: 'withdrawn', why: '看错了' }))
  })

  test('what was measured is kept as the element is, beside what the school reported', async () => {
    await addVisit(world)
    await world.set(`v/${PERIOD}/bandwidth`, '1.4')
    await arrive()
    expect(page.get('.wanting__measured').text()).toContain('1.4')
    const input = page.get('#measured')
    ;(input.element as HTMLInputElement).value = '2。50'
    await input.trigger('input')
    await input.trigger('blur')
    await vi.waitFor(() => expect(world.shown.cells.get(itemKey(VISIT, 'onSite.bandwidth', 'measured'))?.value).toBe('2.5'))
  })
})

test('two verdicts that nobody saw of each other are both told', async () => {
  await addVisit(world, { 'onSite.bandwidth': 'met', 'onSite.rooms': 'met', 'onSite.canteens': 'met', gate: 'met' })
  const key = itemKey(VISIT, 'onSite.bandwidth', 'verdict')
  const cell = world.shown.cells.get(key)
  const [head] = cell?.heads ?? []
  if (cell === undefined || head === undefined) throw new Error('the verdict is not there')
  // As the exchange brings it that meets another tablet's.
  const theirs: ShownHead = { ...head, id: 'othertabletaa:1', by: 'colleague', value: 'unmet' }
  const both: ShownCell = { ...cell, mark: 'conflict', heads: [head, theirs], base: [head.id, theirs.id] }
  await arrive()
  expect(page.find('.note--conflict').exists()).toBe(false)
  ;(world.shown.cells as Map<string, ShownCell>).set(key, both)
  await flushPromises()
  expect(page.get('.note--conflict').text()).toContain('inspector说符合、colleague说不符合')
  await page.get('.verdict--bad').trigger('click')
  await vi.waitFor(() => expect(world.shown.cells.get(key)).toMatchObject({ mark: 'onDevice', value: 'unmet' }))
})

describe('the end of it', () => {
  test('a summary says what nobody has looked at and what has no deadline, and finishing takes the step', async () => {
    await addVisit(world, { 'onSite.bandwidth': 'met', 'onSite.rooms': 'unmet' })
    await arrive()
    await button('完成检查').trigger('click')
    await flushPromises()
    expect(page.get('dialog').text()).toContain('1 项不符合，还没定期限')
    expect(page.get('dialog').text()).toContain('2 项未查')
    await page.findAll('dialog .btn--primary').at(-1)?.trigger('click')
    await vi.waitFor(() => expect(inspectionIn(world.shown, VISIT)?.state).toBe('finished'))
  })

  test('a finished inspection takes no verdict until it is reopened with a reason', async () => {
    await addVisit(world)
    await world.move(inspectionKey(VISIT, 'state'), 'finished')
    await arrive()
    expect(page.get('.verdict--ok').attributes('disabled')).toBeDefined()
    await press('1')
    expect(verdictOf('onSite.bandwidth')).toBeUndefined()
    await button('重新打开').trigger('click')
    await flushPromises()
    await page.get('#why').setValue('漏了一项')
    await page.findAll('dialog .btn--primary').at(-1)?.trigger('click')
    await vi.waitFor(() => expect(inspectionIn(world.shown, VISIT)).toMatchObject({ state: 'underway', why: '漏了一项' }))
  })

  test('an inspection that is not there says so', async () => {
    page = await world.show(InspectionPage, { unit: school.code, period: PERIOD, id: VISIT })
    expect(page.text()).toContain('没有这次检查')
  })
})

test('a principal sees an inspector’s visit and changes nothing', async () => {
  await addVisit(world)
  const { device } = world
  const session = (await import('#client/state/session')).useSession()
  session.person = { ...device.person, role: 'principal' }
  await arrive()
  expect(page.text()).toContain('只能看')
  expect(page.findAll('.verdict').every((each) => each.attributes('disabled') !== undefined)).toBe(true)
})
