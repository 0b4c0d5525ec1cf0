/**
 * The check that finds rows which a reader passes over is shown able to fail: a ledger as one would write it at first, with numbers from
 * a sequence, must lose some.
 */
import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { migrate } from '#server/store/migrations'
import { openPostgres } from '#server/store/postgres'
import { headsToText, toCell } from '#server/store/stored-cell'
import type { Tables } from '#server/store/tables'
import { EMPTY_DIGEST } from '#sync/hash'
import type { Ledger, StreamTx } from '#sync/ports'
import { race } from '../contract/race'
import { freshDatabase, type FreshDatabase } from './fresh-database'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let database: FreshDatabase
let db: Kysely<Tables>
beforeAll(async () => {
  database = await freshDatabase({ isNew: true })
  db = await openPostgres(database.url)
  await migrate(db)
  await sql`create sequence plain`.execute(db)
})
afterAll(async () => {
  await db.destroy()
  await database.release()
})

const STREAM = 1

/** Right in everything but where its numbers come from. It keeps only what the race asks for. */
function sequenceLedger(): Ledger {
  const open = (trx: Kysely<Tables>, seq: number): StreamTx => ({
    head: { seq, digest: EMPTY_DIGEST },
    peer: () => Promise.resolve(undefined),
    logRow: () => Promise.resolve(undefined),
    logRows: () => Promise.resolve([]),
    known: () => Promise.resolve(new Set()),
    cells: () => Promise.resolve(new Map()),
    async write({ cells }) {
      for (const [key, cell] of cells) {
        await trx
          .insertInto('cell')
          .values({ stream: STREAM, key, seq: cell.seq, heads: headsToText(cell.heads), missing: null })
          .execute()
      }
    },
    async rows(after) {
      const found = await trx.selectFrom('cell').selectAll().where('seq', '>', after).orderBy('seq').execute()
      return { rows: found.map((row) => [row.key, toCell(row)]), upto: found.at(-1)?.seq ?? after, done: true }
    },
  })
  return {
    epoch: 'epoch',
    write: (_stream, run) =>
      db.transaction().execute(async (trx) => {
        const { rows } = await sql<{ next: number }>`select nextval('plain') as next`.execute(trx)
        return run(open(trx, (rows[0]?.next ?? 0) - 1))
      }),
    read: (_stream, run) => db.transaction().execute((trx) => run(open(trx, 0))),
  }
}

test('numbers from a plain sequence lose rows, and the race finds them', async () => {
  const { written, passedOver } = await race(sequenceLedger(), { each: 8 })
  expect(written).toBe(64)
  const { rows } = await sql<{ count: number }>`select count(*) as count from cell`.execute(db)
  // All of them are in the database; the reader has not been told of some.
  expect(rows[0]?.count).toBe(64)
  expect(passedOver.length).toBeGreaterThan(0)
})
