/** The weeks of a month as a calendar shows them, Monday first. Days are `YYYY-MM-DD`. */
import { dayOf, daysAfter, momentOf } from '#client/state/days'

export type Month = { readonly month: string; readonly weeks: readonly (readonly string[])[] }

/** `month`: `YYYY-MM`. Whole weeks, with the days of the months beside it. */
export function monthOf(month: string): Month {
  const first = `${month}-01`
  const start = daysAfter(first, -((new Date(momentOf(first)).getDay() + 6) % 7))
  const weeks: (readonly string[])[] = []
  for (let at = start; weeks.length === 0 || at.startsWith(month); at = daysAfter(at, 7)) {
    weeks.push([0, 1, 2, 3, 4, 5, 6].map((days) => daysAfter(at, days)))
  }
  return { month, weeks }
}

export function monthsAfter(month: string, months: number): string {
  const moment = new Date(momentOf(`${month}-01`))
  moment.setMonth(moment.getMonth() + months)
  return dayOf(moment.getTime()).slice(0, 7)
}

/** The same day of another month, or its last. */
export function dayInMonth(day: string, month: string): string {
  const wanted = `${month}-${day.slice(8)}`
  const last = daysAfter(`${monthsAfter(month, 1)}-01`, -1)
  return wanted < last ? wanted : last
}
