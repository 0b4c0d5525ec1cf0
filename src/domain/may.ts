/**
 * What a person may do: one table, run on the tablet for an instant answer and on the server for the word that counts.
 *
 * | action        | filler, principal | inspector | reviewer                                  | leader | admin |
 * |---------------|-------------------|-----------|-------------------------------------------|--------|-------|
 * | read          | own units         | own units | every unit                                | every  | every |
 * | write         | own units         | -         | every unit (import, third-party, district) | -      | -     |
 * | writeCell     | see below         | see below | values and their evidence; see below      | -      | -     |
 * | readFigures   | -                 | -         | yes                                       | yes    | yes   |
 * | administer    | -                 | -         | -                                         | -      | yes   |
 * | readTablets   | principal         | -         | yes                                       | yes    | yes   |
 * | readTablet    | principal: of the people of own units | - | yes                           | yes    | yes   |
 * | revokeTablet  | principal: of fillers of own units only | - | -                           | -      | yes   |
 * | manageAccounts, manageAccount | principal: of fillers of own units only | - | -           | -      | yes   |
 *
 * | writeCell, of own units           | filler | principal | inspector |
 * |-----------------------------------|--------|-----------|-----------|
 * | values, remarks, their evidence   | yes    | yes       | -         |
 * | a self-inspection, its findings   | yes    | yes       | -         |
 * | a visit, its findings             | -      | -         | yes       |
 * | the school's answer to a finding  | yes    | yes       | -         |
 * | a step of a self-inspection       | yes    | yes       | -         |
 * | a step of a visit                 | -      | -         | yes       |
 * | a finding's step on the school's side | -  | yes       | -         |
 * | a finding's step on the inspection's side: self-inspection, visit | raise only, - | yes, - | -, yes |
 * | a report's step on the school's side | -   | yes       | -         |
 * | comments                          | yes    | yes       | yes       |
 *
 * A filler who was given some data sets writes the values, remarks and evidence of these only.
 *
 * The reviewer also comments, and takes a report's steps on the bureau's side, of every unit.
 */
import { assertNever } from './assert-never'
import type { FindingStep } from './finding'
import type { InspectionKind } from './inspection'
import { isBureauRole, type Person, type Role } from './person'
import type { ReportStep } from './report'

/** What a cell of an org unit's stream is, as far as rights depend on it. */
export type Written =
  /** Also whatever this version does not know. `dataSet`: where the plan says which. */
  | { readonly is: 'value'; readonly dataSet?: string | undefined }
  /** All of an inspection and of its findings but their states and the school's answer. */
  | { readonly is: 'inspection'; readonly of: InspectionKind }
  | { readonly is: 'answer' }
  | { readonly is: 'inspectionState'; readonly of: InspectionKind }
  /** Without a step: any of them. */
  | { readonly is: 'findingState'; readonly of: InspectionKind; readonly step?: FindingStep }
  | { readonly is: 'reportState'; readonly step?: ReportStep }
  | { readonly is: 'comment' }

export type Action =
  | { readonly do: 'read'; readonly orgUnit: string }
  | { readonly do: 'write'; readonly orgUnit: string }
  | { readonly do: 'writeCell'; readonly orgUnit: string; readonly what: Written }
  | { readonly do: 'importValues' }
  | { readonly do: 'readFigures' }
  | { readonly do: 'administer' }
  | { readonly do: 'readTablets' }
  | { readonly do: 'readTablet' | 'revokeTablet'; readonly of: Pick<Person, 'role' | 'orgUnits'> }
  | { readonly do: 'manageAccounts' }
  | { readonly do: 'manageAccount'; readonly of: Pick<Person, 'role' | 'orgUnits'> }

export function may(person: Pick<Person, 'role' | 'orgUnits' | 'dataSets'>, action: Action): boolean {
  switch (action.do) {
    case 'read':
      return isBureauRole(person.role) || person.orgUnits.includes(action.orgUnit)
    case 'write':
      if (person.role === 'reviewer') return true
      return (person.role === 'filler' || person.role === 'principal') && person.orgUnits.includes(action.orgUnit)
    case 'writeCell':
      if (person.role === 'reviewer') return mayReviewCell(action.what)
      return person.orgUnits.includes(action.orgUnit) && isGiven(person, action.what) && mayWriteCell(person.role, action.what)
    case 'importValues':
      return person.role === 'reviewer'
    case 'readFigures':
      return isBureauRole(person.role)
    case 'administer':
      return person.role === 'admin'
    case 'readTablets':
      return person.role === 'principal' || isBureauRole(person.role)
    case 'readTablet':
      if (isBureauRole(person.role)) return true
      return (
        person.role === 'principal' &&
        (action.of.role === 'filler' || action.of.role === 'principal') &&
        action.of.orgUnits.some((code) => person.orgUnits.includes(code))
      )
    case 'manageAccounts':
      return person.role === 'principal' || person.role === 'admin'
    case 'revokeTablet':
    case 'manageAccount':
      if (person.role === 'admin') return true
      // Whoever works for another school too is not this principal's alone to stop.
      return (
        person.role === 'principal' &&
        action.of.role === 'filler' &&
        action.of.orgUnits.length > 0 &&
        action.of.orgUnits.every((code) => person.orgUnits.includes(code))
      )
    default:
      return assertNever(action)
  }
}

function isGiven({ role, dataSets }: Pick<Person, 'role' | 'dataSets'>, what: Written): boolean {
  if (role !== 'filler' || dataSets === undefined || what.is !== 'value' || what.dataSet === undefined) return true
  return dataSets.includes(what.dataSet)
}

function mayReviewCell(what: Written): boolean {
  if (what.is === 'reportState') return what.step === undefined || what.step.side === 'bureau'
  return what.is === 'value' || what.is === 'comment'
}

function mayWriteCell(role: Role, what: Written): boolean {
  const isSchool = role === 'filler' || role === 'principal'
  const inspects = (of: InspectionKind): boolean => (of === 'visit' ? role === 'inspector' : isSchool)
  switch (what.is) {
    case 'value':
    case 'answer':
      return isSchool
    case 'inspection':
    case 'inspectionState':
      return inspects(what.of)
    case 'findingState':
      if (what.step?.side === 'school') return role === 'principal'
      if (what.step === undefined) return role === 'principal' || inspects(what.of)
      // Raising one belongs to going through the list; judging whether it was put right does not.
      return what.of === 'visit' ? role === 'inspector' : role === 'principal' || (isSchool && what.step.from === undefined)
    case 'reportState':
      return role === 'principal' && (what.step === undefined || what.step.side === 'school')
    case 'comment':
      return isSchool || role === 'inspector'
    default:
      return assertNever(what)
  }
}

/** Whoever may write anything of the unit that a file could be evidence of. */
export function mayBringFiles(person: Pick<Person, 'role' | 'orgUnits'>, orgUnit: string): boolean {
  const kinds: readonly Written[] = [
    { is: 'value' },
    { is: 'answer' },
    { is: 'inspection', of: 'visit' },
    { is: 'inspection', of: 'self' },
  ]
  return kinds.some((what) => may(person, { do: 'writeCell', orgUnit, what }))
}
