/**
 * Sessions: one for each device that signed in. The token is 256 random bits in a cookie that scripts cannot read; the database
 * keeps only its SHA-256.
 */
import { createHash, randomBytes } from 'node:crypto'
import { CompiledQuery, type Kysely } from 'kysely'
import type { Person } from '#domain/person'
import { isPlainText } from '#domain/text'
import { rowToPerson, type PersonRow } from './accounts'
import type { Tables } from './store/tables'

export const SESSION_COOKIE = 'youxue_session'

const DAY_MS = 24 * 60 * 60 * 1000
/**
 * A tablet that was not used for so long asks for the password again: half a year, so that one that lay in a cupboard over the summer still
 * opens. What is unsent on it stays.
 */
export const SESSION_MS = 180 * DAY_MS
/** Of an account's sessions at once; opening one more ends the one that was not used for longest. */
const SESSIONS_MAX = 100
/** Of what a browser calls itself, so much is kept. */
const AGENT_LENGTH_MAX = 300

/**
 * For so long after an account was disabled its tablets can still hand over what is unsent on them: it is logged as refused, where the
 * bureau finds it. Nothing comes down to them.
 */
const HAND_OVER_MS = 30 * DAY_MS

export async function openSession(
  db: Kysely<Tables>,
  account: string,
  now: number,
  { isOneTime = false, agent = '' }: { readonly isOneTime?: boolean; readonly agent?: string | undefined } = {},
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const said = isPlainText(agent) ? agent.slice(0, AGENT_LENGTH_MAX) : ''
  await db
    .insertInto('session')
    .values({ token_hash: hashToken(token), account, created: now, seen: now, one_time: Number(isOneTime), agent: said })
    .execute()
  await endOldest(db, account)
  // A good moment to forget the sessions that have run out.
  await db
    .deleteFrom('session')
    .where('seen', '<', now - SESSION_MS)
    .execute()
  return token
}

async function endOldest(db: Kysely<Tables>, account: string): Promise<void> {
  const rows = await db
    .selectFrom('session')
    .select('token_hash')
    .where('account', '=', account)
    .orderBy('seen', 'desc')
    .offset(SESSIONS_MAX)
    .limit(SESSIONS_MAX)
    .execute()
  const over = rows.map(({ token_hash }) => token_hash)
  if (over.length > 0) await db.deleteFrom('session').where('token_hash', 'in', over).execute()
}

export type Session = {
  /** What names it in the database; not the token. */
  readonly id: string
  readonly created: number
  /** From which it last came, where that was said. */
  readonly tablet: string | undefined
  /** Of an account that was disabled. */
  readonly isDisabled: boolean
  /** Opened with a one-time password: it may only set another. */
  readonly isOneTime: boolean
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
  const session = {
    id: token_hash,
    created: row.created,
    tablet: row.tablet ?? undefined,
    isDisabled: row.disabled !== null,
    isOneTime: row.one_time !== 0,
  }
  return { person: rowToPerson(row), session, renewed }
}

/** Written out: it is asked with every request, and building it each time would take longer than answering it. */
const FIND_SESSION = `select account.username, account.name, account.role, account.org_units, account.data_sets, account.disabled,
  session.created, session.seen, session.tablet, session.revoked, session.one_time
  from session join account on account.key = session.account where session.token_hash = ?`
type SessionRow = PersonRow & {
  readonly disabled: number | null
  readonly created: number
  readonly seen: number
  readonly tablet: string | null
  readonly revoked: number | null
  readonly one_time: number
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

/** Whoever signs in again in the same browser has one session there, not two. */
export async function replaceSession(
  db: Kysely<Tables>,
  { account, token }: { readonly account: string; readonly token: string },
): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', hashToken(token)).where('account', '=', account).execute()
}

export async function closeSession(db: Kysely<Tables>, token: string): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', hashToken(token)).execute()
}

/** One device on which the account is signed in, for its owner. */
export type OwnSession = {
  /** Names it to its owner; says nothing of the token. */
  readonly id: string
  readonly created: number
  /** To the day: it is noted once a day. */
  readonly seen: number
  readonly tablet: string | undefined
  /** What the browser calls itself. */
  readonly agent: string
  readonly isThis: boolean
}

/** Of the hash: enough to tell a person's sessions apart. */
const ID_LENGTH = 20

/** The account's sessions that still stand, the last used first. */
export async function listSessions(
  db: Kysely<Tables>,
  { account, session, now }: { readonly account: string; readonly session: Session; readonly now: number },
): Promise<readonly OwnSession[]> {
  const rows = await db
    .selectFrom('session')
    .select(['token_hash', 'created', 'seen', 'tablet', 'agent'])
    .where('account', '=', account)
    .where('revoked', 'is', null)
    .where('seen', '>=', now - SESSION_MS)
    .orderBy('seen', 'desc')
    .orderBy('created', 'desc')
    .execute()
  return rows.map(({ token_hash, created, seen, tablet, agent }) => ({
    id: token_hash.slice(0, ID_LENGTH),
    created,
    seen,
    tablet: tablet ?? undefined,
    agent,
    isThis: token_hash === session.id,
  }))
}

/**
 * Ends one of the account's sessions; answers whether there was one. The device hears it with its next request: what is unsent on it stays
 * there until its person signs in again.
 */
export async function endSession(
  db: Kysely<Tables>,
  { account, id, now }: { readonly account: string; readonly id: string; readonly now: number },
): Promise<boolean> {
  if (!/^[0-9a-f]{20}$/.test(id)) return false
  const { numUpdatedRows } = await db
    .updateTable('session')
    .set({ revoked: now })
    .where('account', '=', account)
    .where('token_hash', 'like', `${id}%`)
    .where('revoked', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
