/**
 * Whether the database has room. It has none from the first write that failed for that reason until the next one that was kept: tablets
 * try again by themselves, so nobody has to say that there is room once more.
 */
export type Room = {
  /** Since when, in milliseconds since 1970; `undefined`: there is room. */
  readonly fullSince: () => number | undefined
  /** A write failed for want of room. */
  readonly full: () => void
  /** Something was written. */
  readonly written: () => void
}

export function watchRoom(now: () => number): Room {
  let since: number | undefined
  return {
    fullSince: () => since,
    full: () => {
      since ??= now()
    },
    written: () => {
      since = undefined
    },
  }
}
