/**
 * A plan document as it came from our own server or out of this tablet's database. The server has parsed it in full; here only its
 * frame is looked at, so that a proxy's page or half a file is not taken for a plan and no schema library comes along.
 */
import { trustPlan, type Plan } from '#plan/plan'
import type { PlanDocument } from '#plan/schema'

export function readTrustedPlan(json: unknown): Plan | undefined {
  return isPlanDocument(json) ? trustPlan(json) : undefined
}

/** Names one state of one plan in the tablet's database. */
export function planKeyOf({ document }: Plan): string {
  return `${document.id}@${document.version}`
}

const LISTS = ['periods', 'dataSets', 'dimensions', 'indicators', 'actions', 'projects'] as const

function isPlanDocument(json: unknown): json is PlanDocument {
  if (typeof json !== 'object' || json === null) return false
  const document: Readonly<Record<string, unknown>> = { ...json }
  return (
    document['format'] === 1 &&
    typeof document['id'] === 'string' &&
    typeof document['version'] === 'number' &&
    LISTS.every((list) => Array.isArray(document[list]))
  )
}
