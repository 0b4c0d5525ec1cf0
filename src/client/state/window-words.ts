/** A moment of a window in words, as it is read off a wall clock in the district: "12 月 20 日 17:00". */
import type { Moment } from '#domain/window'
import { t } from '../i18n/i18n'

/** `now`: milliseconds since 1970; another year's moment is said with its year. */
export function momentWords({ local }: Pick<Moment, 'local'>, now: number): string {
  const [year = '', month = '', day = '', time = ''] = local.split(/[-T]/)
  const values = { year, month: Number(month), day: Number(day), time }
  return t(year === String(new Date(now).getFullYear()) ? 'common.when.date' : 'common.when.otherYear', values)
}

const DAY_MS = 86_400_000

/** Whole days to go, the last one counted: 0 in the last day's hours; negative behind it. */
export function daysLeft(due: Pick<Moment, 'at'>, now: number): number {
  return Math.floor((due.at - now) / DAY_MS)
}
