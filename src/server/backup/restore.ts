/** `restore FILE [--older]`: puts a backup in the place of the database. The server must not run. */
import { backupMessages } from './backup-messages'
import { complain, dataFolder, say } from './command'
import { restoreSqlite } from './restore-sqlite'
import { WITNESS_DAYS } from './witness-time'

const OLDER = '--older'
const words = process.argv.slice(2)
const [file, ...more] = words.filter((word) => word !== OLDER)
if (file === undefined || more.length > 0) complain(backupMessages.restoreUsage())
else await restore(file)

async function restore(chosen: string): Promise<void> {
  const done = await restoreSqlite({
    file: chosen,
    dataFolder: dataFolder(),
    now: Date.now(),
    older: words.includes(OLDER),
  })
  if (!done.ok) return complain(done.fault)
  const { mutations, at, aside } = done.value
  say(backupMessages.restored({ file: done.value.file, mutations, at }))
  if (aside !== undefined) say(backupMessages.keptAside(aside))
  say(backupMessages.whatNext(WITNESS_DAYS))
}
