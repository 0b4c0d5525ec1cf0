/** What the steps of reports are judged by besides the cells themselves: asked only where a step needs it. */
import type { Kysely } from 'kysely'
import type { OrgUnit } from '#domain/org-unit'
import { standingAt, windowOf } from '#domain/window'
import { answeredElements } from '#plan/applicability'
import type { Plan } from '#plan/plan'
import { parseKey, streamOf, valueKey, type Mutation } from '#sync/protocol'
import { reportStateOf } from '#sync/rights'
import { NO_FACTS, type StepFacts } from './report-rules'
import { cellsBetween } from './store/cell-ranges'
import { textToHeads } from './store/stored-cell'
import type { Tables } from './store/tables'
import { readWindows } from './windows'

export async function readStepFacts(
  deps: { readonly db: Kysely<Tables>; readonly plan: Plan; readonly now: () => number },
  unit: OrgUnit,
  mutations: readonly Pick<Mutation, 'key' | 'value'>[],
): Promise<StepFacts> {
  const steps = mutations.flatMap(({ key, value }) => {
    const parsed = parseKey(key)
    // Whatever its kind: evidence of a step knows none.
    if (parsed.kind !== 'report') return []
    const { period, dataSet } = parsed
    return [{ key, period, dataSet, state: reportStateOf([{ value }])?.state }]
  })
  if (steps.length === 0) return NO_FACTS
  const { db, plan, now } = deps
  const lacking = new Set<string>()
  const closed = new Set<string>()
  for (const { key, period, dataSet, state } of steps) {
    if (state === 'approved') {
      const files = await filesOfReport(db, unit.code, { period, elements: answeredElements(plan, dataSet, unit) })
      if (files.some(({ hasArrived }) => !hasArrived)) lacking.add(key)
    } else if (state === 'submitted') {
      const window = windowOf(await readWindows(db, plan), { period, dataSet, orgUnit: unit.code })
      const standing = standingAt(window, now())
      if (standing === 'notYet' || standing === 'closed') closed.add(key)
    }
  }
  return { lacksFiles: (stateKey) => lacking.has(stateKey), isClosed: (stateKey) => closed.has(stateKey) }
}

export type NamedFile = {
  readonly element: string
  readonly sha256: string
  readonly value: unknown
  readonly by: string
  readonly at: number
  readonly hasArrived: boolean
}

/** The files that values of a report name as evidence; what was taken away is none. */
export async function filesOfReport(
  db: Kysely<Tables>,
  orgUnit: string,
  { period, elements }: { readonly period: string; readonly elements: readonly string[] },
): Promise<readonly NamedFile[]> {
  const stream = await db.selectFrom('stream').select('id').where('name', '=', streamOf(orgUnit)).executeTakeFirst()
  if (stream === undefined) return []
  const wanted = new Set(elements)
  const first = `a/${valueKey(period, '')}`
  const named = (await cellsBetween(db, [stream.id], [first, `${first.slice(0, -1)}0`])).flatMap(({ key, heads }) => {
    const parsed = parseKey(key)
    const head = textToHeads(heads).at(-1)
    const from = head?.from.at(-1)
    if (parsed.kind !== 'file' || parsed.ownerKey.kind !== 'value' || from === undefined) return []
    if (head === undefined || head.value === null || !wanted.has(parsed.ownerKey.element)) return []
    return [{ element: parsed.ownerKey.element, sha256: parsed.sha, value: head.value, by: from.by, at: from.at }]
  })
  if (named.length === 0) return []
  const uploads = await db.selectFrom('upload').select('sha256').where('org_unit', '=', orgUnit).execute()
  const arrived = new Set(uploads.map(({ sha256 }) => sha256))
  return named.map((file) => ({ ...file, hasArrived: arrived.has(file.sha256) }))
}
