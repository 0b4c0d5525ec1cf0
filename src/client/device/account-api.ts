/** The routes of accounts, sessions, passwords and the log of administration. They come with their pages, not with the first load. */
import { auditPageSchema, importedAccountEntries, ownSessionSchema, type OwnSession } from '#domain/account-answers'
import type { AuditKind, AuditRow } from '#domain/audit'
import { ok } from '#domain/fault'
import { ROLES, type Person, type Role } from '#domain/person'
import * as v from 'valibot'
import { makeCall, type ApiResult } from './api'

const role = v.picklist(ROLES)
const personEntries = {
  username: v.string(),
  name: v.string(),
  role,
  orgUnits: v.array(v.string()),
  dataSets: v.optional(v.array(v.string())),
}
const accountSchema = v.object({
  ...personEntries,
  disabled: v.optional(v.number()),
  isOneTime: v.optional(v.literal(true)),
})
export type Account = Person & { readonly disabled?: number | undefined; readonly isOneTime?: true | undefined }

const madeSchema = v.object({ ...personEntries, password: v.optional(v.string()) })
export type MadeAccount = Person & { readonly password?: string | undefined }

const importSchema = v.object({
  dryRun: v.boolean(),
  made: v.number(),
  refused: v.number(),
  rows: v.array(v.object({ ...importedAccountEntries, message: v.optional(v.object({ zh: v.string(), en: v.string() })) })),
})
export type { OwnSession }
export type ImportAnswer = v.InferOutput<typeof importSchema>
export type AuditPage = { readonly rows: readonly AuditRow[]; readonly more: boolean }

const by =
  <Shape>(schema: v.GenericSchema<unknown, Shape>) =>
  (body: unknown): Shape | undefined => {
    const parsed = v.safeParse(schema, body)
    return parsed.success ? parsed.output : undefined
  }

const call = makeCall((input, init) => globalThis.fetch(input, init))
const done = (): true => true

const of = (username: string): string => `accounts/${encodeURIComponent(username)}`

export const fetchAccounts = (): Promise<ApiResult<readonly Account[]>> => call('accounts', by(v.array(accountSchema)))

export type NewAccount = {
  readonly username: string
  readonly name: string
  readonly role: Role
  readonly orgUnits: readonly string[]
  readonly dataSets?: readonly string[] | undefined
}

export const makeAccount = (account: NewAccount): Promise<ApiResult<MadeAccount>> =>
  call('accounts', by(madeSchema), { method: 'POST', body: account })

/** `dataSets`: `null` for all. What is left out stays as it is. */
export type AccountChange = {
  readonly name?: string
  readonly role?: Role
  readonly orgUnits?: readonly string[]
  readonly dataSets?: readonly string[] | null
  readonly disabled?: boolean
}

export const changeAccount = (username: string, change: AccountChange): Promise<ApiResult<Account>> =>
  call(of(username), by(accountSchema), { method: 'PATCH', body: change })

export const resetPassword = (username: string): Promise<ApiResult<MadeAccount>> =>
  call(`${of(username)}/password`, by(madeSchema), { method: 'POST' })

export const importAccounts = (question: {
  readonly csv: string
  readonly take: 'all' | 'good'
  readonly dryRun: boolean
}): Promise<ApiResult<ImportAnswer>> => call('accounts/import', by(importSchema), { method: 'POST', body: question })

export async function setPassword(wanted: {
  readonly old?: string
  readonly password: string
  readonly endOthers?: boolean
}): Promise<ApiResult<void>> {
  const set = await call('password', done, { method: 'POST', body: wanted })
  return set.ok ? ok(undefined) : set
}

export const fetchSessions = (): Promise<ApiResult<readonly OwnSession[]>> => call('sessions', by(v.array(ownSessionSchema)))

export async function endSession(id: string): Promise<ApiResult<void>> {
  const ended = await call(`sessions/${encodeURIComponent(id)}`, done, { method: 'DELETE' })
  return ended.ok ? ok(undefined) : ended
}

export function fetchAudit(question: {
  readonly before?: number | undefined
  readonly by?: string | undefined
  readonly kind?: AuditKind | undefined
}): Promise<ApiResult<AuditPage>> {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(question)) if (value !== undefined && value !== '') query.set(name, String(value))
  return call(`audit?${query.toString()}`, by(auditPageSchema))
}
