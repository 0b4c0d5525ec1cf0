/**
 * The tablets, asked from the network while somebody looks. They are not kept on this device: what the screen has seen stays until
 * something newer comes, and its age is said.
 */
import { onScopeDispose, readonly, ref, shallowRef } from 'vue'
import { isSignedOut } from '#client/device/api'
import { fetchTablets } from '#client/device/tablets-api'
import type { TabletsAnswer } from '#domain/tablet'

/** A tablet says something new about once a minute; more often would only cost the server. */
const POLL_MS = 30_000

export type TabletsSeen = {
  readonly answer: TabletsAnswer
  /** By this device's clock. */
  readonly at: number
}

export function useTablets() {
  const seen = shallowRef<TabletsSeen>()
  const contact = ref<'loading' | 'fresh' | 'offline' | 'signedOut'>('loading')
  let asked = 0

  async function load(): Promise<void> {
    const mine = ++asked
    const met = await fetchTablets()
    if (mine !== asked) return
    if (met.ok) {
      seen.value = { answer: met.value, at: Date.now() }
      contact.value = 'fresh'
    } else contact.value = isSignedOut(met.fault) ? 'signedOut' : 'offline'
  }

  const whenVisible = () => {
    if (document.visibilityState === 'visible') void load()
  }
  const timer = setInterval(whenVisible, POLL_MS)
  document.addEventListener('visibilitychange', whenVisible)
  window.addEventListener('online', whenVisible)
  onScopeDispose(() => {
    asked++
    clearInterval(timer)
    document.removeEventListener('visibilitychange', whenVisible)
    window.removeEventListener('online', whenVisible)
  })
  void load()

  return { seen, contact: readonly(contact), load }
}
