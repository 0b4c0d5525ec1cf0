/**
 * The units behind one figure, asked from the network when the figure is opened and whenever it has changed. They are not kept on
 * the device: without a network the page says so and shows the figure itself.
 */
import { onScopeDispose, readonly, ref, shallowRef, watch } from 'vue'
import { fetchContributions, isSignedOut } from '#client/device/api'
import type { Fault } from '#domain/fault'
import type { ContributionAnswer, FigureAnswer } from '#plan/figure-wire'

export function useContributions(source: {
  readonly figure: () => string | undefined
  readonly period: () => string | undefined
  readonly answer: () => FigureAnswer | undefined
  /** What the figures' own refresh last met: when the network is back, so are the units. */
  readonly network: () => 'unknown' | 'fresh' | 'offline' | 'signedOut'
}) {
  const contributions = shallowRef<readonly ContributionAnswer[]>()
  const contact = ref<'loading' | 'fresh' | 'offline' | 'signedOut' | 'refused'>('loading')
  const fault = shallowRef<Fault>()
  let asked = 0

  async function load(isOther: boolean): Promise<void> {
    const mine = ++asked
    const [figure, period] = [source.figure(), source.period()]
    if (isOther) contributions.value = undefined
    if (figure === undefined || period === undefined) return
    if (contributions.value === undefined) contact.value = 'loading'
    const met = await fetchContributions(figure, period)
    if (mine !== asked) return
    if (met.ok) {
      contributions.value = met.value
      contact.value = 'fresh'
    } else if (met.fault.kind === 'unreachable') contact.value = 'offline'
    else if (isSignedOut(met.fault)) contact.value = 'signedOut'
    else {
      fault.value = met.fault
      contact.value = 'refused'
    }
  }

  watch(
    [source.figure, source.period, () => JSON.stringify(source.answer())],
    ([figure, period], before) => void load(figure !== before[0] || period !== before[1]),
    { immediate: true },
  )
  watch(source.network, (network) => {
    if (network === 'fresh' && contact.value !== 'fresh' && contact.value !== 'loading') void load(false)
  })
  onScopeDispose(() => asked++)

  return { contributions, contact: readonly(contact), fault, reload: () => load(false) }
}
