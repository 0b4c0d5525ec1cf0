/**
 * Which tablets somebody should look after, and in which order.
 *
 * | worry     | when                                                                            |
 * |-----------|---------------------------------------------------------------------------------|
 * | stuck     | something is unsent, and was typed a day ago or not followed by a contact for a day |
 * | full      | 90 % of what the browser allows is used: soon it will refuse to store            |
 * | refused   | the server refused values and nobody has decided about them                      |
 * | conflicts | two people typed different values                                                |
 * | clock     | its clock is wrong by five minutes: what it says of times misleads people        |
 * | silent    | no contact for a month                                                           |
 *
 * An old version is marked but is no worry: a tablet takes the new one when it is opened. Who was revoked worries nobody any more.
 */
import type { Tablet } from '#domain/tablet'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const STUCK_MS = DAY_MS
const SILENT_MS = 30 * DAY_MS
const CLOCK_WRONG_MS = 5 * MINUTE_MS
const NEARLY_FULL = 0.9

export const WORRIES = ['stuck', 'full', 'refused', 'conflicts', 'clock', 'silent'] as const
export type Worry = (typeof WORRIES)[number]

export type TabletRow = {
  readonly tablet: Tablet
  /** The heaviest first. */
  readonly worries: readonly Worry[]
  /** How long the oldest unsent value has waited; `undefined` where nothing waits. */
  readonly waitedMs: number | undefined
  readonly silentMs: number
}

/** `now`: the server's clock. */
export function rowOf(tablet: Tablet, now: number): TabletRow {
  const silentMs = Math.max(0, now - tablet.lastContact)
  const waitedMs = waited(tablet, now, silentMs)
  const { used, quota } = tablet.storage
  const is: Readonly<Record<Worry, boolean>> = {
    stuck: waitedMs !== undefined && waitedMs >= STUCK_MS,
    full: used !== undefined && quota !== undefined && quota > 0 && used >= NEARLY_FULL * quota,
    refused: tablet.refused > 0,
    conflicts: tablet.conflicts > 0,
    clock: isClockWrong(tablet),
    silent: silentMs >= SILENT_MS,
  }
  return { tablet, worries: tablet.revoked === undefined ? WORRIES.filter((worry) => is[worry]) : [], waitedMs, silentMs }
}

/** By the server's clock: `oldest` is by the tablet's, which may be wrong by a year. It has waited at least since the last contact. */
function waited(tablet: Tablet, now: number, silentMs: number): number | undefined {
  if (tablet.unsent + tablet.files === 0) return undefined
  const typed = tablet.oldest === undefined ? tablet.lastContact : tablet.oldest - tablet.clockAhead
  return Math.max(silentMs, now - typed)
}

export function isClockWrong({ clockAhead }: Pick<Tablet, 'clockAhead'>): boolean {
  return Math.abs(clockAhead) >= CLOCK_WRONG_MS
}

/** Versions are numbers with dots. What is no version, or not known, is not called old. */
export function isOlder(version: string, than: string): boolean {
  const [one, other] = [numbersOf(version), numbersOf(than)]
  if (one === undefined || other === undefined) return false
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

function numbersOf(version: string): readonly number[] | undefined {
  return /^\d+(\.\d+)*$/.test(version) ? version.split('.').map(Number) : undefined
}

export type Shown = 'all' | 'attention' | 'revoked'

export function isShown({ tablet, worries }: TabletRow, shown: Shown): boolean {
  switch (shown) {
    case 'all':
      return true
    case 'attention':
      return worries.length > 0
    case 'revoked':
      return tablet.revoked !== undefined
  }
}

export type SortKey = 'user' | 'state' | 'contact' | 'unsent'
export type Sort = { readonly by: SortKey; readonly direction: 'ascending' | 'descending' }

/** `state`, descending: what worries most first, then who has been silent longest; the revoked last. */
export function sortedTablets(rows: readonly TabletRow[], sort: Sort, nameOf: (tablet: Tablet) => string): readonly TabletRow[] {
  const collator = new Intl.Collator('zh', { numeric: true })
  const sign = sort.direction === 'ascending' ? 1 : -1
  const byName = (one: TabletRow, other: TabletRow) => collator.compare(nameOf(one.tablet), nameOf(other.tablet))
  const order = (one: TabletRow, other: TabletRow): number => {
    switch (sort.by) {
      case 'user':
        return byName(one, other)
      case 'state':
        return weightOf(one) - weightOf(other) || (one.waitedMs ?? -1) - (other.waitedMs ?? -1) || one.silentMs - other.silentMs
      case 'contact':
        return one.tablet.lastContact - other.tablet.lastContact
      case 'unsent':
        return one.tablet.unsent + one.tablet.files - other.tablet.unsent - other.tablet.files
    }
  }
  return [...rows].sort(
    (one, other) => sign * order(one, other) || byName(one, other) || (one.tablet.id < other.tablet.id ? -1 : 1),
  )
}

function weightOf({ tablet, worries: [first] }: TabletRow): number {
  if (tablet.revoked !== undefined) return -1
  return first === undefined ? 0 : WORRIES.length - WORRIES.indexOf(first)
}
