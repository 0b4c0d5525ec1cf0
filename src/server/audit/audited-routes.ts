/**
 * Deeds that are written down by their route: exports, and changes whose own code does not write them. The row is there before the answer
 * leaves, and where it cannot be written the request fails. Sign-ins, accounts and tablets write their own, in the deed's transaction.
 */
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import type { AuditKind } from '#domain/audit'
import type { Tables } from '../store/tables'
import { audit } from './audit'

/** `METHOD /address`, as the routes are described. */
const KIND_BY_ROUTE: ReadonlyMap<string, AuditKind> = new Map<string, AuditKind>([
  ['GET /api/dataValueSets', 'values.exported'],
  ['POST /api/dataValueSets', 'values.imported'],
  ['POST /api/orgUnits', 'orgUnits.put'],
  ['POST /api/deposits', 'deposit.taken'],
  ['PUT /api/windows', 'windows.put'],
  ['PUT /api/webhooks', 'webhooks.put'],
])

/** Of what was sent, so much is written down; of more its digest and size. */
const BODY_LENGTH_MAX = 4000
/** Fields that nobody may read again; a robot's address holds its key. */
const SECRETS = new Set(['password', 'secret', 'url'])

export function auditRoutes(
  app: FastifyInstance,
  { db, now }: { readonly db: Kysely<Tables>; readonly now: () => number },
): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { method, url } = request.routeOptions
    const kind = KIND_BY_ROUTE.get(`${String(method)} ${String(url)}`)
    if (kind !== undefined && reply.statusCode < 300 && request.person !== undefined && !isDryRun(request)) {
      await audit(db, {
        at: now(),
        by: request.person.username,
        kind,
        subject: '',
        address: request.ip,
        details: {
          ...(isEmpty(request.query) ? {} : { query: request.query }),
          ...(isEmpty(request.body) ? {} : { body: shortened(request.body) }),
        },
      })
    }
    return payload
  })
}

const isDryRun = ({ query }: FastifyRequest): boolean =>
  ['true', '1'].includes(String((query as { readonly dryRun?: string } | undefined)?.dryRun))

const isEmpty = (sent: unknown): boolean => sent === undefined || sent === null || Object.keys(sent).length === 0

function shortened(body: unknown): unknown {
  const text = JSON.stringify(body, (name, value: unknown) => (SECRETS.has(name) ? '…' : value))
  if (text.length <= BODY_LENGTH_MAX) return JSON.parse(text)
  return { bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') }
}
