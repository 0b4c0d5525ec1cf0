/**
 * What the inspections of a period say of many units at once: how far each part of a list has been gone through and with which result,
 * and which units reported something else than what was seen there.
 *
 * | a unit's item                      | counts as                                        |
 * |------------------------------------|--------------------------------------------------|
 * | does not concern the unit          | nothing                                          |
 * | looked at, once or several times   | the word that counts (`lastWords`), once         |
 * | never looked at                    | unchecked                                        |
 */
import type { ItemVerdict } from '#domain/inspection'
import type { OrgUnit } from '#domain/org-unit'
import { agreementsOf, itemsOf, lastWords, templatesOf, type Counts, type Said } from './inspection'
import type { Plan } from './plan'
import type { Values } from './typed'

/** `values`: of the period; asked only where a line of the hardware checklist was looked at. */
export type InspectedUnit = { readonly unit: OrgUnit; readonly said: readonly Said[]; readonly values: Values }

export type GroupCounts = { readonly template: string; readonly group: string; readonly counts: Counts }

/** Nothing that is missing or cannot be read contradicts anything. */
export type Reported = 'met' | 'short' | 'notApplicable'

export type Contradiction = {
  readonly orgUnit: string
  readonly check: string
  readonly reported: Reported
  readonly said: Said
}

export type InspectionSummary = {
  /** In the plan's order, all of them. */
  readonly groups: readonly GroupCounts[]
  /** In the units' order, each unit's in the plan's. */
  readonly contradictions: readonly Contradiction[]
}

export function summarizeInspections(plan: Plan, units: Iterable<InspectedUnit>): InspectionSummary {
  const groups = (plan.document.inspections?.templates ?? []).flatMap((template) =>
    template.groups.map((group) => ({
      template: template.id,
      group,
      counts: { met: 0, unmet: 0, notApplicable: 0, unchecked: 0 } satisfies Record<keyof Counts, number>,
    })),
  )
  const countsByGroup = new Map(groups.map(({ group, counts }) => [group, counts]))
  const contradictions: Contradiction[] = []
  for (const { unit, said, values } of units) {
    const words = lastWords(said)
    for (const template of templatesOf(plan, unit)) {
      for (const { item, group } of itemsOf(plan, unit, template)) {
        const counts = countsByGroup.get(group)
        if (counts !== undefined) counts[words.get(item.id)?.verdict ?? 'unchecked'] += 1
      }
    }
    contradictions.push(...contradictionsOf(plan, { unit, values, words }))
  }
  return { groups: groups.map((each) => ({ ...each, group: each.group.id })), contradictions }
}

function contradictionsOf(
  plan: Plan,
  { unit, values, words }: Pick<InspectedUnit, 'unit' | 'values'> & { readonly words: ReadonlyMap<string, Said> },
): readonly Contradiction[] {
  const isChecked = [...words.keys()].some((item) => plan.items.get(item)?.item.check !== undefined)
  if (!isChecked) return []
  const verdictOf = (item: string): ItemVerdict | undefined => words.get(item)?.verdict
  return agreementsOf({ plan, unit, values, verdictOf }).flatMap(({ placed, hardware, agreement }) => {
    const said = words.get(placed.item.id)
    const { check, state } = hardware
    if (agreement !== 'contradicts' || said === undefined || state === 'notReported' || state === 'invalid') return []
    return [{ orgUnit: unit.code, check: check.id, reported: state, said }]
  })
}
