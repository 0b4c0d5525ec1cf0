/**
 * What was taken away after a backup must not come back with it: disabled accounts, revoked tablets, ended sessions. The database that is
 * replaced still knows them. Where it cannot be read, nobody can say what was taken away: then every session ends, and whoever is not to
 * come in any more has to be disabled again by hand.
 */
import type { Kysely } from 'kysely'
import type { Tables } from '../store/tables'
import { inTransaction } from '../store/transaction'

export type TakenAway = {
  readonly accounts: readonly { readonly key: string; readonly disabled: number | null }[]
  readonly tablets: readonly { readonly id: string; readonly revoked: number | null; readonly revoked_by: string | null }[]
  /** The sessions that stand: all others have ended. */
  readonly standing: ReadonlySet<string>
}

/** `undefined`: it cannot be read. */
export async function readTakenAway(db: Kysely<Tables>): Promise<TakenAway | undefined> {
  try {
    const accounts = await db.selectFrom('account').select(['key', 'disabled']).where('disabled', 'is not', null).execute()
    const tablets = await db
      .selectFrom('tablet')
      .select(['id', 'revoked', 'revoked_by'])
      .where('revoked', 'is not', null)
      .execute()
    const sessions = await db.selectFrom('session').select('token_hash').where('revoked', 'is', null).execute()
    return { accounts, tablets, standing: new Set(sessions.map(({ token_hash }) => token_hash)) }
  } catch {
    return undefined
  }
}

/** In the copy that takes the database's place. */
export async function takeAwayAgain(db: Kysely<Tables>, known: TakenAway | undefined): Promise<void> {
  await inTransaction(db, 'write', async (trx) => {
    if (known === undefined) {
      await trx.deleteFrom('session').execute()
      return
    }
    for (const { key, disabled } of known.accounts) {
      await trx.updateTable('account').set({ disabled }).where('key', '=', key).where('disabled', 'is', null).execute()
    }
    for (const { id, revoked, revoked_by } of known.tablets) {
      await trx.updateTable('tablet').set({ revoked, revoked_by }).where('id', '=', id).where('revoked', 'is', null).execute()
    }
    const sessions = await trx.selectFrom('session').select('token_hash').where('revoked', 'is', null).execute()
    for (const { token_hash } of sessions) {
      if (!known.standing.has(token_hash)) await trx.deleteFrom('session').where('token_hash', '=', token_hash).execute()
    }
  })
}
