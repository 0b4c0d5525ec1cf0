/**
 * Many accounts at once, from JSON or from a table as CSV. Every row is looked at before any is made, so a dry run says what the real one
 * will do; the one-time passwords that were made are answered, this once.
 */
import { parse } from 'csv-parse/sync'
import type { Kysely } from 'kysely'
import * as v from 'valibot'
import { failed, ok, type Fault, type Result } from '#domain/fault'
import type { Person } from '#domain/person'
import {
  accountExists,
  checkNewAccount,
  foldUsername,
  insertAccount,
  madeAccount,
  readyAccount,
  type Actor,
  type NewAccount,
  type ReadyAccount,
} from './accounts'
import { ACCOUNTS_MAX, newAccountSchema } from './account-wire'
import type { Tables } from './store/tables'
import { inTransaction } from './store/transaction'

/** `row`: how whoever sent it counts it. */
export type ImportRow = { readonly row: number; readonly account: unknown }

export type ImportedRow = { readonly row: number; readonly username: string } & (
  | { readonly result: 'fits' }
  | { readonly result: 'made'; readonly password?: string | undefined }
  | { readonly result: 'refused'; readonly fault: Fault }
)

const REQUIRED = ['username', 'name', 'role', 'orgUnits'] as const
const KNOWN: readonly string[] = [...REQUIRED, 'dataSets', 'password']
const tableSchema = v.array(v.object({ info: v.object({ lines: v.number() }), record: v.array(v.string()) }))

/** Lines of a table: the first names the columns, in any order. */
export function rowsOfTable(csv: string): Result<readonly ImportRow[]> {
  let table: v.InferOutput<typeof tableSchema>
  try {
    const read: unknown = parse(csv, { bom: true, info: true, trim: true, relax_column_count: true, skip_empty_lines: true })
    table = v.parse(tableSchema, read)
  } catch (error) {
    const line = error instanceof Error && 'lines' in error && typeof error.lines === 'number' ? error.lines : undefined
    return failed({
      kind: 'account.csv',
      path: 'csv',
      values: { problem: 'unreadable', ...(line === undefined ? {} : { line }) },
    })
  }
  const [head, ...lines] = table
  const columns = head?.record ?? []
  if (REQUIRED.some((name) => !columns.includes(name)) || columns.some((name) => !KNOWN.includes(name))) {
    return failed({ kind: 'account.csv', path: 'csv', values: { problem: 'columns', line: 1 } })
  }
  if (lines.length === 0) return failed({ kind: 'account.csv', path: 'csv', values: { problem: 'empty' } })
  if (lines.length > ACCOUNTS_MAX) return failed({ kind: 'account.csv', path: 'csv', values: { problem: 'tooMany' } })
  return ok(lines.map(({ info, record }) => ({ row: info.lines, account: accountOf(columns, record) })))
}

/** Empty cells are left out, and cells too many are named, so that the schema refuses them. */
function accountOf(columns: readonly string[], record: readonly string[]): Record<string, unknown> {
  const account: Record<string, unknown> = { orgUnits: [] }
  for (const [at, text] of record.entries()) {
    if (text === '') continue
    const name = columns[at] ?? `column ${String(at + 1)}`
    account[name] = name === 'orgUnits' || name === 'dataSets' ? text.split(/[\s;；、]+/).filter((part) => part !== '') : text
  }
  return account
}

export async function importAccounts(
  db: Kysely<Tables>,
  question: {
    readonly rows: readonly ImportRow[]
    readonly take: 'all' | 'good'
    readonly dryRun: boolean
    readonly now: number
    readonly actor: Actor
    readonly hasDataSet: (dataSet: string) => boolean
  },
): Promise<readonly ImportedRow[]> {
  const { rows, take, dryRun, now, actor, hasDataSet } = question
  const checked = await checkRows(db, rows, hasDataSet)
  const isStopped = take === 'all' && checked.some(({ result }) => !result.ok)
  if (dryRun || isStopped) return checked.map(sayOf)
  const ready = new Map<number, ReadyAccount>()
  for (const { row, account, result } of checked) {
    if (!result.ok || account === undefined) continue
    const made = await readyAccount(db, { ...account, isOneTime: true })
    if (made.ok) ready.set(row, made.value)
  }
  await inTransaction(db, 'write', async (trx) => {
    for (const one of ready.values()) await insertAccount(trx, { ready: one, now, actor })
  })
  return checked.map((one) => {
    const made = ready.get(one.row)
    return made === undefined
      ? sayOf(one)
      : { row: one.row, username: made.person.username, result: 'made', password: madeAccount(made).password }
  })
}

type Checked = { readonly row: number; readonly account: NewAccount | undefined; readonly result: Result<Person> }

async function checkRows(
  db: Kysely<Tables>,
  rows: readonly ImportRow[],
  hasDataSet: (dataSet: string) => boolean,
): Promise<readonly Checked[]> {
  const taken = new Set((await db.selectFrom('account').select('key').execute()).map(({ key }) => key))
  const checked: Checked[] = []
  for (const { row, account } of rows) {
    const parsed = v.safeParse(newAccountSchema, account, { abortEarly: true })
    if (!parsed.success) {
      const [issue] = parsed.issues
      const path = v.getDotPath(issue) ?? undefined
      checked.push({
        row,
        account: undefined,
        result: failed({ kind: 'body.invalid', path, values: { problem: issue.message } }),
      })
      continue
    }
    checked.push({ row, account: parsed.output, result: await checkRow(db, parsed.output, { taken, hasDataSet }) })
    taken.add(foldUsername(parsed.output.username))
  }
  return checked
}

async function checkRow(
  db: Kysely<Tables>,
  account: NewAccount,
  { taken, hasDataSet }: { readonly taken: ReadonlySet<string>; readonly hasDataSet: (dataSet: string) => boolean },
): Promise<Result<Person>> {
  if (taken.has(foldUsername(account.username))) return failed(accountExists(account.username))
  const dataSet = account.dataSets?.find((one) => !hasDataSet(one))
  if (dataSet !== undefined) return failed({ kind: 'dataSet.unknown', path: 'dataSets', values: { dataSet } })
  return checkNewAccount(db, account)
}

function sayOf({ row, account, result }: Checked): ImportedRow {
  const username = account?.username ?? ''
  return result.ok ? { row, username, result: 'fits' } : { row, username, result: 'refused', fault: result.fault }
}
