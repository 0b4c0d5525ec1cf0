/** What people are called, by their usernames: for those who see what they did. Whose account is gone has no name. */
import type { Kysely } from 'kysely'
import { ROLES, type Role } from '#domain/person'
import type { Tables } from './store/tables'

export type Named = { readonly name: string; readonly role?: Role }

/** So that no database has too many parameters. */
const AT_ONCE = 200

export async function readNames(db: Kysely<Tables>, usernames: Iterable<string>): Promise<ReadonlyMap<string, Named>> {
  const asked = [...new Set(usernames)]
  const names = new Map<string, Named>()
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const rows = await db
      .selectFrom('account')
      .select(['username', 'name', 'role'])
      .where('username', 'in', asked.slice(from, from + AT_ONCE))
      .execute()
    for (const { username, name, role } of rows) {
      const known = ROLES.find((each) => each === role)
      names.set(username, { name, ...(known === undefined ? {} : { role: known }) })
    }
  }
  return names
}
