/** A cell in words: what it is of, where it stands, and what is in it. For lists in which cells of every kind stand together. */
import type { OrgUnit } from '#domain/org-unit'
import type { Plan } from '#plan/plan'
import { isFindingState } from '#domain/finding'
import { isInspectionState, isItemVerdict, parseStated } from '#domain/inspection'
import { isReportState, parseReportStated } from '#domain/report'
import { isOfReport, orgUnitOf, parseKey, type FileOwner, type Json, type ParsedKey } from '#sync/protocol'
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
  const named = parsed.kind === 'mark' || parsed.kind === 'report' ? parsed.dataSet : undefined
  const dataSet = plan?.elements.get(elementOf(parsed) ?? '')?.dataSet.id ?? named
  const orgUnit = orgUnitOf(stream) ?? stream
  return { orgUnit, key, parsed, ...(dataSet !== undefined && plan?.dataSets.has(dataSet) === true ? { dataSet } : {}) }
}

/** Of a value, its remark, and the files that show it. */
function elementOf(parsed: ParsedKey): string | undefined {
  if (parsed.kind === 'value' || parsed.kind === 'remark') return parsed.element
  return parsed.kind === 'file' && parsed.ownerKey.kind === 'value' ? parsed.ownerKey.element : undefined
}

/** "教室数", "教室数的备注", "“校舍”已填完", "灭火器…的检查结论"; what the plan does not know by its identifier. */
export function cellName(plan: Plan | undefined, { key, parsed }: CellPlace, unit: OrgUnit | undefined): string {
  switch (parsed.kind) {
    case 'value':
      return elementWords(plan, parsed.element, unit)
    case 'remark':
      return t('entry.cell.remark', { element: elementWords(plan, parsed.element, unit) })
    case 'mark':
      return t('entry.cell.mark', { dataSet: dataSetName(plan, parsed.dataSet) })
    case 'report':
      return t('entry.cell.report', { dataSet: dataSetName(plan, parsed.dataSet) })
    case 'comment':
      return t(parsed.field === 'resolved' ? 'entry.cell.commentResolved' : 'entry.cell.comment')
    case 'inspection':
      return t(`record.inspection.${parsed.field}`)
    case 'item':
      return t(`record.item.${parsed.field}`, { item: itemName(plan, parsed.item) })
    case 'finding':
      return t(`record.finding.${parsed.field}`)
    case 'file':
      return t('record.file', { of: ownerName(plan, parsed.ownerKey, unit) })
    case 'unknown':
      return key
  }
}

function ownerName(plan: Plan | undefined, owner: FileOwner, unit: OrgUnit | undefined): string {
  switch (owner.kind) {
    case 'value':
      return elementWords(plan, owner.element, unit)
    case 'item':
      return itemName(plan, owner.item)
    case 'finding':
      return t(`record.finding.${owner.side}`)
  }
}

/** What the list asks at an item; what the plan does not know by its identifier. */
function itemName(plan: Plan | undefined, id: string): string {
  const known = plan?.items.get(id)
  return known === undefined ? id : inLanguage(known.item.short ?? known.item.ask)
}

/** With its unit of measure. What is not of the element's kind, or of an element that is no more, is shown as it is. */
export function cellValue(plan: Plan | undefined, { parsed }: CellPlace, value: Json): string {
  if (parsed.kind === 'mark') return t(value === true ? 'entry.cell.marked' : 'entry.cell.unmarked')
  const other = otherValue(parsed, value) ?? reportValue(parsed, value)
  if (other !== undefined) return other
  const element = parsed.kind === 'item' && parsed.field === 'measured' ? plan?.items.get(parsed.item)?.item.element : undefined
  const asked = plan?.elements.get(parsed.kind === 'value' ? parsed.element : (element ?? ''))
  if (plan === undefined || asked === undefined) return fieldText(value) === '' ? t('entry.cell.empty') : fieldText(value)
  if (value === null || value === '') return t('entry.cell.empty')
  const text = valueText(plan, asked, value)
  return typeof value === 'string' ? withUnit(text, unitText(asked)) : text
}

/** What is no answer of a form, in words; `undefined`: the value says it itself. */
function otherValue(parsed: ParsedKey, value: Json): string | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (parsed.kind === 'item' && parsed.field === 'verdict') {
    return isItemVerdict(value) ? t(`record.verdict.${value}`) : t('record.verdict.none')
  }
  if ((parsed.kind === 'inspection' || parsed.kind === 'finding') && parsed.field === 'state') {
    const stated = parseStated(value)
    if (stated === undefined) return undefined
    const { state, why } = stated
    const known =
      parsed.kind === 'inspection'
        ? isInspectionState(state) && t(`record.inspectionState.${state}`)
        : isFindingState(state) && t(`record.findingState.${state}`)
    return [known === false ? state : known, why].filter((part) => part !== undefined && part !== '').join('：')
  }
  if (parsed.kind === 'file') {
    if (value === null) return t('record.fileGone')
    const name = isObject ? Reflect.get(value, 'name') : undefined
    return typeof name === 'string' ? name : t('record.fileThere')
  }
  // Which list, which day: nobody reads that here.
  if ((parsed.kind === 'inspection' || parsed.kind === 'finding') && parsed.field === 'about') return t('record.about')
  return undefined
}

