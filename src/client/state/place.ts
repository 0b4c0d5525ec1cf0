/** Which org unit and period the person looks at; the rail leads back there from the screens that belong to no unit. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { useSession } from './session'

export const usePlace = defineStore('place', () => {
  const session = useSession()
  const visited = ref<{ unit: string; period: string }>()

  const unit = computed(() => visited.value?.unit ?? session.ownUnits[0]?.code)
  const period = computed(() => visited.value?.period ?? currentPeriod(session.plan?.document.periods ?? [], thisYear()))

  function visit(to: { unit: string; period: string }): void {
    visited.value = to
  }
  function forget(): void {
    visited.value = undefined
  }

  return { unit, period, visit, forget }
})

/** The plan's period of this year; before the plan its first, after it its last. */
export function currentPeriod(periods: readonly string[], year: string): string | undefined {
  return periods.filter((period) => period <= year).at(-1) ?? periods[0]
}

const thisYear = (): string => String(new Date().getFullYear())
