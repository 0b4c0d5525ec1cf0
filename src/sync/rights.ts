/**
 * Who may write which key, and take which step: `may` and the state machines of the domain, asked with a key. Both ends ask here, the
 * tablet for an instant answer and the server for the word that counts.
 */
import { FINDING_STEPS } from '#domain/finding'
import { INSPECTION_STEPS, parseStated, type Stated, type Step } from '#domain/inspection'
import { may, type Written } from '#domain/may'
import type { Person } from '#domain/person'
import { isLocked, isSound, parseReportStated, REPORT_STEPS, vouches, type ReportStated } from '#domain/report'
import type { Move } from './judge'
import { parseKey, type Json, type Rejection } from './protocol'

type Who = Pick<Person, 'role' | 'orgUnits' | 'dataSets'>

/** The data set of a value, its remark, or its evidence; it follows from the plan, which is not known here. */
export type DataSetOf = (element: string) => string | undefined

/** What rights depend on. A file belongs to whoever may write what it is evidence of. */
export function writtenAt(key: string, dataSetOf: DataSetOf = () => undefined): Written {
  const parsed = parseKey(key)
  switch (parsed.kind) {
    case 'report':
      return { is: 'reportState' }
    case 'comment':
      return { is: 'comment' }
    case 'inspection':
      return { is: parsed.field === 'state' ? 'inspectionState' : 'inspection', of: parsed.of }
    case 'item':
      return { is: 'inspection', of: parsed.of }
    case 'finding':
      if (parsed.field === 'answer') return { is: 'answer' }
      return { is: parsed.field === 'state' ? 'findingState' : 'inspection', of: parsed.of }
    case 'file': {
      const { ownerKey } = parsed
      if (ownerKey.kind === 'value') return { is: 'value', dataSet: dataSetOf(ownerKey.element) }
      if (ownerKey.kind === 'finding' && ownerKey.side === 'answer') return { is: 'answer' }
      return { is: 'inspection', of: ownerKey.of }
    }
    case 'mark':
      return { is: 'value', dataSet: parsed.dataSet }
    case 'value':
    case 'remark':
      return { is: 'value', dataSet: dataSetOf(parsed.element) }
    default:
      return { is: 'value' }
  }
}

/** Without `dataSetOf` a filler who was given some data sets is not held to them. */
export function mayWriteKey(person: Who, orgUnit: string, key: string, dataSetOf?: DataSetOf): boolean {
  return may(person, { do: 'writeCell', orgUnit, what: writtenAt(key, dataSetOf) })
}

/**
 * Whether the person may take a state's cell from one value to another; a rejection where not. `stale`: there is no such step from where
 * it stands now, whoever takes it; `forbidden`: there is one, for somebody else. One that is sent `again` must lead where some step of
 * theirs leads.
 */
export function judgeMove(person: Who, orgUnit: string, move: Move): Rejection | undefined {
  const { key, from, to, again } = move
  const parsed = parseKey(key)
  if (parsed.kind === 'report') return judgeReportMove(person, orgUnit, move)
  const next = parseStated(to)
  if (next === undefined) return 'invalid'
  const present = parseStated(from)?.state
  // Another version's state: nobody here knows what follows it.
  if (from !== undefined && present === undefined) return 'stale'
  const isIt = (step: Step<string>): boolean => step.to === next.state && (again === true || step.from === present)
  if (parsed.kind === 'inspection') return whyMissing(INSPECTION_STEPS.filter(isIt), next)
  if (parsed.kind !== 'finding') return 'invalid'
  const steps = FINDING_STEPS.filter(isIt)
  const theirs = steps.filter((step) =>
    may(person, { do: 'writeCell', orgUnit, what: { is: 'findingState', of: parsed.of, step } }),
  )
  return theirs.length === 0 && steps.length > 0 ? 'forbidden' : whyMissing(theirs, next)
}

function judgeReportMove(person: Who, orgUnit: string, { from, to, again }: Move): Rejection | undefined {
  const next = parseReportStated(to)
  // Nobody but the server says that it recovered something, and what it said comes back only from witnesses.
  if (next === undefined || !isSound(next)) return 'invalid'
  const present = parseReportStated(from)?.state
  if (from !== undefined && present === undefined) return 'stale'
  const steps = REPORT_STEPS.filter((step) => step.to === next.state && (again === true || step.from === present))
  const theirs = steps.filter((step) => may(person, { do: 'writeCell', orgUnit, what: { is: 'reportState', step } }))
  return theirs.length === 0 && steps.length > 0 ? 'forbidden' : whyMissing(theirs, next)
}

function whyMissing(steps: readonly Step<string>[], { why }: Pick<Stated, 'why'>): Rejection | undefined {
  if (steps.length === 0) return 'stale'
  const isSaid = why !== undefined && why.trim() !== ''
  return isSaid || steps.some(({ needsWhy }) => needsWhy !== true) ? undefined : 'invalid'
}

/** Where a record stands: its newest head, as for the server's judge; also while one's own step was refused. */
export function stateOf(heads: readonly { readonly value: Json }[] | undefined): Stated | undefined {
  return parseStated(heads?.at(-1)?.value)
}

/** Where a report stands: likewise. */
export function reportStateOf(heads: readonly { readonly value: Json }[] | undefined): ReportStated | undefined {
  return parseReportStated(heads?.at(-1)?.value)
}

export const isLockedBy = (heads: readonly { readonly value: Json }[] | undefined): boolean =>
  isLocked(reportStateOf(heads)?.state)

/** The digest that a step vouches with; `undefined`: it vouches for nothing. */
export function vouchedBy(to: Json): string | undefined {
  const stated = parseReportStated(to)
  return stated !== undefined && vouches(stated.state) ? stated.seen : undefined
}
