/** How urgent a finding is, in words: what counts is the day while it is open, and its state after that. */
import { isOverdue, type FindingState } from '#domain/finding'
import { t } from '#client/i18n/i18n'
import { dayInWords, daysBetween } from '#client/state/days'
import { FINDING_LOOKS } from './finding-looks'

type Dated = { readonly state: FindingState; readonly due?: string | undefined }

export type DueWords = {
  readonly text: string
  readonly icon: string
  readonly tone: 'bad' | 'accent' | 'primary' | 'ok' | 'idle'
}

export function dueWords(finding: Dated, today: string): DueWords {
  const { state, due } = finding
  const look = FINDING_LOOKS[state]
  if (state !== 'open') return { text: t(look.word), icon: look.icon, tone: look.tone }
  if (due === undefined) return { text: t('inspection.due.none'), icon: 'clock', tone: 'accent' }
  if (isOverdue({ state, due }, today)) {
    return { text: t('inspection.due.over', { n: daysBetween(due, today) }), icon: 's-error', tone: 'bad' }
  }
  const text = due === today ? t('inspection.due.isToday') : t('inspection.due.until', { day: dayInWords(due, today) })
  return { text, icon: 'clock', tone: 'accent' }
}

/** How many are not over, and how many of them are too late. */
export function pendingWords(findings: readonly Dated[], today: string): string {
  const pending = findings.filter(({ state }) => state === 'open' || state === 'claimed')
  const overdue = pending.filter(({ state, due }) => isOverdue({ state, due }, today)).length
  return t('inspection.findings.sub', { open: pending.length, overdue })
}
