import { createPinia, setActivePinia } from 'pinia'
import { flushPromises, mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter } from 'vue-router'
import { afterEach, expect, test } from 'vitest'
import type { FileState } from '#client/device/contract'
import { filesShown } from '#client/features/sync-centre/files-model'
import SyncCentrePage from '#client/features/sync-centre/SyncCentrePage.vue'
import { useSession } from '#client/state/session'
import { valueKey } from '#sync/protocol'
import { PIECE_BYTES, type TransferAnswer } from '#sync/transfer'
import { deviceWithFiles, fileOf, person, stream, unit } from '../photos/device-with-files'
import { smallPlan } from '../state/small-plan'

afterEach(() => void Reflect.deleteProperty(navigator, 'connection'))

async function open(net: Parameters<typeof deviceWithFiles>[0]) {
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  const device = await deviceWithFiles(net)
  Object.assign(session, { phase: 'ready', person, orgUnits: [unit], plan: smallPlan(), device })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:all(.*)*', component: { template: '<p></p>' } }],
  })
  const page = mount(SyncCentrePage, { global: { plugins: [pinia, router] } })
  await flushPromises()
  return { page, device }
}
const attach = async (device: Awaited<ReturnType<typeof deviceWithFiles>>, text: string) =>
  device.attach({ stream, of: valueKey('2024', 'rooms'), file: await fileOf(text), pv: 1 })

test('a photo on its way is listed with how much has arrived, and what the file to hand over does not hold is said', async () => {
  let answer: ((answer: TransferAnswer) => void) | undefined
  const { page, device } = await open({
    head: () => Promise.resolve({ kind: 'has', offset: 2 * PIECE_BYTES, isComplete: false }),
    patch: () => new Promise((resolve) => (answer = resolve)),
  })
  expect(page.find('[aria-labelledby=h-files]').exists()).toBe(false)
  await attach(device, 'one')
  await expect.poll(() => answer !== undefined).toBe(true)
  await flushPromises()
  const card = page.get('[aria-labelledby=h-files]')
  expect(card.text()).toContain('照片和文件：1 个等着')
  expect(card.text()).toContain('正在传 524 kB / 2.0 MB')
  expect(card.get('[role=progressbar]').attributes('aria-valuenow')).toBe(String(2 * PIECE_BYTES))
  expect(card.get('a').attributes('href')).toBe('/u/u1/2024/fill/house#rooms')
  expect(page.get('[aria-labelledby=h-export]').text()).toContain('有 1 个只在这台设备上')
  answer?.({ kind: 'has', offset: 2_000_000, isComplete: true })
  await expect.poll(() => card.text()).toContain('照片和文件都送到了')
  expect(page.get('[aria-labelledby=h-export]').text()).not.toContain('只在这台设备上')
  await card.get('.qmore--button').trigger('click')
  await expect.poll(() => page.find('[aria-labelledby=h-files]').exists()).toBe(false)
  expect(device.files.size).toBe(0)
  await device.close()
})

test('what was refused stands with its reason until it is taken away', async () => {
  const { page, device } = await open({ head: () => Promise.resolve({ kind: 'refused', fault: 'file.dimensions' }) })
  await attach(device, 'huge')
  await expect.poll(() => page.text()).toContain('没收下：这张照片的尺寸太大')
  expect(page.text()).toContain('照片和文件：1 个没送到')
  const [file] = device.files.values()
  if (file === undefined) throw new Error('no file')
  await device.detach({ stream, of: file.of, sha: file.sha, pv: 1 })
  await expect.poll(() => page.find('[aria-labelledby=h-files]').exists()).toBe(false)
  expect(await device.fileBytes(file.sha)).toBeUndefined()
  await device.close()
})

test('where the browser knows what a network costs, photos may wait for one that costs nothing', async () => {
  Object.defineProperty(navigator, 'connection', { value: {}, configurable: true })
  const { page, device } = await open({})
  await attach(device, 'one')
  await flushPromises()
  const box = page.get('[aria-labelledby=h-files] input')
  await box.setValue(true)
  expect(device.sync.unmeteredOnly).toBe(true)
  await device.close()
})

test('what moves comes first, then what waits by age, then what asks for somebody; what has arrived is only counted', () => {
  const file = (sha: string, state: FileState['state'], at: number): FileState => ({
    ...{ sha, stream, of: 'v/2024/rooms', name: sha, type: 'image/webp', size: 5, at, state, sent: 0 },
  })
  const all = [
    file('damaged', 'damaged', 1),
    file('younger', 'waiting', 3),
    file('older', 'waiting', 2),
    file('there', 'confirmed', 1),
    file('refused', 'refused', 9),
    file('moves', 'sending', 8),
  ]
  const shown = filesShown(new Map(all.map((one) => [one.sha, one])))
  expect(shown.rows.map(({ sha }) => sha)).toEqual(['moves', 'older', 'younger', 'refused', 'damaged'])
  expect(shown).toMatchObject({ arrived: 1, arrivedBytes: 5 })
})
