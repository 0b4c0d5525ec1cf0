/**
 * Keeps an input's text out of Vue's hands while it has the focus: a render must never rewrite what somebody is typing, move the
 * caret or end a composition. Without the focus the input shows what it is given.
 *
 * What is typed comes back as the given value once it is stored. Leaving the field is sometimes quicker than that: then the typed
 * text stays until it does, instead of the old value for a blink.
 */
import { onMounted, onScopeDispose, watch, type Ref } from 'vue'

/** What came back before the field was left, in another writing (`4万` as `40000`), is shown after this long at the latest. */
const OTHER_WRITING_MS = 300

type Input = HTMLInputElement | HTMLTextAreaElement

export type TypedText = {
  readonly start: () => void
  readonly typed: (event: Event) => void
  readonly composed: () => void
  readonly leave: () => void
}

export function useTypedText(needs: {
  readonly input: Readonly<Ref<Input | undefined>>
  readonly value: () => string
  readonly onStart: () => void
  readonly onType: (text: string) => void
  readonly onSettle: () => void
}): TypedText {
  /** A field that is taken away while it has the focus is left when its element is gone. */
  const here = (): Input | undefined => needs.input.value ?? undefined
  let focused = false
  /** Something was typed that has not come back as the given value yet. */
  let isOut = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function type(): void {
    const element = here()
    if (element === undefined) return
    isOut = true
    needs.onType(element.value)
  }

  const show = (): void => {
    const element = here()
    if (element !== undefined && !focused && element.value !== needs.value()) element.value = needs.value()
  }
  onMounted(() => {
    // Also where the focus was here first: an opening dialog gives it before anything is mounted.
    const element = here()
    if (element !== undefined) element.value = needs.value()
  })
  watch(
    needs.value,
    () => {
      // While one types on, an older text comes back first.
      if (!focused || here()?.value === needs.value()) isOut = false
      show()
    },
    { flush: 'post' },
  )
  onScopeDispose(() => clearTimeout(timer))

  return {
    start() {
      focused = true
      needs.onStart()
    },
    typed(event) {
      // Letters of an unfinished composition are not text yet; its end brings the text.
      if (event instanceof InputEvent && event.isComposing) return
      type()
    },
    composed: type,
    leave() {
      focused = false
      needs.onSettle()
      if (!isOut) show()
      clearTimeout(timer)
      timer = setTimeout(() => {
        isOut = false
        show()
      }, OTHER_WRITING_MS)
    },
  }
}
