/** Words that the cards of the sync centre share: where a cell stands, and when it was typed. */
import { cellWhere, type CellPlace } from '#client/state/cell-words'
import { useSession } from '#client/state/session'
import { useNow } from '#client/ui/use-now'
import { clockTime, isSameDay, machineTime, whenWords } from '#client/ui/when'
import { shownTime } from './shown-time'

export function useSyncWords() {
  const session = useSession()
  const now = useNow()
  const shown = (at: number): number => shownTime(at, session.device?.sync.skew)

  /** With the school's name where the person works for several. */
  function whereOf(place: CellPlace): string {
    const unit = session.ownUnits.length > 1 ? (session.unit(place.orgUnit)?.name ?? place.orgUnit) : undefined
    return cellWhere(session.plan, place, unit)
  }

  /** `at`: by this device's clock, which may say anything. */
  function timeOf(at: number): { readonly words: string; readonly machine: string | undefined } {
    const [time, today] = [shown(at), shown(now.value)]
    return { words: isSameDay(time, today) ? clockTime(time) : whenWords(time, today), machine: machineTime(time) }
  }

  return { now, whereOf, timeOf, shown }
}
