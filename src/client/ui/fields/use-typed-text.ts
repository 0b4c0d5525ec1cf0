/**
 * Keeps an input's text out of Vue's hands while it has the focus: a render must never rewrite what somebody is typing, move the
 * caret or end a composition. Without the focus the input shows what it is given.
 */
import { onMounted, watch, type Ref } from 'vue'

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
  const { input } = needs
  let focused = false

  const show = (): void => {
    const element = input.value
    if (element !== undefined && !focused && element.value !== needs.value()) element.value = needs.value()
  }
  onMounted(show)
  watch(needs.value, show, { flush: 'post' })

  return {
    start() {
      focused = true
      needs.onStart()
    },
    typed(event) {
      // Letters of an unfinished composition are not text yet; its end brings the text.
      if (event instanceof InputEvent && event.isComposing) return
      if (input.value !== undefined) needs.onType(input.value.value)
    },
    composed() {
      if (input.value !== undefined) needs.onType(input.value.value)
    },
    leave() {
      focused = false
      needs.onSettle()
      show()
    },
  }
}
