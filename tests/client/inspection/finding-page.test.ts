import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, expect, test, vi } from 'vitest'
import FindingPage from '#client/features/inspection/FindingPage.vue'
import { findingIn } from '#client/state/records'
import { useSession } from '#client/state/session'
import type { Role } from '#domain/person'
import { fileKey, findingKey, findingOwner } from '#sync/protocol'
import { addFinding, addVisit, FINDING, openWorld, PERIOD, school, type World } from './world'
import '../fields/what-jsdom-lacks'

let world: World
let page: VueWrapper
afterEach(() => world.close())

/** The finding was raised by an inspector; whoever looks has another role. */
async function arrive(role: Role, prepare?: () => Promise<void>): Promise<void> {
  world = await openWorld('inspector')
  await addVisit(world, { gate: 'unmet' })
  await addFinding(world)
  await prepare?.()
  const session = useSession()
  session.person = { ...world.device.person, role }
  page = await world.show(FindingPage, { unit: school.code, period: PERIOD, id: FINDING })
  await vi.waitFor(() => expect(page.find('.onefinding').exists()).toBe(true))
}
const words = () => page.findAll('button').map((each) => each.text())
const button = (text: string) => {
  const found = page.findAll('button').find((each) => each.text().includes(text))
  if (found === undefined) throw new Error(`no button ${text} among ${words().join('|')}`)
  return found
}
const finding = () => findingIn(world.shown, FINDING)

test('the principal answers and claims; without an answer nothing is claimed', async () => {
  await arrive('principal')
  await button('已整改').trigger('click')
  await flushPromises()
  expect(page.text()).toContain('先写整改说明')
  expect(finding()?.state).toBe('open')
  const field = page.get('#answer')
  ;(field.element as HTMLTextAreaElement).value = '已换锁'
  await field.trigger('input')
  await button('已整改').trigger('click')
  await vi.waitFor(() => expect(finding()).toMatchObject({ state: 'claimed', answer: '已换锁' }))
})

test('a photo of what was done is an answer too; one that was taken away is none', async () => {
  const photo = fileKey(findingOwner(FINDING, 'answer'), 'a'.repeat(64))
  await arrive('principal', () => world.set(photo, { name: 'a.jpg', type: 'image/jpeg', size: 9 }))
  await world.set(photo, null)
  await flushPromises()
  await button('已整改').trigger('click')
  await flushPromises()
  expect(finding()?.state).toBe('open')
  await world.set(photo, { name: 'a.jpg', type: 'image/jpeg', size: 9 })
  await flushPromises()
  await button('已整改').trigger('click')
  await vi.waitFor(() => expect(finding()?.state).toBe('claimed'))
})

test('a filler writes the answer and claims nothing', async () => {
  await arrive('filler')
  expect(page.find('#answer').exists()).toBe(true)
  expect(words().some((text) => text.includes('已整改'))).toBe(false)
})

test('the inspector sends back with a reason that everybody reads, or closes', async () => {
  await arrive('inspector', async () => {
    await world.set(findingKey(FINDING, 'answer'), '已换锁')
    await world.move(findingKey(FINDING, 'state'), 'claimed')
  })
  expect(page.text()).toContain('已换锁')
  await button('退回').trigger('click')
  await flushPromises()
  await page.get('#why').setValue('照片看不清')
  await page.findAll('dialog .btn--primary').at(-1)?.trigger('click')
  await vi.waitFor(() => expect(finding()).toMatchObject({ state: 'open', why: '照片看不清' }))
  await flushPromises()
  expect(page.text()).toContain('inspector：照片看不清')
  await world.move(findingKey(FINDING, 'state'), 'claimed')
  await flushPromises()
  await button('合格，销号').trigger('click')
  await vi.waitFor(() => expect(finding()?.state).toBe('closed'))
  await flushPromises()
  expect(words().some((text) => text.includes('重新打开'))).toBe(true)
})

test('the bureau reads all of it and takes no step', async () => {
  await arrive('reviewer', () => world.set(findingKey(FINDING, 'answer'), '已换锁'))
  expect(page.text()).toContain('已换锁')
  expect(page.findAll('.onefinding button')).toHaveLength(0)
})

test('a finding that is not there says so', async () => {
  world = await openWorld('principal')
  page = await world.show(FindingPage, { unit: school.code, period: PERIOD, id: FINDING })
  expect(page.text()).toContain('没有这个问题')
})
