/** `ledger-verify [FILE]`: works the ledger out again from its log, reads every file of evidence, and names each difference. For every night; the server may run. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { withoutPassword } from '../config'
import { folderFileStore } from '../files/file-store'
import { databaseFile, filesFolder } from '../open-server'
import { openPostgres } from '../store/postgres'
import { openSqlite } from '../store/sqlite'
import { problemOf, sayFinding } from './back-up-sqlite'
import { checkFiles, filesBeside, type FilesCheck } from './backup-files'
import { backupMessages } from './backup-messages'
import { checkLedger, type LedgerCheck } from './check-ledger'
import { complain, dataFolder, databaseUrl, list, say } from './command'

const [named] = process.argv.slice(2)
const url = named === undefined ? databaseUrl() : undefined
const file = named === undefined ? databaseFile(dataFolder()) : resolve(named)
if (url === undefined && !existsSync(file)) complain(backupMessages.noDatabase(file))
else await verify()

async function verify(): Promise<void> {
  let check: LedgerCheck
  let files: FilesCheck
  try {
    const db = url === undefined ? openSqlite(file) : await openPostgres(url)
    try {
      check = await checkLedger(db)
      files = await checkFiles(db, folderFileStore(named === undefined ? filesFolder(dataFolder()) : filesBeside(file)))
    } finally {
      await db.destroy()
    }
  } catch (error) {
    return complain(backupMessages.unreadable(url === undefined ? file : withoutPassword(url), problemOf(error)))
  }
  const { findings, remarks } = check
  list(remarks.map(sayFinding), console.log)
  if (findings.length === 0) say(backupMessages.verified(check))
  else {
    complain(backupMessages.differs(findings.length))
    list(findings.map(sayFinding), console.error)
  }
  sayFiles(files)
}

function sayFiles({ files, bytes, awaited, faults }: FilesCheck): void {
  if (faults.length > 0) {
    complain(backupMessages.filesDiffer(faults.length))
    list(faults, console.error)
  } else if (files > 0) say(backupMessages.filesSound({ files, bytes }))
  if (awaited.length === 0) return
  say(backupMessages.filesAwaited(awaited.length))
  list(awaited, console.log)
}
