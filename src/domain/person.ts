/** People and their roles. What each role may do stands in `may.ts`. */
export const ROLES = ['filler', 'principal', 'inspector', 'reviewer', 'leader', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Roles of the bureau: they see every org unit, so their account lists none. */
export const BUREAU_ROLES: readonly Role[] = ['reviewer', 'leader', 'admin']

export function isBureauRole(role: Role): boolean {
  return BUREAU_ROLES.includes(role)
}

export type Person = {
  readonly username: string
  readonly name: string
  readonly role: Role
  /** Codes of the org units the person works for; empty for the bureau's roles. */
  readonly orgUnits: readonly string[]
  /** Of a filler who was given some; without it all. */
  readonly dataSets?: readonly string[] | undefined
}

/**
 * The header in which a request says whose work it carries, as a URI component: a browser's tabs share one cookie, and in another tab
 * somebody else may have signed in.
 */
export const PERSON_HEADER = 'x-youxue-person'
