import { afterEach, beforeEach, expect, test } from 'vitest'
import RecordPage from '#client/features/inspection/RecordPage.vue'
import { usePreferences } from '#client/state/preferences'
import { itemKey } from '#sync/protocol'
import { PERIOD, school, VISIT, addFinding, addVisit, openWorld, type World } from './world'
import '../fields/what-jsdom-lacks'

let world: World
beforeEach(async () => {
  world = await openWorld('inspector')
})
afterEach(() => world.close())

const arrive = () => world.show(RecordPage, { unit: school.code, period: PERIOD, id: VISIT })

test('the sheet has every item of the list, what was said of it, and what is to be put right', async () => {
  await addVisit(world, { gate: 'unmet', 'onSite.rooms': 'met' })
  await world.set(itemKey(VISIT, 'gate', 'note'), '门锁坏了')
  await addFinding(world)
  const page = await arrive()
  const lines = page.findAll('.sheet__table tbody tr').filter((row) => row.find('td').exists())
  expect(lines).toHaveLength(4)
  const gate = lines.find((row) => row.text().includes('门锁坏了'))
  expect(gate?.get('.sheet__bad').text()).toBe('不符合')
  expect(page.get('.sheet__facts').text()).toContain('符合 1，不符合 1，不适用 0，未查 2')
  expect(page.get('.sheet__findings').text()).toContain('大门没关')
  expect(page.get('.sheet__findings').text()).toContain('整改期限：2031-05-13')
})

test('paper is white out of the dark, and the screen is dark again afterwards', async () => {
  await addVisit(world)
  usePreferences().theme = 'dark'
  await arrive()
  window.dispatchEvent(new Event('beforeprint'))
  expect(document.documentElement.dataset['theme']).toBe('light')
  window.dispatchEvent(new Event('afterprint'))
  expect(document.documentElement.dataset['theme']).toBe('dark')
})

test('an inspection that is not there has no sheet', async () => {
  const page = await arrive()
  expect(page.find('.sheet__table').exists()).toBe(false)
  expect(page.text()).toContain('没有这次检查')
})
