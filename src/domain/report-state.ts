/**
 * The states of a report, for whoever only reads where one stands. Apart from `report.ts`, so that a form can open without the schemas of
 * what may be said about it.
 */

/** As entered; a report without one is open. */
export const REPORT_STATES = ['submitted', 'reviewing', 'approved', 'returned', 'withdrawn', 'reopened'] as const
export type ReportState = (typeof REPORT_STATES)[number]

export function isReportState(state: unknown): state is ReportState {
  return REPORT_STATES.some((known) => known === state)
}

/** Whether the values of a report stay as they are. One in a state of another version's is left open: nothing typed is lost by it. */
export function isLocked(state: string | undefined): boolean {
  return state === 'submitted' || state === 'reviewing' || state === 'approved'
}
