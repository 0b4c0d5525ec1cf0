/**
 * Wrong passwords slow down their author, and only him: the count is kept for a username *from a place*. A place is a browser in which this
 * account was signed in to before (`known-browsers.ts`), and otherwise an address of the network: nobody can lock somebody else out by
 * typing wrong passwords for him elsewhere, nor, in the same school's network, of a tablet that knows him.
 *
 * | wrong passwords in a row | pause before the next is looked at |
 * |--------------------------|------------------------------------|
 * | up to 5                  | none                               |
 * | 6, 7, 8, ...             | 2 s, 4 s, 8 s, ... at most 5 minutes |
 *
 * Kept in memory: a restart forgets it, which costs an attacker's patience only.
 */
const FREE_ATTEMPTS = 5
const FIRST_PAUSE_MS = 2000
const PAUSE_MAX_MS = 5 * 60 * 1000
/** Beyond this many, the oldest are forgotten: an attacker must not be able to fill the memory. */
const REMEMBERED_MAX = 10_000

export type Attempts = ReturnType<typeof createAttempts>

export function createAttempts() {
  const byKey = new Map<string, { readonly wrong: number; readonly notBefore: number }>()
  const keyOf = (username: string, place: string) => `${place} ${username}`
  return {
    /** Milliseconds until the next attempt is looked at; 0: now. */
    pauseMs(username: string, place: string, now: number): number {
      return Math.max(0, (byKey.get(keyOf(username, place))?.notBefore ?? 0) - now)
    },
    /** Counted before the password is looked at, or many at once would all be looked at. `right` takes it back. */
    begin(username: string, place: string, now: number): void {
      const key = keyOf(username, place)
      const wrong = (byKey.get(key)?.wrong ?? 0) + 1
      const pauseMs = wrong < FREE_ATTEMPTS ? 0 : Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS * 2 ** (wrong - FREE_ATTEMPTS))
      byKey.delete(key)
      byKey.set(key, { wrong, notBefore: now + pauseMs })
      if (byKey.size > REMEMBERED_MAX) {
        for (const oldest of byKey.keys()) {
          byKey.delete(oldest)
          break
        }
      }
    },
    right(username: string, place: string): void {
      byKey.delete(keyOf(username, place))
    },
  }
}
