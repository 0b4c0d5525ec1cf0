/** A cell in words: what it is of, where it stands, and what is in it. For lists in which cells of every kind stand together. */
import type { OrgUnit } from '#domain/org-unit'
import type { Plan } from '#plan/plan'
import { orgUnitOf, parseKey, type Json, type ParsedKey } from '#sync/protocol'
import { inLanguage, t } from '../i18n/i18n'
import { fieldText, unitText, valueText, withUnit } from './asked-words'
import { elementWords } from './element-words'

export type CellPlace = {
  readonly orgUnit: string
  readonly key: string
  readonly parsed: ParsedKey
  /** Absent when the plan does not know the element (any more). */
  readonly dataSet?: string
}

export function cellPlace(plan: Plan | undefined, { stream, key }: { readonly stream: string; readonly key: string }): CellPlace {
  const parsed = parseKey(key)
  const named = parsed.kind === 'mark' ? parsed.dataSet : undefined
  const dataSet = parsed.kind === 'value' || parsed.kind === 'remark' ? plan?.elements.get(parsed.element)?.dataSet.id : named
  const orgUnit = orgUnitOf(stream) ?? stream
  return { orgUnit, key, parsed, ...(dataSet !== undefined && plan?.dataSets.has(dataSet) === true ? { dataSet } : {}) }
}

/** "教室数", "教室数的备注", "“校舍”已填完"; what the plan does not know by its identifier. */
export function cellName(plan: Plan | undefined, { key, parsed }: CellPlace, unit: OrgUnit | undefined): string {
  switch (parsed.kind) {
    case 'value':
      return elementWords(plan, parsed.element, unit)
    case 'remark':
      return t('entry.cell.remark', { element: elementWords(plan, parsed.element, unit) })
    case 'mark':
      return t('entry.cell.mark', { dataSet: dataSetName(plan, parsed.dataSet) })
    case 'unknown':
      return key
  }
}

/** With its unit of measure. What is not of the element's kind, or of an element that is no more, is shown as it is. */
export function cellValue(plan: Plan | undefined, { parsed }: CellPlace, value: Json): string {
  if (parsed.kind === 'mark') return t(value === true ? 'entry.cell.marked' : 'entry.cell.unmarked')
  const asked = parsed.kind === 'value' ? plan?.elements.get(parsed.element) : undefined
  if (plan === undefined || asked === undefined) return fieldText(value) === '' ? t('entry.cell.empty') : fieldText(value)
  if (value === null || value === '') return t('entry.cell.empty')
  const text = valueText(plan, asked, value)
  return typeof value === 'string' ? withUnit(text, unitText(asked)) : text
}

/** The form and the year, and the school's name where the person works for several. */
export function cellWhere(plan: Plan | undefined, { parsed, dataSet }: CellPlace, unitName?: string): string {
  const form = dataSet === undefined ? t('entry.cell.notInPlan') : dataSetName(plan, dataSet)
  const period = parsed.kind === 'unknown' ? undefined : t('common.period', { period: parsed.period })
  return [form, period, unitName].filter((part) => part !== undefined).join(' · ')
}

/** Where it can be looked at and typed again. */
export function cellAddress({ orgUnit, parsed, dataSet }: CellPlace): string | undefined {
  if (parsed.kind === 'unknown' || dataSet === undefined) return undefined
  const hash = parsed.kind === 'mark' ? '' : `#${parsed.element}`
  return `/u/${orgUnit}/${parsed.period}/fill/${dataSet}${hash}`
}

/** Where its values stand side by side. */
export function conflictAddress({ orgUnit, parsed }: Pick<CellPlace, 'orgUnit' | 'parsed'>): string | undefined {
  const id = conflictId(parsed)
  return id === undefined || parsed.kind === 'unknown'
    ? undefined
    : `/u/${orgUnit}/${parsed.period}/conflict/${encodeURIComponent(id)}`
}

/** A cell's name in an address of a report. A colon occurs in no identifier of a plan. */
export function conflictId(parsed: ParsedKey): string | undefined {
  switch (parsed.kind) {
    case 'value':
      return parsed.element
    case 'remark':
      return `${parsed.element}:remark`
    case 'mark':
      return `mark:${parsed.dataSet}`
    case 'unknown':
      return undefined
  }
}

function dataSetName(plan: Plan | undefined, id: string): string {
  const dataSet = plan?.dataSets.get(id)
  return dataSet === undefined ? id : inLanguage(dataSet.title)
}
