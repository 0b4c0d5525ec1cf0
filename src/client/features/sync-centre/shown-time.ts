/**
 * Times of a tablet whose clock is wrong. What people typed carries the tablet's own time; where that is off by more than a person would
 * notice, the list shows the bureau's. Nothing but what is shown depends on it.
 */

/** Below this nobody minds, and a slow network looks the same. */
export const WRONG_FROM_MS = 2 * 60_000

export const isClockWrong = (skew: number | undefined): boolean => skew !== undefined && Math.abs(skew) >= WRONG_FROM_MS

/** `at` by the device's clock -> as shown. `skew`: device clock minus server clock, milliseconds. */
export function shownTime(at: number, skew: number | undefined): number {
  return skew !== undefined && isClockWrong(skew) ? at - skew : at
}
