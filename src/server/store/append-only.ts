/**
 * Tables that only grow: the database itself refuses to change or remove a row of them, also to this program.
 *
 * Whoever may change the tables may take the refusal away; that such a one changed something behind the program's back is found by the
 * digests (`src/server/audit`).
 */
import { sql, type Kysely } from 'kysely'
import { isPostgres } from './dialect'

export async function makeAppendOnly(db: Kysely<unknown>, tables: readonly string[]): Promise<void> {
  if (isPostgres(db)) await makeAppendOnlyPostgres(db, tables)
  else await makeAppendOnlySqlite(db, tables)
}

async function makeAppendOnlySqlite(db: Kysely<unknown>, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    for (const change of ['update', 'delete']) {
      await sql`create trigger ${sql.id(`${table}_no_${change}`)} before ${sql.raw(change)} on ${sql.id(table)}
        begin select raise(abort, ${sql.lit(`${table} only grows`)}); end`.execute(db)
    }
  }
}

async function makeAppendOnlyPostgres(db: Kysely<unknown>, tables: readonly string[]): Promise<void> {
  await sql`create or replace function refuse_change() returns trigger language plpgsql as
    'begin raise exception ''% only grows'', tg_table_name using errcode = ''insufficient_privilege''; end'`.execute(db)
  for (const table of tables) {
    // For each statement: one that removes no row is refused as well.
    await sql`create trigger ${sql.id(`${table}_only_grows`)} before update or delete or truncate on ${sql.id(table)}
      for each statement execute function refuse_change()`.execute(db)
  }
}
