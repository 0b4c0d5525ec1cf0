/**
 * Sessions: one for each device that signed in. The token is 256 random bits in a cookie that scripts cannot read; the database
 * keeps only its SHA-256.
 */
import { createHash, randomBytes } from 'node:crypto'
import { CompiledQuery, type Kysely } from 'kysely'
import type { Person } from '#domain/person'
import { rowToPerson, type PersonRow } from './accounts'
import type { Tables } from './store/tables'

export const SESSION_COOKIE = 'youxue_session'

const DAY_MS = 24 * 60 * 60 * 1000
/** A tablet that was not used for so long asks for the password again. What is unsent on it stays. */
export const SESSION_MS = 180 * DAY_MS

export async function openSession(db: Kysely<Tables>, account: string, now: number): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await db
    .insertInto('session')
    .values({ token_hash: hashToken(token), account, created: now, seen: now })
    .execute()
  // A good moment to forget the sessions that have run out.
  await db
    .deleteFrom('session')
    .where('seen', '<', now - SESSION_MS)
    .execute()
  return token
}

/** Whose session it is. `renewed`: its 180 days begin again today, so the cookie must be sent again. */
export async function findSession(
  db: Kysely<Tables>,
  token: string,
  now: number,
): Promise<{ readonly person: Person; readonly renewed: boolean } | undefined> {
  const token_hash = hashToken(token)
  const [row] = (await db.executeQuery<FoundSession>(CompiledQuery.raw(FIND_SESSION, [token_hash]))).rows
  if (row === undefined || row.seen < now - SESSION_MS) return undefined
  const renewed = row.seen < now - DAY_MS
  if (renewed) await db.updateTable('session').set({ seen: now }).where('token_hash', '=', token_hash).execute()
  return { person: rowToPerson(row), renewed }
}

/** Written out: it is asked with every request, and building it each time would take longer than answering it. */
const FIND_SESSION = `select account.username, account.name, account.role, account.org_units, session.seen
  from session join account on account.key = session.account where session.token_hash = ?`
type FoundSession = PersonRow & { readonly seen: number }

export async function closeSession(db: Kysely<Tables>, token: string): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', hashToken(token)).execute()
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
