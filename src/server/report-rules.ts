/** Which cells of an org unit make a report, and what stands against its steps, for the judge: the plan met with the keys of the stream. */
import type { OrgUnit } from '#domain/org-unit'
import { answeredElements, isEnteredByUnit } from '#plan/applicability'
import { check, elementsOfErrors, isBlocked } from '#plan/check'
import type { Plan } from '#plan/plan'
import type { CellValue } from '#plan/typed'
import type { ReportMove, ReportRules } from '#sync/judge'
import { parseKey, reportKey, valueKey, type Rejection } from '#sync/protocol'
import { keysOfReport } from '#sync/report-digest'
import { isLockedBy, reportStateOf, vouchedBy } from '#sync/rights'
import { headsToValue } from './figures'

/** What is not in the cells that a step is judged by; read before the stream is locked. */
export type StepFacts = {
  /** Whether a file that the report with this state names has not arrived. Nothing can be named anew while it is with the bureau. */
  readonly lacksFiles: (stateKey: string) => boolean
  /** Whether the report with this state may not be handed in at this moment. */
  readonly isClosed: (stateKey: string) => boolean
}

/** Of steps that lead nowhere but to the school: no fact stands against them. */
export const NO_FACTS: StepFacts = { lacksFiles: () => false, isClosed: () => false }

export function reportRules(plan: Plan, unit: OrgUnit, facts: StepFacts = NO_FACTS): ReportRules {
  return {
    stateOf: (key) => stateKeyOf(plan, unit, key),
    keysOf: (stateKey) => {
      const parsed = parseKey(stateKey)
      return parsed.kind === 'report' ? keysOfReport(parsed.period, answeredElements(plan, parsed.dataSet, unit)) : []
    },
    readsOf: (stateKey) => {
      const parsed = parseKey(stateKey)
      if (parsed.kind !== 'report' || !plan.dataSets.has(parsed.dataSet)) return []
      return elementsOfErrors(plan, parsed.dataSet, unit).map((element) => valueKey(parsed.period, element))
    },
    isLocked: isLockedBy,
    vouchedBy,
    recovered: { state: 'returned', recovered: true },
    against: (step) => whatStandsAgainst(plan, unit, facts, step),
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

/**
 * | the step               | is refused as  | where                                                          |
 * |------------------------|----------------|----------------------------------------------------------------|
 * | any                    | invalid        | the plan does not ask the unit for this report in this period  |
 * | submitted              | closed         | its window is not open yet, or not any more, by the server's clock |
 * | submitted              | unready        | errors block it, by the same check as on the tablet            |
 * | approved               | missing photos | a file that it names has not arrived                           |
 */
function whatStandsAgainst(plan: Plan, unit: OrgUnit, facts: StepFacts, { key, to, cellAt }: ReportMove): Rejection | undefined {
  const parsed = parseKey(key)
  if (parsed.kind !== 'report' || !plan.document.periods.includes(parsed.period)) return 'invalid'
  const { period, dataSet } = parsed
  if (answeredElements(plan, dataSet, unit).length === 0) return 'invalid'
  const state = reportStateOf([{ value: to }])?.state
  if (state === 'approved') return facts.lacksFiles(key) ? 'missing photos' : undefined
  if (state !== 'submitted') return undefined
  if (facts.isClosed(key)) return 'closed'
  const valueAt = (element: string): CellValue | undefined => headsToValue(cellAt(valueKey(period, element))?.heads ?? [])
  return isBlocked(check(plan, dataSet, { unit, period, values: { get: valueAt } })) ? 'unready' : undefined
}
