/**
 * What an inspection said of what a unit reports, beside the reported value: the latest verdict of an inspector, else the latest of the
 * school's own. Its words are the area `record`.
 */
import type { InspectionKind, ItemVerdict } from '#domain/inspection'
import type { OrgUnit } from '#domain/org-unit'
import { agreementsOf, lastWords, type Agreement, type Said } from '#plan/inspection'
import type { Plan } from '#plan/plan'
import type { Values } from '#plan/typed'
import { itemKey } from '#sync/protocol'
import type { ShownStream } from '../device/contract'
import { inspectionsIn, verdictIn } from './records'

export type Inspected = {
  readonly verdict: ItemVerdict
  readonly agreement: Agreement['agreement']
  readonly of: InspectionKind
  /** Address of the item in its inspection. */
  readonly to: string
  /** When the verdict was given, by that tablet's clock, milliseconds since 1970. */
  readonly at: number
}

/** By the check of the hardware checklist, and by the element that the check measures first. */
export function inspectedIn(question: {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly stream: ShownStream
  readonly values: Values
  readonly period: string
}): { readonly byCheck: ReadonlyMap<string, Inspected>; readonly byElement: ReadonlyMap<string, Inspected> } {
  const { plan, unit, stream, values, period } = question
  const byCheck = new Map<string, Inspected>()
  const byElement = new Map<string, Inspected>()
  const said = lastWords(saidIn(stream, plan, period))
  if (said.size === 0) return { byCheck, byElement }
  const verdictOf = (item: string): ItemVerdict | undefined => said.get(item)?.verdict
  for (const { placed, hardware, agreement } of agreementsOf({ plan, unit, values, verdictOf })) {
    const last = said.get(placed.item.id)
    if (last === undefined) continue
    const { id, elements } = hardware.check
    const { verdict, of, at, inspection } = last
    const to = `/u/${unit.code}/${period}/inspections/${inspection}?item=${placed.item.id}`
    const inspected: Inspected = { verdict, of, at, agreement, to }
    byCheck.set(id, inspected)
    for (const asked of plan.expansions.get(elements[0] ?? '') ?? []) byElement.set(asked.id, inspected)
  }
  return { byCheck, byElement }
}

function saidIn(stream: ShownStream, plan: Plan, period: string): readonly Said[] {
  const said: Said[] = []
  const inspections = inspectionsIn(stream).filter(
    ({ about, state }) => about.period === period && (state === 'underway' || state === 'finished'),
  )
  for (const { id, of } of inspections) {
    for (const { item } of plan.items.values()) {
      if (item.check === undefined) continue
      const verdict = verdictIn(stream, id, item.id)
      const cell = stream.cells.get(itemKey(id, item.id, 'verdict'))
      if (verdict !== undefined && cell !== undefined) said.push({ item: item.id, verdict, of, inspection: id, at: cell.at })
    }
  }
  return said
}
