/** How much the app uses of this device, and whether the system may clear it. Every part may be missing: Safari says little. */
import { readonly, shallowRef, type Ref } from 'vue'

export type Storage = {
  readonly usedBytes?: number | undefined
  readonly quotaBytes?: number | undefined
  /** `unknown`: the browser does not say. */
  readonly kept: 'yes' | 'no' | 'unknown'
}

export function useStorage(): {
  readonly storage: Readonly<Ref<Storage>>
  readonly wasDenied: Readonly<Ref<boolean>>
  readonly refresh: () => Promise<void>
  readonly keep: () => Promise<void>
} {
  const storage = shallowRef<Storage>({ kept: 'unknown' })
  const wasDenied = shallowRef(false)
  const manager = 'storage' in navigator ? (navigator.storage as Partial<StorageManager> | undefined) : undefined

  async function refresh(): Promise<void> {
    const estimate = await manager?.estimate?.()
    const persisted = await manager?.persisted?.()
    storage.value = {
      usedBytes: estimate?.usage,
      quotaBytes: estimate?.quota,
      kept: persisted === undefined ? 'unknown' : persisted ? 'yes' : 'no',
    }
  }

  /** May ask the person; may never answer (a question left open), so nothing else waits for it. */
  async function keep(): Promise<void> {
    const allowed = await manager?.persist?.()
    wasDenied.value = allowed === false
    await refresh()
  }

  return { storage: readonly(storage), wasDenied: readonly(wasDenied), refresh, keep }
}
