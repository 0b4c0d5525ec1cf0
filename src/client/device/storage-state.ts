/** What the browser says of this site's storage. Asking can take long on a full disk, so the answer of the last time is given. */
import type { TabletState } from '#sync/protocol'

const ASK_EVERY_MS = 60_000

export function watchStorage(now: () => number): () => TabletState['storage'] {
  let known: TabletState['storage']
  let askedAt = -Infinity
  const manager = 'storage' in navigator ? (navigator.storage as Partial<StorageManager> | undefined) : undefined

  async function ask(): Promise<void> {
    const [estimate, persisted] = await Promise.all([manager?.estimate?.(), manager?.persisted?.()])
    known = {
      ...(estimate?.usage === undefined ? {} : { used: Math.round(estimate.usage) }),
      ...(estimate?.quota === undefined ? {} : { quota: Math.round(estimate.quota) }),
      ...(persisted === undefined ? {} : { persisted }),
    }
  }

  return () => {
    if (Math.abs(now() - askedAt) >= ASK_EVERY_MS) {
      askedAt = now()
      // A browser that does not say is no fault.
      ask().catch(() => undefined)
    }
    return known
  }
}
