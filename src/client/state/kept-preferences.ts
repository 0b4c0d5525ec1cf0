/** Preferences as localStorage keeps them. Apart from the store, so that the theme is set before anything else is loaded. */
import type { Language } from '#domain/text'

export const THEMES = ['system', 'light', 'dark', 'outdoor'] as const
export type Theme = (typeof THEMES)[number]
export const HANDS = ['right', 'left'] as const
export type Hand = (typeof HANDS)[number]
/** Whether the place is drawn into photos. */
export const PHOTO_PLACES = ['without', 'with'] as const
export type PhotoPlace = (typeof PHOTO_PLACES)[number]
export type Preferences = {
  readonly theme: Theme
  readonly language: Language
  readonly hand: Hand
  readonly photoPlace: PhotoPlace
}

const KEY = 'preferences'
const INITIAL: Preferences = { theme: 'system', language: 'zh', hand: 'right', photoPlace: 'without' }

export function readKept(): Preferences {
  const kept: Record<string, unknown> = parse(storageText())
  return {
    theme: THEMES.find((theme) => theme === kept['theme']) ?? INITIAL.theme,
    language: kept['language'] === 'en' ? 'en' : INITIAL.language,
    hand: kept['hand'] === 'left' ? 'left' : INITIAL.hand,
    photoPlace: kept['photoPlace'] === 'with' ? 'with' : INITIAL.photoPlace,
  }
}

export function writeKept(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences))
  } catch {
    // Storage is switched off: the choice holds until the tab closes, which is all that can be had.
  }
}

/** Without `data-theme` the system decides between light and dark. */
export function applyTheme({ theme, hand }: Pick<Preferences, 'theme' | 'hand'>): void {
  const root = document.documentElement
  if (theme === 'system') delete root.dataset['theme']
  else root.dataset['theme'] = theme
  if (hand === 'right') delete root.dataset['hand']
  else root.dataset['hand'] = hand
}

function storageText(): string {
  try {
    return localStorage.getItem(KEY) ?? '{}'
  } catch {
    return '{}'
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? { ...json } : {}
  } catch {
    return {}
  }
}
