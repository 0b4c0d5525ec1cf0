/** Accounts: who may sign in, as what, for which org units. */
import * as v from 'valibot'
import { failed, ok, type Fault, type Result } from '#domain/fault'
import { isBureauRole, ROLES, type Person } from '#domain/person'
import type { Kysely } from 'kysely'
import { hashPassword, isPassword, makePassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from './passwords'
import { isUniqueViolation } from './store/sqlite'
import type { Tables } from './store/tables'

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
  const invalid = (path: string, values: Fault['values']) => failed({ kind: 'account.invalid', path, values } as const)
  if (!isUsername(username)) return invalid('username', { problem: 'usernameForm' })
  if (name === '' || name.length > 100) return invalid('name', { problem: 'nameLength' })
  const { password } = account
  if (password !== undefined && (password.length < PASSWORD_LENGTH_MIN || password.length > PASSWORD_LENGTH_MAX)) {
    return invalid('password', { problem: 'passwordLength', min: PASSWORD_LENGTH_MIN, max: PASSWORD_LENGTH_MAX })
  }
  const orgUnits = [...new Set(account.orgUnits)]
  // The bureau's roles see every unit, so a list would say less than the role; a school's person without a unit could do nothing.
  if (isBureauRole(account.role) !== (orgUnits.length === 0)) {
    return invalid('orgUnits', { problem: orgUnits.length === 0 ? 'unitsMissing' : 'unitsOfBureau' })
  }
  for (const [index, code] of orgUnits.entries()) {
    const unit = await db.selectFrom('org_unit').select('code').where('code', '=', code).executeTakeFirst()
    if (unit === undefined) {
      return failed({ kind: 'orgUnit.unknown', path: `orgUnits.${String(index)}`, values: { orgUnit: code } })
    }
  }
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

export async function listAccounts(db: Kysely<Tables>): Promise<readonly Person[]> {
  const rows = await db.selectFrom('account').select(PERSON_COLUMNS).orderBy('key').execute()
  return rows.map(rowToPerson)
}

/** The person, if the password is right. The answer and the time it takes are the same for a wrong name and a wrong password. */
export async function findByPassword(
  db: Kysely<Tables>,
  username: string,
  password: string,
): Promise<{ readonly account: string; readonly person: Person } | undefined> {
  const row = await db
    .selectFrom('account')
    .select([...PERSON_COLUMNS, 'key', 'password_hash'])
    .where('key', '=', foldUsername(username))
    .executeTakeFirst()
  const right = await isPassword(password.slice(0, PASSWORD_LENGTH_MAX + 1), row?.password_hash)
  return right && row !== undefined ? { account: row.key, person: rowToPerson(row) } : undefined
}

const PERSON_COLUMNS = ['username', 'name', 'role', 'org_units'] as const

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
