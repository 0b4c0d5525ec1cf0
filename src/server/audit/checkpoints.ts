/**
 * Digests of the ledger's log, by stream, so that a row that is changed or removed behind the program's back is found.
 *
 * ```
 *   log of a stream   1 ──── 2 ──── 3 ──── 4 ──── 5 ──── 6
 *   digest            d1 = H(d0, row 1) ...   d4 = H(d3, row 4)   d6
 *   checkpoint                                 └ upto 4, d4        └ upto 6, d6     each named by a row of the log of administration
 * ```
 * They are written beside the exchange, not in it: it would have to hash each row once more, and wait for one row that all streams share.
 * What came since the last checkpoint is covered by the ledger's own chains only (`ledger:verify`), which whoever writes to the database
 * can work out again.
 */
import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { LOG_COLUMN_NAMES } from '../store/ledger-statements'
import type { Tables } from '../store/tables'
import { inTransaction } from '../store/transaction'
import { appendAudit } from './audit'

/** Streams that one row of the log of administration names: a transaction of some ten milliseconds. */
const STREAMS_MAX = 200
/** Rows that are in memory at once. */
const ROWS_MAX = 1000

export type Checkpoint = { readonly stream: number; readonly upto: number; readonly digest: string }

/** Answers how many were written. A second server that does the same at the same time writes none twice. */
export async function writeCheckpoints(db: Kysely<Tables>, now: () => number): Promise<number> {
  let written = 0
  const grown = await grownStreams(db)
  for (let at = 0; at < grown.length; at += STREAMS_MAX) {
    const made: (Checkpoint & { readonly after: number })[] = []
    for (const { stream, seq, last } of grown.slice(at, at + STREAMS_MAX)) {
      const digest = await digestOfLog(db, { stream, after: last?.upto ?? 0, upto: seq, before: last?.digest ?? '' })
      made.push({ stream, upto: seq, digest, after: last?.upto ?? 0 })
    }
    written += await store(db, { made, now: now() })
  }
  return written
}

type Grown = { readonly stream: number; readonly seq: number; readonly last: Checkpoint | undefined }

async function grownStreams(db: Kysely<Tables>): Promise<readonly Grown[]> {
  const last = await lastCheckpoints(db)
  const streams = await db.selectFrom('stream').select(['id', 'seq']).orderBy('id').execute()
  return streams
    .map(({ id, seq }) => ({ stream: id, seq, last: last.get(id) }))
    .filter((grown) => grown.seq > (grown.last?.upto ?? 0))
}

async function lastCheckpoints(db: Kysely<Tables>): Promise<ReadonlyMap<number, Checkpoint>> {
  const rows = await db
    .selectFrom('log_checkpoint as one')
    .select(['stream', 'upto', 'digest'])
    .where((where) =>
      where(
        'upto',
        '=',
        where
          .selectFrom('log_checkpoint as other')
          .select(({ fn }) => fn.max('other.upto').as('newest'))
          .whereRef('other.stream', '=', 'one.stream'),
      ),
    )
    .execute()
  return new Map(rows.map((row) => [row.stream, row]))
}

async function store(
  db: Kysely<Tables>,
  { made, now }: { readonly made: readonly (Checkpoint & { readonly after: number })[]; readonly now: number },
): Promise<number> {
  return inTransaction(db, 'write', async (trx) => {
    const last = await lastCheckpoints(trx)
    const fresh = made.filter(({ stream, after }) => (last.get(stream)?.upto ?? 0) === after)
    if (fresh.length === 0) return 0
    const mutations = fresh.reduce((sum, { upto, after }) => sum + upto - after, 0)
    const details = { streams: fresh.length, mutations, digest: digestOfCheckpoints(fresh) }
    const { id } = await appendAudit(trx, { at: now, by: '', kind: 'ledger.checked', details })
    await trx
      .insertInto('log_checkpoint')
      .values(fresh.map(({ stream, upto, digest }) => ({ stream, upto, digest, audit: id })))
      .execute()
    return fresh.length
  })
}

/** What the log of administration says of them. */
export function digestOfCheckpoints(checkpoints: readonly Checkpoint[]): string {
  const sorted = [...checkpoints].sort((one, other) => one.stream - other.stream)
  return createHash('sha256')
    .update(JSON.stringify(sorted.map(({ stream, upto, digest }) => [stream, upto, digest])))
    .digest('hex')
}

/** The digest after the rows `after + 1` to `upto`, where `before` is the one after row `after`. */
async function digestOfLog(
  db: Kysely<Tables>,
  { stream, after, upto, before }: { stream: number; after: number; upto: number; before: string },
): Promise<string> {
  let digest = before
  for (let from = after; from < upto; from += ROWS_MAX) {
    const rows = await rowsOfLog(db, { stream, after: from, upto: Math.min(upto, from + ROWS_MAX) })
    for (const row of rows) digest = digestAfterRow(digest, row)
  }
  return digest
}

export type LoggedRow = Awaited<ReturnType<typeof rowsOfLog>>[number]

export async function rowsOfLog(
  db: Kysely<Tables>,
  { stream, after, upto }: { readonly stream: number; readonly after: number; readonly upto: number },
) {
  return db
    .selectFrom('log')
    .select(LOG_COLUMN_NAMES)
    .where('stream', '=', stream)
    .where('seq', '>', after)
    .where('seq', '<=', upto)
    .orderBy('seq')
    .execute()
}

export function digestAfterRow(before: string, row: LoggedRow): string {
  return createHash('sha256')
    .update(JSON.stringify([before, ...LOG_COLUMN_NAMES.map((name) => row[name])]))
    .digest('hex')
}
