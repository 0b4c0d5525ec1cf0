/** Which database it is. Asked in this folder only: everything else works on both. */
import { PostgresAdapter, type Kysely } from 'kysely'

export function isPostgres<Any>(db: Kysely<Any>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter
}
