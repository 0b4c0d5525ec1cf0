/** `backup [FOLDER]`: a checked backup of the database, while servers run or not. Without a folder: `backups` in the data folder. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { databaseFile } from '../open-server'
import { openSqlite } from '../store/sqlite'
import { backUpPostgres } from './back-up-postgres'
import { backUpSqlite } from './back-up-sqlite'
import { backupMessages } from './backup-messages'
import { complain, dataFolder, databaseUrl, say } from './command'

const [named = join(dataFolder(), 'backups')] = process.argv.slice(2)
const folder = resolve(named)
const url = databaseUrl()
const database = databaseFile(dataFolder())
if (url === undefined && !existsSync(database)) complain(backupMessages.noDatabase(database))
else await backUp()

async function backUp(): Promise<void> {
  const made = url === undefined ? await backUpFile() : await backUpPostgres({ url, folder, now: Date.now() })
  if (!made.ok) return complain(made.fault)
  say(backupMessages.made(made.value))
  say(made.value.isRecorded ? backupMessages.recorded() : backupMessages.notRecorded())
}

async function backUpFile() {
  const db = openSqlite(database)
  try {
    return await backUpSqlite({ db, folder, now: Date.now() })
  } finally {
    await db.destroy()
  }
}
