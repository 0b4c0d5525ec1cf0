/** Several org units' streams at once, out of the device's database, as each of them comes into memory. */
import { onScopeDispose, shallowReactive, watch } from 'vue'
import { streamOf } from '#sync/protocol'
import type { ShownStream } from '../device/contract'
import { useSession } from './session'

/** By the org unit's code. */
export function useStreams(codes: () => readonly string[]): ReadonlyMap<string, ShownStream> {
  const session = useSession()
  const streams = shallowReactive(new Map<string, ShownStream>())
  let over = false
  onScopeDispose(() => (over = true))

  watch(
    [() => session.device, () => codes().join()] as const,
    async ([device]) => {
      streams.clear()
      if (device === undefined) return
      await Promise.all(
        codes().map(async (code) => {
          const stream = device.opened(streamOf(code)) ?? (await device.open(streamOf(code)))
          if (!over && session.device === device) streams.set(code, stream)
        }),
      )
    },
    { immediate: true },
  )
  return streams
}
