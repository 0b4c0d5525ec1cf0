import { expect, test } from 'vitest'
import { may, type Action } from '#domain/may'
import { isBureauRole, ROLES, type Role } from '#domain/person'

const who = (role: Role) => ({ role, orgUnits: isBureauRole(role) ? [] : ['own'] })

/** The table of `may.ts`, written out: every role, every action, own unit and foreign one. */
const EXPECTED: readonly (readonly [Action, readonly Role[]])[] = [
  [{ do: 'read', orgUnit: 'own' }, ['filler', 'principal', 'inspector', 'reviewer', 'leader', 'admin']],
  [{ do: 'read', orgUnit: 'foreign' }, ['reviewer', 'leader', 'admin']],
  [{ do: 'write', orgUnit: 'own' }, ['filler', 'principal', 'reviewer']],
  [{ do: 'write', orgUnit: 'foreign' }, ['reviewer']],
  [{ do: 'importValues' }, ['reviewer']],
  [{ do: 'readFigures' }, ['reviewer', 'leader', 'admin']],
  [{ do: 'administer' }, ['admin']],
  [{ do: 'readTablets' }, ['principal', 'reviewer', 'leader', 'admin']],
  [{ do: 'readTablet', of: { role: 'filler', orgUnits: ['foreign', 'own'] } }, ['principal', 'reviewer', 'leader', 'admin']],
  [{ do: 'readTablet', of: { role: 'principal', orgUnits: ['own'] } }, ['principal', 'reviewer', 'leader', 'admin']],
  [{ do: 'readTablet', of: { role: 'filler', orgUnits: ['foreign'] } }, ['reviewer', 'leader', 'admin']],
  [{ do: 'readTablet', of: { role: 'inspector', orgUnits: ['own'] } }, ['reviewer', 'leader', 'admin']],
  [{ do: 'readTablet', of: { role: 'reviewer', orgUnits: [] } }, ['reviewer', 'leader', 'admin']],
  [{ do: 'revokeTablet', of: { role: 'filler', orgUnits: ['own'] } }, ['principal', 'admin']],
  [{ do: 'revokeTablet', of: { role: 'filler', orgUnits: ['own', 'foreign'] } }, ['admin']],
  [{ do: 'revokeTablet', of: { role: 'filler', orgUnits: [] } }, ['admin']],
  [{ do: 'revokeTablet', of: { role: 'principal', orgUnits: ['own'] } }, ['admin']],
]

test.each(EXPECTED)('%j is for exactly these roles', (action, roles) => {
  expect(ROLES.filter((role) => may(who(role), action))).toEqual(roles)
})

test('a bureau role gains nothing, and a school role no unit, by what its account lists', () => {
  expect(may({ role: 'leader', orgUnits: ['own'] }, { do: 'write', orgUnit: 'own' })).toBe(false)
  expect(may({ role: 'principal', orgUnits: [] }, { do: 'read', orgUnit: 'own' })).toBe(false)
})
