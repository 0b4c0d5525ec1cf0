/** Export: the values of a period in the form that the import takes. What goes out and comes in again changes nothing. */
import type { Kysely } from 'kysely'
import { isStatedAbsence } from '#domain/absence'
import type { OrgUnit } from '#domain/org-unit'
import type { Period } from '#domain/period'
import type { Plan } from '#plan/plan'
import { parseKey, streamOf, type Head, type Json } from '#sync/protocol'
import { othersTurn } from './others-turn'
import { textToHeads } from './store/stored-cell'
import type { Tables } from './store/tables'

export type DataValue = {
  readonly dataElement: string
  readonly period: string
  readonly orgUnit: string
  readonly value?: string
  readonly comment?: string
  /** In place of a value: why there is none. */
  readonly absence?: 'notApplicable' | 'notAvailable'
  readonly reason?: string
  /** In place of a value: two people typed different ones, and nobody has decided yet. */
  readonly conflict?: readonly string[]
}

/** Org units that are read before others get a turn: some thousands of values. */
const UNITS_AT_ONCE = 10

export async function exportValues(
  db: Kysely<Tables>,
  question: {
    readonly plan: Plan
    readonly units: readonly OrgUnit[]
    readonly period: Period
    readonly dataSet?: string | undefined
  },
): Promise<readonly DataValue[]> {
  const { plan, units, period, dataSet } = question
  const dataValues: DataValue[] = []
  for (const [index, { code }] of units.entries()) {
    if (index % UNITS_AT_ONCE === 0) await othersTurn()
    const rows = await db
      .selectFrom('cell')
      .innerJoin('stream', 'stream.id', 'cell.stream')
      .select(['cell.key', 'cell.heads'])
      .where('stream.name', '=', streamOf(code))
      .where('cell.key', '>=', `v/${period}/`)
      .where('cell.key', '<', `v/${period}0`)
      .orderBy('cell.key')
      .execute()
    const remarks = new Map<string, string>()
    const values: { readonly element: string; readonly heads: readonly Head[] }[] = []
    for (const row of rows) {
      const parsed = parseKey(row.key)
      if (parsed.kind !== 'value' && parsed.kind !== 'remark') continue
      if (dataSet !== undefined && plan.elements.get(parsed.element)?.dataSet.id !== dataSet) continue
      const heads = textToHeads(row.heads)
      if (parsed.kind === 'value') values.push({ element: parsed.element, heads })
      else if (typeof heads[0]?.value === 'string') remarks.set(parsed.element, heads[0].value)
    }
    for (const { element, heads } of values) {
      const remark = remarks.get(element)
      const [head] = heads
      if (head === undefined || (heads.length === 1 && head.value === null && remark === undefined)) continue
      dataValues.push({
        dataElement: element,
        period,
        orgUnit: code,
        ...(heads.length > 1 ? { conflict: heads.map((each) => asText(each.value)) } : ofValue(head.value)),
        ...(remark === undefined ? {} : { comment: remark }),
      })
    }
  }
  return dataValues
}

function ofValue(value: Json): Pick<DataValue, 'value' | 'absence' | 'reason'> {
  if (isStatedAbsence(value)) return { absence: value.absence, reason: value.reason }
  return { value: value === null ? '' : asText(value) }
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
