import type { MessageKey } from '../i18n/i18n'

/** Why the server did not take a value, by verdict. */
const REASONS: ReadonlyMap<string, MessageKey> = new Map([
  ['rejected: locked', 'entry.reason.locked'],
  ['rejected: forbidden', 'entry.reason.forbidden'],
  ['rejected: stale', 'entry.reason.stale'],
  ['rejected: changed', 'entry.reason.changed'],
  ['rejected: conflicts', 'entry.reason.conflicts'],
  ['rejected: unready', 'entry.reason.unready'],
  ['rejected: closed', 'entry.reason.closed'],
  ['rejected: missing photos', 'entry.reason.missingPhotos'],
  ['rejected: invalid', 'entry.reason.invalid'],
])

/** A reason that a newer server gives and this version does not know has `{verdict}` in its sentence. */
export function reasonOf(verdict: string): MessageKey {
  return REASONS.get(verdict) ?? 'entry.reason.other'
}
