/** What the bureau's screens share: the plan, the chosen period (in the address, so that a link keeps it) and its figures. */
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { currentPeriod } from '#client/state/place'
import { useFigures } from '#client/state/use-figures'
import { useSession } from '#client/state/session'

export function useOverview() {
  const session = useSession()
  const route = useRoute()
  const router = useRouter()

  const plan = computed(() => session.plan)
  const periods = computed(() => session.plan?.document.periods ?? [])
  const period = computed(() => {
    const asked = route.query['period']
    if (typeof asked === 'string' && periods.value.includes(asked)) return asked
    return currentPeriod(periods.value, String(new Date().getFullYear()))
  })
  const figures = useFigures({ device: () => session.device, period: () => period.value, periods: () => periods.value })
  const answer = computed(() => (period.value === undefined ? undefined : figures.answers.get(period.value)))

  async function choosePeriod(next: string): Promise<void> {
    await router.replace({ query: { ...route.query, period: next } })
  }
  /** Keeps the chosen period on the way to another of these screens. */
  const query = computed(() => (typeof route.query['period'] === 'string' ? { period: route.query['period'] } : {}))

  return { plan, periods, period, answer, figures, choosePeriod, query, session }
}
