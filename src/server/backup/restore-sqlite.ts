/**
 * Puts a backup in the place of the database.
 *
 * ```
 *   nobody else works on the folder -> copy the file beside the database -> check the copy -> bring its tables up to date
 *     -> new epoch, `restored`, what was taken away since, the record of this backup -> the old database aside -> the copy in its place
 * ```
 * Until the last step the database is as it was. Nothing is ever taken from the backup's file.
 *
 * The new epoch makes every tablet send again what it still holds of its own, and tell what it saw of others' (`sync/settle.ts`). What
 * others tell is believed for some time only: `witness-time.ts`.
 */
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { sql, type Kysely } from 'kysely'
import { failed, ok, type Result } from '#domain/fault'
import type { Text } from '#domain/text'
import { appendAudit } from '../audit/audit'
import { databaseFile, lockFile } from '../open-server'
import { migrate } from '../store/migrations'
import { holdFile, openSqlite } from '../store/sqlite'
import type { Tables } from '../store/tables'
import { inTransaction } from '../store/transaction'
import { backupMessages } from './backup-messages'
import { checkCopy, problemOf, sayFinding, stampOf, type CheckedCopy } from './back-up-sqlite'
import { folderToDisk, manifestFile, readManifest, sha256Of, toDisk } from './manifest'
import { readRecord, writeRecord, type BackupRecord } from './record'
import { readTakenAway, takeAwayAgain, type TakenAway } from './taken-away'

export type Restored = {
  readonly file: string
  readonly mutations: number
  /** When the backup was made, where that is known. */
  readonly at?: number | undefined
  /** The database that was there. */
  readonly aside?: string | undefined
}

export type RestoreQuestion = {
  readonly file: string
  readonly dataFolder: string
  /** Milliseconds since 1970. */
  readonly now: number
  /** Take it although there is a newer backup. */
  readonly older?: boolean
}

export async function restoreSqlite(question: RestoreQuestion): Promise<Result<Restored, Text>> {
  const { dataFolder } = question
  const file = resolve(question.file)
  if (!isFile(file)) return failed(backupMessages.noFile(file))
  const database = databaseFile(dataFolder)
  if (existsSync(database) && realpathSync(database) === realpathSync(file)) return failed(backupMessages.isTheDatabase(file))
  mkdirSync(dataFolder, { recursive: true })
  const held = holdFile(lockFile(dataFolder))
  if (held === undefined) return failed(backupMessages.running(dataFolder))
  const copy = `${database}.restoring`
  try {
    return await putInPlace({ ...question, file, database, copy })
  } catch (error) {
    return failed(backupMessages.restoreFailed(problemOf(error)))
  } finally {
    removeAll(copy)
    held.release()
  }
}

async function putInPlace(
  question: RestoreQuestion & { readonly database: string; readonly copy: string },
): Promise<Result<Restored, Text>> {
  const { file, database, copy, now } = question
  const sha256 = await sha256Of(file)
  const manifest = readManifest(file)
  if (manifest !== undefined && manifest.sha256 !== sha256) return failed(backupMessages.changedSince(file))
  const newer = await newerThan({ file, sha256, at: manifest?.at, database })
  if (newer !== undefined && question.older !== true) return failed(backupMessages.newerExists(newer.file, newer.at))

  removeAll(copy)
  copyFileSync(file, copy)
  let checked: CheckedCopy
  try {
    checked = await checkCopy(copy)
  } catch (error) {
    return failed(backupMessages.notABackup(file, problemOf(error)))
  }
  const [first] = checked.findings
  if (first !== undefined) return failed(backupMessages.notABackup(file, sayFinding(first)))

  const db = openSqlite(copy)
  try {
    await migrate(db)
    await markRestored(db, { now, from: file })
    await takeAwayAgain(db, await takenAwayIn(database))
    await writeRecord(db, { file, bytes: statSync(file).size, sha256, at: manifest?.at ?? now }, checked.held)
  } catch (error) {
    return failed(backupMessages.notABackup(file, problemOf(error)))
  } finally {
    await db.destroy()
  }
  toDisk(copy)
  const aside = await putAside(database, join(question.dataFolder, `before-restore-${stampOf(now)}.sqlite`))
  renameSync(copy, database)
  folderToDisk(question.dataFolder)
  return ok({ file, mutations: checked.mutations, at: manifest?.at, aside })
}

