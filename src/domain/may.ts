/**
 * What a person may do: one table, run on the tablet for an instant answer and on the server for the word that counts.
 *
 * | action        | filler, principal | inspector | reviewer                                  | leader | admin |
 * |---------------|-------------------|-----------|-------------------------------------------|--------|-------|
 * | read          | own units         | own units | every unit                                | every  | every |
 * | write         | own units         | -         | every unit (import, third-party, district) | -      | -     |
 * | readFigures   | -                 | -         | yes                                       | yes    | yes   |
 * | administer    | -                 | -         | -                                         | -      | yes   |
 * | readTablets   | principal         | -         | yes                                       | yes    | yes   |
 * | readTablet    | principal: of the people of own units | - | yes                           | yes    | yes   |
 * | revokeTablet  | principal: of fillers of own units only | - | -                           | -      | yes   |
 */
import { assertNever } from './assert-never'
import { isBureauRole, type Person } from './person'

export type Action =
  | { readonly do: 'read'; readonly orgUnit: string }
  | { readonly do: 'write'; readonly orgUnit: string }
  | { readonly do: 'importValues' }
  | { readonly do: 'readFigures' }
  | { readonly do: 'administer' }
  | { readonly do: 'readTablets' }
  | { readonly do: 'readTablet' | 'revokeTablet'; readonly of: Pick<Person, 'role' | 'orgUnits'> }

export function may(person: Pick<Person, 'role' | 'orgUnits'>, action: Action): boolean {
  switch (action.do) {
    case 'read':
      return isBureauRole(person.role) || person.orgUnits.includes(action.orgUnit)
    case 'write':
      if (person.role === 'reviewer') return true
      return (person.role === 'filler' || person.role === 'principal') && person.orgUnits.includes(action.orgUnit)
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
    case 'revokeTablet':
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
