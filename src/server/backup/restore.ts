/** `restore FILE [--older]`: puts a backup in the place of the database, and its files where they lack. No server may run on it. */
import { folderFileStore } from '../files/file-store'
import { filesFolder } from '../open-server'
import { problemOf } from './back-up-sqlite'
import { copyFiles, filesBeside, storedFiles } from './backup-files'
import { backupMessages } from './backup-messages'
import { complain, dataFolder, databaseUrl, inDatabase, list, say } from './command'
import { restorePostgres } from './restore-postgres'
import { restoreSqlite } from './restore-sqlite'
import { WITNESS_DAYS } from './witness-time'

const OLDER = '--older'
const words = process.argv.slice(2)
const [file, ...more] = words.filter((word) => word !== OLDER)
if (file === undefined || more.length > 0) complain(backupMessages.restoreUsage())
else await restore(file)

async function restore(chosen: string): Promise<void> {
  const url = databaseUrl()
  const question = { file: chosen, now: Date.now(), older: words.includes(OLDER) }
  const done =
    url === undefined
      ? await restoreSqlite({ ...question, dataFolder: dataFolder() })
      : await restorePostgres({ ...question, url })
  if (!done.ok) return complain(done.fault)
  const { mutations, at, aside } = done.value
  say(backupMessages.restored({ file: done.value.file, mutations, at }))
  if (aside !== undefined) say(backupMessages.keptAside(aside))
  await restoreFiles(done.value.file)
  say(backupMessages.whatNext(WITNESS_DAYS))
}

/** Those of the backup that are not here. None that is here is taken away. */
async function restoreFiles(backup: string): Promise<void> {
  try {
    const rows = await inDatabase(storedFiles)
    const folder = filesFolder(dataFolder())
    const done = await copyFiles({ rows, from: folderFileStore(filesBeside(backup)), to: folderFileStore(folder) })
    if (rows.length > 0) say(backupMessages.filesCopied({ ...done, folder }))
    const lacking = [...done.missing, ...done.damaged]
    if (lacking.length === 0) return
    complain(backupMessages.filesLacking(lacking.length))
    list(lacking, console.error)
  } catch (error) {
    complain(backupMessages.filesNotRestored(problemOf(error)))
  }
}
