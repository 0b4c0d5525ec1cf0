import { createLedger } from '#server/store/ledger'
import { migrate } from '#server/store/migrations'
import { openPostgres } from '#server/store/postgres'
import { freshDatabase } from '../postgres/fresh-database'
import { ledgerSuite } from './ledger-suite'

ledgerSuite('PostgreSQL', async () => {
  const database = await freshDatabase()
  const db = await openPostgres(database.url)
  await migrate(db)
  return {
    ledger: createLedger({ db, epoch: 'abcdefghijklmnop' }),
    async close() {
      await db.destroy()
      await database.release()
    },
  }
})
