/**
 * The last mile: what each person's tablet last said of itself, and the end of its sessions.
 *
 * Noting it is beside the exchange, never in its way: it happens after the stream's commit, nobody waits for it, and if it fails the
 * values have arrived all the same. A tablet that has nothing new to say is written once a minute, so an exchange that carries nothing
 * stays a reading.
 */
import type { Kysely, Selectable } from 'kysely'
import type { Result } from '#domain/fault'
import { failed, ok } from '#domain/fault'
import { may } from '#domain/may'
import { isBureauRole, type Person } from '#domain/person'
import type { Tablet } from '#domain/tablet'
import { isPlainText } from '#domain/text'
import type { TabletState } from '#sync/protocol'
import { appendAudit } from './audit/audit'
import { foldUsername, rowToPerson, type PersonRow } from './accounts'
import type { Session } from './sessions'
import type { Tables } from './store/tables'
import { inTransaction } from './store/transaction'

const NOTED_EVERY_MS = 60_000
/** More tablets than this are written more often than needed; nothing breaks. About 200 bytes each. */
const REMEMBERED_MAX = 20_000
/** From here on a tablet may soon refuse to store: worth telling at once. */
const NEARLY_FULL = 0.9

export type Contact = {
  readonly state: TabletState
  /** Version of the app. */
  readonly app: string
  readonly person: Person
  readonly session: Session
  readonly received: number
  /** Server minus tablet, milliseconds. */
  readonly skew: number
}

export type TabletWatch = {
  /** Returns at once. */
  note(contact: Contact): void
  /** The tablet's row will be written by its next contact, whatever it says. */
  forget(id: string): void
  /** Resolves when everything noted so far is in the database, or has been reported. */
  settled(): Promise<void>
}

export function watchTablets({
  db,
  report,
}: {
  readonly db: Kysely<Tables>
  readonly report: (error: unknown) => void
}): TabletWatch {
  const remembered = new Map<string, { readonly at: number; readonly gist: string }>()
  let writing = Promise.resolve()

  return {
    note(contact) {
      const { state, session, received } = contact
      const gist = gistOf(contact)
      const last = remembered.get(state.id)
      const isNews = last === undefined || last.gist !== gist || Math.abs(received - last.at) >= NOTED_EVERY_MS
      if (!isNews && session.tablet === state.id) return
      if (remembered.size >= REMEMBERED_MAX) remembered.clear()
      remembered.set(state.id, { at: received, gist })
      // One after the other: an older contact must not come behind a newer one.
      writing = writing.then(() => writeContact(db, contact)).catch(report)
    },
    forget: (id) => void remembered.delete(id),
    settled: () => writing,
  }
}

/** What somebody would want to know within the minute: not how much waits, but that something does. */
function gistOf({ state, app, person, session }: Contact): string {
  const { unsent, files, refused, conflicts, plan, storage } = state
  const isNearlyFull = storage?.used !== undefined && storage.quota !== undefined && storage.used >= NEARLY_FULL * storage.quota
  return [
    person.username,
    session.id,
    app,
    unsent > 0,
    files > 0,
    refused,
    conflicts,
    plan,
    storage?.persisted,
    isNearlyFull,
  ].join()
}

