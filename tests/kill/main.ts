/**
 * Kills the server at random moments while tablets send to it, and looks whether everything that it had promised still holds.
 *
 * ```
 *   KILLS   kills for each database (100)
 *   ON      sqlite, postgres, or both (both)
 *   SEED    of what is typed and of the moments; the machine's own timing is not repeated (1)
 * ```
 * On PostgreSQL a third of the kills hit the database: all its processes at once, or its first one, while the server lives on.
 *
 * After every kill: each verdict that a tablet has received stands in the log, with the same number, value and author. After every tenth
 * and at the end: the ledger is what its log says (`checkLedger`: numbers, order, chains, cells, digests). At the end: what was typed is
 * in the log once, and the tablets show what the server has. Every tenth time on SQLite a backup is made under way, so tablets drop what
 * it holds. Then the same with files that come in pieces: see `files.ts`.
 */
import { databasesToKill, type KillDatabase } from './databases'
import { bundleServer, startServer, type Bundle, type ServerProcess } from './server-process'
import { collectVerdicts, type Received } from './received'
import { killWhileFilesArrive } from './files'
import { startLoad, type Load } from './load'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { checkLedger } from '#server/backup/check-ledger'
import { sayFinding } from '#server/backup/back-up-sqlite'
import { digestOf } from '#sync/hash'
import { chanceFrom } from '../sim/chance'
import { liftGuards } from '../server/guards'

const KILLS = Number(process.env['KILLS'] ?? 100)
const SEED = Number(process.env['SEED'] ?? 1)
/** A server lives for so long at most after it listens: short enough to die in the middle, long enough to have answered. */
const LIFE_MAX_MS = 700
const WHOLE_CHECK_EVERY = 10

type Figures = {
  readonly kills: number
  readonly databaseKills: number
  readonly typed: number
  readonly exchanges: number
  readonly cutOff: number
  readonly verdicts: number
  /** Mutations that were in the log after a kill, and whose tablet heard of it only when it sent them again. */
  readonly unheard: number
  readonly backups: number
  readonly losses: readonly string[]
}

async function main(): Promise<void> {
  const bundle = await bundleServer()
  let isSound = true
  try {
    for (const database of await databasesToKill(process.env['ON'] ?? 'both')) {
      try {
        const began = Date.now()
        const figures = await killAtRandom(bundle, database)
        isSound = say(database.name, figures, (Date.now() - began) / 1000) && isSound
        isSound = (await killAndSay(bundle, database)) && isSound
      } finally {
        await database.remove()
      }
    }
  } finally {
    bundle.remove()
  }
  process.exitCode = isSound ? 0 : 1
}

function say(name: string, figures: Figures, seconds: number): boolean {
  const { losses, ...counts } = figures
  console.log(`${name}, seed ${String(SEED)}, ${seconds.toFixed(0)} s`)
  console.log(`  kills of the server              ${String(counts.kills)}`)
  console.log(`  kills of the database            ${String(counts.databaseKills)}`)
  console.log(`  values typed                     ${String(counts.typed)}`)
  console.log(`  exchanges answered               ${String(counts.exchanges)}`)
  console.log(`  exchanges cut off or refused     ${String(counts.cutOff)}`)
  console.log(`  verdicts received                ${String(counts.verdicts)}`)
  console.log(`  of these heard at a second try   ${String(counts.unheard)}`)
  console.log(`  backups made meanwhile           ${String(counts.backups)}`)
  console.log(`  losses                           ${String(losses.length)}`)
  for (const loss of losses.slice(0, 20)) console.log(`    ${loss}`)
  return losses.length === 0 && counts.verdicts > 0
}

/** Half as many kills: each life of the server carries some megabytes. */
async function killAndSay(bundle: Bundle, database: KillDatabase): Promise<boolean> {
  const chance = chanceFrom(SEED)
  const { losses, ...counts } = await killWhileFilesArrive({
    bundle,
    env: database.env,
    kills: Math.ceil(KILLS / 2),
    random: () => chance.next(),
  })
  console.log(`${database.name}, files`)
  console.log(`  kills of the server              ${String(counts.kills)}`)
  console.log(`  files that arrived whole         ${String(counts.whole)}`)
  console.log(`  bytes sent for each to send      ${(counts.sentBytes / counts.bytes).toFixed(2)}`)
  console.log(`  losses                           ${String(losses.length)}`)
  for (const loss of losses.slice(0, 20)) console.log(`    ${loss}`)
  return losses.length === 0 && counts.whole > 0
}

