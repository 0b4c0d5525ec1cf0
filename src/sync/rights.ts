/**
 * Who may write which key, and take which step: `may` and the state machines of the domain, asked with a key. Both ends ask here, the
 * tablet for an instant answer and the server for the word that counts.
 */
import { FINDING_STEPS } from '#domain/finding'
import { INSPECTION_STEPS, parseStated, type Step } from '#domain/inspection'
import { may, type Written } from '#domain/may'
import type { Person } from '#domain/person'
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
 * Whether the person may take a state's cell from one value to another; a rejection where not. `from`: the value of its only head.
 * `stale`: there is no such step from where it stands now, whoever takes it; `forbidden`: there is one, for somebody else.
 */
export function judgeMove(
  person: Who,
  orgUnit: string,
  { key, from, to }: { readonly key: string; readonly from: Json | undefined; readonly to: Json },
): Rejection | undefined {
  const parsed = parseKey(key)
  const present = parseStated(from)?.state
  const next = parseStated(to)
  if (next === undefined) return 'invalid'
  // Another version's state: nobody here knows what follows it.
  if (from !== undefined && present === undefined) return 'stale'
  const isIt = (step: Step<string>): boolean => step.from === present && step.to === next.state
  if (parsed.kind === 'inspection') {
    const step = INSPECTION_STEPS.find(isIt)
    if (step === undefined) return 'stale'
    if (isWhyMissing(step, next.why)) return 'invalid'
    return undefined
  }
  if (parsed.kind !== 'finding') return 'invalid'
  const step = FINDING_STEPS.find(isIt)
  if (step === undefined) return 'stale'
  if (!may(person, { do: 'writeCell', orgUnit, what: { is: 'findingState', of: parsed.of, step } })) return 'forbidden'
  return isWhyMissing(step, next.why) ? 'invalid' : undefined
}

const isWhyMissing = (step: Step<string>, why: string | undefined): boolean =>
  step.needsWhy === true && (why === undefined || why.trim() === '')
