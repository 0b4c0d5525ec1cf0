/** The facts behind the list of checks, read anew with each contact. */
import { computed, onScopeDispose, shallowRef, watch, type ComputedRef } from 'vue'
import type { ShownStream } from '#client/device/contract'
import { useAppUpdate } from '#client/state/app-update'
import { useSession } from '#client/state/session'
import { useStorageRoom } from '#client/state/storage-room'
import { whenWords } from '#client/ui/when'
import { streamOf } from '#sync/protocol'
import { valuesOfPeriod } from './outbox-model'
import { readiness, type Check } from './readiness'

export function useReadiness(
  streams: () => readonly ShownStream[],
  now: () => number,
): { readonly checks: ComputedRef<readonly Check[] | undefined> } {
  const session = useSession()
  const update = useAppUpdate()
  const room = useStorageRoom()
  const held = shallowRef<ReadonlySet<string>>()
  let over = false

  watch(
    () => [session.device, session.device?.sync.lastContact, session.device?.sync.lastEmpty, streams()] as const,
    async ([device, , , opened]) => {
      if (device === undefined) return
      const here = new Set<string>()
      for (const { stream } of opened) if (await device.holds(stream)) here.add(stream)
      if (!over && session.device === device) held.value = here
    },
    { immediate: true },
  )
  onScopeDispose(() => (over = true))

  const checks = computed(() => {
    const { device, plan } = session
    const here = held.value
    if (device === undefined || here === undefined) return undefined
    const lastYear = plan?.document.periods.at(-2)
    const units = session.isBureau ? [] : session.ownUnits
    const confirmed = latest(device.sync.lastContact, session.confirmedAt)
    return readiness({
      plan: plan?.document.version,
      units: units.map(({ code, name }) => {
        const opened = streams().find(({ stream }) => stream === streamOf(code))
        return {
          name,
          isHere: here.has(streamOf(code)),
          lastYear: opened === undefined || lastYear === undefined ? 0 : valuesOfPeriod(opened, lastYear),
        }
      }),
      lastYear,
      freeBytes: room.freeBytes,
      isNearlyFull: room.isNearlyFull,
      kept: room.storage.kept,
      needsSignIn: session.needsSignIn,
      confirmed: confirmed === undefined ? undefined : whenWords(confirmed, now()),
      isTooOld: device.sync.phase === 'tooOld',
      isUpdateReady: update.ready,
      lookedAt: update.lookedAt === undefined ? undefined : whenWords(update.lookedAt, now()),
      app: update.offlineReady ? 'yes' : 'serviceWorker' in navigator ? 'no' : 'never',
    })
  })
  return { checks }
}

const latest = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
