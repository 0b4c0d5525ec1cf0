/**
 * The only file that knows the SQLite driver. One process, one connection, one file.
 *
 * `synchronous = FULL` in WAL mode: a commit has reached the disk when it returns, so an answer that says "received" is true after
 * a power cut. Lowering it to NORMAL makes commits several times faster and that promise false.
 *
 * Kysely keeps this one connection behind a mutex: inside a transaction everything must go through the transaction's own
 * object, or it waits for itself for ever.
 */
import { DatabaseSync } from '@photostructure/sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { checked } from './bound'
import { errcodeOf, isFull } from './database-error'
import type { Tables } from './tables'

/** How long a writer waits for another process (a backup, a command line) before it gives up, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000
/** The program has about a hundred different statements; the limit only stops a leak. */
const STATEMENTS_MAX = 500

export function openSqlite(file: string): Kysely<Tables> {
  const database = new DatabaseSync(file)
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
    // A row that is put in the place of another counts as one that is removed, which some tables refuse.
    'recursive_triggers = ON',
    `busy_timeout = ${String(BUSY_TIMEOUT_MS)}`,
    // 64 MB of pages in memory, and read-only mapping of the file: cells are read far more often than written.
    'cache_size = -65536',
    'mmap_size = 268435456',
  ]) {
    database.exec(`PRAGMA ${pragma}`)
  }

  const prepare = (sql: string) => {
    const statement = database.prepare(sql)
    return {
      reader: statement.columns().length > 0,
      all: (parameters: readonly unknown[]): unknown[] => statement.all(...parameters.map(checked)),
      run: (parameters: readonly unknown[]) => {
        const { changes, lastInsertRowid } = statement.run(...parameters.map(checked))
        return { changes, lastInsertRowid }
      },
      iterate: (parameters: readonly unknown[]): IterableIterator<unknown> =>
        statement.iterate(...parameters.map(checked)) as IterableIterator<unknown>,
    }
  }
  const statements = new Map<string, ReturnType<typeof prepare>>()
  const cached = (sql: string) => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = prepare(sql)
    // Statements that change the schema, or are nearly as many as there are calls, are not worth keeping.
    if (statements.size < STATEMENTS_MAX && /^\s*(select|insert|update|delete|with|begin|commit|rollback)\b/i.test(sql)) {
      statements.set(sql, made)
    }
    return made
  }

  return new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: {
        close: () => {
          statements.clear()
          try {
            // Leaves one file behind, so that a stopped server's folder can be copied as it is.
            database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
          } catch (error) {
            // Without room for it two files are left, and the next start reads both.
            if (!isFull(error)) throw error
          } finally {
            database.close()
          }
        },
        prepare: cached,
      },
    }),
  })
}

/**
 * Holds a file for this process alone, or answers nothing if another has it. The system lets go of it when the process ends, however it
 * ends, so that nothing is left to clear away after a crash.
 */
export function holdFile(file: string): { release(): void } | undefined {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA busy_timeout = 0')
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (codeOf(error) === SQLITE_BUSY) return undefined
    throw error
  }
  return {
    release() {
      database.exec('ROLLBACK')
      database.close()
    },
  }
}

const SQLITE_BUSY = 5

/** The extended code says more in its upper bytes. */
const codeOf = (error: unknown): number => (errcodeOf(error) ?? 0) & 0xff
