/**
 * Browsers in which a person has signed in before. Each has a random token in a cookie of its own, which outlives the session. Wrong
 * passwords from elsewhere, or from the same network, are counted apart from a known browser's own (`attempts.ts`), so that strangers
 * cannot lock somebody out of their tablet. It opens nothing: without the password it only says who counts against whom.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tables } from './store/tables'

export const BROWSER_COOKIE = 'youxue_browser'

/** Browsers keep no cookie for longer than 400 days. */
export const BROWSER_MS = 400 * 24 * 60 * 60 * 1000

export async function isKnownBrowser(
  db: Kysely<Tables>,
  { account, token, now }: { readonly account: string; readonly token: string | undefined; readonly now: number },
): Promise<boolean> {
  if (token === undefined) return false
  const row = await db
    .selectFrom('known_browser')
    .select('seen')
    .where('account', '=', account)
    .where('token_hash', '=', hashOf(token))
    .executeTakeFirst()
  return row !== undefined && row.seen >= now - BROWSER_MS
}

/** After a right password. Answers the token that the cookie keeps: the browser's own, where it has one. */
export async function knowBrowser(
  db: Kysely<Tables>,
  { account, token, now }: { readonly account: string; readonly token: string | undefined; readonly now: number },
): Promise<string> {
  // Only one that was given here before, so that nobody chooses it for somebody else.
  const given =
    token === undefined
      ? undefined
      : await db.selectFrom('known_browser').select('account').where('token_hash', '=', hashOf(token)).executeTakeFirst()
  const kept = token !== undefined && given !== undefined ? token : randomBytes(16).toString('base64url')
  await db
    .insertInto('known_browser')
    .values({ account, token_hash: hashOf(kept), seen: now })
    .onConflict((conflict) => conflict.columns(['account', 'token_hash']).doUpdateSet({ seen: now }))
    .execute()
  await db
    .deleteFrom('known_browser')
    .where('seen', '<', now - BROWSER_MS)
    .execute()
  return kept
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
