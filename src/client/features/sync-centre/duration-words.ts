import { t } from '#client/i18n/i18n'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Below this a difference of clocks is the network's delay. */
const RIGHT_WITHIN_MS = 5 * SECOND_MS

/** A length of time in the largest unit that fits, rounded. */
export function durationWords(ms: number): string {
  if (ms < 2 * MINUTE_MS) return t('sync-centre.seconds', { n: Math.round(ms / SECOND_MS) })
  if (ms < 2 * HOUR_MS) return t('sync-centre.minutes', { n: Math.round(ms / MINUTE_MS) })
  if (ms < 2 * DAY_MS) return t('sync-centre.hours', { n: Math.round(ms / HOUR_MS) })
  return t('sync-centre.days', { n: Math.round(ms / DAY_MS) })
}

/** `skew`: device clock minus server clock, milliseconds. */
export function clockWords(skew: number | undefined): string {
  if (skew === undefined) return t('sync-centre.clockUnknown')
  if (Math.abs(skew) < RIGHT_WITHIN_MS) return t('sync-centre.clockRight')
  return t(skew > 0 ? 'sync-centre.clockAhead' : 'sync-centre.clockBehind', { time: durationWords(Math.abs(skew)) })
}
