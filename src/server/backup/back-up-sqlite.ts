/**
 * A backup of a SQLite database while the server runs: one consistent snapshot in one file, opened again elsewhere and checked before it
 * gets its name. What does not pass is deleted. Only then the database records it, and the exchange tells the tablets what they need not
 * keep.
 *
 * ```
 *   vacuum into NAME.part -> open it -> integrity, ledger = log -> fsync -> NAME -> NAME.json -> record in the database
 *                 any step fails: nothing is left but what was there
 * ```
 */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { sql, type Kysely } from 'kysely'
import { failed, ok, type Result } from '#domain/fault'
import type { Text } from '#domain/text'
import { openSqlite } from '../store/sqlite'
import type { Tables } from '../store/tables'
import { backupMessages } from './backup-messages'
import { checkLedger, type Finding, type LedgerCheck } from './check-ledger'
import { folderToDisk, sha256Of, toDisk, writeManifest } from './manifest'
import { devicesOf, hasRecords, writeRecord, type HeldDevice } from './record'

export type Backup = {
  /** Absolute. */
  readonly file: string
  readonly streams: number
  readonly mutations: number
  readonly bytes: number
  /** The database knows of it. */
  readonly isRecorded: boolean
}

export async function backUpSqlite(question: {
  readonly db: Kysely<Tables>
  readonly folder: string
  /** Milliseconds since 1970. */
  readonly now: number
  /** False: it would be lost together with the database, so that the tablets are to keep what they sent. */
  readonly isApart?: boolean
}): Promise<Result<Backup, Text>> {
  const { db, now, isApart = true } = question
  const folder = resolve(question.folder)
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    return failed(backupMessages.folder(folder, problemOf(error)))
  }
  const file = freeName(folder, { now, ending: 'sqlite' })
  const part = `${file}.part`
  try {
    await sql`vacuum into ${part}`.execute(db)
    const checked = await checkCopy(part)
    const [first] = checked.findings
    if (first !== undefined) {
      return failed(backupMessages.notSound(checked.findings.length, sayFinding(first)))
    }
    toDisk(part)
    const sha256 = await sha256Of(part)
    renameSync(part, file)
    folderToDisk(dirname(file))
    const { streams, mutations, epoch, held } = checked
    const bytes = statSync(file).size
    writeManifest(file, { format: 1, at: now, epoch, bytes, sha256, streams, mutations })
    const isRecorded = isApart && (await hasRecords(db))
    if (isRecorded) await writeRecord(db, { file, bytes, sha256, at: now }, held)
    return ok({ file, streams, mutations, bytes, isRecorded })
  } catch (error) {
    return failed(backupMessages.notMade(problemOf(error)))
  } finally {
    for (const left of [part, `${part}-wal`, `${part}-shm`]) rmSync(left, { force: true })
  }
}

export type CheckedCopy = LedgerCheck & { readonly epoch: string; readonly held: readonly HeldDevice[] }

/** Throws where the file is damaged or not one of ours. */
export async function checkCopy(file: string): Promise<CheckedCopy> {
  const copy = openSqlite(file)
  try {
    const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(copy)
    const damage = rows.map(({ integrity_check }) => integrity_check).filter((line) => line !== 'ok')
    if (damage[0] !== undefined) throw new Error(damage[0])
    return await checkOpened(copy)
  } finally {
    await copy.destroy()
  }
}

/** Throws where there is no ledger in it. */
export async function checkOpened(copy: Kysely<Tables>): Promise<CheckedCopy> {
  const tables = new Set((await copy.introspection.getTables()).map(({ name }) => name))
  const epoch = tables.has('meta') ? await epochOf(copy) : undefined
  if (epoch === undefined) throw new Error('no ledger in it')
  return { ...(await checkLedger(copy)), epoch, held: await devicesOf(copy) }
}

async function epochOf(db: Kysely<Tables>): Promise<string | undefined> {
  return (await db.selectFrom('meta').select('value').where('key', '=', 'epoch').executeTakeFirst())?.value
}

export function sayFinding({ kind, stream, at, stored, computed }: Finding): string {
  return `${kind} ${stream}${at === undefined ? '' : ` ${at}`}: ${shortened(stored)} ≠ ${shortened(computed)}`
}

const SHOWN_MAX = 200
const shortened = (text: string): string => (text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text)

/** In UTC, so that the names sort by time, also where the clock is turned back in autumn. */
export function stampOf(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')
}

export function freeName(folder: string, { now, ending }: { readonly now: number; readonly ending: 'sqlite' | 'dump' }): string {
  for (let turn = 1; ; turn++) {
    const file = join(folder, `youxue-${stampOf(now)}${turn === 1 ? '' : `-${String(turn)}`}.${ending}`)
    if (!existsSync(file)) return file
  }
}

export const problemOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
