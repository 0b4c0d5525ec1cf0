/**
 * What somebody is writing and has not sent yet: kept on the device with every key, in the person's own database, so that neither a closed
 * dialog nor a killed page loses it, and nobody else who signs in sees it.
 */
import { computed, shallowRef, watch, type WritableComputedRef } from 'vue'
import { useSession } from './session'

export function useKeptText(
  /** Where it is written; another one is another text. */
  name: () => string,
  /** What stands there as long as nothing is kept. */
  first: () => string = () => '',
): {
  readonly text: WritableComputedRef<string>
  /** It was sent, or nobody wants it any more. */
  readonly forget: () => void
} {
  const session = useSession()
  const shown = shallowRef(first())
  /** Counts what happened to the text: a reading that took longer than a key does not undo it. */
  let turn = 0

  watch(
    name,
    async (wanted) => {
      const mine = ++turn
      shown.value = first()
      const kept = await session.device?.kept(nameOf(wanted)).catch(() => undefined)
      if (mine === turn && typeof kept === 'string') shown.value = kept
    },
    { immediate: true },
  )

  /** A full tablet keeps it on the screen alone. */
  function keep(text: string | undefined): void {
    turn += 1
    session.device?.keep(nameOf(name()), text === '' ? undefined : text).catch(() => undefined)
  }

  return {
    text: computed({
      get: () => shown.value,
      set(typed) {
        shown.value = typed
        keep(typed)
      },
    }),
    forget() {
      shown.value = first()
      keep(undefined)
    },
  }
}

const nameOf = (name: string): string => `writing/${name}`
