/**
 * Who may write which key, and take which step: `may` and the state machines of the domain, asked with a key. Both ends ask here, the
 * tablet for an instant answer and the server for the word that counts.
 */
import { FINDING_STEPS } from '#domain/finding'
import { INSPECTION_STEPS, parseStated, type Stated, type Step } from '#domain/inspection'
import { may, type Written } from '#domain/may'
import type { Person } from '#domain/person'
import type { Move } from './judge'
import { parseKey, type Json, type Rejection } from './protocol'

type Who = Pick<Person, 'role' | 'orgUnits'>

/** What rights depend on. A file belongs to whoever may write what it is evidence of. */
export function writtenAt(key: string): Written {
  const parsed = parseKey(key)
  switch (parsed.kind) {
    case 'inspection':
      return { is: parsed.field === 'state' ? 'inspectionState' : 'inspection', of: parsed.of }
    case 'item':
      return { is: 'inspection', of: parsed.of }
    case 'finding':
      if (parsed.field === 'answer') return { is: 'answer' }
      return { is: parsed.field === 'state' ? 'findingState' : 'inspection', of: parsed.of }
    case 'file': {
      const { ownerKey } = parsed
      if (ownerKey.kind === 'value') return { is: 'value' }
      if (ownerKey.kind === 'finding' && ownerKey.side === 'answer') return { is: 'answer' }
      return { is: 'inspection', of: ownerKey.of }
    }
    default:
      return { is: 'value' }
  }
}

export function mayWriteKey(person: Who, orgUnit: string, key: string): boolean {
  return may(person, { do: 'writeCell', orgUnit, what: writtenAt(key) })
}

/**
 * Whether the person may take a state's cell from one value to another; a rejection where not. `stale`: there is no such step from where
 * it stands now, whoever takes it; `forbidden`: there is one, for somebody else. One that is sent `again` must lead where some step of
 * theirs leads.
 */
export function judgeMove(person: Who, orgUnit: string, { key, from, to, again }: Move): Rejection | undefined {
  const parsed = parseKey(key)
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

function whyMissing(steps: readonly Step<string>[], { why }: Stated): Rejection | undefined {
  if (steps.length === 0) return 'stale'
  const isSaid = why !== undefined && why.trim() !== ''
  return isSaid || steps.some(({ needsWhy }) => needsWhy !== true) ? undefined : 'invalid'
}

/** Where a record stands: its newest head, as for the server's judge; also while one's own step was refused. */
export function stateOf(heads: readonly { readonly value: Json }[] | undefined): Stated | undefined {
  return parseStated(heads?.at(-1)?.value)
}
