/**
 * Windows: from when to when a report may be handed in. One for each data set of a period, and a later end for single schools.
 *
 * ```
 *            opens            due            closes
 *   notYet     |     open      |     late      |     closed
 * ```
 * A moment is written as people read it off a wall clock, `YYYY-MM-DDTHH:mm`, in the district's time zone. `opens` counts from the
 * beginning of its minute, `due` and `closes` to the end of theirs: who is told 23:59 has all of it. What is left out has no end. Typing is possible at
 * any time; only handing in is not.
 */

/** Of a plan that names no time zone. */
export const TIME_ZONE = 'Asia/Shanghai'

export type Extension = { readonly orgUnit: string; readonly due?: string | undefined; readonly closes?: string | undefined }
export type ReportWindow = {
  readonly period: string
  readonly dataSet: string
  readonly opens?: string | undefined
  readonly due?: string | undefined
  readonly closes?: string | undefined
  readonly extensions: readonly Extension[]
}
/** All windows of a district, as the server says them and a tablet keeps them. */
export type Windows = { readonly timeZone: string; readonly windows: readonly ReportWindow[] }

/** `local`: as written. `at`: when that minute begins, milliseconds since 1970. */
export type Moment = { readonly local: string; readonly at: number }
export type OpenWindow = {
  readonly opens?: Moment | undefined
  readonly due?: Moment | undefined
  readonly closes?: Moment | undefined
  /** The school has more time than the others. */
  readonly isExtended: boolean
}
export type Standing = 'notYet' | 'open' | 'late' | 'closed'

export const MINUTE_MS = 60_000

/** What holds for one school; `undefined`: there is no window, and the report may always be handed in. */
export function windowOf(
  { timeZone, windows }: Windows,
  report: { readonly period: string; readonly dataSet: string; readonly orgUnit: string },
): OpenWindow | undefined {
  const window = windows.find(({ period, dataSet }) => period === report.period && dataSet === report.dataSet)
  if (window === undefined) return undefined
  const extension = window.extensions.find(({ orgUnit }) => orgUnit === report.orgUnit)
  const momentAt = (local: string | undefined): Moment | undefined =>
    local === undefined ? undefined : { local, at: localToTime(local, timeZone) }
  return {
    opens: momentAt(window.opens),
    due: momentAt(extension?.due ?? window.due),
    closes: momentAt(extension?.closes ?? window.closes),
    isExtended: extension !== undefined,
  }
}

/** `now`: milliseconds since 1970. */
export function standingAt(window: OpenWindow | undefined, now: number): Standing {
  if (window === undefined) return 'open'
  const { opens, closes } = window
  if (closes !== undefined && now >= closes.at + MINUTE_MS) return 'closed'
  if (opens !== undefined && now < opens.at) return 'notYet'
  return isLate(window, now) ? 'late' : 'open'
}

/** Whether what the server received then came behind the time for it. */
export function isLate(window: OpenWindow | undefined, received: number): boolean {
  return window?.due !== undefined && received >= window.due.at + MINUTE_MS
}

export type WindowProblem = 'noSuchTime' | 'dueBeforeOpens' | 'closesBeforeOpens' | 'closesBeforeDue' | 'extensionEmpty'

/** Why a window cannot be, and at which of its fields, e.g. `extensions.0.due`. */
export function problemOf(window: ReportWindow): { readonly path: string; readonly problem: WindowProblem } | undefined {
  const whole = problemOfTimes(window)
  if (whole !== undefined) return whole
  for (const [at, extension] of window.extensions.entries()) {
    const path = `extensions.${String(at)}`
    if (extension.due === undefined && extension.closes === undefined) return { path, problem: 'extensionEmpty' }
    const { due = window.due, closes = window.closes } = extension
    const problem = problemOfTimes({ opens: window.opens, due, closes })
    if (problem !== undefined) return { ...problem, path: `${path}.${problem.path}` }
  }
  return undefined
}

/** Moments of one zone and one length sort as text. */
function problemOfTimes({ opens, due, closes }: Pick<ReportWindow, 'opens' | 'due' | 'closes'>) {
  for (const [path, local] of Object.entries({ opens, due, closes }))
    if (local !== undefined && !isLocalTime(local)) return { path, problem: 'noSuchTime' as const }
  if (opens !== undefined && due !== undefined && due < opens) return { path: 'due', problem: 'dueBeforeOpens' as const }
  if (opens !== undefined && closes !== undefined && closes < opens)
    return { path: 'closes', problem: 'closesBeforeOpens' as const }
  if (due !== undefined && closes !== undefined && closes < due) return { path: 'closes', problem: 'closesBeforeDue' as const }
  return undefined
}

/** `YYYY-MM-DDTHH:mm`, of a day that the calendar has. */
export function isLocalTime(text: string): boolean {
  const utc = asUtc(text)
  return utc !== undefined && timeToLocal(utc, 'UTC') === text
}

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/**
 * When the clocks of the zone show this, milliseconds since 1970. Where they are put back and show it twice, the later one: nobody loses
 * an hour. Where they are put forward and never show it, as if they had not been.
 */
export function localToTime(local: string, timeZone: string): number {
  const utc = asUtc(local)
  if (utc === undefined) throw new Error(`not a local time: ${local}`)
  // The offsets before and behind any change near by: zones lie within 14 hours of UTC and change less often than each second day.
  const offsets = [offsetAt(utc - DAY_MS, timeZone), offsetAt(utc + DAY_MS, timeZone)]
  const shown = offsets.map((offset) => utc - offset).filter((at) => timeToLocal(at, timeZone) === local)
  return shown.length > 0 ? Math.max(...shown) : utc - (offsets[0] ?? 0)
}

/** What the clocks of the zone show then, without the seconds. */
export function timeToLocal(at: number, timeZone: string): string {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): string => (parts.get(type) ?? '').padStart(type === 'year' ? 4 : 2, '0')
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`
}

const MINUTES_OF_DAY = 24 * 60
const DAY_MS = MINUTES_OF_DAY * MINUTE_MS

/** The local time as if it were UTC; a day too many runs into the next month. */
function asUtc(local: string): number | undefined {
  const parts = /^([12]\d{3})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$/.exec(local)?.slice(1).map(Number)
  if (parts === undefined) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts
  return (daysSince1970(year, month, day) * MINUTES_OF_DAY + hour * 60 + minute) * MINUTE_MS
}

/** In the Gregorian calendar. Years begin with March here, so that a leap day is a year's last. */
function daysSince1970(year: number, month: number, day: number): number {
  const yearOfMarch = month > 2 ? year : year - 1
  const leapDays = Math.floor(yearOfMarch / 4) - Math.floor(yearOfMarch / 100) + Math.floor(yearOfMarch / 400)
  const daysOfMonths = Math.floor((153 * ((month + 9) % 12) + 2) / 5)
  return 365 * yearOfMarch + leapDays + daysOfMonths + day - DAYS_BEFORE_1970
}
/** From the first of March of the year 0 to the first of January 1970, and the one that days of a month begin with. */
const DAYS_BEFORE_1970 = 719_469

/** How far the clocks of the zone are ahead of UTC at a moment, in milliseconds; whole minutes, as since 1970 everywhere. */
function offsetAt(at: number, timeZone: string): number {
  return (asUtc(timeToLocal(at, timeZone)) ?? 0) - Math.floor(at / MINUTE_MS) * MINUTE_MS
}

/** Making one takes longer than using it a thousand times. */
const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  })
  formats.set(timeZone, made)
  return made
}
