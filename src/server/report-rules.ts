/** Which cells of an org unit make a report, for the judge: the plan's data sets met with the keys of the stream. */
import type { OrgUnit } from '#domain/org-unit'
import { answeredElements, isEnteredByUnit } from '#plan/applicability'
import type { Plan } from '#plan/plan'
import type { ReportRules } from '#sync/judge'
import { parseKey, reportKey } from '#sync/protocol'
import { keysOfReport } from '#sync/report-digest'
import { isLockedBy, vouchedBy } from '#sync/rights'

/** `against`: what else stands against a report's step; see `ReportRules`. */
export function reportRules(plan: Plan, unit: OrgUnit, against?: ReportRules['against']): ReportRules {
  return {
    stateOf: (key) => stateKeyOf(plan, unit, key),
    keysOf: (stateKey) => {
      const parsed = parseKey(stateKey)
      return parsed.kind === 'report' ? keysOfReport(parsed.period, answeredElements(plan, parsed.dataSet, unit)) : []
    },
    isLocked: isLockedBy,
    vouchedBy,
    recovered: { state: 'returned', recovered: true },
    against,
  }
}

/** Only what the unit itself answers: a third party's results, and what the bureau enters, come whenever they come. */
function stateKeyOf(plan: Plan, unit: OrgUnit, key: string): string | undefined {
  const parsed = parseKey(key)
  if (parsed.kind === 'mark') return reportKey(parsed.period, parsed.dataSet)
  const at = parsed.kind === 'file' ? parsed.ownerKey : parsed
  if (at.kind !== 'value' && at.kind !== 'remark') return undefined
  const asked = plan.elements.get(at.element)
  return asked === undefined || !isEnteredByUnit(asked, unit) ? undefined : reportKey(at.period, asked.dataSet.id)
}
