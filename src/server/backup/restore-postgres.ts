/**
 * Puts a backup in the place of a PostgreSQL database: read into a database of its own on the same server, checked and marked there, and
 * then given the name, in one step in which the old one gets another. Servers must not run: PostgreSQL gives no other name to a database
 * that somebody uses.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { sql } from 'kysely'
import { failed, ok, type Result } from '#domain/fault'
import type { Text } from '#domain/text'
import { migrate } from '../store/migrations'
import { inTransaction } from '../store/transaction'
import { checkName, RESTORE } from './back-up-postgres'
import { checkOpened, problemOf, sayFinding, stampOf, type CheckedCopy } from './back-up-sqlite'
import { backupMessages } from './backup-messages'
import { readManifest, sha256Of } from './manifest'
import { databaseIn, inDatabaseOfItsOwn, runTool, ToolMissing, withDatabase, withPostgres } from './postgres-tools'
import { readRecord, writeRecord } from './record'
import { besideOf, isFile, markRestored, newest, type Restored } from './restore-sqlite'
import { readTakenAway, takeAwayAgain } from './taken-away'

export async function restorePostgres(question: {
  readonly file: string
  readonly url: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly older?: boolean
}): Promise<Result<Restored, Text>> {
  const { url, now } = question
  const file = resolve(question.file)
  if (!isFile(file)) return failed(backupMessages.noFile(file))
  try {
    const sha256 = await sha256Of(file)
    const manifest = readManifest(file)
    if (manifest !== undefined && manifest.sha256 !== sha256) return failed(backupMessages.changedSince(file))
    const recorded = await withPostgres(url, readRecord).catch(() => undefined)
    const candidates = [...(recorded !== undefined && isFile(recorded.file) ? [recorded] : []), ...besideOf(file)]
    const newer = newest(candidates, { sha256, at: manifest?.at })
    if (newer !== undefined && question.older !== true) return failed(backupMessages.newerExists(newer.file, newer.at))

    // From another database of the server: one cannot give another name to the one that one is in.
    const server = withDatabase(url, 'postgres')
    const copyName = checkName()
    return await inDatabaseOfItsOwn(server, copyName, async (copyUrl, keep) => {
      let checked: CheckedCopy
      try {
        await runTool('pg_restore', copyUrl, [...RESTORE, file])
        checked = await withPostgres(copyUrl, checkOpened)
      } catch (error) {
        if (error instanceof ToolMissing) throw error
        return failed(backupMessages.notABackup(file, problemOf(error)))
      }
      const [first] = checked.findings
      if (first !== undefined) return failed(backupMessages.notABackup(file, sayFinding(first)))
      const takenAway = await withPostgres(url, readTakenAway).catch(() => undefined)
      await withPostgres(copyUrl, async (db) => {
        await migrate(db)
        await markRestored(db, { now, from: file })
        await takeAwayAgain(db, takenAway)
        await writeRecord(db, { file, bytes: statSync(file).size, sha256, at: manifest?.at ?? now }, checked.held)
      })
      const name = databaseIn(url)
      // PostgreSQL cuts names at 63 bytes.
      const aside = `${name.slice(0, 30)}_before_${stampOf(now).replaceAll('-', '_')}`
      const swapped = await swap(server, { name, aside, copy: copyName })
      if (swapped === 'inUse') return failed(backupMessages.databaseInUse(name))
      keep()
      return ok({ file, mutations: checked.mutations, at: manifest?.at, aside: swapped === 'noneBefore' ? undefined : aside })
    })
  } catch (error) {
    if (error instanceof ToolMissing) return failed(backupMessages.toolMissing(error.message))
    return failed(backupMessages.restoreFailed(problemOf(error)))
  }
}

async function swap(
  server: string,
  names: { readonly name: string; readonly aside: string; readonly copy: string },
): Promise<'done' | 'noneBefore' | 'inUse'> {
  const { name, aside, copy } = names
  return withPostgres(server, async (db) =>
    inTransaction(db, 'write', async (trx) => {
      const { rows: known } = await sql`select 1 from pg_database where datname = ${name}`.execute(trx)
      const { rows: users } = await sql`select 1 from pg_stat_activity where datname = ${name}`.execute(trx)
      if (users.length > 0) return 'inUse'
      if (known.length > 0) await sql`alter database ${sql.id(name)} rename to ${sql.id(aside)}`.execute(trx)
      await sql`alter database ${sql.id(copy)} rename to ${sql.id(name)}`.execute(trx)
      return known.length > 0 ? 'done' : 'noneBefore'
    }),
  )
}
