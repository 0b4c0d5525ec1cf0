/**
 * The log of administration: one row for each deed, written in the deed's own transaction where it has one.
 *
 * Each row's digest covers the row and the digest before it, so a row that is changed or removed later is found (`check-audit.ts`). The
 * newest number and digest also stand in `meta`: without it the last rows could be cut off and nothing would be missing.
 */
import { createHash } from 'node:crypto'
import type { Kysely, Selectable } from 'kysely'
import * as v from 'valibot'
import { AUDIT_KINDS, type AuditKind, type AuditRow } from '#domain/audit'
import type { Tables } from '../store/tables'
import { inTransaction } from '../store/transaction'

export type Deed = {
  readonly at: number
  readonly by: string
  readonly kind: AuditKind
  readonly subject?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly address?: string | undefined
}

export type AuditHead = { readonly id: number; readonly digest: string }

export const NO_ROW: AuditHead = { id: 0, digest: '' }

const HEAD = 'auditHead'
const headSchema = v.object({ id: v.number(), digest: v.string() })

/** In a transaction of mode `write`: two rows must not follow the same one. */
export async function appendAudit(trx: Kysely<Tables>, deed: Deed): Promise<AuditHead> {
  const before = await readHead(trx)
  const row = {
    id: before.id + 1,
    at: deed.at,
    by: deed.by,
    kind: deed.kind,
    subject: deed.subject ?? '',
    details: JSON.stringify(deed.details ?? {}),
    address: deed.address ?? '',
  }
  const head = { id: row.id, digest: digestAfter(before.digest, row) }
  await trx
    .insertInto('audit')
    .values({ ...row, digest: head.digest })
    .execute()
  const value = JSON.stringify(head)
  await trx
    .insertInto('meta')
    .values({ key: HEAD, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
  return head
}

/** For a deed that changes nothing else. */
export async function audit(db: Kysely<Tables>, deed: Deed): Promise<void> {
  await inTransaction(db, 'write', (trx) => appendAudit(trx, deed))
}

export async function readHead(db: Kysely<Tables>): Promise<AuditHead> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', HEAD).executeTakeFirst()
  return row === undefined ? NO_ROW : v.parse(headSchema, JSON.parse(row.value))
}

export type StoredRow = Selectable<Tables['audit']>

/** SHA-256 over the digest before and the row, as 64 hexadecimal digits. */
export function digestAfter(before: string, row: Omit<StoredRow, 'digest'>): string {
  const { id, at, by, kind, subject, details, address } = row
  return createHash('sha256')
    .update(JSON.stringify([before, id, at, by, kind, subject, details, address]))
    .digest('hex')
}

const kindSchema = v.picklist(AUDIT_KINDS)
const detailsSchema = v.record(v.string(), v.unknown())

export function toAuditRow(row: StoredRow): AuditRow {
  return { ...row, kind: v.parse(kindSchema, row.kind), details: v.parse(detailsSchema, JSON.parse(row.details)) }
}

export type AuditQuestion = {
  /** Rows before this one, newest first. */
  readonly before?: number | undefined
  readonly by?: string | undefined
  readonly kind?: AuditKind | undefined
  readonly subject?: string | undefined
  /** Milliseconds since 1970, both included. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly limit: number
}

export async function readAudit(db: Kysely<Tables>, question: AuditQuestion): Promise<readonly AuditRow[]> {
  const { before, by, kind, subject, from, to, limit } = question
  let rows = db.selectFrom('audit').selectAll()
  if (before !== undefined) rows = rows.where('id', '<', before)
  if (by !== undefined) rows = rows.where('by', '=', by)
  if (kind !== undefined) rows = rows.where('kind', '=', kind)
  if (subject !== undefined) rows = rows.where('subject', '=', subject)
  if (from !== undefined) rows = rows.where('at', '>=', from)
  if (to !== undefined) rows = rows.where('at', '<=', to)
  return (await rows.orderBy('id', 'desc').limit(limit).execute()).map(toAuditRow)
}
