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

/**
 * For so long after an account was disabled its tablets can still hand over what is unsent on them: it is logged as refused, where the
 * bureau finds it. Nothing comes down to them.
 */
const HAND_OVER_MS = 30 * DAY_MS

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

export type Session = {
  /** What names it in the database; not the token. */
  readonly id: string
  readonly created: number
  /** From which it last came, where that was said. */
  readonly tablet: string | undefined
  /** Of an account that was disabled. */
  readonly isDisabled: boolean
}

export type FoundSession = {
  readonly person: Person
  readonly session: Session
  /** Its 180 days begin again today, so the cookie must be sent again. */
  readonly renewed: boolean
}

/** Whose session it is. `revoked`: it was taken away before it had run out. */
export async function findSession(db: Kysely<Tables>, token: string, now: number): Promise<FoundSession | 'revoked' | undefined> {
  const token_hash = hashToken(token)
  const [row] = (await db.executeQuery<SessionRow>(CompiledQuery.raw(FIND_SESSION, [token_hash]))).rows
  if (row === undefined || row.seen < now - SESSION_MS) return undefined
  if (row.revoked !== null) {
    if (row.tablet !== null) await noteTold(db, row.tablet, now)
    return 'revoked'
  }
  if (row.disabled !== null && row.disabled < now - HAND_OVER_MS) return undefined
  const renewed = row.seen < now - DAY_MS
  if (renewed) await db.updateTable('session').set({ seen: now }).where('token_hash', '=', token_hash).execute()
  const session = { id: token_hash, created: row.created, tablet: row.tablet ?? undefined, isDisabled: row.disabled !== null }
  return { person: rowToPerson(row), session, renewed }
}

/** Written out: it is asked with every request, and building it each time would take longer than answering it. */
const FIND_SESSION = `select account.username, account.name, account.role, account.org_units, account.disabled,
  session.created, session.seen, session.tablet, session.revoked
  from session join account on account.key = session.account where session.token_hash = ?`
type SessionRow = PersonRow & {
  readonly disabled: number | null
  readonly created: number
  readonly seen: number
  readonly tablet: string | null
  readonly revoked: number | null
}

/** Whoever revoked it sees that the tablet has heard of it. */
async function noteTold(db: Kysely<Tables>, tablet: string, now: number): Promise<void> {
  await db
    .updateTable('tablet')
    .set({ told: now })
    .where('id', '=', tablet)
    .where('revoked', 'is not', null)
    .where('told', 'is', null)
    .execute()
}

export async function closeSession(db: Kysely<Tables>, token: string): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', hashToken(token)).execute()
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
