/** That a report with the bureau is late, in words. Whoever shows them has loaded the messages of `report`. */
import { isLate, timeToLocal, TIME_ZONE, type OpenWindow } from '#domain/window'
import { t } from '../i18n/i18n'
import { momentWords } from './window-words'

/**
 * `received`: by the server's clock; `skew`: how far this tablet's is ahead of it, and `now` this tablet's. Milliseconds. Nothing where it came
 * in time, or where nobody can know yet; a school that is given more time is not late any more.
 */
export function lateWords(of: {
  readonly window: OpenWindow | undefined
  readonly received: number | undefined
  /** It waits for the network: it is late if it arrives now. */
  readonly isOnDevice: boolean
  readonly now: number
  readonly skew: number
  /** The district's: both times are read off its clocks. */
  readonly timeZone: string | undefined
}): string | undefined {
  const { window, received, isOnDevice, now, skew, timeZone = TIME_ZONE } = of
  if (window?.due === undefined) return undefined
  const due = momentWords(window.due, now)
  if (isOnDevice) return isLate(window, now - skew) ? t('report.willBeLate', { due }) : undefined
  if (received === undefined || !isLate(window, received)) return undefined
  return t('report.wasLate', { received: momentWords({ local: timeToLocal(received, timeZone) }, now), due })
}
