/** A text in the interface's two languages. Simplified Chinese is the original, English the translation. */
export type Text = { readonly zh: string; readonly en: string }

/**
 * Whether every store and language gives the text back as it was: without NUL, at which some end a text, and without half a surrogate
 * pair, which has no form in UTF-8.
 */
export function isPlainText(text: string): boolean {
  return !text.includes('\0') && !/[\ud800-\udfff]/u.test(text)
}

export type Language = keyof Text

export const LANGUAGES: readonly Language[] = ['zh', 'en']
