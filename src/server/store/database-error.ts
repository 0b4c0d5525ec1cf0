/** What a database says when something went wrong, in words of our own: both say it by codes, and each by different ones. */

/**
 * It cannot be worked with at the moment, and will heal: no connection, a transaction that had to give way, a lock that took too long.
 * Nothing of the transaction was kept, unless the connection broke during the commit itself: then either all of it or nothing was. Who
 * sends the same mutations again is answered with what became of them.
 */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
}

/** A primary key or a unique index has it already. */
export function isUniqueViolation(error: unknown): boolean {
  return sqlStateOf(error) === '23505' || [1555, 2067].includes(errcodeOf(error) ?? 0)
}

/**
 * PostgreSQL's class or code | what it means
 * ---------------------------|-----------------------------------------------------------------
 * 08, 57P01 to 57P05         | the connection is gone, the server stops or starts, a session was ended or idle for too long
 * 40001, 40P01               | given way to another transaction
 * 53300, 53400               | too many connections
 * 55P03, 57014               | a lock, or a statement, took longer than it may
 * 25006                      | a server that only reads: a replica, or one that is being taken over
 */
export function isPassing(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state !== undefined && /^(08...|57P0[1-5]|57014|40001|40P01|53300|53400|55P03|25006|25P0[34])$/.test(state)
}

/**
 * There was no room for what was to be written; nothing of it was. SQLite says so of its files, and in a code of its own of the memory
 * that its processes share; the system says it of files that are no database's.
 */
export function isFull(error: unknown): boolean {
  const errcode = errcodeOf(error) ?? 0
  if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true
  return sqlStateOf(error) === '53100' || (errcode & 0xff) === SQLITE_FULL || errcode === SQLITE_IOERR_SHMSIZE
}

const SQLITE_FULL = 13
const SQLITE_IOERR_SHMSIZE = 4874

/** The five characters of the SQL standard, in an error that PostgreSQL sent: those say how severe they are. Node has its `EPIPE`. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'severity' in error && 'code' in error)) return undefined
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined
}

/** SQLite's extended code: the lowest byte is the primary one. */
export function errcodeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined
}
