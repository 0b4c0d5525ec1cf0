/**
 * The record of the newest verified backup, in the database that it was taken of: which file, and what it has of each device. So much a
 * tablet need not keep any more.
 */
import type { Kysely } from 'kysely'
import * as v from 'valibot'
import type { Tables } from '../store/tables'
import { inTransaction } from '../store/transaction'

const recordSchema = v.object({ file: v.string(), bytes: v.number(), sha256: v.string(), at: v.number() })
export type BackupRecord = v.InferOutput<typeof recordSchema>

const BACKUP = 'backup'
/** Rows in one statement: four parameters each, far below what a statement takes. */
const ROWS_MAX = 500

export type HeldDevice = {
  readonly stream: string
  readonly device: string
  readonly last: number
  readonly chain: string
}

/** A record that this program cannot read vouches for nothing. */
export async function readRecord(db: Kysely<Tables>): Promise<BackupRecord | undefined> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', BACKUP).executeTakeFirst()
  if (row === undefined) return undefined
  const parsed = v.safeParse(recordSchema, JSON.parse(row.value))
  return parsed.success ? parsed.output : undefined
}

/** What the ledger has of each device; of a backup: what it holds. */
export async function devicesOf(db: Kysely<Tables>): Promise<readonly HeldDevice[]> {
  return db
    .selectFrom('peer')
    .innerJoin('stream', 'stream.id', 'peer.stream')
    .select(['stream.name as stream', 'peer.device', 'peer.last', 'peer.chain'])
    .execute()
}

export async function writeRecord(db: Kysely<Tables>, record: BackupRecord, held: readonly HeldDevice[]): Promise<void> {
  await inTransaction(db, 'write', async (trx) => {
    const streams = await trx.selectFrom('stream').select(['id', 'name']).execute()
    const idByName = new Map(streams.map(({ id, name }) => [name, id]))
    const rows = held.flatMap(({ stream, device, last, chain }) => {
      const id = idByName.get(stream)
      return id === undefined ? [] : [{ stream: id, device, last, chain }]
    })
    await trx.deleteFrom('safe').execute()
    for (let start = 0; start < rows.length; start += ROWS_MAX) {
      await trx
        .insertInto('safe')
        .values(rows.slice(start, start + ROWS_MAX))
        .execute()
    }
    const value = JSON.stringify(record)
    await trx
      .insertInto('meta')
      .values({ key: BACKUP, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute()
  })
}

/** Whether the database has the tables that a record needs. */
export async function hasRecords(db: Kysely<Tables>): Promise<boolean> {
  return (await db.introspection.getTables()).some(({ name }) => name === 'safe')
}

export async function readSafe(db: Kysely<Tables>): Promise<readonly HeldDevice[]> {
  return db
    .selectFrom('safe')
    .innerJoin('stream', 'stream.id', 'safe.stream')
    .select(['stream.name as stream', 'safe.device', 'safe.last', 'safe.chain'])
    .execute()
}
