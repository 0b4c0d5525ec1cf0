/** Accounts: who may sign in, as what, for which org units; and what somebody could read once and cannot now. */
import * as v from 'valibot'
import { failed, ok, type Fault, type Result } from '#domain/fault'
import { isBureauRole, ROLES, type Person } from '#domain/person'
import type { Kysely } from 'kysely'
import { hashPassword, isPassword, makePassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from './passwords'
import { isUniqueViolation } from './store/database-error'
import type { Tables } from './store/tables'
import { inTransaction } from './store/transaction'

export type NewAccount = {
  readonly username: string
  readonly name: string
  readonly role: Person['role']
  readonly orgUnits: readonly string[]
  readonly password?: string | undefined
}

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

export async function createAccount(db: Kysely<Tables>, account: NewAccount, now: number): Promise<Result<MadeAccount>> {
  const username = account.username.normalize('NFKC').trim()
  const name = account.name.trim()
  if (!isUsername(username)) return failed(invalid('username', { problem: 'usernameForm' }))
  const { password } = account
  if (password !== undefined && (password.length < PASSWORD_LENGTH_MIN || password.length > PASSWORD_LENGTH_MAX)) {
    return failed(invalid('password', { problem: 'passwordLength', min: PASSWORD_LENGTH_MIN, max: PASSWORD_LENGTH_MAX }))
  }
  const orgUnits = [...new Set(account.orgUnits)]
  const fault = await faultOf(db, { name, role: account.role, orgUnits })
  if (fault !== undefined) return failed(fault)
  const secret = password ?? makePassword()
  const password_hash = await hashPassword(secret)
  try {
    await db
      .insertInto('account')
      .values({
        key: foldUsername(username),
        username,
        name,
        role: account.role,
        org_units: JSON.stringify(orgUnits),
        password_hash,
        created: now,
      })
      .execute()
  } catch (error) {
    if (isUniqueViolation(error)) return failed({ kind: 'account.exists', path: 'username', values: { username } })
    throw error
  }
  const person: Person = { username, name, role: account.role, orgUnits }
  return ok(password === undefined ? { ...person, password: secret } : person)
}

const invalid = (path: string, values: Fault['values']): Fault => ({ kind: 'account.invalid', path, values })

/** What an account, made or changed, cannot be. */
async function faultOf(
  db: Kysely<Tables>,
  { name, role, orgUnits }: Pick<Person, 'name' | 'role' | 'orgUnits'>,
): Promise<Fault | undefined> {
  if (name === '' || name.length > 100) return invalid('name', { problem: 'nameLength' })
  // The bureau's roles see every unit, so a list would say less than the role; a school's person without a unit could do nothing.
  if (isBureauRole(role) !== (orgUnits.length === 0)) {
    return invalid('orgUnits', { problem: orgUnits.length === 0 ? 'unitsMissing' : 'unitsOfBureau' })
  }
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
  readonly disabled?: boolean | undefined
}

/**
 * From the next request on the person may do what the account now says. What is taken away is remembered: a tablet that still has
 * something of it hands over what is unsent and then forgets the rest, where one that never had the right is answered that it has none.
 */
export async function changeAccount(
  db: Kysely<Tables>,
  { username, change, now }: { readonly username: string; readonly change: AccountChange; readonly now: number },
): Promise<Result<Account>> {
  const key = foldUsername(username)
  return inTransaction(db, 'write', async (trx) => {
    const row = await trx.selectFrom('account').select(ACCOUNT_COLUMNS).where('key', '=', key).executeTakeFirst()
    if (row === undefined) return failed({ kind: 'account.unknown', path: 'username', values: { username } })
    const before = rowToAccount(row)
    const role = change.role ?? before.role
    const name = change.name?.trim() ?? before.name
    // Who comes to the bureau leaves the schools.
    const orgUnits = [...new Set(change.orgUnits ?? (isBureauRole(role) ? [] : before.orgUnits))]
    const fault = await faultOf(trx, { name, role, orgUnits })
    if (fault !== undefined) return failed(fault)
    const isDisabled = change.disabled ?? before.disabled !== undefined
    const disabled = isDisabled ? (before.disabled ?? now) : undefined
    const after: Account = { username: before.username, name, role, orgUnits, ...(disabled === undefined ? {} : { disabled }) }
    if (isAdmin(before) && !isAdmin(after) && !(await hasOtherAdmin(trx, key))) {
      return failed(invalid(change.role === undefined ? 'disabled' : 'role', { problem: 'lastAdmin' }))
    }
    await trx
      .updateTable('account')
      .set({ name, role, org_units: JSON.stringify(orgUnits), disabled: disabled ?? null })
      .where('key', '=', key)
      .execute()
    for (const org_unit of takenAway(before, after)) {
      await trx
        .insertInto('former_right')
        .values({ account: key, org_unit, taken: now })
        .onConflict((conflict) => conflict.columns(['account', 'org_unit']).doUpdateSet({ taken: now }))
        .execute()
    }
    return ok(after)
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
}

export async function listAccounts(db: Kysely<Tables>): Promise<readonly Account[]> {
  const rows = await db.selectFrom('account').select(ACCOUNT_COLUMNS).orderBy('key').execute()
  return rows.map(rowToAccount)
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

/** The person, if the password is right. The answer and the time it takes are the same for a wrong name and a wrong password. */
export async function findByPassword(
  db: Kysely<Tables>,
  username: string,
  password: string,
): Promise<{ readonly account: string; readonly person: Person; readonly isDisabled: boolean } | undefined> {
  const row = await db
    .selectFrom('account')
    .select([...ACCOUNT_COLUMNS, 'key', 'password_hash'])
    .where('key', '=', foldUsername(username))
    .executeTakeFirst()
  const right = await isPassword(password.slice(0, PASSWORD_LENGTH_MAX + 1), row?.password_hash)
  if (!right || row === undefined) return undefined
  return { account: row.key, person: rowToPerson(row), isDisabled: row.disabled !== null }
}

const PERSON_COLUMNS = ['username', 'name', 'role', 'org_units'] as const
const ACCOUNT_COLUMNS = [...PERSON_COLUMNS, 'disabled'] as const

export type PersonRow = {
  readonly username: string
  readonly name: string
  readonly role: string
  readonly org_units: string
}

export function rowToPerson(row: PersonRow): Person {
  return {
    username: row.username,
    name: row.name,
    role: v.parse(role, row.role),
    orgUnits: v.parse(codes, JSON.parse(row.org_units)),
  }
}

function rowToAccount(row: PersonRow & { readonly disabled: number | null }): Account {
  return { ...rowToPerson(row), ...(row.disabled === null ? {} : { disabled: row.disabled }) }
}
