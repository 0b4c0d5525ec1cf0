/** Asks the system once, after the first value was typed, not to clear this site's storage when space runs short. */
import { watch } from 'vue'
import { useSession } from './session'

export function keepStorageOnceUsed(): void {
  const session = useSession()
  const stop = watch(
    () => session.device?.sync.waiting ?? 0,
    (waiting) => {
      if (waiting === 0) return
      stop()
      // Never awaited: a browser may put the question to the person, who may never answer. What came of it the sync centre says.
      const storage: Partial<StorageManager> | undefined = 'storage' in navigator ? navigator.storage : undefined
      storage?.persist?.().catch(() => undefined)
    },
  )
}
