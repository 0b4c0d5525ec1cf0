/** From configuration to a listening server, and from a signal to a clean stop. Shared by the two programs, `main` and `demo/main`. */
import { createServer } from 'node:net'
import type { Text } from '#domain/text'
import type { App } from './app'
import { readConfig, withoutPassword, type Config } from './config'
import { configMessages } from './config-messages'
import { databaseFile, FolderInUse, openServer, type OpenServer } from './open-server'
import type { DemoAccount } from './routes/demo'
import { DatabaseUnavailable, sqlStateOf } from './store/database-error'

/** Logs on standard error; standard output is for the people who started it. */
const LOG_LEVEL = 'warn'

/** So much of the ledger's log at most can be changed without its digest showing it; each time costs about as much as reading it. */
const CHECKPOINT_EVERY_MS = 5 * 60_000

/** How often the robots of chat groups get a turn. */
const TELLING_EVERY_MS = 5000
/** After a turn that failed: what is wrong is said once a minute. */
const TELLING_AGAIN_MS = 60_000

/** Signals closer together than this are one. */
const SAME_SIGNAL_MS = 1000

export type Program = {
  /** Where the data lie when `DATA_DIR` does not say. */
  readonly dataFolder: string
  /** Of `admin`, where the environment is not asked. */
  readonly adminPassword?: string
  /** After opening and before listening: what this program puts in, and the accounts it offers. */
  readonly prepare?: (server: OpenServer) => Promise<readonly DemoAccount[]>
  /** What is printed once it listens, besides the address. */
  readonly greet?: (accounts: readonly DemoAccount[]) => readonly Text[]
}

export async function run(program: Program): Promise<void> {
  const read = readConfig(process.env, { dataFolder: program.dataFolder })
  if (!read.ok) return complain(read.fault)
  const config: Config =
    program.adminPassword === undefined ? read.value : { ...read.value, adminPassword: program.adminPassword }
  // Asked before anything is written; the moment between this and the real one is short, and then it is only said later.
  if (!(await mayListen(config))) return complain(configMessages.address(config.host, config.port))

  let server: OpenServer
  try {
    server = await openServer(config)
  } catch (error) {
    if (error instanceof FolderInUse) return complain(configMessages.folderInUse(config.dataFolder))
    return complain(databaseText(config, error))
  }
  // Said before anything else can go wrong: nobody will know it a second time.
  if (server.adminPassword !== undefined) say(configMessages.adminMade(server.adminPassword))
  const demoAccounts = await program.prepare?.(server)
  const app = await server.buildApp({ logLevel: LOG_LEVEL, ...(demoAccounts === undefined ? {} : { demoAccounts }) })
  try {
    await app.listen({ port: config.port, host: config.host })
  } catch {
    await app.close()
    await server.close()
    return complain(configMessages.address(config.host, config.port))
  }
  stopOnSignal(app, server, [checkpoints(server), warmUp(server), tellRobots(server)])
  say(configMessages.ready(addressOf(app, config)))
  for (const text of program.greet?.(demoAccounts ?? []) ?? []) say(text)
}

function databaseText({ dataFolder, databaseUrl }: Config, error: unknown): Text {
  // One line, whatever the database says.
  const problem = (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ')
  if (databaseUrl === undefined) return configMessages.database(databaseFile(dataFolder), problem)
  const database = withoutPassword(databaseUrl)
  switch (sqlStateOf(error instanceof DatabaseUnavailable ? error.cause : error)) {
    case '28P01':
    case '28000':
      return configMessages.databaseSignIn(database, problem)
    case '3D000':
      return configMessages.databaseMissing(database, problem)
    case '42501':
      return configMessages.databaseRights(database, problem)
    default:
      return error instanceof DatabaseUnavailable
        ? configMessages.databaseUnreachable(database, problem)
        : configMessages.database(database, problem)
  }
}

function addressOf(app: App, { host }: Config): string {
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${shown}:${String(port)}`
}

function mayListen({ host, port }: Config): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => {
      resolve(false)
    })
    probe.listen({ host, port }, () => {
      probe.close(() => {
        resolve(true)
      })
    })
  })
}

/** Work beside the requests. */
type Aside = { readonly stop: () => Promise<void> }

/** Beside the exchange: one that fails is made up for by the next. */
function checkpoints(server: OpenServer): Aside {
  let running = Promise.resolve()
  const note = (): void => {
    running = running.then(() => server.checkpoint()).catch((error: unknown) => console.error(error))
  }
  const timer = setInterval(note, CHECKPOINT_EVERY_MS)
  return {
    async stop() {
      clearInterval(timer)
      note()
      await running
    },
  }
}

/** One turn after the other. One that runs is waited for at a stop: a robot that is being spoken to answers within ten seconds. */
function tellRobots({ telling }: OpenServer): Aside {
  let isStopping = false
  let timer: NodeJS.Timeout
  let running = Promise.resolve()
  const turnIn = (delayMs: number): void => {
    if (isStopping) return
    timer = setTimeout(() => {
      running = turn()
    }, delayMs)
  }
  const turn = () =>
    telling.turn().then(
      () => {
        turnIn(TELLING_EVERY_MS)
      },
      (error: unknown) => {
        console.error(error)
        turnIn(TELLING_AGAIN_MS)
      },
    )
  turnIn(TELLING_EVERY_MS)
  return {
    async stop() {
      isStopping = true
      clearTimeout(timer)
      await running
    },
  }
}

/** Works out where all reports stand, in turns with the requests, so that nobody waits for it who opens the queue first after a start. */
function warmUp({ reports, plan }: OpenServer): Aside {
  let isStopping = false
  const { periods } = plan.plan.document
  const work = reports.refresh({ unit: () => !isStopping, periods }).catch((error: unknown) => console.error(error))
  return {
    async stop() {
      isStopping = true
      await work
    },
  }
}

/**
 * Requests that run are finished, new ones refused, then the database is closed. A second signal ends it at once; one that comes within
 * a moment is the same signal again, passed on by npm.
 */
function stopOnSignal(app: App, server: OpenServer, asides: readonly Aside[]): void {
  let stoppingSince: number | undefined
  const stop = async () => {
    await app.close()
    await Promise.all(asides.map((aside) => aside.stop()))
    await server.close()
    say(configMessages.stopped())
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stoppingSince === undefined) {
        stoppingSince = Date.now()
        void stop().then(() => process.exit(0))
      } else if (Date.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(1)
    })
  }
}

function say(text: Text): void {
  console.log(`${text.zh}\n${text.en}`)
}

function complain(text: Text): void {
  console.error(`${text.zh}\n${text.en}`)
  process.exitCode = 1
}
