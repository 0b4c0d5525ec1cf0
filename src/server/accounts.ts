/**
 * Accounts: who may sign in, as what, for which org units; and what somebody could read once and cannot now.
 *
 * A password that somebody else knows (one that was made here, or that whoever made the account chose) is a one-time password: a session
 * that was opened with it may only set another one.
 */
import * as v from 'valibot'
import { failed, ok, type Fault, type Result } from '#domain/fault'
import { may } from '#domain/may'
import { isBureauRole, ROLES, type Person } from '#domain/person'
import type { Kysely } from 'kysely'
import { appendAudit } from './audit/audit'
import { hashPassword, isOutdated, isPassword, makePassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from './passwords'
import { isUniqueViolation } from './store/database-error'
import type { Tables } from './store/tables'
import { inTransaction } from './store/transaction'

export type NewAccount = {
  readonly username: string
  readonly name: string
  readonly role: Person['role']
  readonly orgUnits: readonly string[]
  /** Of a filler who is limited to some. */
  readonly dataSets?: readonly string[] | undefined
  readonly password?: string | undefined
  readonly isOneTime?: boolean | undefined
}

/** Who does something to an account, for the log of administration. */
export type Actor = { readonly username: string; readonly address: string }

/** The program's own doing, at a start. */
export const NOBODY: Actor = { username: '', address: '' }

/** `password` only where it was made here: it is shown once and known to nobody afterwards. */
export type MadeAccount = Person & { readonly password?: string }

const codes = v.array(v.string())
const role = v.picklist(ROLES)

/** Usernames are compared without regard to case and width. */
export function foldUsername(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase()
}

/** Letters of any script, digits and `. _ -`: what can be typed on a tablet without looking for it. */
function isUsername(username: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$/u.test(username)
}

export async function createAccount(
  db: Kysely<Tables>,
  account: NewAccount,
  now: number,
  actor: Actor = NOBODY,
): Promise<Result<MadeAccount>> {
  const ready = await readyAccount(db, account)
  if (!ready.ok) return ready
  try {
    await inTransaction(db, 'write', (trx) => insertAccount(trx, { ready: ready.value, now, actor }))
  } catch (error) {
    if (isUniqueViolation(error)) return failed(accountExists(ready.value.person.username))
    throw error
  }
  return ok(madeAccount(ready.value))
}

export const accountExists = (username: string): Fault => ({ kind: 'account.exists', path: 'username', values: { username } })

/** An account that could be made: looked at, its password hashed, and not yet in the database. */
export type ReadyAccount = {
  readonly person: Person
  readonly passwordHash: string
  readonly isOneTime: boolean
  /** Where it was made here. */
  readonly password: string | undefined
}

/** What is wrong with it, without the time that hashing takes. */
export async function checkNewAccount(db: Kysely<Tables>, account: NewAccount): Promise<Result<Person>> {
  const username = account.username.normalize('NFKC').trim()
  const name = account.name.trim()
  if (!isUsername(username)) return failed(invalid('username', { problem: 'usernameForm' }))
  const fault = account.password === undefined ? undefined : passwordFault(account.password, username)
  if (fault !== undefined) return failed(fault)
  const { role, dataSets } = account
  const orgUnits = [...new Set(account.orgUnits)]
  const person: Person = {
    username,
    name,
    role,
    orgUnits,
    ...(dataSets === undefined ? {} : { dataSets: [...new Set(dataSets)] }),
  }
  const wrong = await faultOf(db, person)
  return wrong === undefined ? ok(person) : failed(wrong)
}

export async function readyAccount(db: Kysely<Tables>, account: NewAccount): Promise<Result<ReadyAccount>> {
  const checked = await checkNewAccount(db, account)
  if (!checked.ok) return checked
  const made = account.password === undefined ? makePassword() : undefined
  const passwordHash = await hashPassword(account.password ?? made ?? '')
  return ok({ person: checked.value, passwordHash, isOneTime: made !== undefined || account.isOneTime === true, password: made })
}

export const madeAccount = ({ person, password }: ReadyAccount): MadeAccount =>
  password === undefined ? person : { ...person, password }

/** In a transaction of mode `write`. Throws where the username is taken. */
export async function insertAccount(
  trx: Kysely<Tables>,
  { ready, now, actor }: { readonly ready: ReadyAccount; readonly now: number; readonly actor: Actor },
): Promise<void> {
  const { username, name, role, orgUnits, dataSets } = ready.person
  await trx
    .insertInto('account')
    .values({
      key: foldUsername(username),
      username,
      name,
      role,
      org_units: JSON.stringify(orgUnits),
      data_sets: dataSets === undefined ? null : JSON.stringify(dataSets),
      password_hash: ready.passwordHash,
      one_time: Number(ready.isOneTime),
      created: now,
    })
    .execute()
  await appendAudit(trx, { at: now, ...deedOf(actor), kind: 'account.made', subject: username, details: rightsOf(ready.person) })
}

const deedOf = ({ username, address }: Actor) => ({ by: username, address })
const rightsOf = ({ name, role, orgUnits, dataSets, disabled }: Account) => ({
  name,
  role,
  orgUnits,
  ...(dataSets === undefined ? {} : { dataSets }),
  ...(disabled === undefined ? {} : { disabled }),
})

/** What a password cannot be; how hard it is to guess is its length's business. */
export function passwordFault(password: string, username: string): Fault | undefined {
  const [min, max] = [PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX]
  if (password.length < min || password.length > max) return invalid('password', { problem: 'passwordLength', min, max })
  return foldUsername(password) === foldUsername(username) ? invalid('password', { problem: 'passwordIsName' }) : undefined
}

const invalid = (path: string, values: Fault['values']): Fault => ({ kind: 'account.invalid', path, values })

/** What an account, made or changed, cannot be. */
async function faultOf(
  db: Kysely<Tables>,
  { name, role, orgUnits, dataSets }: Omit<Person, 'username'>,
): Promise<Fault | undefined> {
  if (name === '' || name.length > 100) return invalid('name', { problem: 'nameLength' })
  // The bureau's roles see every unit, so a list would say less than the role; a school's person without a unit could do nothing.
  if (isBureauRole(role) !== (orgUnits.length === 0)) {
    return invalid('orgUnits', { problem: orgUnits.length === 0 ? 'unitsMissing' : 'unitsOfBureau' })
  }
  if (dataSets !== undefined && role !== 'filler') return invalid('dataSets', { problem: 'dataSetsOfFiller' })
  for (const [index, code] of orgUnits.entries()) {
    const unit = await db.selectFrom('org_unit').select('code').where('code', '=', code).executeTakeFirst()
    if (unit === undefined) return { kind: 'orgUnit.unknown', path: `orgUnits.${String(index)}`, values: { orgUnit: code } }
  }
  return undefined
}

/** What is left out stays as it is. */
export type AccountChange = {
  readonly name?: string | undefined
  readonly role?: Person['role'] | undefined
  readonly orgUnits?: readonly string[] | undefined
  /** `null`: every data set. */
  readonly dataSets?: readonly string[] | null | undefined
  readonly disabled?: boolean | undefined
}

/**
 * From the next request on the person may do what the account now says. What is taken away is remembered: a tablet that still has
 * something of it hands over what is unsent and then forgets the rest, where one that never had the right is answered that it has none.
 *
 * Whoever does not look after the account is told that there is none.
 */
export async function changeAccount(
  db: Kysely<Tables>,
  question: {
    readonly username: string
    readonly change: AccountChange
    readonly now: number
    readonly asker: Person
    readonly address: string
  },
): Promise<Result<Account>> {
  const { username, change, now, asker, address } = question
  const key = foldUsername(username)
  return inTransaction(db, 'write', async (trx) => {
    const before = await managed(trx, { username, asker })
    if (before === undefined) return failed(accountUnknown(username))
    const after = changed(before, change, now)
    const fault = await faultOf(trx, after)
    if (fault !== undefined) return failed(fault)
    if (!may(asker, { do: 'manageAccount', of: after })) return failed({ kind: 'right.missing' } as const)
    if (isAdmin(before) && !isAdmin(after) && !(await hasOtherAdmin(trx, key))) {
      return failed(invalid(change.role === undefined ? 'disabled' : 'role', { problem: 'lastAdmin' }))
    }
    await trx
      .updateTable('account')
      .set({
        name: after.name,
        role: after.role,
        org_units: JSON.stringify(after.orgUnits),
        data_sets: after.dataSets === undefined ? null : JSON.stringify(after.dataSets),
        disabled: after.disabled ?? null,
      })
      .where('key', '=', key)
      .execute()
    for (const org_unit of takenAway(before, after)) {
      await trx
        .insertInto('former_right')
        .values({ account: key, org_unit, taken: now })
        .onConflict((conflict) => conflict.columns(['account', 'org_unit']).doUpdateSet({ taken: now }))
        .execute()
    }
    const details = { before: rightsOf(before), after: rightsOf(after) }
    const deed = { at: now, by: asker.username, address, subject: after.username }
    await appendAudit(trx, { ...deed, kind: 'account.changed', details })
    return ok(after)
  })
}

function changed(before: Account, change: AccountChange, now: number): Account {
  const role = change.role ?? before.role
  // Who comes to the bureau leaves the schools; who fills no more is limited no more.
  const orgUnits = [...new Set(change.orgUnits ?? (isBureauRole(role) ? [] : before.orgUnits))]
  const dataSets =
    change.dataSets === undefined ? (role === 'filler' ? before.dataSets : undefined) : (change.dataSets ?? undefined)
  const isDisabled = change.disabled ?? before.disabled !== undefined
  const disabled = isDisabled ? (before.disabled ?? now) : undefined
  return {
    username: before.username,
    name: change.name?.trim() ?? before.name,
    role,
    orgUnits,
    ...(dataSets === undefined ? {} : { dataSets: [...new Set(dataSets)] }),
    ...(disabled === undefined ? {} : { disabled }),
    ...(before.isOneTime === undefined ? {} : { isOneTime: before.isOneTime }),
  }
}

/** The account, if the asker looks after it. */
async function managed(
  db: Kysely<Tables>,
  { username, asker }: { readonly username: string; readonly asker: Person },
): Promise<Account | undefined> {
  const account = await findAccount(db, username)
  return account !== undefined && may(asker, { do: 'manageAccount', of: account }) ? account : undefined
}

const accountUnknown = (username: string): Fault => ({ kind: 'account.unknown', path: 'username', values: { username } })

/**
 * Gives the account a new one-time password, answered this once. Its sessions go on: a tablet that is off the network, or that somebody is
 * typing on, is not stopped by a password that was forgotten. Who must be stopped is disabled, or the tablet is revoked.
 */
export async function resetPassword(
  db: Kysely<Tables>,
  question: { readonly username: string; readonly now: number; readonly asker: Person; readonly address: string },
): Promise<Result<MadeAccount>> {
  const { username, now, asker, address } = question
  // Hashed before the database is held, and before it is known whether there is such an account.
  const password = makePassword()
  const password_hash = await hashPassword(password)
  return inTransaction(db, 'write', async (trx) => {
    const account = await managed(trx, { username, asker })
    if (account === undefined) return failed(accountUnknown(username))
    const key = foldUsername(username)
    await trx.updateTable('account').set({ password_hash, one_time: 1 }).where('key', '=', key).execute()
    await appendAudit(trx, { at: now, by: asker.username, address, kind: 'account.reset', subject: account.username })
    const { name, role, orgUnits, dataSets } = account
    return ok({ username: account.username, name, role, orgUnits, ...(dataSets === undefined ? {} : { dataSets }), password })
  })
}

const isAdmin = ({ role, disabled }: Account): boolean => role === 'admin' && disabled === undefined

async function hasOtherAdmin(db: Kysely<Tables>, key: string): Promise<boolean> {
  const other = await db
    .selectFrom('account')
    .select('key')
    .where('role', '=', 'admin')
    .where('disabled', 'is', null)
    .where('key', '<>', key)
    .executeTakeFirst()
  return other !== undefined
}

const EVERY_UNIT = '*'

/** An account that is disabled keeps its units and role: what it could read, it reads no more as long as it is. */
function takenAway(before: Person, after: Person): readonly string[] {
  if (isBureauRole(after.role)) return []
  return isBureauRole(before.role) ? [EVERY_UNIT] : before.orgUnits.filter((code) => !after.orgUnits.includes(code))
}

/** Whether the person could once read what they cannot now. */
export async function couldRead(
  db: Kysely<Tables>,
  { username, orgUnit }: { readonly username: string; readonly orgUnit: string },
): Promise<boolean> {
  const former = await db
    .selectFrom('former_right')
    .select('taken')
    .where('account', '=', foldUsername(username))
    .where('org_unit', 'in', [orgUnit, EVERY_UNIT])
    .executeTakeFirst()
  return former !== undefined
}

export type Account = Person & {
  /** Since when nobody may sign in with it, in milliseconds since 1970. */
  readonly disabled?: number
  /** Its password is one that somebody else knows. */
  readonly isOneTime?: true
}

/** Those that the asker looks after. */
export async function listAccounts(db: Kysely<Tables>, asker: Person): Promise<readonly Account[]> {
  const rows = await db.selectFrom('account').select(ACCOUNT_COLUMNS).orderBy('key').execute()
  return rows.map(rowToAccount).filter((account) => may(asker, { do: 'manageAccount', of: account }))
}

export async function findAccount(db: Kysely<Tables>, username: string): Promise<Account | undefined> {
  const row = await db.selectFrom('account').select(ACCOUNT_COLUMNS).where('key', '=', foldUsername(username)).executeTakeFirst()
  return row === undefined ? undefined : rowToAccount(row)
}

/** Everybody with the org units that they work for or worked for: their values are there still. */
export async function listAuthors(db: Kysely<Tables>): Promise<readonly Person[]> {
  const accounts = await db
    .selectFrom('account')
    .select([...PERSON_COLUMNS, 'key'])
    .orderBy('key')
    .execute()
  const former = new Map<string, string[]>()
  for (const { account, org_unit } of await db.selectFrom('former_right').select(['account', 'org_unit']).execute()) {
    if (org_unit !== EVERY_UNIT) former.set(account, [...(former.get(account) ?? []), org_unit])
  }
  return accounts.map((row) => {
    const person = rowToPerson(row)
    return { ...person, orgUnits: [...person.orgUnits, ...(former.get(row.key) ?? [])] }
  })
}

export type FoundAccount = {
  /** Its key. */
  readonly account: string
  readonly person: Person
  readonly isDisabled: boolean
  readonly isOneTime: boolean
}

/**
 * The person, if the password is right. The answer and the time it takes are the same for a wrong name and a wrong password. A hash that
 * was made at another cost is made anew.
 */
export async function findByPassword(db: Kysely<Tables>, username: string, password: string): Promise<FoundAccount | undefined> {
  const row = await db
    .selectFrom('account')
    .select([...ACCOUNT_COLUMNS, 'key', 'password_hash'])
    .where('key', '=', foldUsername(username))
    .executeTakeFirst()
  const right = await isPassword(password.slice(0, PASSWORD_LENGTH_MAX + 1), row?.password_hash)
  if (!right || row === undefined) return undefined
  if (isOutdated(row.password_hash)) {
    const password_hash = await hashPassword(password)
    // Not where the password was changed in between.
    await db
      .updateTable('account')
      .set({ password_hash })
      .where('key', '=', row.key)
      .where('password_hash', '=', row.password_hash)
      .execute()
  }
  return { account: row.key, person: rowToPerson(row), isDisabled: row.disabled !== null, isOneTime: row.one_time !== 0 }
}

const PERSON_COLUMNS = ['username', 'name', 'role', 'org_units', 'data_sets'] as const
const ACCOUNT_COLUMNS = [...PERSON_COLUMNS, 'disabled', 'one_time'] as const

export type PersonRow = {
  readonly username: string
  readonly name: string
  readonly role: string
  readonly org_units: string
  /** Not asked for where only the name is wanted. */
  readonly data_sets?: string | null
}

export function rowToPerson(row: PersonRow): Person {
  return {
    username: row.username,
    name: row.name,
    role: v.parse(role, row.role),
    orgUnits: v.parse(codes, JSON.parse(row.org_units)),
    ...(row.data_sets === null || row.data_sets === undefined ? {} : { dataSets: v.parse(codes, JSON.parse(row.data_sets)) }),
  }
}

function rowToAccount(row: PersonRow & { readonly disabled: number | null; readonly one_time: number }): Account {
  return {
    ...rowToPerson(row),
    ...(row.disabled === null ? {} : { disabled: row.disabled }),
    ...(row.one_time === 0 ? {} : { isOneTime: true as const }),
  }
}
