/** What each unit gives to a figure, as rows that a person can sort, filter by type and add up. */
import type { Absence } from '#domain/absence'
import { ORG_UNIT_TYPES, type OrgUnit, type OrgUnitType } from '#domain/org-unit'
import type { ContributionAnswer } from '#plan/figure-wire'
import type { Plan } from '#plan/plan'
import type { Figure } from '#plan/schema'
import { elementInWords } from './formula'

export type UnitRow = {
  readonly key: string
  readonly code: string
  readonly name: string
  readonly unit: OrgUnit | undefined
  readonly counted: boolean
  /** What it gave goes into the figure. A sum takes what there is, also of a unit that has not reported all of it. */
  readonly adds: boolean
  readonly part: number | string | null
  readonly whole: number | null
  /** In the figure's own unit: the unit's rate, mean, number; `undefined` where it has none, and for a yes or no. */
  readonly value: number | undefined
  /** How far the unit moves the figure off its target line, in what is added up: part − target × whole. */
  readonly offLine: number | undefined
  readonly absence: Absence | undefined
  /** Labels of the elements that are missing or invalid. */
  readonly missing: readonly string[]
  readonly indexes: ContributionAnswer['indexes']
}

export function unitRows(source: {
  readonly plan: Plan
  readonly figure: Figure
  readonly contributions: readonly ContributionAnswer[]
  readonly units: ReadonlyMap<string, OrgUnit>
  readonly target: number | string | null
}): readonly UnitRow[] {
  const { plan, figure, units, target } = source
  return source.contributions.map((one) => {
    const unit = units.get(one.orgUnit)
    const adds = one.counted || (one.part !== null && (figure.measure.kind === 'sum' || figure.measure.kind === 'count'))
    return {
      key: one.orgUnit,
      code: one.orgUnit,
      name: unit?.name ?? one.orgUnit,
      unit,
      counted: one.counted,
      adds,
      part: one.part,
      whole: one.whole,
      value: adds ? valueOf(figure, numberOf(one.part), one.whole) : undefined,
      offLine: adds ? offLineOf(figure, numberOf(one.part), one.whole, target) : undefined,
      absence: one.absence,
      missing: (one.missing ?? []).map((id) => elementInWords(plan, id)),
      indexes: one.indexes,
    }
  })
}

const numberOf = (part: number | string | null): number | undefined => (typeof part === 'number' ? part : undefined)

/** What parts and wholes that have been added up make of a figure; the same for one unit and for many. */
export function valueOf(figure: Figure, part: number | undefined, whole: number | null | undefined): number | undefined {
  if (part === undefined) return undefined
  const times = timesOf(figure)
  if (times === undefined) return 'divideBy' in figure.measure ? part / (figure.measure.divideBy ?? 1) : part
  return whole === null || whole === undefined || whole === 0 ? undefined : (times * part) / whole
}

/** What a fraction is multiplied by; `undefined` where the figure is no fraction. */
function timesOf({ measure }: Figure): number | undefined {
  if (measure.kind === 'ratio') return measure.times
  if (measure.kind === 'share') return 100
  return measure.kind === 'weightedMean' ? 1 : undefined
}

export function offLineOf(
  figure: Figure,
  part: number | undefined,
  whole: number | null | undefined,
  target: number | string | null,
): number | undefined {
  const times = timesOf(figure)
  if (times === undefined || figure.measure.kind === 'weightedMean' || typeof target !== 'number') return undefined
  if (part === undefined || whole === null || whole === undefined) return undefined
  return part - (target / times) * whole
}

export type Totals = { readonly part: number; readonly whole: number; readonly counted: number; readonly expected: number }

export function totalsOf(rows: readonly UnitRow[]): Totals {
  let [part, whole, counted] = [0, 0, 0]
  for (const row of rows) {
    if (row.counted) counted += 1
    if (!row.adds) continue
    part += typeof row.part === 'number' ? row.part : 0
    whole += row.whole ?? 0
  }
  return { part, whole, counted, expected: rows.length }
}

export type TypeGroup = Totals & {
  readonly type: OrgUnitType
  readonly value: number | undefined
  readonly offLine: number | undefined
}

/** In the order of the pupils' age. */
export function typeGroups(figure: Figure, rows: readonly UnitRow[], target: number | string | null): readonly TypeGroup[] {
  return ORG_UNIT_TYPES.flatMap((type) => {
    const own = rows.filter((row) => row.unit?.type === type)
    if (own.length === 0) return []
    const totals = totalsOf(own)
    const isKnown = own.some((row) => row.adds && row.part !== null)
    return {
      type,
      ...totals,
      value: isKnown ? valueOf(figure, totals.part, totals.whole) : undefined,
      offLine: isKnown ? offLineOf(figure, totals.part, totals.whole, target) : undefined,
    }
  })
}

export type SortKey = 'name' | 'type' | 'part' | 'whole' | 'value' | 'offLine' | 'missing'
export type Sort = { readonly by: SortKey; readonly direction: 'ascending' | 'descending' }

/** Units without the value stand last in both directions: what is not known is neither the least nor the most. */
export function sortedRows(rows: readonly UnitRow[], sort: Sort): readonly UnitRow[] {
  const sign = sort.direction === 'ascending' ? 1 : -1
  return [...rows].sort((a, b) => {
    const [left, right] = [sortValue(a, sort.by), sortValue(b, sort.by)]
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined) || byName(a, b)
    const order =
      typeof left === 'number' && typeof right === 'number' ? left - right : collator.compare(String(left), String(right))
    return sign * order || byName(a, b)
  })
}

const collator = new Intl.Collator('zh', { numeric: true })
const byName = (a: UnitRow, b: UnitRow): number => collator.compare(a.name, b.name) || collator.compare(a.code, b.code)

function sortValue(row: UnitRow, by: SortKey): number | string | undefined {
  switch (by) {
    case 'name':
      return row.name
    case 'type':
      return row.unit === undefined ? undefined : ORG_UNIT_TYPES.indexOf(row.unit.type)
    case 'missing':
      return row.counted ? 0 : 1 + row.missing.length
    case 'part':
      return row.adds && typeof row.part === 'number' ? row.part : undefined
    case 'whole':
      return row.adds ? (row.whole ?? undefined) : undefined
    case 'value':
      return row.value
    case 'offLine':
      return row.offLine
  }
}

/** How much more must be reported as reached for a fraction to come to its target, with today's whole; in what the part counts. */
export function stillToGo(figure: Figure, totals: Totals, target: number | string | null): number | undefined {
  const off = offLineOf(figure, totals.part, totals.whole, target)
  if (off === undefined || off >= 0 || totals.counted === 0 || figure.better === 'atMost') return undefined
  // What is counted comes whole: half a pupil more is one pupil more. The tiny part is the dust of binary fractions.
  return Math.ceil(-off - 1e-9)
}
