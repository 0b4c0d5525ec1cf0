/**
 * The only file that knows the PostgreSQL driver. One pool for this process; other processes may work on the same database.
 *
 * What the program relies on is set on every connection, whatever the server's configuration says:
 *
 * - `synchronous_commit` is never off: a commit has reached the disk when it returns, so an answer that says "received" is true after a
 *   power cut. A server that waits for its replicas too goes on doing so.
 * - nothing waits for ever: for a connection, a lock, an answer, or for a program that stopped in the middle of a transaction.
 *
 * Statements that are written by hand have `?` for their parameters, as in SQLite; here they get PostgreSQL's numbers, and a name, so
 * that each connection prepares them once.
 */
import { Kysely, PostgresDialect, type PostgresCursor, type PostgresPoolClient, type PostgresQueryResult } from 'kysely'
import pg from 'pg'
import { checked } from './bound'
import { DatabaseUnavailable, isPassing, sqlStateOf } from './database-error'
import type { Tables } from './tables'

/** Twice the cores of a small server; a stream's writers wait for one another anyway. Raising it needs room in `max_connections`. */
const CONNECTIONS_MAX = 10
/** How long a request waits for a connection, from the pool and from the server, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5000
/** How long a writer waits for another one of the same stream before it gives up. */
const LOCK_TIMEOUT_MS = 10_000
/** A program that stopped in the middle of a transaction gives its locks back. */
const IDLE_IN_TRANSACTION_MS = 60_000
/** The longest statement of all is an index that a new version makes. Beyond it the connection counts as dead. */
const ANSWER_TIMEOUT_MS = 300_000
/** Written by hand there are some dozens; the limit only stops a leak. */
const STATEMENTS_MAX = 500

const ON_CONNECT = `
  set lock_timeout = ${String(LOCK_TIMEOUT_MS)};
  set idle_in_transaction_session_timeout = ${String(IDLE_IN_TRANSACTION_MS)};
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') in ('off', 'local')`

/** Answers when a first connection stands; throws what the server said, or why there is none. */
export async function openPostgres(url: string): Promise<Kysely<Tables>> {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'youxue',
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  })
  // A connection that breaks while nobody uses it, or between two statements, is noticed by the next statement.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: { connect: () => connect(pool), end: () => pool.end() } }),
  })
  try {
    const client = await connect(pool)
    try {
      const { rows } = await client.query<{ encoding: string }>(`select current_setting('server_encoding') as encoding`, [])
      const encoding = rows[0]?.encoding
      if (encoding !== 'UTF8') throw new Error(`its encoding is ${String(encoding)}, and must be UTF8`)
    } finally {
      client.release()
    }
  } catch (error) {
    await db.destroy()
    throw error
  }
  return db
}

const prepared = new WeakSet<pg.PoolClient>()

async function connect(pool: pg.Pool): Promise<PostgresPoolClient> {
  let client: pg.PoolClient
  try {
    client = await pool.connect()
  } catch (error) {
    // Also where the server answers and does not want us: whoever asks can only try again later. The start looks at the cause.
    throw unavailable(error)
  }
  /** It cannot be used again: broken, or in the middle of something. */
  let isSpoilt = false
  const asking = async <Row>(ask: () => Promise<Row>): Promise<Row> => {
    if (isSpoilt) throw new DatabaseUnavailable('the connection broke earlier in this transaction')
    try {
      return await ask()
    } catch (error) {
      if (sqlStateOf(error) === undefined || isConnectionOver(error)) isSpoilt = true
      throw translated(error)
    }
  }
  if (!prepared.has(client)) {
    try {
      await asking(() => client.query(ON_CONNECT))
      prepared.add(client)
    } catch (error) {
      client.release(true)
      throw error
    }
  }
  function query<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>
  function query(
    text: string | PostgresCursor<unknown>,
    parameters: readonly unknown[] = [],
  ): Promise<unknown> | PostgresCursor<unknown> {
    if (typeof text !== 'string') throw new TypeError('nothing is streamed')
    const values = parameters.map(bindable)
    return asking(async () => {
      try {
        return await client.query({ ...statementOf(text), values })
      } catch (error) {
        // A transaction that could not even be rolled back must not be anybody else's.
        if (text === 'rollback') isSpoilt = true
        throw error
      }
    })
  }
  return { query, release: () => client.release(isSpoilt) }
}

/** Kysely asks with truth values what tables there are; a column of ours does not take one. */
function bindable(value: unknown): unknown {
  if (typeof value === 'boolean') return value
  return Array.isArray(value) ? value.map(checked) : checked(value)
}

/** The session was ended, or the server is going down. */
const isConnectionOver = (error: unknown): boolean => /^(08|57P0[1-5]|25P0[34])/.test(sqlStateOf(error) ?? '')

/** An error without a code of PostgreSQL comes from the connection: refused, reset, ended, too slow. */
function translated(error: unknown): unknown {
  if (error instanceof DatabaseUnavailable || error instanceof TypeError) return error
  if (sqlStateOf(error) !== undefined && !isPassing(error)) return error
  return unavailable(error)
}

function unavailable(error: unknown): DatabaseUnavailable {
  return new DatabaseUnavailable(error instanceof Error ? error.message : String(error), { cause: error })
}

type Statement = { readonly text: string; readonly name?: string }
const statements = new Map<string, Statement>()

function statementOf(text: string): Statement {
  if (!text.includes('?')) return { text }
  const known = statements.get(text)
  if (known !== undefined) return known
  let count = 0
  const numbered = text.replaceAll('?', () => `$${String(++count)}`)
  const isKept = statements.size < STATEMENTS_MAX
  const made: Statement = isKept ? { text: numbered, name: `youxue_${String(statements.size)}` } : { text: numbered }
  if (isKept) statements.set(text, made)
  return made
}

const INT8 = 20

/** Whole numbers as numbers: ours are safe ones. Everything else as the driver does it. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: never) => unknown {
  if (oid === INT8 && format !== 'binary') return toSafeInteger
  return pg.types.getTypeParser(oid, format ?? 'text')
}

function toSafeInteger(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new RangeError(`not a safe integer: ${text}`)
  return number
}
