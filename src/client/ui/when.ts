/**
 * Moments in words: "刚刚", "今天 10:30", "昨天 17:32", "12 月 9 日 08:05". Both arguments in milliseconds since 1970; what no calendar has, as
 * from a clock that went astray, is "时间不明".
 */
import { t } from '#client/i18n/i18n'

const JUST_NOW_MS = 60_000
/** The range of dates that JavaScript has. */
const TIME_MAX_MS = 8.64e15

const isTime = (at: number): boolean => Math.abs(at) <= TIME_MAX_MS

/** For a `<time datetime>`; left out where no calendar has it. */
export const machineTime = (at: number): string | undefined => (isTime(at) ? new Date(at).toISOString() : undefined)

export function whenWords(at: number, now: number): string {
  if (!isTime(at)) return t('common.when.unknown')
  if (now - at >= 0 && now - at < JUST_NOW_MS) return t('common.when.justNow')
  const day = new Date(at)
  const time = clockTime(at)
  const values = { year: day.getFullYear(), month: day.getMonth() + 1, day: day.getDate(), time }
  if (isSameDay(at, now)) return t('common.when.today', values)
  if (isSameDay(at, dayBefore(now))) return t('common.when.yesterday', values)
  if (day.getFullYear() === new Date(now).getFullYear()) return t('common.when.date', values)
  return t('common.when.otherYear', values)
}

export function dayWords(at: number): string {
  if (!isTime(at)) return t('common.when.unknown')
  const day = new Date(at)
  return t('common.when.day', { month: day.getMonth() + 1, day: day.getDate() })
}

/** 24 hours, two digits each. */
export function clockTime(at: number): string {
  if (!isTime(at)) return t('common.when.unknown')
  const day = new Date(at)
  return `${twoDigits(day.getHours())}:${twoDigits(day.getMinutes())}`
}

export function isSameDay(a: number, b: number): boolean {
  return startOfDay(a) === startOfDay(b)
}

/** Midnight of the device's own time zone. */
export function startOfDay(at: number): number {
  const day = new Date(at)
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime()
}

function dayBefore(at: number): number {
  const day = new Date(at)
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - 1).getTime()
}

const twoDigits = (n: number): string => String(n).padStart(2, '0')
