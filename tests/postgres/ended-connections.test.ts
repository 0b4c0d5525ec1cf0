/**
 * Connections are ended by the server, at random moments in the middle of writing. What was acknowledged stays; what was not is there as a
 * whole or not at all; and whoever sends again is answered as if nothing had happened.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { checkLedger } from '#server/backup/check-ledger'
import { DatabaseUnavailable } from '#server/store/database-error'
import { createLedger } from '#server/store/ledger'
import { migrate } from '#server/store/migrations'
import { openPostgres } from '#server/store/postgres'
import type { Tables } from '#server/store/tables'
import type { Answer, VerdictRow } from '#sync/protocol'
import { ask, mutation } from '../contract/ledger-suite'
import { paused } from '../contract/race'
import { freshDatabase, type FreshDatabase } from './fresh-database'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let database: FreshDatabase
let db: Kysely<Tables>
beforeEach(async () => {
  database = await freshDatabase()
  db = await openPostgres(database.url)
  await migrate(db)
})
afterEach(async () => {
  await db.destroy()
  await database.release()
})

const DEVICES = 'abcdef'.split('').map((letter) => letter.repeat(13))
const BATCH = 3
/** Fewer would say little; each costs a connection. */
const BROKEN_MIN = 40

const endOne = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name = 'youxue' order by random() limit 1`

test('what was acknowledged stays, the rest is whole or absent, and sending again heals everything', async () => {
  const ledger = createLedger({ db, epoch: 'epoch' })
  const slow = paused(ledger)
  const acknowledged = new Map<string, VerdictRow>()
  let broken = 0
  let sent = 0

  /** Again and again until it is answered. */
  const healing = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        // Nothing else may come of it.
        if (!(error instanceof DatabaseUnavailable)) throw error
        broken++
      }
    }
  }
  const write = async (device: string, at: number): Promise<void> => {
    // Half of them share a stream and wait for one another.
    const stream = at % 2 === 0 ? 's/shared' : `s/own-${at}`
    for (let first = 1; broken < BROKEN_MIN || first <= 3 * BATCH; first += BATCH) {
      const mutations = Array.from({ length: BATCH }, (_, index) =>
        mutation({ n: first + index, key: `v/2024/${device[0] ?? ''}${first + index}`, value: String(first + index) }),
      )
      let answer: Answer | undefined
      while (answer === undefined) {
        const before = broken
        answer = await ask(slow, { stream, device, mutations }).catch((error: unknown) => {
          if (!(error instanceof DatabaseUnavailable)) throw error
          broken++
          return undefined
        })
        if (answer !== undefined || before === broken) continue
        const rows = await healing(() => ledger.read(stream, (tx) => tx.logRows(device, first, first + BATCH - 1)))
        expect([0, BATCH]).toContain(rows.length)
      }
      if (!('verdicts' in answer)) throw new Error(JSON.stringify(answer))
      sent += BATCH
      for (const row of answer.verdicts) acknowledged.set(`${device}:${String(row[0])}`, row)
    }
  }

  let isOver = false
  const ending = async () => {
    while (!isOver) {
      await database.run(endOne)
      await sleep(Math.random() * 15)
    }
  }
  const ends = ending()
  await Promise.all(DEVICES.map(write)).finally(() => (isOver = true))
  await ends

  expect(broken).toBeGreaterThanOrEqual(BROKEN_MIN)
  expect(acknowledged.size).toBe(sent)
  // All that was acknowledged is in the log, where it was said to be; and log, cells, heads and devices agree with each other.
  const log = await healing(() => db.selectFrom('log').select(['device', 'n', 'seq', 'verdict']).execute())
  expect(log).toHaveLength(sent)
  for (const { device, n, seq, verdict } of log) expect(acknowledged.get(`${device}:${String(n)}`)).toEqual([n, seq, verdict])
  const { findings, mutations, cells } = await healing(() => checkLedger(db))
  expect({ findings, mutations, cells }).toEqual({ findings: [], mutations: sent, cells: sent })
})

test('a statement that is broken off leaves nothing, and its connection goes on', async () => {
  const ledger = createLedger({ db, epoch: 'epoch' })
  await ask(ledger, { mutations: [mutation({ n: 1, key: 'v/2024/a', value: '1' })] })
  const second = () => ask(ledger, { mutations: [mutation({ n: 2, key: 'v/2024/b', value: '2' })] })
  const held = new pg.Client({ connectionString: database.url })
  await held.connect()
  await held.query('begin; select seq from stream for update')
  const refused = expect(second()).rejects.toThrow(DatabaseUnavailable)
  const waiting = `select pg_cancel_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'youxue' and wait_event_type = 'Lock'`
  await vi.waitUntil(async () => (await database.run(waiting)).length > 0, { timeout: 30_000, interval: 20 })
  await refused
  await held.end()
  await ledger.read('s/one', async (tx) => {
    expect(tx.head.seq).toBe(1)
    expect((await tx.cells(['v/2024/b'])).size).toBe(0)
  })
  expect(await second()).toMatchObject({ verdicts: [[2, 2, 'applied']] })
})
