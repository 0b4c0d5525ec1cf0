/** A typist for the report that is open, and the moments at which what is typed becomes a value by itself. */
import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { createTypist, type Typist } from './typist'
import { useSession } from './session'
import type { Report } from './use-report'
import { toWire } from './wire-value'

const clock = {
  now: () => Date.now(),
  after(delayMs: number, wake: () => void): () => void {
    const timer = setTimeout(wake, delayMs)
    return () => clearTimeout(timer)
  },
}

/** `undefined` until the report is ready, and for somebody who may only read it. `mayType`: where it is not about values. */
export function useTyping(report: Report, mayType?: (unit: string) => boolean): Readonly<Ref<Typist | undefined>> {
  const session = useSession()
  const typist = shallowRef<Typist>()

  const end = (): void => {
    void typist.value?.settleAll()
    typist.value?.stop()
    typist.value = undefined
  }
  watch(
    // Getters, since a shallow ref as a source always triggers. The unit by its code: a list of units that came anew must not end what is being typed.
    [() => report.stream.value, () => report.plan.value, () => report.unit.value?.code] as const,
    ([stream, plan, unit]) => {
      end()
      const device = session.device
      if (stream === undefined || plan === undefined || unit === undefined || device === undefined) return
      if (!(mayType ?? session.mayWrite)(unit)) return
      typist.value = createTypist({
        device,
        stream,
        pv: plan.document.version,
        toWire: (key, typed) => toWire(plan, key, typed),
        clock,
      })
      typist.value.adoptDrafts()
    },
    { immediate: true },
  )

  const settleWhenHidden = (): void => {
    if (document.visibilityState === 'hidden') void typist.value?.settleAll()
  }
  const settleNow = (): void => void typist.value?.settleAll()
  document.addEventListener('visibilitychange', settleWhenHidden)
  window.addEventListener('pagehide', settleNow)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', settleWhenHidden)
    window.removeEventListener('pagehide', settleNow)
    end()
  })
  return typist
}
