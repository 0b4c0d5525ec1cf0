/** Values that the reviewer means to give back, until the return is said: kept on this device, so that a closed page loses none. */
import { computed, shallowRef, watch } from 'vue'
import * as v from 'valibot'
import { useSession } from '#client/state/session'

const schema = v.array(v.string())

export function useMarks(report: () => string) {
  const session = useSession()
  const marks = shallowRef<readonly string[]>([])
  const name = computed(() => `review/marks/${report()}`)

  watch(
    [() => session.device, name] as const,
    async ([device, wanted]) => {
      marks.value = []
      const kept = v.safeParse(schema, await device?.kept(wanted))
      if (kept.success && name.value === wanted) marks.value = kept.output
    },
    { immediate: true },
  )

  async function put(next: readonly string[]): Promise<void> {
    marks.value = next
    await session.device?.keep(name.value, next.length === 0 ? undefined : next)
  }

  return {
    marks,
    mark: (element: string) => (marks.value.includes(element) ? Promise.resolve() : put([...marks.value, element])),
    unmark: (element: string) => put(marks.value.filter((each) => each !== element)),
    clear: () => put([]),
  }
}
