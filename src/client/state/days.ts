/** Days as records hold them, `YYYY-MM-DD`, in the device's own time zone. */
import { t } from '../i18n/i18n'

/** `at`: milliseconds since 1970. */
export function dayOf(at: number): string {
  const day = new Date(at)
  return [day.getFullYear(), twoDigits(day.getMonth() + 1), twoDigits(day.getDate())].join('-')
}

/** Noon, so that no change of clocks makes it another day. */
export function momentOf(day: string): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date, 12).getTime()
}

export function daysAfter(day: string, days: number): string {
  const moment = new Date(momentOf(day))
  moment.setDate(moment.getDate() + days)
  return dayOf(moment.getTime())
}

/** From one day to another; negative where the other is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((momentOf(to) - momentOf(from)) / 86_400_000)
}

/** "12 月 19 日"; with its year where that is another one. */
export function dayInWords(day: string, today: string): string {
  const [year = '', month = '', date = ''] = day.split('-')
  const values = { year, month: Number(month), day: Number(date) }
  return day.slice(0, 4) === today.slice(0, 4)
    ? t('common.when.day', values)
    : t('common.when.otherYear', { ...values, time: '' })
}

const twoDigits = (n: number): string => String(n).padStart(2, '0')
