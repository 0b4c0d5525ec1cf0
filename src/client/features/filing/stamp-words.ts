/** A moment as papers say it, in full: year, month, day and the hour, in digits. */
import { clockTime } from '#client/ui/when'

export function stampWords(at: number): string {
  const day = new Date(at)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${String(day.getFullYear())}-${two(day.getMonth() + 1)}-${two(day.getDate())} ${clockTime(at)}`
}
