/**
 * What the plan demands of a single element, for the column beside its field.
 *
 * Only where the element's own number is what the target speaks of: a sum over the district, a mean, a value entered as it is, or
 * the element measured by a line of the hardware checklist. A ratio's target stands in the section's head.
 */
import type { OrgUnit } from '#domain/org-unit'
import type { Period } from '#domain/period'
import type { Text } from '#domain/text'
import { matchesUnits } from '#plan/applicability'
import { targetOf } from '#plan/figure'
import type { Plan } from '#plan/plan'
import type { Figure } from '#plan/schema'

export type TargetNote =
  | { readonly kind: 'target'; readonly target: number | string; readonly better: Figure['better']; readonly ofDistrict: boolean }
  | { readonly kind: 'demand'; readonly demand: Text }

export function targetNotesOf(plan: Plan, unit: OrgUnit, period: Period): ReadonlyMap<string, TargetNote> {
  const notes = new Map<string, TargetNote>()
  const expandedIdsOf = (elementId: string): readonly string[] => (plan.expansions.get(elementId) ?? []).map((asked) => asked.id)
  for (const check of plan.document.hardware?.checks ?? []) {
    const [measured] = check.elements
    if (measured === undefined || !matchesUnits(plan, check.units, unit)) continue
    for (const id of expandedIdsOf(measured)) notes.set(id, { kind: 'demand', demand: check.demand })
  }
  for (const { figure } of plan.figures.values()) {
    const target = targetOf(figure, period)
    if (target === null || !matchesUnits(plan, figure.units, unit)) continue
    const { measure } = figure
    const note = { kind: 'target', target, better: figure.better } as const
    if (
      measure.kind === 'sum' &&
      measure.divideBy === undefined &&
      measure.over === undefined &&
      measure.of.stages === undefined
    ) {
      for (const id of expandedIdsOf(measure.of.element)) notes.set(id, { ...note, ofDistrict: unit.type !== 'district' })
    } else if (measure.kind === 'weightedMean' && measure.of.stages === undefined) {
      for (const id of expandedIdsOf(measure.of.element)) notes.set(id, { ...note, ofDistrict: false })
    } else if (measure.kind === 'entered' && measure.divideBy === undefined) {
      for (const id of expandedIdsOf(measure.element)) notes.set(id, { ...note, ofDistrict: false })
    }
  }
  return notes
}
