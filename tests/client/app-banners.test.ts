/** The banners over every page: each says what is so, that nothing typed is lost, and what to do. */
import { createPinia, setActivePinia } from 'pinia'
import { flushPromises, mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter } from 'vue-router'
import { expect, test } from 'vitest'
import AppBanners from '#client/AppBanners.vue'
import { memoryDevice } from '#client/device/memory-device'
import { memoryStore, blankDisk } from '#client/device/memory-store'
import { SaveFault } from '#client/device/save-fault'
import { useAppUpdate } from '#client/state/app-update'
import { useSession } from '#client/state/session'
import { useStorageRoom } from '#client/state/storage-room'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import type { NetAnswer } from '#sync/ports'

const person: Person = { username: 'wang', name: '王校长', role: 'principal', orgUnits: ['u1'] }
const unit: OrgUnit = { code: 'u1', name: '学校', type: 'primary', ownership: 'public' }
const edit = { stream: 's/u1', key: 'v/2024/rooms', value: '12', base: [], pv: 1 }

async function open(world: { readonly answer?: NetAnswer; readonly refused?: string } = {}) {
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  const store = memoryStore('devicenameaaa', blankDisk())
  const refuse = () => Promise.reject(new SaveFault(new DOMException('refused', world.refused)))
  const device = await memoryDevice({
    person,
    orgUnits: [unit],
    ...(world.answer === undefined
      ? {}
      : { net: { exchange: () => Promise.resolve(world.answer ?? { kind: 'unreachable' }), abort: () => undefined } }),
    store: world.refused === undefined ? store : { ...store, append: refuse },
  })
  session.phase = 'ready'
  session.person = person
  session.device = device
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:all(.*)*', component: { template: '<p></p>' } }],
  })
  await router.push('/u/u1/2024/fill/house?x=1')
  const banners = mount(AppBanners, { global: { plugins: [pinia, router] } })
  await flushPromises()
  return { banners, device, texts: () => banners.findAll('.banner').map((banner) => banner.text()) }
}

test('when nothing is the matter there is none', async () => {
  const { texts, device } = await open()
  expect(texts()).toEqual([])
  await device.close()
})

test.each([
  ['QuotaExceededError', '空间满了，1 处刚填的还没存下'],
  ['InvalidStateError', '1 处刚填的还没存下'],
])('what could not be stored because of %s is said, until it is stored', async (refused, words) => {
  const { texts, device, banners } = await open({ refused })
  await expect(device.commit(edit)).rejects.toBeInstanceOf(SaveFault)
  await flushPromises()
  expect(texts()).toHaveLength(1)
  expect(texts()[0]).toContain(words)
  expect(banners.get('.banner a').attributes('href')).toBe('/sync#storage')
  await device.draft(edit)
  await flushPromises()
  expect(texts()).toEqual([])
  await device.close()
})

test('little room is said before it is too late', async () => {
  const { texts, device } = await open()
  useStorageRoom().storage = { usedBytes: 960e6, quotaBytes: 1000e6, kept: 'no' }
  await flushPromises()
  expect(texts()[0]).toContain('只剩 40 MB')
  useStorageRoom().storage = { usedBytes: 100e6, quotaBytes: 1000e6, kept: 'no' }
  await flushPromises()
  expect(texts()).toEqual([])
  await device.close()
})

test('a session that is over is one call to sign in, and comes back to the same place', async () => {
  const { texts, banners, device } = await open({ answer: { kind: 'signedOut' } })
  await device.commit(edit)
  device.syncNow()
  await expect.poll(() => texts().length).toBe(1)
  expect(texts()[0]).toContain('登录过期，填的都在本机')
  expect(banners.get('.banner a').attributes('href')).toBe('/sign-in?next=/u/u1/2024/fill/house?x=1')
  // Typing goes on.
  await device.commit({ ...edit, value: '13' })
  expect(device.sync.waiting).toBe(2)
  await device.close()
})

test('a version that is too old can be looked for, and changed once it is there; typing goes on', async () => {
  const { texts, banners, device } = await open({ answer: { kind: 'tooOld' } })
  const update = useAppUpdate()
  let [looked, applied] = [0, 0]
  update.look = () => {
    looked += 1
    update.ready = true
    return Promise.resolve('looked')
  }
  update.apply = () => void (applied += 1)
  await device.commit(edit)
  device.syncNow()
  await expect.poll(() => texts().length).toBe(1)
  expect(texts()[0]).toContain('这个版本太旧')
  await banners.get('.banner button').trigger('click')
  await flushPromises()
  expect([looked, applied]).toEqual([1, 0])
  await banners.get('.banner button').trigger('click')
  expect([looked, applied]).toEqual([1, 1])
  await device.commit({ ...edit, value: '13' })
  expect(device.sync.waiting).toBe(2)
  await device.close()
})
