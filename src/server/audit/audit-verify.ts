/**
 * `audit-verify [NUMBER DIGEST]`: works out the digests of the log of administration and of the ledger's log again, and names each
 * difference; with a line that was noted earlier, also whether that one still stands. For every night; the server may run.
 */
import { existsSync } from 'node:fs'
import { complain, dataFolder, databaseUrl, inDatabase, list, say } from '../backup/command'
import { backupMessages } from '../backup/backup-messages'
import { problemOf } from '../backup/back-up-sqlite'
import { withoutPassword } from '../config'
import { databaseFile } from '../open-server'
import type { AuditHead } from './audit'
import { auditMessages } from './audit-messages'
import { checkAudit, type AuditCheck } from './check-audit'

const words = process.argv.slice(2)
const witness = witnessOf(words)
const url = databaseUrl()
const file = databaseFile(dataFolder())
if (words.length > 0 && witness === undefined) complain(auditMessages.usage())
else if (url === undefined && !existsSync(file)) complain(backupMessages.noDatabase(file))
else await verify()

async function verify(): Promise<void> {
  let check: AuditCheck
  try {
    check = await inDatabase((db) => checkAudit(db, witness))
  } catch (error) {
    return complain(backupMessages.unreadable(url === undefined ? file : withoutPassword(url), problemOf(error)))
  }
  const { findings } = check
  if (findings.length > 0) {
    complain(auditMessages.differs(findings.length))
    return list(findings.map(auditMessages.finding), console.error)
  }
  say(auditMessages.sound(check))
  say(auditMessages.head(check))
}

function witnessOf([id, digest, ...more]: readonly string[]): AuditHead | undefined {
  if (id === undefined || digest === undefined || more.length > 0) return undefined
  return /^[1-9]\d*$/.test(id) && /^[0-9a-f]{64}$/.test(digest) ? { id: Number(id), digest } : undefined
}
