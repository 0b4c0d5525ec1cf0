/**
 * Reports that are due in three days, or whose time is over, and which schools have not handed them in: one digest for each data set,
 * period, occasion and end.
 *
 * ```
 *     three days before, 08:00         due                    seven days behind it
 *   ────────┼───────── dueSoon ─────────┼───────── overdue ─────────┼────
 * ```
 * A school that was given longer counts by its own end, and so is named in a digest of its own. Nothing is begun at night: both are put
 * only between 08:00 and 20:00 by the district's clocks.
 */
import { isLocked } from '#domain/report'
import { MINUTE_MS, localToTime, timeToLocal, windowOf, type Moment, type Windows } from '#domain/window'
import type { ReportId, RowState } from '#plan/report-wire'

export type DueDigest = {
  readonly occasion: 'dueSoon' | 'overdue'
  readonly period: string
  readonly dataSet: string
  /** `YYYY-MM-DDTHH:mm`. */
  readonly due: string
  readonly orgUnits: readonly string[]
}

const DAY_MS = 24 * 3_600_000
const DAYS_BEFORE = 3
/** A server that stood still over a holiday still tells; a robot that is new does not begin with last year. */
const DAYS_BEHIND = 7
const MORNING = '08:00'
const EVENING = '20:00'

/** What is to be told of one report, by the school. */
export type DueReport = {
  readonly period: string
  readonly dataSet: string
  readonly of: (orgUnit: string) => Due | undefined
}
type Due = { readonly occasion: DueDigest['occasion']; readonly due: string }

/** Those of which there is something to tell: of the others no school has to be looked at. */
export function dueReports(windows: Windows, now: number): readonly DueReport[] {
  const { timeZone } = windows
  if (!isDaytime(now, timeZone)) return []
  return windows.windows.flatMap(({ period, dataSet, extensions }) => {
    // Worked out once for each end, and not for each of three thousand schools.
    const dueOf = (orgUnit: string): Due | undefined => {
      const due = windowOf(windows, { period, dataSet, orgUnit })?.due
      const occasion = due === undefined ? undefined : occasionAt(due, now, timeZone)
      return due === undefined || occasion === undefined ? undefined : { occasion, due: due.local }
    }
    const ofAll = dueOf('')
    const extended = new Map(extensions.map(({ orgUnit }) => [orgUnit, dueOf(orgUnit)]))
    const isNothing = ofAll === undefined && [...extended.values()].every((due) => due === undefined)
    return isNothing ? [] : [{ period, dataSet, of: (orgUnit) => (extended.has(orgUnit) ? extended.get(orgUnit) : ofAll) }]
  })
}

/** `rows`: of all schools that are asked for these reports. */
export function dueDigests(
  reports: readonly DueReport[],
  rows: Iterable<ReportId & { readonly state: RowState }>,
): readonly DueDigest[] {
  const byName = new Map(reports.map((report) => [`${report.period}/${report.dataSet}`, report]))
  const digests = new Map<string, DueDigest & { readonly orgUnits: string[] }>()
  for (const { orgUnit, period, dataSet, state } of rows) {
    const due = isLocked(state) ? undefined : byName.get(`${period}/${dataSet}`)?.of(orgUnit)
    if (due === undefined) continue
    const name = nameOf({ ...due, period, dataSet })
    const digest = digests.get(name)
    if (digest === undefined) digests.set(name, { ...due, period, dataSet, orgUnits: [orgUnit] })
    else digest.orgUnits.push(orgUnit)
  }
  return [...digests.values()]
}

/** What makes a digest another one than any before. */
export const nameOf = ({ occasion, period, dataSet, due }: Omit<DueDigest, 'orgUnits'>): string =>
  `${occasion}/${period}/${dataSet}/${due}`

function occasionAt(due: Moment, now: number, timeZone: string): DueDigest['occasion'] | undefined {
  if (now >= due.at + MINUTE_MS) return now < due.at + DAYS_BEHIND * DAY_MS ? 'overdue' : undefined
  const day = timeToLocal(due.at - DAYS_BEFORE * DAY_MS, timeZone).slice(0, 10)
  return now >= localToTime(`${day}T${MORNING}`, timeZone) ? 'dueSoon' : undefined
}

function isDaytime(now: number, timeZone: string): boolean {
  const time = timeToLocal(now, timeZone).slice(11)
  return time >= MORNING && time < EVENING
}
