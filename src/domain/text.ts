/** A text in the interface's two languages. Simplified Chinese is the original, English the translation. */
export type Text = { readonly zh: string; readonly en: string }

export type Language = keyof Text

export const LANGUAGES: readonly Language[] = ['zh', 'en']
