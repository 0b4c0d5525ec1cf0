/** Rules of reports for a test in which certain keys take no changes: the bureau has the report that they are part of. */
import type { ReportRules } from '#sync/judge'

export function lockedReports(isLocked: (key: string) => boolean): ReportRules {
  return {
    stateOf: (key) => (isLocked(key) ? 'w/2024/locked' : undefined),
    keysOf: () => [],
    isLocked: () => true,
    vouchedBy: () => undefined,
    recovered: { state: 'returned', recovered: true },
  }
}
