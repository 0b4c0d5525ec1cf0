/** The device's database refused, even after it was opened again: the screen must say that nothing was saved. */
export type SaveFaultReason = 'quota' | 'closed' | 'unknown'

export class SaveFault extends Error {
  override readonly name = 'SaveFault'
  readonly reason: SaveFaultReason

  constructor(cause: unknown) {
    const reason = saveFaultReason(cause)
    super(`not saved: ${reason}`, { cause })
    this.reason = reason
  }
}

/** Dexie wraps the browser's error as `inner`. */
export function saveFaultReason(cause: unknown): SaveFaultReason {
  const names = [nameOf(cause), nameOf(innerOf(cause))]
  if (names.includes('QuotaExceededError')) return 'quota'
  return names.some((name) => CLOSED.includes(name)) ? 'closed' : 'unknown'
}

const CLOSED = ['InvalidStateError', 'InvalidState', 'DatabaseClosedError', 'OpenFailedError', 'VersionError', 'AbortError']

const innerOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'inner' in error ? error.inner : undefined

function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error && typeof error.name === 'string' ? error.name : ''
}
