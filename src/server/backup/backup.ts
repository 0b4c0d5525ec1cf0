/** `backup [FOLDER]`: a checked backup of the database, while the server runs or not. Without a folder: `backups` in the data folder. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { databaseFile } from '../open-server'
import { openSqlite } from '../store/sqlite'
import { backUpSqlite } from './back-up-sqlite'
import { backupMessages } from './backup-messages'
import { complain, dataFolder, say } from './command'

const [folder = join(dataFolder(), 'backups')] = process.argv.slice(2)
const database = databaseFile(dataFolder())
if (existsSync(database)) await backUp()
else complain(backupMessages.noDatabase(database))

async function backUp(): Promise<void> {
  const db = openSqlite(database)
  const made = await backUpSqlite({ db, folder: resolve(folder), now: Date.now() })
  await db.destroy()
  if (!made.ok) return complain(made.fault)
  say(backupMessages.made(made.value))
  say(made.value.isRecorded ? backupMessages.recorded() : backupMessages.notRecorded())
}
