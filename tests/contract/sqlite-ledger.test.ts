import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLedger } from '#server/store/ledger'
import { migrate } from '#server/store/migrations'
import { openSqlite } from '#server/store/sqlite'
import { ledgerSuite } from './ledger-suite'

ledgerSuite('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'youxue-ledger-'))
  const db = openSqlite(join(folder, 'ledger.sqlite'))
  await migrate(db)
  return {
    ledger: createLedger({ db, epoch: 'abcdefghijklmnop' }),
    async close() {
      await db.destroy()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})
