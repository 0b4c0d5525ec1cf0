/**
 * `backup [FOLDER]`: a checked backup of the database, and of the files, while servers run or not. Without a folder: `backups` in the data
 * folder. What lies in the data folder is lost with it: of such a backup of its database the tablets are told nothing.
 */
import { existsSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { folderFileStore } from '../files/file-store'
import { databaseFile, filesFolder } from '../open-server'
import { backUpPostgres } from './back-up-postgres'
import { backUpSqlite, problemOf } from './back-up-sqlite'
import { copyFiles, filesBeside, storedFiles } from './backup-files'
import { backupMessages } from './backup-messages'
import { complain, dataFolder, databaseUrl, inDatabase, list, say } from './command'

const [named = join(dataFolder(), 'backups')] = process.argv.slice(2)
const folder = resolve(named)
const url = databaseUrl()
/** PostgreSQL keeps its data elsewhere. */
const isApart = url !== undefined || !isWithin(dataFolder(), folder)
const database = databaseFile(dataFolder())
if (url === undefined && !existsSync(database)) complain(backupMessages.noDatabase(database))
else await backUp()

async function backUp(): Promise<void> {
  const made = url === undefined ? await backUpFile() : await backUpPostgres({ url, folder, now: Date.now() })
  if (!made.ok) return complain(made.fault)
  say(backupMessages.made(made.value))
  const { isRecorded } = made.value
  say(isRecorded ? backupMessages.recorded() : isApart ? backupMessages.notRecorded() : backupMessages.notApart())
  await backUpFiles(made.value.file)
}

/** Behind the database, so that each file it names is there already. The values' backup counts whatever becomes of this. */
async function backUpFiles(backup: string): Promise<void> {
  const beside = filesBeside(backup)
  try {
    const rows = await inDatabase(storedFiles)
    const done = await copyFiles({ rows, from: folderFileStore(filesFolder(dataFolder())), to: folderFileStore(beside) })
    if (rows.length > 0) say(backupMessages.filesCopied({ ...done, folder: beside }))
    const lacking = [...done.missing, ...done.damaged]
    if (lacking.length === 0) return
    complain(backupMessages.filesLacking(lacking.length))
    list(lacking, console.error)
  } catch (error) {
    complain(backupMessages.filesNotCopied(problemOf(error)))
  }
}

function backUpFile() {
  return inDatabase((db) => backUpSqlite({ db, folder, now: Date.now(), isApart }))
}

function isWithin(outer: string, inner: string): boolean {
  const way = relative(resolve(outer), inner)
  return !isAbsolute(way) && way !== '..' && !/^\.\.[\\/]/.test(way)
}
