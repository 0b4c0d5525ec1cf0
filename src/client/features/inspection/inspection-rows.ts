/** Inspections as lines of a list. */
import type { OrgUnit } from '#domain/org-unit'
import { countVerdicts, itemsOf, type Counts } from '#plan/inspection'
import type { Plan } from '#plan/plan'
import type { InspectionTemplate } from '#plan/schema'
import type { ShownStream } from '#client/device/contract'
import { findingsIn, inspectionsIn, templateOf, verdictIn, type InspectionRecord } from '#client/state/records'

export type InspectionRow = {
  readonly unit: OrgUnit
  readonly record: InspectionRecord
  readonly template: InspectionTemplate
  readonly counts: Counts
  readonly items: number
  /** Raised at this inspection, and not over. */
  readonly pending: number
}

/** Of one period; an inspection of a list that the plan has no more is left out. */
export function inspectionRows(at: {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly stream: ShownStream
  readonly period: string
}): readonly InspectionRow[] {
  const { plan, unit, stream, period } = at
  const findings = findingsIn(stream).filter(({ state }) => state === 'open' || state === 'claimed')
  return inspectionsIn(stream).flatMap((record) => {
    const template = templateOf(plan, record)
    if (template === undefined || record.about.period !== period) return []
    const items = itemsOf(plan, unit, template)
    const counts = countVerdicts(items, (item) => verdictIn(stream, record.id, item))
    const pending = findings.filter(({ about }) => about.inspection === record.id).length
    return [{ unit, record, template, counts, items: items.length, pending }]
  })
}

/** What is under way first, then what comes next, then what is over, latest first. Cancelled ones are no plan of anybody's any more. */
export function inSections(rows: readonly InspectionRow[]) {
  const of = (...states: readonly InspectionRow['record']['state'][]) =>
    rows.filter(({ record }) => states.includes(record.state))
  const byDay = (one: InspectionRow, other: InspectionRow): number =>
    one.record.about.planned < other.record.about.planned ? -1 : 1
  return [
    { id: 'underway', rows: of('underway') },
    { id: 'planned', rows: of('planned').sort(byDay) },
    { id: 'over', rows: of('finished') },
  ] as const
}
