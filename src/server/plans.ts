/** The plan that the server works by, and as it is served: compressed once. */
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Kysely } from 'kysely'
import { parsePlan } from '#plan/parse-plan'
import type { Plan } from '#plan/plan'
import type { Tables } from './store/tables'

export type ServedPlan = {
  readonly plan: Plan
  readonly json: string
  readonly gzip: Buffer
  readonly brotli: Buffer
  readonly etag: string
}

export function servePlan(plan: Plan): ServedPlan {
  const json = JSON.stringify(plan.document)
  const bytes = Buffer.from(json)
  return {
    plan,
    json,
    gzip: gzipSync(bytes, { level: 9 }),
    // 11, the best, takes a second at the start for one per cent.
    brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    etag: `"${plan.document.id}-${String(plan.document.version)}"`,
  }
}

/**
 * The plan in force. On an empty database it is the one that came with the program; a newer version of the same plan, brought
 * by a newer program, takes its place. Earlier versions stay: mutations say from which one their form came.
 */
export async function installPlan(db: Kysely<Tables>, shipped: Plan, now: number): Promise<Plan> {
  const newest = await db
    .selectFrom('plan')
    .selectAll()
    .orderBy('installed', 'desc')
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  const { id, version } = shipped.document
  if (newest === undefined || (newest.id === id && newest.version < version)) {
    await db
      .insertInto('plan')
      .values({ id, version, document: JSON.stringify(shipped.document), installed: now })
      .execute()
    return shipped
  }
  const parsed = parsePlan(JSON.parse(newest.document))
  if (!parsed.ok) {
    throw new Error(`the stored plan ${newest.id} ${String(newest.version)} is no longer sound: ${JSON.stringify(parsed.fault)}`)
  }
  return parsed.value
}
