/**
 * What robots are to say, until they have said it.
 *
 * ```
 *   put ──► waiting ──claim──► leased ──taken by the robot──► sent
 *              ▲                  │
 *              └── back off ◄─────┴─ refused, or the server that had it is gone (its lease runs out)
 *   a day after it was put, what is not sent is given up: it stays with its fault, and nobody tries again
 * ```
 * Several servers may work on one outbox: each step is one conditional update. A server that dies between the robot's answer and its own
 * note of it is the one case in which a message is said twice.
 */
import type { Kysely } from 'kysely'
import type { WebhookFault } from '#domain/webhook'
import type { Tables } from '../store/tables'
import { GAP_MS, REST_MS, type Robot } from './robot-forms'
import { rowToRobot } from './robot-row'

/** After a day a reminder helps nobody. */
export const KEPT_TRYING_MS = 24 * 3_600_000
/** Several times what one try may take. */
const LEASE_MS = 60_000
const FIRST_WAIT_MS = 30_000
const WAIT_MAX_MS = 3_600_000
/** So long a message stays, sent or not: longer than any occasion could ask for it again. */
const KEPT_MS = 30 * 24 * 3_600_000

export type NewMessage = { readonly webhook: string; readonly occasion: string; readonly text: string }

/** What is there already, sent or not, is not put a second time. */
export async function putMessages(db: Kysely<Tables>, messages: readonly NewMessage[], now: number): Promise<void> {
  for (const message of messages) {
    await db
      .insertInto('webhook_message')
      .values({ ...message, made: now, tries: 0, next_try: now, lease: 0, sent: null, tried: null, fault: null })
      .onConflict((conflict) => conflict.columns(['webhook', 'occasion']).doNothing())
      .execute()
  }
}

export type Claimed = {
  readonly webhook: string
  readonly occasion: string
  readonly text: string
  readonly tries: number
  readonly lease: number
  readonly robot: Robot
}

/** Robots that have something to say now. */
export async function readReady(db: Kysely<Tables>, now: number): Promise<readonly string[]> {
  const rows = await waiting(db, now).select('webhook.id').distinct().orderBy('webhook.id').execute()
  return rows.map(({ id }) => id)
}

/** The oldest that the robot is to say, for this server alone; `undefined`: there is none, or another one has just taken it. */
export async function claim(db: Kysely<Tables>, webhook: string, now: number): Promise<Claimed | undefined> {
  const found = await waiting(db, now)
    .select(['occasion', 'text', 'tries', 'kind', 'url', 'secret'])
    .where('webhook.id', '=', webhook)
    .orderBy('made')
    .orderBy('occasion')
    .limit(1)
    .executeTakeFirst()
  if (found === undefined) return undefined
  const turn = await db
    .updateTable('webhook')
    .set({ free: now + GAP_MS })
    .where('id', '=', webhook)
    .where('free', '<=', now)
    .executeTakeFirst()
  if (turn.numUpdatedRows === 0n) return undefined
  const { occasion, text, tries, ...row } = found
  const lease = now + LEASE_MS
  const taken = await db
    .updateTable('webhook_message')
    .set({ lease })
    .where('webhook', '=', webhook)
    .where('occasion', '=', occasion)
    .where('sent', 'is', null)
    .where('tries', '=', tries)
    .where('lease', '<=', now)
    .executeTakeFirst()
  return taken.numUpdatedRows === 0n ? undefined : { webhook, occasion, text, tries, lease, robot: rowToRobot(row) }
}

export async function markSent(db: Kysely<Tables>, claimed: Claimed, now: number): Promise<void> {
  await leased(db, claimed)
    .set({ sent: now, tries: claimed.tries + 1, fault: null, tried: now })
    .execute()
}

/** `chance`: from 0 to 1. `tooOften`: the robot wants to rest from everything. */
export async function markFailed(
  db: Kysely<Tables>,
  claimed: Claimed,
  { fault, now, chance, tooOften }: { fault: WebhookFault; now: number; chance: number; tooOften: boolean },
): Promise<void> {
  const tries = claimed.tries + 1
  const wait = tooOften ? REST_MS : waitAfter(tries, chance)
  await leased(db, claimed)
    .set({ tries, next_try: now + wait, lease: 0, tried: now, fault: JSON.stringify(fault) })
    .execute()
  if (tooOften) await restRobot(db, claimed.webhook, now)
}

/** Also a message that did not come from the outbox counts among those of a minute. */
export async function noteSpoken(db: Kysely<Tables>, webhook: string, now: number): Promise<void> {
  await free(db, webhook, now + GAP_MS)
}
export async function restRobot(db: Kysely<Tables>, webhook: string, now: number): Promise<void> {
  await free(db, webhook, now + REST_MS)
}

/** Twice as long each time, and each by up to a quarter more or less, so that not all come back at once. */
export function waitAfter(tries: number, chance: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), WAIT_MAX_MS) * (0.75 + chance / 2)
}

export async function dropUnsent(db: Kysely<Tables>, webhook: string): Promise<void> {
  await db.deleteFrom('webhook_message').where('webhook', '=', webhook).where('sent', 'is', null).execute()
}
export async function tryUnsentAt(db: Kysely<Tables>, webhook: string, at: number): Promise<void> {
  await db.updateTable('webhook_message').set({ next_try: at }).where('webhook', '=', webhook).where('sent', 'is', null).execute()
}

export async function forgetOld(db: Kysely<Tables>, now: number): Promise<void> {
  await db
    .deleteFrom('webhook_message')
    .where('made', '<', now - KEPT_MS)
    .execute()
}

function waiting(db: Kysely<Tables>, now: number) {
  return db
    .selectFrom('webhook_message')
    .innerJoin('webhook', 'webhook.id', 'webhook_message.webhook')
    .where('is_on', '=', 1)
    .where('free', '<=', now)
    .where('sent', 'is', null)
    .where('next_try', '<=', now)
    .where('lease', '<=', now)
    .where('made', '>', now - KEPT_TRYING_MS)
}

/** Only as long as nobody else has taken it meanwhile. */
function leased(db: Kysely<Tables>, { webhook, occasion, lease }: Claimed) {
  return db
    .updateTable('webhook_message')
    .where('webhook', '=', webhook)
    .where('occasion', '=', occasion)
    .where('lease', '=', lease)
}

async function free(db: Kysely<Tables>, webhook: string, at: number): Promise<void> {
  await db.updateTable('webhook').set({ free: at }).where('id', '=', webhook).where('free', '<', at).execute()
}
