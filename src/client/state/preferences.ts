/** How this person likes this screen. Kept in localStorage: it must be there before the first paint, and losing it harms nobody. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { setLanguage } from '#client/i18n/i18n'
import type { Language } from '#domain/text'
import { applyTheme, readKept, writeKept, type Hand, type PhotoPlace, type Theme } from './kept-preferences'

export const usePreferences = defineStore('preferences', () => {
  const start = readKept()
  const theme = ref<Theme>(start.theme)
  const language = ref<Language>(start.language)
  const hand = ref<Hand>(start.hand)
  const photoPlace = ref<PhotoPlace>(start.photoPlace)

  watch([theme, language, hand, photoPlace], () => {
    const kept = { theme: theme.value, language: language.value, hand: hand.value, photoPlace: photoPlace.value }
    writeKept(kept)
    applyTheme(kept)
  })
  watch(language, (next) => void setLanguage(next))

  return { theme, language, hand, photoPlace }
})
