/** The databases that are killed: SQLite in a folder, and a PostgreSQL of one's own. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { backUpSqlite } from '#server/backup/back-up-sqlite'
import { databaseFile } from '#server/open-server'
import { openPostgres } from '#server/store/postgres'
import { openSqlite } from '#server/store/sqlite'
import type { Tables } from '#server/store/tables'
import { startPostgres } from '../../scripts/find-postgres.mjs'

export type KillDatabase = {
  readonly name: string
  readonly env: Readonly<Record<string, string>>
  /** Looks at it while nobody writes, without doing the server's recovery for it. */
  open<T>(look: (db: Kysely<Tables>) => Promise<T>): Promise<T>
  /** Ends the database itself, and starts it again. */
  readonly crash?: ((signal: 'SIGQUIT' | 'SIGKILL') => Promise<void>) | undefined
  /** Makes a backup; answers what is wrong with it. */
  readonly backUp?: (() => Promise<string | undefined>) | undefined
  remove(): Promise<void>
}

export async function databasesToKill(named: string): Promise<readonly KillDatabase[]> {
  if (!['sqlite', 'postgres', 'both'].includes(named)) throw new Error('ON is sqlite, postgres or both')
  return [...(named === 'postgres' ? [] : [sqlite()]), ...(named === 'sqlite' ? [] : [await postgres()])]
}

function sqlite(): KillDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'youxue-kill-'))
  const database = databaseFile(folder)
  return {
    name: 'SQLite',
    env: { DATA_DIR: folder },
    async open(look) {
      const copies = mkdtempSync(join(tmpdir(), 'youxue-kill-copy-'))
      // A copy of the files as the kill has left them: the server that starts next recovers by itself.
      for (const tail of ['', '-wal']) {
        if (existsSync(`${database}${tail}`)) copyFileSync(`${database}${tail}`, join(copies, `copy.sqlite${tail}`))
      }
      const db = openSqlite(join(copies, 'copy.sqlite'))
      try {
        return await look(db)
      } finally {
        await db.destroy()
        rmSync(copies, { recursive: true, force: true })
      }
    },
    async backUp() {
      const db = openSqlite(database)
      try {
        const made = await backUpSqlite({ db, folder: join(folder, 'backups'), now: Date.now() })
        return made.ok ? undefined : made.fault.en
      } finally {
        await db.destroy()
      }
    },
    remove: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  }
}

async function postgres(): Promise<KillDatabase> {
  const server = await startPostgres()
  return {
    name: 'PostgreSQL',
    env: { DATABASE_URL: server.url() },
    async open(look) {
      const db = await openPostgres(server.url())
      try {
        return await look(db)
      } finally {
        await db.destroy()
      }
    },
    crash: (signal) => server.crash(signal),
    remove: () => server.stop(),
  }
}