function reportValue(parsed: ParsedKey, value: Json): string | undefined {
  if (parsed.kind === 'comment' && parsed.field === 'resolved')
    return t(value === true ? 'entry.cell.resolved' : 'entry.cell.unresolved')
  // Whom it speaks to, and of what.
  if (parsed.kind === 'comment' && parsed.field !== 'text') return t('record.about')
  const stated = parsed.kind === 'report' ? parseReportStated(value) : undefined
  if (stated === undefined) return undefined
  const { state, why } = stated
  return [isReportState(state) ? t(`entry.reportState.${state}`) : state, why]
    .filter((part) => part !== undefined && part !== '')
    .join('：')
}

/** The form and the year, and the school's name where the person works for several. */
export function cellWhere(plan: Plan | undefined, { parsed, dataSet }: CellPlace, unitName?: string): string {
  const form = dataSet === undefined ? formless(parsed) : dataSetName(plan, dataSet)
  const period = periodOf(parsed) === undefined ? undefined : t('common.period', { period: periodOf(parsed) ?? '' })
  return [form, period, unitName].filter((part) => part !== undefined).join(' · ')
}

function formless(parsed: ParsedKey): string {
  switch (parsed.kind) {
    case 'inspection':
    case 'item':
      return t('record.inspection')
    case 'finding':
      return t('record.finding')
    case 'file':
      return t(parsed.ownerKey.kind === 'finding' ? 'record.finding' : 'record.inspection')
    // Its key names no report: a conflict over whether it is settled ends where it is settled once more.
    case 'comment':
      return t('entry.cell.commentWhere')
    default:
      return t('entry.cell.notInPlan')
  }
}

function periodOf(parsed: ParsedKey): string | undefined {
  if (parsed.kind === 'file') return parsed.ownerKey.kind === 'value' ? parsed.ownerKey.period : undefined
  return isOfReport(parsed) || parsed.kind === 'report' ? parsed.period : undefined
}

/** Where it can be looked at and typed again. */
export function cellAddress(plan: Plan | undefined, { orgUnit, parsed, dataSet }: CellPlace): string | undefined {
  if (parsed.kind === 'file' && parsed.ownerKey.kind === 'value') {
    const { period, element } = parsed.ownerKey
    return dataSet === undefined ? undefined : `/u/${orgUnit}/${period}/fill/${dataSet}#${element}`
  }
  if (isOfReport(parsed) || parsed.kind === 'report') {
    const hash = parsed.kind === 'mark' || parsed.kind === 'report' ? '' : `#${parsed.element}`
    return dataSet === undefined ? undefined : `/u/${orgUnit}/${parsed.period}/fill/${dataSet}${hash}`
  }
  return recordAddress(plan, { orgUnit, parsed })
}

/** A record's key names no period: the page of the record finds it in whichever stands in the address. */
function recordAddress(plan: Plan | undefined, { orgUnit, parsed }: Pick<CellPlace, 'orgUnit' | 'parsed'>): string | undefined {
  const record = recordOf(parsed)
  const period = plan?.document.periods.at(-1)
  if (record === undefined || period === undefined) return undefined
  const hash = record.item === undefined ? '' : `#${record.item}`
  return `/u/${orgUnit}/${period}/${record.list}/${record.id}${hash}`
}

function recordOf(
  parsed: ParsedKey,
): { readonly list: 'inspections' | 'findings'; readonly id: string; readonly item?: string } | undefined {
  const owner = parsed.kind === 'file' ? parsed.ownerKey : parsed
  switch (owner.kind) {
    case 'inspection':
      return { list: 'inspections', id: owner.id }
    case 'item':
      return { list: 'inspections', id: owner.id, item: owner.item }
    case 'finding':
      return { list: 'findings', id: owner.id }
    default:
      return undefined
  }
}

/** Where its values stand side by side. Those of a record do so on its own page. */
export function conflictAddress(plan: Plan | undefined, place: CellPlace): string | undefined {
  const { orgUnit, parsed } = place
  const id = conflictId(parsed)
  if (id === undefined || !isOfReport(parsed)) return recordAddress(plan, place)
  return `/u/${orgUnit}/${parsed.period}/conflict/${encodeURIComponent(id)}`
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
    default:
      return undefined
  }
}

function dataSetName(plan: Plan | undefined, id: string): string {
  const dataSet = plan?.dataSets.get(id)
  return dataSet === undefined ? id : inLanguage(dataSet.title)
}
