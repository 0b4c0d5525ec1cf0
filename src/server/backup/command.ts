/** What the commands beside the server have in common. */
import { resolve } from 'node:path'
import type { Kysely } from 'kysely'
import type { Text } from '#domain/text'
import { databaseFile } from '../open-server'
import { openSqlite } from '../store/sqlite'
import type { Tables } from '../store/tables'
import { backupMessages } from './backup-messages'
import { withPostgres } from './postgres-tools'

/** The same folder as the server's. */
export const dataFolder = (): string => resolve(process.env['DATA_DIR'] ?? './data')

/** Of the PostgreSQL database, where there is one in place of the one in the folder. */
export const databaseUrl = (): string | undefined => process.env['DATABASE_URL']

/** The one that the server works on; it may run. */
export async function inDatabase<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
  const url = databaseUrl()
  if (url !== undefined) return withPostgres(url, work)
  const db = openSqlite(databaseFile(dataFolder()))
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}

export function say(text: Text): void {
  console.log(bothOf(text))
}

/** Exit status 1. */
export function complain(text: Text): void {
  console.error(bothOf(text))
  process.exitCode = 1
}

/** Of lines under a sentence; the rest is only counted. */
const SHOWN_MAX = 50

export function list(lines: readonly string[], write: (line: string) => void): void {
  for (const line of lines.slice(0, SHOWN_MAX)) write(`  ${line}`)
  if (lines.length > SHOWN_MAX) write(bothOf(backupMessages.andMore(lines.length - SHOWN_MAX)))
}

const bothOf = ({ zh, en }: Text): string => `${zh}\n${en}`
