/** Tables that only grow, as they are for somebody who owns the database and lifts its refusals: what the digests are there to notice. */
import { sql, type Kysely } from 'kysely'
import { isPostgres } from '#server/store/dialect'
import type { Tables } from '#server/store/tables'

const TABLES = ['log', 'audit', 'log_checkpoint'] as const

/** For the rest of a transaction that is rolled back. */
export async function liftGuards(db: Kysely<Tables>): Promise<void> {
  for (const table of TABLES) {
    if (isPostgres(db)) await sql`alter table ${sql.id(table)} disable trigger user`.execute(db)
    else {
      for (const change of ['update', 'delete']) await sql`drop trigger ${sql.id(`${table}_no_${change}`)}`.execute(db)
    }
  }
}
