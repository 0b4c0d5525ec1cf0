/**
 * How much the app uses of this device, and whether the system may clear it. Every part may be missing: Safari says little. Browsers look
 * at the disk for each answer, so it is asked rarely: on opening, with a contact at most once in five minutes, and when a write was refused.
 */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'

export type Storage = {
  readonly usedBytes?: number | undefined
  readonly quotaBytes?: number | undefined
  /** `unknown`: the browser does not say. */
  readonly kept: 'yes' | 'no' | 'unknown'
}

const ASK_EVERY_MS = 5 * 60_000
/** A school's three years with all that is kept of them take about 5 MB; below ten times that it is time to make room. */
const LITTLE_BYTES = 50_000_000

export const useStorageRoom = defineStore('storage-room', () => {
  const storage = shallowRef<Storage>({ kept: 'unknown' })
  const wasDenied = shallowRef(false)
  let askedAt = -Infinity

  const freeBytes = computed(() => {
    const { usedBytes, quotaBytes } = storage.value
    return usedBytes === undefined || quotaBytes === undefined ? undefined : Math.max(0, quotaBytes - usedBytes)
  })
  const isNearlyFull = computed(() => freeBytes.value !== undefined && freeBytes.value < LITTLE_BYTES)

  const manager = (): Partial<StorageManager> | undefined => ('storage' in navigator ? navigator.storage : undefined)

  async function refresh(): Promise<void> {
    askedAt = performance.now()
    const [estimate, persisted] = await Promise.all([manager()?.estimate?.(), manager()?.persisted?.()])
    storage.value = {
      usedBytes: estimate?.usage,
      quotaBytes: estimate?.quota,
      kept: persisted === undefined ? 'unknown' : persisted ? 'yes' : 'no',
    }
  }

  async function refreshIfOld(): Promise<void> {
    if (performance.now() - askedAt >= ASK_EVERY_MS) await refresh()
  }

  /** May ask the person; may never answer (a question left open), so nothing else waits for it. */
  async function keep(): Promise<void> {
    const allowed = await manager()?.persist?.()
    wasDenied.value = allowed === false
    await refresh()
  }

  return { storage, freeBytes, isNearlyFull, wasDenied, refresh, refreshIfOld, keep }
})
