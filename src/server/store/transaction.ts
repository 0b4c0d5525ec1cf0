import { CompiledQuery, type Kysely } from 'kysely'
import type { Tables } from './tables'

/**
 * Runs `work` in one transaction; a throw rolls back. `write` takes the database's write lock at once (otherwise two readers
 * that both turn writers would block each other); `read` is a snapshot without a lock.
 *
 * `afterCommit` runs before the connection is given to the next one, so that what it tells others is in the order of the commits.
 */
export async function inTransaction<T>(
  db: Kysely<Tables>,
  mode: 'read' | 'write',
  work: (trx: Kysely<Tables>) => Promise<T>,
  afterCommit?: () => void,
): Promise<T> {
  return db.connection().execute(async (trx) => {
    await trx.executeQuery(mode === 'write' ? BEGIN_WRITE : BEGIN_READ)
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

const BEGIN_WRITE = CompiledQuery.raw('begin immediate')
const BEGIN_READ = CompiledQuery.raw('begin')
const COMMIT = CompiledQuery.raw('commit')
const ROLLBACK = CompiledQuery.raw('rollback')
