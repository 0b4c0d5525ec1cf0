import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** The device's clock for sentences such as "just now"; they are exact to the minute, so half a minute is often enough. */
const EVERY_MS = 30_000

export function useNow(): Readonly<Ref<number>> {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), EVERY_MS)
  onScopeDispose(() => clearInterval(timer))
  return readonly(now)
}
