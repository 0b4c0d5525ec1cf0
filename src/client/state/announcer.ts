/** The one status region: short sentences that a screen reader says and that float for a moment. Never the only record. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Long enough to read a short sentence twice. */
const SHOWN_MS = 5000

export const useAnnouncer = defineStore('announcer', () => {
  const sentence = shallowRef('')
  let hide: ReturnType<typeof setTimeout> | undefined

  function say(text: string): void {
    clearTimeout(hide)
    sentence.value = text
    hide = setTimeout(() => (sentence.value = ''), SHOWN_MS)
  }

  return { sentence, say }
})
