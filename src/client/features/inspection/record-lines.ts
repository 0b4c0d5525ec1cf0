/** An inspection as its sheet tells it: every item of the list in its place, looked at or not. */
import type { InspectionKind, InspectionState, ItemVerdict } from '#domain/inspection'
import type { OrgUnit } from '#domain/org-unit'
import type { Text } from '#domain/text'
import { countVerdicts, itemsOf, type Counts } from '#plan/inspection'
import { elementOf, type PlacedItem, type Plan } from '#plan/plan'
import type { InspectionTemplate } from '#plan/schema'
import { itemKey, itemOwner } from '#sync/protocol'
import type { ShownStream } from '#client/device/contract'
import { fieldText, unitText, valueText, withUnit } from '#client/state/asked-words'
import { filesIn, findingsIn, inspectionIn, templateOf, textIn, verdictIn, type FindingRecord } from '#client/state/records'

export type RecordLine = {
  readonly item: PlacedItem['item']
  readonly verdict: ItemVerdict | undefined
  readonly measured: string
  readonly note: string
  readonly photos: number
}

export type InspectionSheet = {
  readonly template: InspectionTemplate
  readonly of: InspectionKind
  readonly by: string
  readonly planned: string
  readonly state: InspectionState
  /** When it came to this state, by that tablet's clock, milliseconds since 1970. */
  readonly at: number
  readonly counts: Counts
  readonly groups: readonly { readonly id: string; readonly title: Text; readonly lines: readonly RecordLine[] }[]
  /** In the order of the items; a withdrawn one was none. */
  readonly findings: readonly FindingRecord[]
}

export function recordOf(of: {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly stream: ShownStream
  readonly id: string
}): InspectionSheet | undefined {
  const { plan, unit, stream, id } = of
  const record = inspectionIn(stream, id)
  const template = record === undefined ? undefined : templateOf(plan, record)
  if (record === undefined || template === undefined) return undefined
  const items = itemsOf(plan, unit, template)
  const lineOf = ({ item }: PlacedItem): RecordLine => ({
    item,
    verdict: verdictIn(stream, id, item.id),
    measured: measuredIn(plan, stream, { id, item }),
    note: textIn(stream, itemKey(id, item.id, 'note')).trim(),
    photos: filesIn(stream, itemOwner(id, item.id)).length,
  })
  const places = new Map(items.map(({ item }, at) => [item.id, at]))
  const placeOf = ({ about }: FindingRecord): number => places.get(about.item) ?? items.length
  return {
    ...{ template, of: record.of, by: record.about.by, planned: record.about.planned, state: record.state, at: record.at },
    counts: countVerdicts(items, (item) => verdictIn(stream, id, item)),
    groups: template.groups.flatMap((group) => {
      const lines = items.filter((placed) => placed.group === group).map(lineOf)
      return lines.length === 0 ? [] : [{ id: group.id, title: group.title, lines }]
    }),
    findings: findingsIn(stream)
      .filter(({ about, state }) => about.inspection === id && state !== 'withdrawn')
      .sort((one, other) => placeOf(one) - placeOf(other)),
  }
}

function measuredIn(
  plan: Plan,
  stream: ShownStream,
  { id, item }: { readonly id: string; readonly item: PlacedItem['item'] },
): string {
  const asked = item.element === undefined ? undefined : elementOf(plan, item.element)
  const value = stream.cells.get(itemKey(id, item.id, 'measured'))?.value
  return asked === undefined || fieldText(value) === '' ? '' : withUnit(valueText(plan, asked, value), unitText(asked))
}
