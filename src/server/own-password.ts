/** A person sets a password of their own: in place of a one-time one, or of the present one. */
import type { Kysely } from 'kysely'
import { failed, ok, type Result } from '#domain/fault'
import { findByPassword, foldUsername, passwordFault, type Actor } from './accounts'
import { appendAudit } from './audit/audit'
import { hashPassword, isPassword } from './passwords'
import type { Session } from './sessions'
import type { Tables } from './store/tables'
import { inTransaction } from './store/transaction'

export type NewPassword = {
  readonly old?: string | undefined
  readonly password: string
  /** Ends the account's other sessions too. */
  readonly endOthers?: boolean | undefined
}

/**
 * A session that was opened with a one-time password has just shown it, and becomes a full one; others that were opened with it end, as
 * whoever gave it out knows it too.
 */
export async function setOwnPassword(
  db: Kysely<Tables>,
  question: { readonly actor: Actor; readonly session: Session; readonly wanted: NewPassword; readonly now: number },
): Promise<Result<void>> {
  const { actor, session, wanted, now } = question
  const { username } = actor
  const fault = passwordFault(wanted.password, username)
  if (fault !== undefined) return failed(fault)
  if (!session.isOneTime && (await findByPassword(db, username, wanted.old ?? '')) === undefined) {
    return failed({ kind: 'password.wrong', path: 'old' })
  }
  const key = foldUsername(username)
  const stored = await db.selectFrom('account').select('password_hash').where('key', '=', key).executeTakeFirstOrThrow()
  if (await isPassword(wanted.password, stored.password_hash)) {
    return failed({ kind: 'account.invalid', path: 'password', values: { problem: 'passwordOld' } })
  }
  const password_hash = await hashPassword(wanted.password)
  await inTransaction(db, 'write', async (trx) => {
    await trx.updateTable('account').set({ password_hash, one_time: 0 }).where('key', '=', key).execute()
    await trx.updateTable('session').set({ one_time: 0 }).where('token_hash', '=', session.id).execute()
    let others = trx
      .updateTable('session')
      .set({ revoked: now })
      .where('account', '=', key)
      .where('token_hash', '<>', session.id)
      .where('revoked', 'is', null)
    if (wanted.endOthers !== true) others = others.where('one_time', '=', 1)
    const { numUpdatedRows } = await others.executeTakeFirst()
    await appendAudit(trx, {
      ...{ at: now, by: username, address: actor.address, kind: 'account.password', subject: username },
      details: { endedSessions: Number(numUpdatedRows) },
    })
  })
  return ok(undefined)
}
