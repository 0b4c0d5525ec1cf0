import type { Kysely } from 'kysely'
import type { Tables } from '../store/tables'

const DAY_MS = 24 * 60 * 60 * 1000
/**
 * For how long after a restore a tablet is believed what it tells of others' values. Long enough for one that lay in a drawer over the
 * summer holidays; not for ever, for whoever may write in an org unit can in that time write in a colleague's name there.
 */
export const WITNESS_DAYS = 90

/** When the database was restored, in milliseconds since 1970; `undefined`: never. */
export async function restoredAt(db: Kysely<Tables>): Promise<number | undefined> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', 'restored').executeTakeFirst()
  return row === undefined ? undefined : Number(row.value)
}

export function acceptsWitnesses(restored: number | undefined, now: number): boolean {
  return restored !== undefined && now < restored + WITNESS_DAYS * DAY_MS
}
