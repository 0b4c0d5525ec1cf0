/**
 * The queue as its screen shows it: three tabs, what narrows it, and one line about each report.
 *
 * | tab      | states                                                                    |
 * |----------|---------------------------------------------------------------------------|
 * | waiting  | submitted, reviewing: something is to be decided                            |
 * | returned | returned, reopened, withdrawn: with the school once more                    |
 * | approved | approved                                                                    |
 */
import { ORG_UNIT_TYPES, type OrgUnitType } from '#domain/org-unit'
import type { ReportState } from '#domain/report'
import type { ReportId, ReportRow, ReportsAnswer, RowState } from '#plan/report-wire'

export const TABS = ['waiting', 'returned', 'approved'] as const
export type Tab = (typeof TABS)[number]

const STATES: Readonly<Record<Tab, readonly ReportState[]>> = {
  waiting: ['submitted', 'reviewing'],
  returned: ['returned', 'reopened', 'withdrawn'],
  approved: ['approved'],
}

export const ONLY = ['changed', 'late', 'warnings'] as const
export type Only = (typeof ONLY)[number]

export type QueueFilter = {
  readonly period: string
  readonly tab: Tab
  readonly type: OrgUnitType | ''
  readonly dataSet: string
  /** Part of a school's name or code. */
  readonly text: string
  readonly only: readonly Only[]
}

/** Kinds of org units that report. */
export const SCHOOL_TYPES = ORG_UNIT_TYPES.filter((type) => type !== 'district')

/** As the route names them. Whoever waits longest is first; of what was decided, the last. */
export function queryOf({ period, tab, type, dataSet, text, only }: QueueFilter): Readonly<Record<string, string>> {
  return {
    period,
    state: STATES[tab].join(','),
    type,
    dataSet,
    q: text.trim(),
    only: only.join(','),
    sort: tab === 'waiting' ? 'waiting' : 'received',
  }
}

export function countOf(counts: ReportsAnswer['counts'] | undefined, tab: Tab): number | undefined {
  return counts === undefined ? undefined : STATES[tab].reduce((sum, state) => sum + counts[state], 0)
}

export const tabOf = (state: RowState): Tab | undefined => TABS.find((tab) => STATES[tab].some((one) => one === state))

export const idOf = ({ orgUnit, period, dataSet }: ReportId): string => `${orgUnit}/${period}/${dataSet}`
export const addressOf = (report: ReportId): string => `/review/${idOf(report)}`

/**
 * What a row says of itself; the first that holds. What was decided on this device leaves the tab at once, although the server has not
 * been asked again.
 */
export type RowNote =
  | { readonly kind: 'errors' | 'again' | 'unanswered' | 'warnings' | 'marks'; readonly n: number }
  | { readonly kind: 'late' | 'reviewing' | 'first' | 'approved' | 'reopened' | 'withdrawn' | 'returned' }

export function noteOf(row: ReportRow): RowNote {
  const { state, errors = 0, unanswered = 0, warnings = 0 } = row
  if (state === 'approved' || state === 'reopened' || state === 'withdrawn') return { kind: state }
  if (state === 'returned') return row.marks > 0 ? { kind: 'marks', n: row.marks } : { kind: 'returned' }
  if (errors > 0) return { kind: 'errors', n: errors }
  if (row.round > 1) return { kind: 'again', n: row.changed ?? 0 }
  if (unanswered > 0) return { kind: 'unanswered', n: unanswered }
  if (row.late) return { kind: 'late' }
  if (state === 'reviewing') return { kind: 'reviewing' }
  return warnings > 0 ? { kind: 'warnings', n: warnings } : { kind: 'first' }
}

/** `moved`: states entered on this device since the rows came, by `idOf`. */
export function rowsInTab(
  rows: readonly ReportRow[],
  { tab, moved }: { readonly tab: Tab; readonly moved: ReadonlyMap<string, RowState> },
): readonly ReportRow[] {
  return rows.flatMap((row) => {
    const state = moved.get(idOf(row)) ?? row.state
    return tabOf(state) === tab ? [{ ...row, state }] : []
  })
}

/** The one behind it, or the first; `undefined`: there is no other. */
export function nextAfter(rows: readonly ReportRow[], id: string): ReportRow | undefined {
  const at = rows.findIndex((row) => idOf(row) === id)
  const next = rows[at + 1] ?? rows[0]
  return next === undefined || idOf(next) === id ? undefined : next
}
