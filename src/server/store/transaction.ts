import { CompiledQuery, sql, type Kysely } from 'kysely'
import { isPostgres } from './dialect'
import type { Tables } from './tables'

/**
 * How much a transaction keeps others out.
 *
 * | mode     | SQLite            | PostgreSQL                                                                              |
 * |----------|-------------------|-----------------------------------------------------------------------------------------|
 * | `read`   | a snapshot        | a snapshot: every statement sees the same (`repeatable read`)                           |
 * | `write`  | the write lock    | one at a time, by a lock for what is read and then written: accounts, units, tablets    |
 * | `stream` | the write lock    | no lock yet: the first statement locks one stream, and later ones read afresh behind it |
 *
 * SQLite's write lock is taken at once: otherwise two readers that both turn writers would block each other.
 */
export type Mode = 'read' | 'write' | 'stream'

/**
 * Runs `work` in one transaction; a throw rolls back.
 *
 * `afterCommit` runs before the connection is given to the next one, so that what it tells others is in the order of the commits, in
 * SQLite. In PostgreSQL it is so for each stream, as its lock was just given back.
 */
export async function inTransaction<T>(
  db: Kysely<Tables>,
  mode: Mode,
  work: (trx: Kysely<Tables>) => Promise<T>,
  afterCommit?: () => void,
): Promise<T> {
  const begin = (isPostgres(db) ? BEGIN_POSTGRES : BEGIN_SQLITE)[mode]
  return db.connection().execute(async (trx) => {
    await trx.executeQuery(begin)
    let result: T
    try {
      result = await work(trx)
      await trx.executeQuery(COMMIT)
    } catch (error) {
      // A database that ran out of room may have rolled back by itself, and then refuses to do it again: the first error says why.
      await trx.executeQuery(ROLLBACK).catch(() => undefined)
      throw error
    }
    afterCommit?.()
    return result
  })
}

/** Any numbers, as long as no other use of the database takes the same. */
const WRITE_LOCK = 7_015_001
const PROGRAM_LOCK = 7_015_002

/** A new version may have to make an index over everything before the others may start. */
const PROGRAM_LOCK_TIMEOUT_MS = 280_000

/**
 * What a program does at its start, and must not be done by two at once: the tables, the first account. `work` may open transactions of
 * its own. A database in a folder has one program anyway.
 */
export async function oneProgramAtATime<T>(db: Kysely<Tables>, work: () => Promise<T>): Promise<T> {
  if (!isPostgres(db)) return work()
  return db.connection().execute(async (holder) => {
    const { rows } = await sql<{ before: string }>`select current_setting('lock_timeout') as before`.execute(holder)
    await sql`select set_config('lock_timeout', ${String(PROGRAM_LOCK_TIMEOUT_MS)}, false)`.execute(holder)
    await sql`select pg_advisory_lock(${PROGRAM_LOCK})`.execute(holder)
    await sql`select set_config('lock_timeout', ${rows[0]?.before ?? '0'}, false)`.execute(holder)
    try {
      return await work()
    } finally {
      // If the connection broke, the lock went with it.
      await sql`select pg_advisory_unlock(${PROGRAM_LOCK})`.execute(holder).catch(() => undefined)
    }
  })
}

const BEGIN_SQLITE: Readonly<Record<Mode, CompiledQuery>> = {
  read: CompiledQuery.raw('begin'),
  write: CompiledQuery.raw('begin immediate'),
  stream: CompiledQuery.raw('begin immediate'),
}
const BEGIN_POSTGRES: Readonly<Record<Mode, CompiledQuery>> = {
  read: CompiledQuery.raw('begin isolation level repeatable read read only'),
  write: CompiledQuery.raw(
    `begin isolation level read committed read write; select pg_advisory_xact_lock(${String(WRITE_LOCK)})`,
  ),
  stream: CompiledQuery.raw('begin isolation level read committed read write'),
}
const COMMIT = CompiledQuery.raw('commit')
const ROLLBACK = CompiledQuery.raw('rollback')
