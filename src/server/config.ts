/**
 * Configuration from the environment. Everything is checked before anything is made: with a wrong one the program says one sentence and
 * ends, and nothing was written.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { failed, ok, type Result } from '#domain/fault'
import type { Text } from '#domain/text'
import { parsePlan } from '#plan/parse-plan'
import type { Plan } from '#plan/plan'
import { configMessages } from './config-messages'
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from './passwords'

export type Config = {
  readonly port: number
  readonly host: string
  /** Absolute. Nothing is made in it where there is a `databaseUrl`. */
  readonly dataFolder: string
  /** Of a PostgreSQL database, in place of one in the data folder. It holds a password: shown only as `withoutPassword` shows it. */
  readonly databaseUrl?: string | undefined
  readonly adminPassword?: string | undefined
  /** Robots may also be spoken to by plain http and inside the network: for trying them out. */
  readonly allowsPrivateWebhooks: boolean
  /** The plan that came with the program. */
  readonly plan: Plan
  readonly version: string
  readonly clientFolder: string
}

export type Environment = Readonly<Record<string, string | undefined>>

export function readConfig(env: Environment, defaults: { readonly dataFolder: string }): Result<Config, Text> {
  const root = projectRoot()
  const portText = env['PORT'] ?? '8080'
  const port = Number(portText)
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) return failed(configMessages.port(portText))
  const host = env['HOST'] ?? '127.0.0.1'
  if (host.trim() === '') return failed(configMessages.host())
  const adminPassword = env['ADMIN_PASSWORD']
  if (adminPassword !== undefined && (adminPassword.length < PASSWORD_LENGTH_MIN || adminPassword.length > PASSWORD_LENGTH_MAX)) {
    return failed(configMessages.adminPassword(PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX))
  }
  const folderText = env['DATA_DIR'] ?? defaults.dataFolder
  if (folderText.trim() === '') return failed(configMessages.dataFolderEmpty())
  const dataFolder = resolve(folderText)
  const databaseUrl = env['DATABASE_URL']
  if (databaseUrl !== undefined && !isPostgresUrl(databaseUrl)) return failed(configMessages.databaseUrl())
  if (databaseUrl === undefined && !isUsableFolder(dataFolder)) return failed(configMessages.dataFolder(dataFolder))
  const privateWebhooks = env['WEBHOOK_ALLOW_PRIVATE'] ?? '0'
  if (!['0', '1'].includes(privateWebhooks)) return failed(configMessages.privateWebhooks(privateWebhooks))
  const plan = readShippedPlan(join(root, 'public', 'plans'), env['PLAN'])
  if (!plan.ok) return plan
  return ok({
    port,
    host,
    dataFolder,
    databaseUrl,
    adminPassword,
    allowsPrivateWebhooks: privateWebhooks === '1',
    plan: plan.value,
    version: readVersion(join(root, 'package.json')),
    clientFolder: join(root, 'dist', 'client'),
  })
}

/** One without a host goes to the socket, or to the host that its parameters name. */
function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(standIn(text))
}

/** `postgres://user@/database` is right for PostgreSQL, and no address for others. */
const standIn = (url: string): string => url.replace(/^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)(?=[/?#]|$)/, '$1localhost')

/** What may be said of a database's address on the console. */
export function withoutPassword(databaseUrl: string): string {
  const { protocol, username, host, pathname, searchParams } = new URL(standIn(databaseUrl))
  const socket = searchParams.get('host')
  return `${protocol}//${username === '' ? '' : `${username}@`}${socket ?? host}${pathname}`
}

/** The folder with `package.json`: the program runs from its sources and from its bundle, which lie at different depths. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder)
    if (above === folder) throw new Error('the program lies outside of its project')
    folder = above
  }
  return folder
}

/**
 * Whether the folder can be written to, or made: then the nearest one that exists can be written to. Tried with a folder that is taken
 * away again, for rights alone do not say it: `/proc` has them and takes nothing.
 */
function isUsableFolder(folder: string): boolean {
  let nearest = folder
  while (!existsSync(nearest)) nearest = dirname(nearest)
  try {
    rmdirSync(mkdtempSync(join(nearest, '.youxue-')))
    return true
  } catch {
    return false
  }
}

/** `PLAN` names a file; otherwise it is the one document that the program brings. */
function readShippedPlan(folder: string, named: string | undefined): Result<Plan, Text> {
  let file: string
  if (named !== undefined) file = resolve(named)
  else {
    const found = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
    const [only] = found
    if (only === undefined || found.length > 1) return failed(configMessages.planChoice(folder, found.length))
    file = join(folder, only)
  }
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return failed(configMessages.planUnreadable(file))
  }
  const parsed = parsePlan(json)
  if (parsed.ok) return parsed
  const [first] = parsed.fault
  return failed(configMessages.planUnsound(file, first?.path ?? '', first?.message ?? { zh: '', en: '' }))
}

function readVersion(file: string): string {
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string') {
    return manifest.version
  }
  throw new Error(`no version in ${file}`)
}
