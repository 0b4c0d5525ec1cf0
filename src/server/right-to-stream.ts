/** What a person may do with a stream, as the exchange asks it. */
import { may } from '#domain/may'
import { isBureauRole, type Person } from '#domain/person'
import { isEnteredByUnit } from '#plan/applicability'
import type { Right } from '#sync/exchange'
import { orgUnitOf, parseKey } from '#sync/protocol'
import { couldRead } from './accounts'
import type { Deps } from './app'
import { findOrgUnit } from './org-units'

/**
 * A school's people write what their own unit answers. What a third party measured, and what the bureau itself keeps, is the
 * reviewer's, also where it speaks of their school. An element that the plan does not know is stored: a newer tablet may know it.
 */
export async function rightTo(
  { db, plan: { plan } }: Pick<Deps, 'db' | 'plan'>,
  { person, isDisabled }: { readonly person: Person; readonly isDisabled: boolean },
  stream: string,
): Promise<{ readonly right?: Right; readonly mayWrite?: (key: string) => boolean }> {
  const orgUnit = orgUnitOf(stream)
  if (orgUnit === undefined) return {}
  const mayRead = may(person, { do: 'read', orgUnit })
  if (!mayRead && !(await couldRead(db, { username: person.username, orgUnit }))) return {}
  const unit = await findOrgUnit(db, orgUnit)
  if (unit === undefined) return {}
  if (!mayRead || isDisabled) return { right: 'gone' }
  if (!may(person, { do: 'write', orgUnit })) return { right: 'read' }
  if (isBureauRole(person.role)) return { right: 'write' }
  return {
    right: 'write',
    mayWrite: (key) => {
      const parsed = parseKey(key)
      if (parsed.kind !== 'value' && parsed.kind !== 'remark') return true
      const asked = plan.elements.get(parsed.element)
      return asked === undefined || isEnteredByUnit(asked, unit)
    },
  }
}
