import { createPinia, setActivePinia } from 'pinia'
import { expect, test } from 'vitest'
import { effectScope } from 'vue'
import type { ShownStream } from '#client/device/contract'
import { useEvidence } from '#client/photos/use-evidence'
import { useSession } from '#client/state/session'
import { fileKey, valueKey } from '#sync/protocol'
import { confirmed, rejected } from '../state/cells'
import { deviceWithFiles, fileOf, stream } from './device-with-files'

const of = valueKey('2024', 'rooms')

test('a photo whose cell was refused is not said to be with the bureau, also where its bytes are', async () => {
  const pinia = createPinia()
  setActivePinia(pinia)
  const scope = effectScope()
  const device = await deviceWithFiles({
    head: () => Promise.resolve({ kind: 'has', offset: 1000, isComplete: true }),
  })
  useSession().device = device
  const file = await fileOf('one', 1000)
  await device.attach({ stream, of, file, pv: 1 })
  const key = fileKey(of, file.sha)
  const about = { name: file.name, type: file.type, size: 1000 }
  const photosOf = (cell: ReturnType<typeof confirmed>) => {
    const shown: ShownStream = { stream, cells: new Map([[key, cell]]), drafts: new Map() }
    return scope.run(() => useEvidence({ stream: shown, of }))?.photos.value.map(({ state }) => state)
  }
  expect(photosOf({ ...rejected(about, 'rejected: locked', { key }), heads: [] })).toEqual(['refused'])
  const other = photosOf(confirmed(about, { key }))
  expect(other).toHaveLength(1)
  expect(other).not.toContain('refused')
  // That it was taken away was refused: it stands.
  expect(photosOf({ ...rejected(null, 'rejected: locked', { key }), heads: confirmed(about, { key }).heads })).toEqual(other)
  scope.stop()
  await device.close()
})