/** `from`: the backup. What administration did after it is in the database that was put aside. */
export async function markRestored(
  db: Kysely<Tables>,
  { now, from }: { readonly now: number; readonly from: string },
): Promise<void> {
  const marks = { epoch: randomBytes(10).toString('hex'), restored: String(now) }
  await inTransaction(db, 'write', async (trx) => {
    for (const [key, value] of Object.entries(marks)) {
      await trx
        .insertInto('meta')
        .values({ key, value })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
        .execute()
    }
    await appendAudit(trx, { at: now, by: '', kind: 'ledger.restored', subject: from })
  })
}

/**
 * A verified backup that was made later than this one: recorded by the database that is to be replaced, or lying beside the file. Tablets
 * may have dropped what it holds.
 */
async function newerThan(chosen: {
  readonly file: string
  readonly sha256: string
  readonly at: number | undefined
  readonly database: string
}): Promise<{ readonly file: string; readonly at: number } | undefined> {
  const recorded = await recordIn(chosen.database)
  const beside = besideOf(chosen.file)
  return newest([...(recorded === undefined ? [] : [recorded]), ...beside], chosen)
}

type Made = { readonly file: string; readonly at: number; readonly sha256: string }

/** The newest of those that were made after the chosen one; where it is not known when that was, of all others. */
export function newest(
  made: readonly Made[],
  chosen: { readonly sha256: string; readonly at: number | undefined },
): Made | undefined {
  return made
    .filter(({ at, sha256 }) => sha256 !== chosen.sha256 && at > (chosen.at ?? -Infinity))
    .sort((one, other) => other.at - one.at)[0]
}

async function recordIn(database: string): Promise<BackupRecord | undefined> {
  const record = await readIn(database, readRecord)
  return record !== undefined && existsSync(record.file) ? record : undefined
}

const takenAwayIn = (database: string): Promise<TakenAway | undefined> => readIn(database, readTakenAway)

/** A database that is damaged or not there says nothing. */
async function readIn<T>(database: string, read: (db: Kysely<Tables>) => Promise<T | undefined>): Promise<T | undefined> {
  if (!existsSync(database)) return undefined
  let db: Kysely<Tables> | undefined
  try {
    db = openSqlite(database)
    return await read(db)
  } catch {
    return undefined
  } finally {
    await db?.destroy().catch(() => undefined)
  }
}

/** The checked backups in the same folder. */
export function besideOf(file: string): readonly Made[] {
  const folder = dirname(file)
  return readdirSync(folder).flatMap((name) => {
    const other = join(folder, name)
    const manifest = existsSync(manifestFile(other)) ? readManifest(other) : undefined
    return manifest === undefined ? [] : [{ file: other, at: manifest.at, sha256: manifest.sha256 }]
  })
}

/**
 * Keeps the old database under another name, while its own name stays until the copy takes it: at no moment is there no database, which
 * a server would take for a new district. Answers the name, if there was one.
 */
async function putAside(database: string, aside: string): Promise<string | undefined> {
  if (!existsSync(database)) return undefined
  // What is in the log of a database that was killed goes into its file, unless it is too damaged for that.
  try {
    const db = openSqlite(database)
    await sql`pragma wal_checkpoint(truncate)`.execute(db)
    await db.destroy()
  } catch {
    // It is kept as it is, with what lies beside it.
  }
  try {
    linkSync(database, aside)
  } catch {
    // Some file systems have no second names.
    copyFileSync(database, aside)
  }
  // The driver leaves them behind for a while, empty; a database that is too damaged to be opened needs them.
  const isWhole = !existsSync(`${database}-wal`) || statSync(`${database}-wal`).size === 0
  for (const tail of TAILS) {
    if (isWhole) rmSync(`${database}${tail}`, { force: true })
    else if (existsSync(`${database}${tail}`)) renameSync(`${database}${tail}`, `${aside}${tail}`)
  }
  return aside
}

/** SQLite's files beside a database. */
const TAILS = ['-wal', '-shm'] as const

function removeAll(file: string): void {
  for (const tail of ['', ...TAILS]) rmSync(`${file}${tail}`, { force: true })
}

export function isFile(file: string): boolean {
  try {
    return statSync(file).isFile()
  } catch {
    return false
  }
}
