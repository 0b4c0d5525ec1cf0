/**
 * A backup of a PostgreSQL database while servers run: `pg_dump`'s snapshot in one file, read back into a database of its own on the same
 * server and checked there before it gets its name. For the rest it is as on SQLite.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { failed, ok, type Result } from '#domain/fault'
import type { Text } from '#domain/text'
import { freeName, checkOpened, problemOf, sayFinding, type Backup, type CheckedCopy } from './back-up-sqlite'
import { backupMessages } from './backup-messages'
import { folderToDisk, sha256Of, toDisk, writeManifest } from './manifest'
import { inDatabaseOfItsOwn, runTool, ToolMissing, withPostgres } from './postgres-tools'
import { hasRecords, writeRecord } from './record'

/** Of the whole database, without what belongs to this server only. */
const DUMP = ['--format=custom', '--no-owner', '--no-privileges'] as const
export const RESTORE = ['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction'] as const

export async function backUpPostgres(question: {
  readonly url: string
  readonly folder: string
  /** Milliseconds since 1970. */
  readonly now: number
}): Promise<Result<Backup, Text>> {
  const { url, now } = question
  const folder = resolve(question.folder)
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    return failed(backupMessages.folder(folder, problemOf(error)))
  }
  const file = freeName(folder, { now, ending: 'dump' })
  const part = `${file}.part`
  try {
    await runTool('pg_dump', url, [...DUMP, `--file=${part}`])
    const checked = await inDatabaseOfItsOwn(url, checkName(), async (copyUrl) => {
      await runTool('pg_restore', copyUrl, [...RESTORE, part])
      return withPostgres(copyUrl, checkOpened)
    })
    const [first] = checked.findings
    if (first !== undefined) return failed(backupMessages.notSound(checked.findings.length, sayFinding(first)))
    toDisk(part)
    const sha256 = await sha256Of(part)
    renameSync(part, file)
    folderToDisk(dirname(file))
    return ok(await record({ url, file, now, sha256, checked }))
  } catch (error) {
    if (error instanceof ToolMissing) return failed(backupMessages.toolMissing(error.message))
    return failed(backupMessages.notMade(problemOf(error)))
  } finally {
    rmSync(part, { force: true })
  }
}

async function record(made: {
  readonly url: string
  readonly file: string
  readonly now: number
  readonly sha256: string
  readonly checked: CheckedCopy
}): Promise<Backup> {
  const { file, now, sha256, checked } = made
  const { streams, mutations, epoch, held } = checked
  const bytes = statSync(file).size
  writeManifest(file, { format: 1, at: now, epoch, bytes, sha256, streams, mutations })
  return withPostgres(made.url, async (db) => {
    const isRecorded = await hasRecords(db)
    if (isRecorded) await writeRecord(db, { file, bytes, sha256, at: now }, held)
    return { file, streams, mutations, bytes, isRecorded }
  })
}

export const checkName = (): string => `youxue_check_${randomBytes(5).toString('hex')}`
