/**
 * Sign-ins that were refused, for the log of administration. Anybody can bring one about, as often as they like, and no row is ever removed:
 * so each address writes some rows in a while, and then only how many more there were.
 */
const ROWS_MAX = 20
const WHILE_MS = 10 * 60_000
/** Beyond this many addresses the oldest is forgotten, and may write again. */
const ADDRESSES_MAX = 10_000

export type Refusals = ReturnType<typeof createRefusals>

export function createRefusals() {
  const byAddress = new Map<string, { since: number; written: number; untold: number }>()
  return {
    /** Whether this one is written; and how many before it were not. */
    note(address: string, now: number): { readonly isWritten: boolean; readonly untold: number } {
      let seen = byAddress.get(address)
      if (seen === undefined || now - seen.since >= WHILE_MS) {
        const untold = seen?.untold ?? 0
        byAddress.delete(address)
        seen = { since: now, written: 1, untold: 0 }
        byAddress.set(address, seen)
        if (byAddress.size > ADDRESSES_MAX) {
          for (const oldest of byAddress.keys()) {
            byAddress.delete(oldest)
            break
          }
        }
        return { isWritten: true, untold }
      }
      if (seen.written < ROWS_MAX) {
        seen.written++
        return { isWritten: true, untold: 0 }
      }
      seen.untold++
      return { isWritten: false, untold: 0 }
    },
  }
}