async function killAtRandom(bundle: Bundle, database: KillDatabase): Promise<Figures> {
  const chance = chanceFrom(SEED)
  const random = () => chance.next()
  const received = collectVerdicts()
  const losses: string[] = []
  let [kills, databaseKills, unheard, backups] = [0, 0, 0, 0]
  let server = await startServer(bundle, database.env)
  const load = await startLoad({ url: server.url, random, received })

  async function check(isWhole: boolean): Promise<void> {
    const looked = await look(database, received, isWhole)
    losses.push(...looked.losses)
    // While it lives, others are just on their way.
    if (server.isOver()) unheard += looked.unheard
  }

  try {
    while (kills + databaseKills < KILLS) {
      const turn = kills + databaseKills
      const away = Math.floor(random() * load.tablets)
      load.setOffline(away, random() < 0.5)
      await sleep(random() * LIFE_MAX_MS)
      if (database.crash !== undefined && turn % 3 === 2) {
        databaseKills += 1
        await database.crash(turn % 2 === 0 ? 'SIGQUIT' : 'SIGKILL')
        if (server.isOver()) losses.push(`the server ended with its database: ${server.errors()}`)
        await check(turn % WHOLE_CHECK_EVERY === WHOLE_CHECK_EVERY - 1)
      } else {
        kills += 1
        if (database.backUp !== undefined && turn % 10 === 5) backups += await backUpMeanwhile(database.backUp, server, losses)
        server.kill('SIGKILL')
        load.address.url = undefined
        await server.ended
        await check(turn % WHOLE_CHECK_EVERY === WHOLE_CHECK_EVERY - 1)
        server = await startServer(bundle, database.env)
        load.address.url = server.url
      }
      load.setOffline(away, false)
    }
    await load.settle()
    server.kill('SIGTERM')
    const status = await server.ended
    if (status !== 0) losses.push(`the server that was asked to stop ended with ${String(status)}`)
    await check(true)
    losses.push(...(await atRest(database, load)))
    losses.push(...(await blindSpots(database, received)))
  } finally {
    await load.close()
    server.kill('SIGKILL')
  }
  const { typed, exchanges, cutOff } = load.counts
  return { kills, databaseKills, typed, exchanges, cutOff, verdicts: received.count(), unheard, backups, losses }
}

/** While tablets send: it must be sound, and must not stand in the server's way. */
async function backUpMeanwhile(
  backUp: () => Promise<string | undefined>,
  server: ServerProcess,
  losses: string[],
): Promise<number> {
  const fault = await backUp()
  if (fault !== undefined) losses.push(fault)
  if (server.isOver()) losses.push('the server ended by a backup')
  return 1
}

async function look(database: KillDatabase, received: Received, isWhole: boolean) {
  return database.open(async (db) => {
    const { losses, unheard } = await received.compare(db)
    const checked = isWhole ? await checkLedger(db) : undefined
    const findings = [...(checked?.findings ?? []), ...(checked?.remarks ?? [])].map(sayFinding)
    return { losses: [...losses, ...findings], unheard }
  })
}

/** The look itself must be able to see a loss: each of these is one, made and taken back again. */
async function blindSpots(database: KillDatabase, received: Received): Promise<readonly string[]> {
  const newest = 'select max(seq) from log as other where other.stream = log.stream'
  const made = [
    `delete from log where seq = (${newest})`,
    `update log set value = '"another"' where seq = (${newest})`,
    `update log set seq = seq + 1`,
    `update log set verdict = 'rejected: forbidden' where seq = 1`,
    `update log set by = 'somebody'`,
  ]
  return database.open(async (db) => {
    const unseen: string[] = []
    for (const loss of made) {
      await db.connection().execute(async (trx) => {
        await sql`begin`.execute(trx)
        await liftGuards(trx)
        await sql.raw(loss).execute(trx)
        if ((await received.compare(trx)).losses.length === 0) unseen.push(`nobody noticed: ${loss}`)
        await sql`rollback`.execute(trx)
      })
    }
    return unseen
  })
}

/** What was typed is in the log once, by its author; and the tablets show the server's cells. */
async function atRest(database: KillDatabase, load: Load): Promise<readonly string[]> {
  return database.open(async (db) => {
    const wrong: string[] = []
    const rows = await db
      .selectFrom('log')
      .innerJoin('stream', 'stream.id', 'log.stream')
      .select(['stream.name', 'log.key', 'log.value', 'log.by'])
      .execute()
    const places = new Map<string, string[]>()
    for (const { name, key, value, by } of rows) {
      const typed: unknown = JSON.parse(value)
      if (typeof typed === 'string') places.set(typed, [...(places.get(typed) ?? []), `${name} ${key} ${by}`])
    }
    for (const [value, { stream, key, by }] of load.typed()) {
      const found = places.get(value) ?? []
      if (found.length !== 1 || found[0] !== `${stream} ${key} ${by}`) {
        wrong.push(`${value} (${stream} ${key} ${by}) is in the log ${String(found.length)} times: ${found.join(', ')}`)
      }
    }
    const digests = new Map(
      (await db.selectFrom('stream').select(['name', 'digest']).execute()).map((row) => [row.name, row.digest]),
    )
    for (const { stream, cells, kept } of load.kept()) {
      if (digestOf(kept) !== digests.get(stream)) wrong.push(`a tablet has other cells in ${stream} than the server`)
      const unconfirmed = [...cells.values()].filter(({ mark }) => mark === 'onDevice' || mark === 'rejected')
      if (unconfirmed.length > 0) wrong.push(`a tablet shows ${String(unconfirmed.length)} values in ${stream} as not confirmed`)
    }
    return wrong
  })
}

await main()
