/**
 * Inspections: which lists a unit is gone through with, and whether what was seen agrees with what the unit reports.
 *
 * Nothing of an inspection changes a figure: it stands beside the reported value, and people decide.
 */
import type { InspectionKind, ItemVerdict } from '#domain/inspection'
import type { OrgUnit } from '#domain/org-unit'
import type { Plan, PlacedItem } from './plan'
import type { InspectionTemplate } from './schema'
import type { Values } from './typed'
import { hardwareOf, type HardwareState } from './unit-figures'
import { kindOf, matchesFilter, onceForKind } from './unit-kind'

export function templatesOf(plan: Plan, unit: OrgUnit): readonly InspectionTemplate[] {
  return (plan.document.inspections?.templates ?? []).filter((template) => itemsOf(plan, unit, template).length > 0)
}

/** Items of the list that concern the unit, in the list's order. */
export function itemsOf(plan: Plan, unit: OrgUnit, template: InspectionTemplate): readonly PlacedItem[] {
  return onceForKind(kindOf(plan, unit), template, () =>
    !matchesFilter(plan, template.units, unit)
      ? []
      : template.groups.flatMap((group) =>
          group.items
            .filter((item) => item.units === undefined || matchesFilter(plan, item.units, unit))
            .map((item) => ({ item, group, template })),
        ),
  )
}

export type Counts = Readonly<Record<ItemVerdict | 'unchecked', number>>

/** How many items have which verdict; those without one are unchecked. */
export function countVerdicts(items: readonly PlacedItem[], verdictOf: (item: string) => ItemVerdict | undefined): Counts {
  const counts = { met: 0, unmet: 0, notApplicable: 0, unchecked: 0 }
  for (const { item } of items) counts[verdictOf(item.id) ?? 'unchecked'] += 1
  return counts
}

/** What one inspection said of one item. */
export type Said = {
  readonly item: string
  readonly verdict: ItemVerdict
  readonly of: InspectionKind
  readonly inspection: string
  /** When, by that tablet's clock, milliseconds since 1970. */
  readonly at: number
}

/**
 * Of each item what counts: an inspector's word before the school's own, a later one before an earlier. The order in which they come
 * does not matter.
 */
export function lastWords(all: Iterable<Said>): ReadonlyMap<string, Said> {
  const words = new Map<string, Said>()
  for (const said of all) {
    const other = words.get(said.item)
    if (other === undefined || isBefore(other, said)) words.set(said.item, said)
  }
  return words
}

function isBefore(one: Said, other: Said): boolean {
  if (one.of !== other.of) return one.of === 'self'
  return one.at === other.at ? one.inspection < other.inspection : one.at < other.at
}

/**
 * | the unit reports | the inspection says | agreement |
 * |---|---|---|
 * | met, short, does not concern it | the same | agrees |
 * | met, short, does not concern it | another | contradicts |
 * | nothing, or nothing that can be read | anything | notReported |
 * | anything | nothing | notInspected |
 */
export type Agreement = {
  readonly placed: PlacedItem
  readonly hardware: HardwareState
  readonly verdict: ItemVerdict | undefined
  readonly agreement: 'agrees' | 'contradicts' | 'notReported' | 'notInspected'
}

/** Of each item that verifies a line of the hardware checklist, in the plan's order. */
export function agreementsOf(question: {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly values: Values
  readonly verdictOf: (item: string) => ItemVerdict | undefined
}): readonly Agreement[] {
  const { plan, unit, values, verdictOf } = question
  const reported = new Map(hardwareOf(plan, unit, values).map((state) => [state.check.id, state]))
  return templatesOf(plan, unit).flatMap((template) =>
    itemsOf(plan, unit, template).flatMap((placed) => {
      const hardware = reported.get(placed.item.check ?? '')
      if (hardware === undefined) return []
      const verdict = verdictOf(placed.item.id)
      return [{ placed, hardware, verdict, agreement: agreementOf(hardware.state, verdict) }]
    }),
  )
}

const VERDICT_OF: Readonly<Record<HardwareState['state'], ItemVerdict | undefined>> = {
  met: 'met',
  short: 'unmet',
  notApplicable: 'notApplicable',
  notReported: undefined,
  invalid: undefined,
}

function agreementOf(reported: HardwareState['state'], verdict: ItemVerdict | undefined): Agreement['agreement'] {
  if (verdict === undefined) return 'notInspected'
  const expected = VERDICT_OF[reported]
  if (expected === undefined) return 'notReported'
  return expected === verdict ? 'agrees' : 'contradicts'
}
