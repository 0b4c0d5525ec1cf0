/** What the server tells of all inspections, as lines of the page. What the plan has no more is left out. */
import type { InspectionSeen, InspectionsSeen, VerdictCounts } from '#domain/inspections-seen'
import type { OrgUnit } from '#domain/org-unit'
import type { Text } from '#domain/text'
import type { Plan } from '#plan/plan'
import type { InspectionTemplate } from '#plan/schema'
import type { InspectionRow } from './inspection-rows'

export type DistrictLine = {
  readonly id: string
  readonly title: Text
  readonly counts: VerdictCounts
  readonly unmet: number
  /** Items that concern their unit and that somebody has looked at. */
  readonly looked: number
}

export function linesOf(
  plan: Plan,
  groups: InspectionsSeen['groups'],
): readonly { readonly template: InspectionTemplate; readonly lines: readonly DistrictLine[] }[] {
  return (plan.document.inspections?.templates ?? []).map((template) => ({
    template,
    lines: template.groups.flatMap(({ id, title }) => {
      const counts = groups.find((one) => one.template === template.id && one.group === id)?.counts
      return counts === undefined ? [] : [{ id, title, counts, unmet: counts.unmet, looked: counts.met + counts.unmet }]
    }),
  }))
}

/** Findings are counted on their own page. */
export function lineOf(of: {
  readonly plan: Plan
  readonly unit: OrgUnit | undefined
  readonly period: string
  readonly seen: InspectionSeen
}): InspectionRow | undefined {
  const { plan, unit, period, seen } = of
  const template = plan.document.inspections?.templates.find(({ id }) => id === seen.template)
  if (template === undefined || unit === undefined) return undefined
  const { id, state, by, at, counts, planned } = seen
  const about = { template: template.id, period, planned, by }
  const record = { id, of: seen.of, about, state, why: undefined, by, at, base: [] }
  const items = Object.values(counts).reduce((sum, one) => sum + one, 0)
  return { unit, record, template, counts, items, pending: 0 }
}
