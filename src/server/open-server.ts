/** Opens what the server works on: the database in the data folder, the ledger, the figures; and on an empty folder makes the district. */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Plan } from '#plan/plan'
import type { Ledger } from '#sync/ports'
import { createAccount } from './accounts'
import { writeCheckpoints } from './audit/checkpoints'
import { buildApp, type App } from './app'
import { openSafeRegister } from './backup/safe-register'
import { restoredAt } from './backup/witness-time'
import type { Config } from './config'
import { createFigures, type Figures } from './figures'
import { followCommits } from './follow-commits'
import { folderFileStore, type FileStore } from './files/file-store'
import { listOrgUnits, putOrgUnits } from './org-units'
import { installPlan, servePlan, type ServedPlan } from './plans'
import { createReports, type Reports } from './reports'
import { watchRoom } from './room'
import type { DemoAccount } from './routes/demo'
import { createLedger } from './store/ledger'
import { migrate } from './store/migrations'
import { holdFile, openSqlite } from './store/sqlite'
import type { Tables } from './store/tables'
import { oneProgramAtATime } from './store/transaction'
import { keepUsualRanges, type UsualRanges } from './usual-ranges'
import { openTelling, type Telling } from './webhooks/telling'

export const databaseFile = (dataFolder: string): string => join(dataFolder, 'youxue.sqlite')
/** Held by the one program that works on the folder: a server, or the command that restores it. Empty, and stays when it is let go. */
export const lockFile = (dataFolder: string): string => join(dataFolder, 'youxue.lock')

/** Of evidence, by digest. In the data folder also where the database is elsewhere. */
export const filesFolder = (dataFolder: string): string => join(dataFolder, 'files')

/** Another program works on the folder. The figures in memory would not hear of its commits. */
export class FolderInUse extends Error {
  override name = 'FolderInUse'
}

export type OpenServer = {
  readonly db: Kysely<Tables>
  readonly ledger: Ledger
  readonly plan: ServedPlan
  readonly figures: Figures
  readonly reports: Reports
  readonly ranges: UsualRanges
  readonly files: FileStore
  readonly telling: Telling
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The password of `admin`, where it was made at this start. */
  readonly adminPassword?: string | undefined
  buildApp(options?: {
    readonly demoAccounts?: readonly DemoAccount[]
    readonly logLevel?: 'info' | 'warn' | 'error'
  }): Promise<App>
  /** Notes the digests of what the ledger's log has grown by. */
  checkpoint(): Promise<void>
  close(): Promise<void>
}

export async function openServer(
  config: Pick<Config, 'dataFolder' | 'databaseUrl' | 'adminPassword' | 'plan' | 'version' | 'clientFolder'> &
    Partial<Pick<Config, 'allowsPrivateWebhooks'>>,
  now: () => number = Date.now,
): Promise<OpenServer> {
  const { db, isShared, close } =
    config.databaseUrl === undefined ? openFolder(config.dataFolder) : await openShared(config.databaseUrl)
  try {
    const { epoch, plan, adminPassword } = await oneProgramAtATime(db, async () => {
      await migrate(db)
      const installed = servePlan(await installPlan(db, config.plan, now()))
      return {
        epoch: await epochOf(db),
        plan: installed,
        adminPassword: await makeDistrict(db, { plan: installed, adminPassword: config.adminPassword, now: now() }),
      }
    })
    const restored = await restoredAt(db)
    const safe = openSafeRegister(db, now)
    const { figures, reports, ranges, putCells } = await openMemory(db, plan.plan, { isShared, now })
    const telling = openTelling({
      ...{ db, plan: plan.plan, reports, catchUp: () => figures.catchUp(), isShared, now, chance: Math.random },
      network: { allowsPrivate: config.allowsPrivateWebhooks ?? false },
    })
    const room = watchRoom(now)
    const ledger = createLedger({
      db,
      epoch,
      onCommitted: (stream, cells, revisions) => {
        room.written()
        putCells(stream, cells, revisions)
        telling.heard(stream, cells)
      },
    })
    const files = folderFileStore(filesFolder(config.dataFolder))
    return {
      db,
      ledger,
      plan,
      figures,
      reports,
      ranges,
      files,
      telling,
      now,
      adminPassword,
      buildApp: (options = {}) =>
        buildApp({
          db,
          ledger,
          plan,
          figures,
          reports,
          ranges,
          restoredAt: restored,
          safe,
          room,
          files,
          telling,
          now,
          version: config.version,
          clientFolder: config.clientFolder,
          ...options,
        }),
      checkpoint: async () => void (await writeCheckpoints(db, now)),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** What is kept in memory of the ledger, and hears of each commit. */
async function openMemory(
  db: Kysely<Tables>,
  plan: Plan,
  { isShared, now }: { readonly isShared: boolean; readonly now: () => number },
) {
  const units = await listOrgUnits(db)
  const answers = createFigures(plan, units)
  const ranges = keepUsualRanges(answers, now)
  const reports = createReports({ db, plan, units, figures: answers, ranges })
  // Figures first: what is worked out of reports reads the values there.
  const { putUnit, putCells, catchUp } = await followCommits({ db, units, listeners: [answers, reports], isShared })
  return { figures: { ...answers, putUnit, catchUp }, reports, ranges, putCells }
}

type Opened = {
  readonly db: Kysely<Tables>
  /** Other processes may work on it at the same time. */
  readonly isShared: boolean
  readonly close: () => Promise<void>
}

function openFolder(dataFolder: string): Opened {
  mkdirSync(dataFolder, { recursive: true })
  const held = holdFile(lockFile(dataFolder))
  if (held === undefined) throw new FolderInUse(dataFolder)
  const db = openSqlite(databaseFile(dataFolder))
  const close = async () => {
    await db.destroy()
    held.release()
  }
  return { db, isShared: false, close }
}

/** The driver is fetched only where it is used. */
async function openShared(databaseUrl: string): Promise<Opened> {
  const { openPostgres } = await import('./store/postgres')
  const db = await openPostgres(databaseUrl)
  return { db, isShared: true, close: () => db.destroy() }
}

/** Random, once for each database: a restored one gets a new one, and the tablets notice. */
async function epochOf(db: Kysely<Tables>): Promise<string> {
  const made = randomBytes(10).toString('hex')
  await db
    .insertInto('meta')
    .values({ key: 'epoch', value: made })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
  return (await db.selectFrom('meta').select('value').where('key', '=', 'epoch').executeTakeFirstOrThrow()).value
}

/** The unit that stands for the district itself, and the first account; each only where there is none. Answers a password it made. */
async function makeDistrict(
  db: Kysely<Tables>,
  { plan, adminPassword, now }: { readonly plan: ServedPlan; readonly adminPassword: string | undefined; readonly now: number },
): Promise<string | undefined> {
  const { code, name } = plan.plan.document.district
  const isNew = (await db.selectFrom('org_unit').select('code').limit(1).executeTakeFirst()) === undefined
  if (isNew) {
    const put = await putOrgUnits(db, [{ code, name: name.zh, type: 'district', ownership: 'public' }])
    if (!put.ok) throw new Error(`the plan's district cannot be made: ${JSON.stringify(put.fault)}`)
  }
  const anyone = await db.selectFrom('account').select('key').limit(1).executeTakeFirst()
  if (anyone !== undefined) return undefined
  const made = await createAccount(
    db,
    { username: 'admin', name: '管理员', role: 'admin', orgUnits: [], password: adminPassword },
    now,
  )
  if (!made.ok) throw new Error(`the account admin cannot be made: ${JSON.stringify(made.fault)}`)
  return made.value.password
}
