/** `ledger-verify [FILE]`: works the ledger out again from its log and names each difference. For every night; the server may run. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { withoutPassword } from '../config'
import { databaseFile } from '../open-server'
import { openPostgres } from '../store/postgres'
import { openSqlite } from '../store/sqlite'
import { problemOf, sayFinding } from './back-up-sqlite'
import { backupMessages } from './backup-messages'
import { checkLedger, type LedgerCheck } from './check-ledger'
import { complain, dataFolder, databaseUrl, say } from './command'

/** The rest is only counted. */
const SHOWN_MAX = 50

const [named] = process.argv.slice(2)
const url = named === undefined ? databaseUrl() : undefined
const file = named === undefined ? databaseFile(dataFolder()) : resolve(named)
if (url === undefined && !existsSync(file)) complain(backupMessages.noDatabase(file))
else await verify()

async function verify(): Promise<void> {
  let check: LedgerCheck
  try {
    const db = url === undefined ? openSqlite(file) : await openPostgres(url)
    try {
      check = await checkLedger(db)
    } finally {
      await db.destroy()
    }
  } catch (error) {
    return complain(backupMessages.unreadable(url === undefined ? file : withoutPassword(url), problemOf(error)))
  }
  const { findings, remarks } = check
  for (const remark of remarks.slice(0, SHOWN_MAX)) console.log(`  ${sayFinding(remark)}`)
  if (findings.length === 0) return say(backupMessages.verified(check))
  complain(backupMessages.differs(findings.length))
  for (const finding of findings.slice(0, SHOWN_MAX)) console.error(`  ${sayFinding(finding)}`)
  if (findings.length > SHOWN_MAX) complain(backupMessages.andMore(findings.length - SHOWN_MAX))
}
