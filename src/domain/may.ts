/**
 * What a person may do: one table, run on the tablet for an instant answer and on the server for the word that counts.
 *
 * | action        | filler, principal | inspector | reviewer                                  | leader | admin |
 * |---------------|-------------------|-----------|-------------------------------------------|--------|-------|
 * | read          | own units         | own units | every unit                                | every  | every |
 * | write         | own units         | -         | every unit (import, third-party, district) | -      | -     |
 * | readFigures   | -                 | -         | yes                                       | yes    | yes   |
 * | administer    | -                 | -         | -                                         | -      | yes   |
 */
import { assertNever } from './assert-never'
import { isBureauRole, type Person } from './person'

export type Action =
  | { readonly do: 'read'; readonly orgUnit: string }
  | { readonly do: 'write'; readonly orgUnit: string }
  | { readonly do: 'importValues' }
  | { readonly do: 'readFigures' }
  | { readonly do: 'administer' }

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
    default:
      return assertNever(action)
  }
}
