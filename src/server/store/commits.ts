/**
 * Whether other processes have committed something, on a database that several of them share.
 *
 * Two numbers answer it without reading a row of a stream: revisions only grow, so their sum is the same if and only if every stream is
 * where it was. Asked at each question for figures, and not told by NOTIFY: notices can be missed while a connection is down, and
 * PostgreSQL lets commits that notify happen one at a time.
 */
import { sql, type Kysely } from 'kysely'
import type { Tables } from './tables'

export type Commits = {
  /** Sum of all streams' revisions. */
  readonly revisions: number
  /** The same as long as no org unit has changed. */
  readonly units: string
}

export async function readCommits(trx: Kysely<Tables>): Promise<Commits> {
  const { rows } = await sql<Commits>`select
    (select coalesce(sum(seq), 0)::bigint from stream) as revisions,
    (select coalesce(sum(hashtextextended(org_unit::text, 0)), 0)::text from org_unit) as units`.execute(trx)
  const [commits] = rows
  if (commits === undefined) throw new Error('a sum without a row')
  return commits
}
