/**
 * The server as one Fastify instance. Everything it works on comes in as `deps`; nothing is opened here, so a test calls it by
 * `inject()` and only a composition root opens a database and a port.
 */
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import fastify, { type FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import type { Ledger } from '#sync/ports'
import { askWhoItIs } from './access'
import { answerBadAddress, answerErrorsAsFaults, answerFault, answerNoRequest, unknownRoute } from './answer-fault'
import { auditRoutes } from './audit/audited-routes'
import type { SafeRegister } from './backup/safe-register'
import { describeRoutes } from './openapi'
import type { Figures } from './figures'
import type { FileStore } from './files/file-store'
import { openUploads } from './files/uploads'
import type { ServedPlan } from './plans'
import { readInputBySchema, type ValibotProvider } from './read-input'
import { accountRoutes } from './routes/accounts'
import { auditLogRoutes } from './routes/audit'
import { dataValueSetRoutes } from './routes/data-value-sets'
import { depositRoutes } from './routes/deposits'
import { demoRoutes, type DemoAccount } from './routes/demo'
import { figureRoutes } from './routes/figures'
import { fileRoutes } from './routes/files'
import { findingRoutes } from './routes/findings'
import { healthRoutes } from './routes/health'
import { historyRoutes } from './routes/history'
import { inspectionRoutes } from './routes/inspections'
import { orgUnitRoutes } from './routes/org-units'
import { peerRoutes } from './routes/peers'
import { planRoutes } from './routes/plan'
import { reportRoutes } from './routes/reports'
import { sessionRoutes } from './routes/session'
import { syncRoutes } from './routes/sync'
import { tabletRoutes } from './routes/tablets'
import { webhookRoutes } from './routes/webhooks'
import { windowRoutes } from './routes/windows'
import type { Reports } from './reports'
import type { Room } from './room'
import { secureHeaders } from './secure-headers'
import { serveClient } from './static-client'
import type { Tables } from './store/tables'
import { watchTablets } from './tablets'
import type { UsualRanges } from './usual-ranges'
import type { Telling } from './webhooks/telling'

export type Deps = {
  readonly db: Kysely<Tables>
  readonly ledger: Ledger
  readonly plan: ServedPlan
  readonly figures: Figures
  readonly reports: Reports
  readonly ranges: UsualRanges
  /** When the database was put back from a backup, in milliseconds since 1970: tablets may know what it lacks. */
  readonly restoredAt: number | undefined
  readonly safe: SafeRegister
  readonly room: Room
  readonly files: FileStore
  readonly telling: Telling
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly version: string
  /** Only in demo mode: accounts that the sign-in page offers. */
  readonly demoAccounts?: readonly DemoAccount[] | undefined
  /** The built client; without it only the API answers. */
  readonly clientFolder?: string | undefined
  /** What is logged to standard error; silent without it. */
  readonly logLevel?: 'info' | 'warn' | 'error' | undefined
}

export type App = FastifyInstance

/** For everything but the exchange and the import, which set their own. Three thousand org units are about 500 kB. */
const BODY_BYTES_MAX = 2 * 1024 * 1024

export async function buildApp(deps: Deps): Promise<App> {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    logger: deps.logLevel === undefined ? false : { level: deps.logLevel },
    // A proxy that ends TLS on the same machine may say who asked and how.
    trustProxy: 'loopback',
    frameworkErrors: answerBadAddress,
    clientErrorHandler: answerNoRequest,
    // A tablet that fell asleep in the middle of a request must not hold a connection for ever.
    requestTimeout: 120_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
  })
  // Every body is JSON; any other kind is a fault, not a text.
  app.removeContentTypeParser('text/plain')
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    // Some programs name a type with every request. Taking something away needs no body.
    if (request.method === 'DELETE' && body === '') done(null, undefined)
    else void parseJson(request, body, done)
  })
  readInputBySchema(app)
  answerErrorsAsFaults(app, deps.room)
  await app.register(cookie)
  await app.register(compress, { globalDecompression: false, encodings: ['br', 'gzip'], threshold: 2048 })
  await secureHeaders(app)
  await describeRoutes(app, deps.version)
  askWhoItIs(app, deps)
  auditRoutes(app, deps)
  await serveClient(app, deps.clientFolder)

  const tablets = watchTablets({ db: deps.db, report: (error) => app.log.error(error) })
  app.addHook('onClose', () => tablets.settled())
  const uploads = openUploads({ ...deps, report: (error) => app.log.error(error) })
  app.addHook('onClose', () => uploads.close())

  await app.register(
    async (scope) => {
      const api = scope.withTypeProvider<ValibotProvider>()
      healthRoutes(api, deps)
      sessionRoutes(api, deps)
      planRoutes(api, deps)
      syncRoutes(api, { ...deps, tablets })
      tabletRoutes(api, { ...deps, tablets })
      orgUnitRoutes(api, deps)
      accountRoutes(api, deps)
      auditLogRoutes(api, deps)
      dataValueSetRoutes(api, deps)
      figureRoutes(api, deps)
      findingRoutes(api, deps)
      inspectionRoutes(api, deps)
      reportRoutes(api, deps)
      peerRoutes(api, deps)
      historyRoutes(api, deps)
      depositRoutes(api, deps)
      fileRoutes(api, { uploads })
      windowRoutes(api, deps)
      webhookRoutes(api, deps)
      demoRoutes(api, deps)
      scope.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
      scope.setNotFoundHandler((request, reply) => answerFault(reply, unknownRoute(request)))
      await Promise.resolve()
    },
    { prefix: '/api' },
  )
  await app.ready()
  return app
}
