/** What a finding's state looks like, and which steps lead out of it. */
import type { FindingState } from '#domain/finding'
import type { MessageKey } from '#client/i18n/i18n'

export type FindingLook = {
  readonly icon: string
  readonly tone: 'accent' | 'primary' | 'ok' | 'idle'
  readonly word: MessageKey
}

export const FINDING_LOOKS: Readonly<Record<FindingState, FindingLook>> = {
  open: { icon: 's-warn', tone: 'accent', word: 'record.findingState.open' },
  claimed: { icon: 's-sent', tone: 'primary', word: 'record.findingState.claimed' },
  closed: { icon: 's-ok', tone: 'ok', word: 'record.findingState.closed' },
  withdrawn: { icon: 's-na', tone: 'idle', word: 'record.findingState.withdrawn' },
}
