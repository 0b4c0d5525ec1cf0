/** `restore FILE [--older]`: puts a backup in the place of the database. No server may run on it. */
import { backupMessages } from './backup-messages'
import { complain, dataFolder, databaseUrl, say } from './command'
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
  say(backupMessages.whatNext(WITNESS_DAYS))
}
