import { t } from '#client/i18n/i18n'
import type { StateName } from '#client/ui/state-looks'
import { whenWords } from '#client/ui/when'
import type { Tablet } from '#domain/tablet'
import { DAY_MS, HOUR_MS, isClockWrong, MINUTE_MS, type TabletRow, type Worry } from './tablets-model'

/** A length of time in the largest unit that fits, rounded; at least a minute. */
export function spanWords(ms: number): string {
  if (ms < 2 * HOUR_MS) return t('tablets.minutes', { n: Math.max(1, Math.round(ms / MINUTE_MS)) })
  if (ms < 2 * DAY_MS) return t('tablets.hours', { n: Math.round(ms / HOUR_MS) })
  return t('tablets.days', { n: Math.round(ms / DAY_MS) })
}

/** A space stands between digits and characters, none between characters. */
export const momentWords = (at: number, now: number): string => whenWords(at, now).replace(/\d$/, '$& ')

export const WORRY_STATES: Readonly<Record<Worry, StateName>> = {
  stuck: 'warn',
  full: 'warn',
  refused: 'refused',
  conflicts: 'conflict',
  clock: 'warn',
  silent: 'warn',
}

export function worryWords(worry: Worry, { tablet, waitedMs, silentMs }: TabletRow): string {
  switch (worry) {
    case 'stuck':
      return t('tablets.worry.stuck', { n: tablet.unsent + tablet.files, time: spanWords(waitedMs ?? 0) })
    case 'full':
      return t('tablets.worry.full')
    case 'refused':
      return t('tablets.worry.refused', { n: tablet.refused })
    case 'conflicts':
      return t('tablets.worry.conflicts', { n: tablet.conflicts })
    case 'clock':
      return t('tablets.worry.clock')
    case 'silent':
      return t('tablets.worry.silent', { time: spanWords(silentMs) })
  }
}

export function clockWords(tablet: Pick<Tablet, 'clockAhead'>): string {
  if (!isClockWrong(tablet)) return t('tablets.clockRight')
  const { clockAhead } = tablet
  return t(clockAhead > 0 ? 'tablets.clockAhead' : 'tablets.clockBehind', { time: spanWords(Math.abs(clockAhead)) })
}

export function storageWords({ storage: { used, quota } }: Pick<Tablet, 'storage'>): string {
  if (used === undefined || quota === undefined || quota <= 0) return t('tablets.storageUnknown')
  // Rounded up: what is used is never shown as nothing.
  return t('tablets.used', { percent: Math.min(100, Math.ceil((100 * used) / quota)) })
}

export function keptWords({ storage: { persisted } }: Pick<Tablet, 'storage'>): string | undefined {
  return persisted === undefined ? undefined : t(persisted ? 'tablets.kept' : 'tablets.notKept')
}

export function revokedWords(revoked: NonNullable<Tablet['revoked']>, now: number): string {
  const when = momentWords(revoked.at, now)
  return t(revoked.told === undefined ? 'tablets.revokedUntold' : 'tablets.revokedTold', { when })
}
