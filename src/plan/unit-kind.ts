/**
 * What a plan asks depends on a unit's type and ownership alone, so it is worked out once for each of these few kinds and kept
 * with the plan.
 */
import { stagesOf, type OrgUnit, type Stage } from '#domain/org-unit'
import type { AskedElement, Plan, RuleInstance } from './plan'
import type { UnitFilter } from './schema'

type Kind = Pick<OrgUnit, 'type' | 'ownership'>

export type UnitKind = {
  readonly of: Kind
  readonly stages: readonly Stage[]
  /** Asked elements in the document's order, without regard to `when`. */
  readonly elements: readonly AskedElement[]
  /** By the element's index. */
  readonly asks: readonly boolean[]
  /** What a missing answer is taken for, by the element's index. */
  readonly assumed: readonly (string | undefined)[]
  /** Rules of which the unit is asked both sides, with the elements that it is asked. */
  readonly rules: readonly RuleInstance[]
  /** By the element's index: the rules in which it stands. */
  readonly rulesByElement: readonly (readonly RuleInstance[])[]
  /** Whatever else is worked out once for a kind (conditions, figures, forms), by the object it is worked out from. */
  readonly made: Map<object, unknown>
}

const kindsByPlan = new WeakMap<Plan, Map<Kind['type'], { public?: UnitKind; private?: UnitKind }>>()

export function kindOf(plan: Plan, unit: Kind): UnitKind {
  let kinds = kindsByPlan.get(plan)
  if (kinds === undefined) kindsByPlan.set(plan, (kinds = new Map()))
  let byOwnership = kinds.get(unit.type)
  if (byOwnership === undefined) kinds.set(unit.type, (byOwnership = {}))
  return (byOwnership[unit.ownership] ??= makeKind(plan, unit))
}

export function matchesFilter(plan: Plan, filter: UnitFilter, unit: Kind): boolean {
  if (filter.set !== undefined) {
    const set = plan.document.unitSets[filter.set]
    if (set === undefined) throw new Error(`the plan has no unit set ${filter.set}`)
    if (!matchesFilter(plan, set, unit)) return false
  }
  if (filter.types !== undefined && !filter.types.includes(unit.type)) return false
  if (filter.ownership !== undefined && filter.ownership !== unit.ownership) return false
  const own = stagesOf(unit.type)
  return filter.stages === undefined || filter.stages.some((stage) => own.includes(stage))
}

function makeKind(plan: Plan, unit: Kind): UnitKind {
  const stages = stagesOf(unit.type)
  const asks = plan.elementList.map(
    ({ element, stage, dataSet }) =>
      matchesFilter(plan, dataSet.units, unit) &&
      (element.units === undefined || matchesFilter(plan, element.units, unit)) &&
      (stage === undefined || stages.includes(stage)),
  )
  const isAsked = (asked: AskedElement) => asks[asked.index] === true
  const rules = plan.rules
    .map((rule) => ({ ...rule, part: rule.part.filter(isAsked), whole: rule.whole.filter(isAsked) }))
    .filter((rule) => rule.part.length > 0 && rule.whole.length > 0)
  return {
    of: { type: unit.type, ownership: unit.ownership },
    stages,
    elements: plan.elementList.filter(isAsked),
    asks,
    assumed: plan.elementList.map(
      ({ element }) => element.assume?.find((assumption) => matchesFilter(plan, assumption.units, unit))?.value,
    ),
    rules,
    rulesByElement: plan.elementList.map((asked) =>
      rules.filter((rule) => rule.part.includes(asked) || rule.whole.includes(asked)),
    ),
    made: new Map(),
  }
}

/** Makes once for each kind what follows from `source`. The caller must always make the same from the same source. */
export function onceForKind<T>(kind: UnitKind, source: object, make: () => T): T {
  const known = kind.made.get(source)
  // The same source is always given to the same maker, so the type is the one that this maker made.
  if (known !== undefined) return known as T
  const made = make()
  kind.made.set(source, made)
  return made
}
