/** What a plan asks a unit: by the unit's kind, and within a form by what has been answered so far. */
import { stagesOf, type OrgUnit } from '#domain/org-unit'
import type { AskedElement, Plan } from './plan'
import type { DataSet, Section, UnitFilter } from './schema'
import type { Values } from './typed'
import { kindOf, matchesFilter, onceForKind } from './unit-kind'
import { readUnit, type UnitReadings } from './unit-readings'

export type Form = {
  readonly dataSet: DataSet
  /** Sections without any asked element are left out. */
  readonly sections: readonly { readonly section: Section; readonly elements: readonly AskedElement[] }[]
}

export function matchesUnits(plan: Plan, filter: UnitFilter, unit: OrgUnit): boolean {
  return matchesFilter(plan, filter, unit)
}

/** Whether the unit is asked the element at all. What `when` says depends on the values: `isOpenInForm`. */
export function asksElement(plan: Plan, elementId: string, unit: OrgUnit): boolean {
  const asked = plan.elements.get(elementId)
  return asked !== undefined && kindOf(plan, unit).asks[asked.index] === true
}

/** Data sets with at least one element for the unit, in the document's order. The same array for every unit of a kind. */
export function dataSetsOf(plan: Plan, unit: OrgUnit): readonly DataSet[] {
  const kind = kindOf(plan, unit)
  return onceForKind(kind, plan.document.dataSets, () =>
    plan.document.dataSets.filter((dataSet) => kind.elements.some((asked) => asked.dataSet === dataSet)),
  )
}

/** The same object each time for units of one kind, so that a screen may compare by identity. */
export function formOf(plan: Plan, dataSetId: string, unit: OrgUnit): Form {
  const dataSet = plan.dataSets.get(dataSetId)
  if (dataSet === undefined) throw new Error(`the plan has no data set ${dataSetId}`)
  const kind = kindOf(plan, unit)
  return onceForKind(kind, dataSet, () => ({
    dataSet,
    sections: dataSet.sections
      .map((section) => ({ section, elements: kind.elements.filter((asked) => asked.section === section) }))
      .filter(({ elements }) => elements.length > 0),
  }))
}

/** Whether the element is asked now: its `when` holds. Unknown counts as not yet. */
export function isOpenInForm(plan: Plan, asked: AskedElement, unit: OrgUnit, values: Values): boolean {
  const kind = kindOf(plan, unit)
  if (kind.asks[asked.index] !== true) return false
  return asked.element.when === undefined || isOpen(readUnit(plan, kind, values), asked)
}

export function isOpen(readings: UnitReadings, asked: AskedElement): boolean {
  return readings.kind.asks[asked.index] === true && readings.isOpen(asked) === 'yes'
}

/**
 * Whether the unit itself answers the element. A third party's results and the bureau's own figures are entered by the bureau, also
 * where they speak of a school; the district is the bureau.
 */
export function isEnteredByUnit(asked: AskedElement, unit: Pick<OrgUnit, 'type'>): boolean {
  const { source } = asked.element
  return source === undefined || source === 'unit' || unit.type === 'district'
}

/**
 * Whether this side answers the element: a school what it is asked, and the bureau the rest and all of the district's. Without an element,
 * what a unit says of a report as a whole.
 */
export function isAnsweredBy(side: 'unit' | 'bureau', asked: AskedElement | undefined, unit: Pick<OrgUnit, 'type'>): boolean {
  const isUnits = asked === undefined || isEnteredByUnit(asked, unit)
  return isUnits === (side === 'unit' || unit.type === 'district')
}

/**
 * Ids of the elements of a data set that the unit itself answers, in the document's order: what it submits with the report. None for a
 * data set that the plan does not have. The same array for every unit of a kind.
 */
export function answeredElements(plan: Plan, dataSetId: string, unit: OrgUnit): readonly string[] {
  const dataSet = plan.dataSets.get(dataSetId)
  if (dataSet === undefined) return []
  const kind = kindOf(plan, unit)
  return onceForKind(kind, dataSet.sections, () =>
    kind.elements.filter((asked) => asked.dataSet === dataSet && isEnteredByUnit(asked, unit)).map(({ id }) => id),
  )
}

/** Whether an element asked per stage can be of this unit at all; for import messages. */
export function hasStage(asked: AskedElement, unit: Pick<OrgUnit, 'type'>): boolean {
  return asked.stage === undefined || stagesOf(unit.type).includes(asked.stage)
}
