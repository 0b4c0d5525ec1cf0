/**
 * Works out every digest of the log of administration and of the ledger's checkpoints again, and names each difference. Nothing is changed.
 *
 * | kind       | what differs                                                                           |
 * |------------|----------------------------------------------------------------------------------------|
 * | missing    | a row of the log of administration is not there, or is there twice                     |
 * | changed    | a row's digest is not that of the row and the one before                               |
 * | end        | the log of administration does not end where it ended when its last row was written    |
 * | named      | the checkpoints are not those that the log of administration names                     |
 * | ledger     | a stream's log is not the one whose digest a checkpoint has                            |
 * | witness    | the row that somebody noted elsewhere has another digest now                           |
 *
 * Who can write to the database can work out all digests anew. That is found only by a digest that was noted elsewhere: the command
 * prints the newest one, and takes one to compare (`witness`).
 */
import type { Kysely } from 'kysely'
import * as v from 'valibot'
import type { Tables } from '../store/tables'
import { inTransaction } from '../store/transaction'
import { digestAfter, NO_ROW, readHead, type AuditHead } from './audit'
import { digestAfterRow, digestOfCheckpoints, rowsOfLog, type Checkpoint } from './checkpoints'

export type AuditFinding = {
  readonly kind: 'missing' | 'changed' | 'end' | 'named' | 'ledger' | 'witness'
  /** A row's number, or a stream's name and number. */
  readonly at: string
}

export type AuditCheck = {
  readonly rows: number
  /** Of the ledger's log that checkpoints cover. */
  readonly mutations: number
  /** Of the log's, beyond the last checkpoint of their stream. */
  readonly uncovered: number
  readonly head: AuditHead
  readonly findings: readonly AuditFinding[]
}

/** Rows in memory at once. */
const ROWS_MAX = 2000

/** In one snapshot: a server may go on writing meanwhile. */
export async function checkAudit(db: Kysely<Tables>, witness?: AuditHead): Promise<AuditCheck> {
  return inTransaction(db, 'read', (trx) => checkAuditWithin(trx, witness))
}

export async function checkAuditWithin(trx: Kysely<Tables>, witness?: AuditHead): Promise<AuditCheck> {
  const rows = await checkRows(trx, witness)
  const ledger = await checkLog(trx, rows.named)
  return {
    rows: rows.count,
    mutations: ledger.mutations,
    uncovered: ledger.uncovered,
    head: rows.head,
    findings: [...rows.findings, ...ledger.findings],
  }
}

/** What a row says of the checkpoints that it names. */
const namingSchema = v.object({ digest: v.string() })

async function checkRows(trx: Kysely<Tables>, witness: AuditHead | undefined) {
  const findings: AuditFinding[] = []
  const named = new Map<number, string>()
  let end: AuditHead = NO_ROW
  let count = 0
  let seen: string | undefined
  for (;;) {
    const rows = await trx.selectFrom('audit').selectAll().where('id', '>', end.id).orderBy('id').limit(ROWS_MAX).execute()
    for (const row of rows) {
      if (row.id !== end.id + 1) findings.push({ kind: 'missing', at: `${String(end.id + 1)}–${String(row.id - 1)}` })
      else if (digestAfter(end.digest, row) !== row.digest) findings.push({ kind: 'changed', at: String(row.id) })
      if (row.kind === 'ledger.checked') named.set(row.id, namingOf(row.details))
      if (row.id === witness?.id) seen = row.digest
      end = { id: row.id, digest: row.digest }
      count++
    }
    if (rows.length < ROWS_MAX) break
  }
  const head = await readHead(trx)
  if (head.id !== end.id || head.digest !== end.digest)
    findings.push({ kind: 'end', at: `${String(end.id)}, ${String(head.id)}` })
  if (witness !== undefined && seen !== witness.digest) findings.push({ kind: 'witness', at: String(witness.id) })
  return { findings, named, head: end, count }
}

function namingOf(details: string): string {
  try {
    const parsed = v.safeParse(namingSchema, JSON.parse(details))
    return parsed.success ? parsed.output.digest : ''
  } catch {
    // Somebody else wrote this: its digest differs, and no checkpoint has this one.
    return ''
  }
}

async function checkLog(trx: Kysely<Tables>, named: ReadonlyMap<number, string>) {
  const findings: AuditFinding[] = []
  const checkpoints = await trx.selectFrom('log_checkpoint').selectAll().orderBy('stream').orderBy('upto').execute()
  const byAudit = grouped(checkpoints, ({ audit }) => audit)
  for (const id of new Set([...named.keys(), ...byAudit.keys()])) {
    if (named.get(id) !== digestOfCheckpoints(byAudit.get(id) ?? [])) findings.push({ kind: 'named', at: String(id) })
  }
  const streams = await trx.selectFrom('stream').select(['id', 'name', 'seq']).execute()
  const names = new Map(streams.map(({ id, name }) => [id, name]))
  let mutations = 0
  for (const [stream, own] of grouped(checkpoints, ({ stream }) => stream)) {
    const spoilt = await firstDifference(trx, stream, own)
    if (spoilt !== undefined) findings.push({ kind: 'ledger', at: `${names.get(stream) ?? String(stream)} ${spoilt}` })
    mutations += own.at(-1)?.upto ?? 0
  }
  const all = streams.reduce((sum, { seq }) => sum + seq, 0)
  return { findings, mutations, uncovered: Math.max(0, all - mutations) }
}

/** Between which numbers of the stream the first difference lies; the later ones follow from it. */
async function firstDifference(
  trx: Kysely<Tables>,
  stream: number,
  checkpoints: readonly Checkpoint[],
): Promise<string | undefined> {
  let after = 0
  let digest = ''
  for (const { upto, digest: noted } of checkpoints) {
    const from = after
    for (; after < upto; after = Math.min(upto, after + ROWS_MAX)) {
      const rows = await rowsOfLog(trx, { stream, after, upto: Math.min(upto, after + ROWS_MAX) })
      for (const row of rows) digest = digestAfterRow(digest, row)
    }
    if (digest !== noted) return `${String(from + 1)}–${String(upto)}`
  }
  return undefined
}

function grouped<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): ReadonlyMap<Key, readonly Row[]> {
  const groups = new Map<Key, Row[]>()
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row])
  return groups
}