async function writeContact(db: Kysely<Tables>, { state, app, person, session, received, skew }: Contact): Promise<void> {
  const account = foldUsername(person.username)
  const said = {
    last_contact: received,
    skew,
    app: isPlainText(app) ? app : '',
    unsent: state.unsent,
    oldest: state.oldest ?? null,
    refused: state.refused,
    conflicts: state.conflicts,
    files: state.files,
    drafts: state.drafts,
    plan: state.plan ?? null,
    used: state.storage?.used ?? null,
    quota: state.storage?.quota ?? null,
    persisted: state.storage?.persisted === undefined ? null : Number(state.storage.persisted),
  }
  await inTransaction(db, 'write', async (trx) => {
    // Whose it is was said first; another account cannot take its name.
    const written = await trx
      .insertInto('tablet')
      .values({ id: state.id, account, first_contact: received, ...said })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(said).where('tablet.account', '=', account))
      .executeTakeFirst()
    if (written.numInsertedOrUpdatedRows === 0n || session.tablet === state.id) return
    const { revoked } = await trx.selectFrom('tablet').select('revoked').where('id', '=', state.id).executeTakeFirstOrThrow()
    // A session from before the tablet was revoked ends too; a later one is its person, who has signed in again.
    const isOver = revoked !== null && session.created <= revoked
    await trx
      .updateTable('session')
      .set({ tablet: state.id, ...(isOver ? { revoked } : {}) })
      .where('token_hash', '=', session.id)
      .execute()
    if (revoked === null || isOver) return
    await trx.updateTable('tablet').set({ revoked: null, revoked_by: null, told: null }).where('id', '=', state.id).execute()
  })
}

/** Those that the asker may see, by account and then by first contact. */
export async function listTablets(db: Kysely<Tables>, asker: Person): Promise<readonly Tablet[]> {
  const rows = await withPerson(db).orderBy('tablet.account').orderBy('tablet.first_contact').execute()
  return rows.flatMap((row) => {
    const person = rowToPerson(row)
    if (!may(asker, { do: 'readTablet', of: person })) return []
    return [
      {
        id: row.id,
        username: person.username,
        name: person.name,
        role: person.role,
        orgUnits: person.orgUnits.filter((code) => isBureauRole(asker.role) || may(asker, { do: 'read', orgUnit: code })),
        firstContact: row.first_contact,
        lastContact: row.last_contact,
        // Not minus: that would make a negative zero.
        clockAhead: 0 - row.skew,
        app: row.app,
        plan: row.plan ?? undefined,
        unsent: row.unsent,
        oldest: row.oldest ?? undefined,
        refused: row.refused,
        conflicts: row.conflicts,
        files: row.files,
        drafts: row.drafts,
        storage: {
          used: row.used ?? undefined,
          quota: row.quota ?? undefined,
          persisted: row.persisted === null ? undefined : row.persisted === 1,
        },
        revoked: row.revoked === null ? undefined : { at: row.revoked, by: row.revoked_by ?? '', told: row.told ?? undefined },
        mayRevoke: may(asker, { do: 'revokeTablet', of: person }),
      },
    ]
  })
}

/**
 * Ends every session of the tablet. What is unsent stays on it, sealed, until its person signs in again; a tablet off the network finds
 * out at its next contact.
 */
export async function revokeTablet(
  db: Kysely<Tables>,
  { id, asker, address, now }: { readonly id: string; readonly asker: Person; readonly address: string; readonly now: number },
): Promise<Result<void>> {
  return inTransaction(db, 'write', async (trx) => {
    const row = await withPerson(trx).where('tablet.id', '=', id).executeTakeFirst()
    const person = row === undefined ? undefined : rowToPerson(row)
    // Whoever may not see it is not told that it exists.
    if (person === undefined || !may(asker, { do: 'readTablet', of: person })) {
      return failed({ kind: 'tablet.unknown', path: 'id', values: { tablet: id } })
    }
    if (!may(asker, { do: 'revokeTablet', of: person })) return failed({ kind: 'right.missing' })
    await trx.updateTable('tablet').set({ revoked: now, revoked_by: asker.username, told: null }).where('id', '=', id).execute()
    await trx.updateTable('session').set({ revoked: now }).where('tablet', '=', id).where('revoked', 'is', null).execute()
    await appendAudit(trx, {
      ...{ at: now, by: asker.username, address, kind: 'tablet.revoked', subject: id },
      details: { account: person.username },
    })
    return ok(undefined)
  })
}

const withPerson = (db: Kysely<Tables>) =>
  db
    .selectFrom('tablet')
    .innerJoin('account', 'account.key', 'tablet.account')
    .selectAll('tablet')
    .select(['account.username', 'account.name', 'account.role', 'account.org_units', 'account.data_sets'])
    .$castTo<Selectable<Tables['tablet']> & PersonRow>()
