/** What the inspections of a period say together, as the server tells it to those who hold no school's stream. */
import {
  INSPECTION_KINDS,
  isInspectionState,
  isItemVerdict,
  type InspectionKind,
  type InspectionState,
  type ItemVerdict,
} from './inspection'

export type VerdictCounts = Readonly<Record<ItemVerdict | 'unchecked', number>>

export type InspectionSeen = {
  readonly id: string
  readonly orgUnit: string
  readonly of: InspectionKind
  readonly template: string
  /** `YYYY-MM-DD` */
  readonly planned: string
  readonly state: InspectionState
  readonly by: string
  /** By that tablet's clock, milliseconds since 1970. */
  readonly at: number
  readonly counts: VerdictCounts
}

/** A line of the hardware checklist of which an inspection says something else than the unit reports. */
export type ContradictionSeen = {
  readonly orgUnit: string
  readonly check: string
  readonly reported: 'met' | 'short' | 'notApplicable'
  readonly verdict: ItemVerdict
  readonly of: InspectionKind
  readonly inspection: string
  readonly item: string
  readonly at: number
}

export type InspectionsSeen = {
  readonly inspections: readonly InspectionSeen[]
  readonly groups: readonly { readonly template: string; readonly group: string; readonly counts: VerdictCounts }[]
  readonly contradictions: readonly ContradictionSeen[]
}

/** What a newer server says in another shape is none. */
export function isInspectionsSeen(body: unknown): body is InspectionsSeen {
  return (
    hasLists(body, ['inspections', 'groups', 'contradictions']) &&
    body['inspections']?.every(isInspectionSeen) === true &&
    body['groups']?.every((group) => hasTexts(group, ['template', 'group']) && isCounts(group['counts'])) === true &&
    body['contradictions']?.every(isContradiction) === true
  )
}

function isInspectionSeen(row: unknown): boolean {
  return (
    hasTexts(row, ['id', 'orgUnit', 'template', 'planned', 'by']) &&
    INSPECTION_KINDS.some((kind) => kind === row['of']) &&
    isInspectionState(String(row['state'])) &&
    typeof row['at'] === 'number' &&
    isCounts(row['counts'])
  )
}

function isContradiction(row: unknown): boolean {
  return (
    hasTexts(row, ['orgUnit', 'check', 'inspection', 'item']) &&
    ['met', 'short', 'notApplicable'].includes(String(row['reported'])) &&
    isItemVerdict(row['verdict']) &&
    typeof row['at'] === 'number'
  )
}

const isObject = (body: unknown): body is Readonly<Record<string, unknown>> => typeof body === 'object' && body !== null
const hasTexts = (body: unknown, names: readonly string[]): body is Readonly<Record<string, unknown>> =>
  isObject(body) && names.every((name) => typeof body[name] === 'string')
const hasLists = (body: unknown, names: readonly string[]): body is Readonly<Record<string, readonly unknown[]>> =>
  isObject(body) && names.every((name) => Array.isArray(body[name]))
const isCounts = (body: unknown): boolean =>
  isObject(body) && ['met', 'unmet', 'notApplicable', 'unchecked'].every((name) => typeof body[name] === 'number')
