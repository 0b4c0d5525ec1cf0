/** What a verdict looks like, and the key that says it. */
import type { ItemVerdict } from '#domain/inspection'
import type { MessageKey } from '#client/i18n/i18n'

type Look = { readonly verdict: ItemVerdict | undefined; readonly icon: string; readonly tone: string; readonly word: MessageKey }

/** In the order of the dock. Without a verdict an item has not been looked at. */
export const VERDICT_LOOKS: readonly Look[] = [
  { verdict: 'met', icon: 's-ok', tone: 'ok', word: 'record.verdict.met' },
  { verdict: 'unmet', icon: 's-bad', tone: 'bad', word: 'record.verdict.unmet' },
  { verdict: 'notApplicable', icon: 's-na', tone: 'na', word: 'record.verdict.notApplicable' },
  { verdict: undefined, icon: 's-todo', tone: 'todo', word: 'record.verdict.none' },
]

/** 1-4, as they stand in the dock. */
export const VERDICT_KEYS: Readonly<Record<string, ItemVerdict | undefined>> = Object.fromEntries(
  VERDICT_LOOKS.map(({ verdict }, at) => [String(at + 1), verdict]),
)
