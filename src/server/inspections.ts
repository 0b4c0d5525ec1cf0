/**
 * The inspections of org units and what they say together, out of the ledger's cells as they are now. What is planned or cancelled says
 * nothing yet; one of a list that the plan has no more, and what a tablet of another version wrote and nobody understands, is left out.
 */
import type { Kysely } from 'kysely'
import { isInspectionState, isItemVerdict, parseInspectionAbout, type InspectionKind, type ItemVerdict } from '#domain/inspection'
import type { OrgUnit } from '#domain/org-unit'
import { countVerdicts, itemsOf, type Said } from '#plan/inspection'
import { summarizeInspections, type InspectedUnit } from '#plan/inspection-summary'
import type { Plan } from '#plan/plan'
import type { CellValue, Values } from '#plan/typed'
import { orgUnitOf, parseKey, streamOf, type Cell } from '#sync/protocol'
import { stateOf } from '#sync/rights'
import { headsToValue } from './figures'
import { byStream, cellsBetween, STREAMS_AT_ONCE, type StoredKey } from './store/cell-ranges'
import { textToHeads } from './store/stored-cell'
import type { Tables } from './store/tables'
import type { InspectionsAnswer } from './wire'

type Heads = Cell['heads']
type Row = InspectionsAnswer['inspections'][number]

export async function readInspections(
  db: Kysely<Tables>,
  question: { readonly plan: Plan; readonly units: readonly OrgUnit[]; readonly period: string },
): Promise<InspectionsAnswer> {
  const { plan, units, period } = question
  const rows: Row[] = []
  const inspected = new Map<string, Omit<InspectedUnit, 'unit'>>()
  for (let from = 0; from < units.length; from += STREAMS_AT_ONCE) {
    const some = new Map(units.slice(from, from + STREAMS_AT_ONCE).map((unit) => [unit.code, unit]))
    const streams = await db
      .selectFrom('stream')
      .select(['id', 'name'])
      .where('name', 'in', [...some.keys()].map(streamOf))
      .execute()
    if (streams.length === 0) continue
    const cells = byStream(
      await cellsBetween(
        db,
        streams.map(({ id }) => id),
        ['i/', 'i0'],
      ),
    )
    const said = new Map<number, { readonly code: string; readonly words: readonly Said[] }>()
    for (const { id, name } of streams) {
      const unit = some.get(orgUnitOf(name) ?? '')
      if (unit === undefined) continue
      const own = inspectionsOf(cells.get(id) ?? []).flatMap((found) => toRow({ plan, unit, period, found }) ?? [])
      rows.push(...own.map(({ row }) => row))
      said.set(id, { code: unit.code, words: own.flatMap(({ words }) => words) })
    }
    // Values only where a line of the hardware checklist was looked at.
    const checked = [...said].filter(([, { words }]) => words.some(({ item }) => isCheck(plan, item))).map(([id]) => id)
    const values = checked.length === 0 ? new Map() : byStream(await cellsBetween(db, checked, [`v/${period}/`, `v/${period}0`]))
    for (const [id, { code, words }] of said) inspected.set(code, { said: words, values: valuesOf(values.get(id) ?? []) })
  }
  const nothing = { said: [], values: valuesOf([]) }
  const summary = summarizeInspections(
    plan,
    units.map((unit) => ({ unit, ...(inspected.get(unit.code) ?? nothing) })),
  )
  return {
    period,
    inspections: rows,
    groups: [...summary.groups],
    contradictions: summary.contradictions.map(({ said, ...rest }) => ({ ...rest, ...said })),
  }
}

const isCheck = (plan: Plan, item: string): boolean => plan.items.get(item)?.item.check !== undefined

type Found = {
  readonly id: string
  readonly of: InspectionKind
  about?: Heads
  state?: Heads
  readonly verdicts: Map<string, Heads>
}

function inspectionsOf(cells: readonly StoredKey[]): readonly Found[] {
  const all = new Map<string, Found>()
  for (const { key, heads } of cells) {
    const parsed = parseKey(key)
    if (parsed.kind !== 'inspection' && parsed.kind !== 'item') continue
    const { id, of } = parsed
    let found = all.get(id)
    if (found === undefined) all.set(id, (found = { id, of, verdicts: new Map() }))
    if (parsed.kind === 'inspection') found[parsed.field] = textToHeads(heads)
    else if (parsed.field === 'verdict') found.verdicts.set(parsed.item, textToHeads(heads))
  }
  return [...all.values()]
}

function toRow(of: {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly period: string
  readonly found: Found
}): { readonly row: Row; readonly words: readonly Said[] } | undefined {
  const { plan, unit, period, found } = of
  const about = parseInspectionAbout(found.about?.at(-1)?.value)
  const stated = stateOf(found.state)
  const last = found.state?.at(-1)?.from.at(-1)
  const template = plan.document.inspections?.templates.find(({ id }) => id === about?.template)
  if (about === undefined || stated === undefined || last === undefined || template === undefined) return undefined
  if (about.period !== period || !isInspectionState(stated.state)) return undefined
  const words = stated.state === 'underway' || stated.state === 'finished' ? wordsOf(found) : []
  const verdicts = new Map<string, ItemVerdict>(words.map(({ item, verdict }) => [item, verdict]))
  const row: Row = {
    id: found.id,
    orgUnit: unit.code,
    of: found.of,
    template: template.id,
    planned: about.planned,
    state: stated.state,
    ...(stated.why === undefined ? {} : { why: stated.why }),
    by: last.by,
    at: last.at,
    counts: countVerdicts(itemsOf(plan, unit, template), (item) => verdicts.get(item)),
  }
  return { row, words }
}

function wordsOf({ id, of, verdicts }: Found): readonly Said[] {
  return [...verdicts].flatMap(([item, heads]) => {
    const head = heads.at(-1)
    const at = head?.from.at(-1)?.at
    return head === undefined || at === undefined || !isItemVerdict(head.value)
      ? []
      : [{ item, verdict: head.value, of, inspection: id, at }]
  })
}

function valuesOf(cells: readonly StoredKey[]): Values {
  const values = new Map<string, CellValue>()
  for (const { key, heads } of cells) {
    const parsed = parseKey(key)
    const value = parsed.kind === 'value' ? headsToValue(textToHeads(heads)) : undefined
    if (parsed.kind === 'value' && value !== undefined) values.set(parsed.element, value)
  }
  return values
}
