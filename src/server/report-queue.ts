/** The queue: which reports a question is about, in which order, and one page of them. */
import { failed, ok, type Result } from '#domain/fault'
import { REPORT_STATES } from '#domain/report'
import { isLate, standingAt, windowOf, type Windows } from '#domain/window'
import type { ReportId, ReportRow, RowState } from '#plan/report-wire'
import type { KeptRow } from './reports'

export const ROW_STATES = ['open', ...REPORT_STATES] as const satisfies readonly RowState[]

/**
 * | sort      | first is                                     |
 * |-----------|----------------------------------------------|
 * | received  | whose state was changed last                 |
 * | waiting   | whose last submission is the oldest          |
 * | changed   | with the most changed elements               |
 * | warnings  | with the most errors, then warnings          |
 * | orgUnit   | the lowest code                              |
 *
 * Equal ones by code, period and data set.
 */
export const SORTS = ['received', 'waiting', 'changed', 'warnings', 'orgUnit'] as const
export type Sort = (typeof SORTS)[number]

/** What a row must have; several narrow further. `comments`: open ones. */
export const ONLY = ['changed', 'late', 'warnings', 'errors', 'comments'] as const
export type Only = (typeof ONLY)[number]

export type QueueQuestion = {
  readonly states: ReadonlySet<RowState>
  readonly only: readonly Only[]
  readonly sort: Sort
  readonly cursor?: string | undefined
  readonly limit: number
  readonly isLate: (row: KeptRow) => boolean
}

export type QueuePage = {
  readonly counts: Record<RowState, number>
  readonly total: number
  readonly rows: readonly Omit<ReportRow, 'name'>[]
  readonly next?: string
}

export function pageOf(rows: Iterable<KeptRow>, question: QueueQuestion): Result<QueuePage> {
  const { states, only, sort, cursor, limit } = question
  const after = cursor === undefined ? undefined : readCursor(cursor)
  if (cursor !== undefined && after === undefined) {
    return failed({ kind: 'query.invalid', path: 'cursor', values: { problem: 'not a cursor of this route' } })
  }
  const counts = emptyCounts()
  const rankOf = RANKS[sort]
  const page: Place[] = []
  let total = 0
  let behind = 0
  for (const row of rows) {
    if (!only.every((each) => has(row, each, question))) continue
    counts[row.state] += 1
    if (!states.has(row.state)) continue
    total += 1
    const rank = rankOf(row)
    if (after !== undefined && (rank - after.rank || compareNames(idOf(row), after.id)) <= 0) continue
    behind += 1
    insert(page, { row, rank }, limit)
  }
  const last = page.at(-1)
  const isMore = last !== undefined && behind > page.length
  return ok({
    counts,
    total,
    rows: page.map(({ row }) => ({ ...row, late: question.isLate(row) })),
    ...(isMore ? { next: writeCursor(last) } : {}),
  })
}

export function emptyCounts(): Record<RowState, number> {
  return { open: 0, submitted: 0, reviewing: 0, approved: 0, returned: 0, withdrawn: 0, reopened: 0 }
}

/** Keeps the first `limit` in order. Of a district's rows nearly all are behind the last of them, which one comparison tells. */
function insert(page: Place[], place: Place, limit: number): void {
  const last = page.at(-1)
  if (last !== undefined && page.length >= limit && compare(place, last) >= 0) return
  let [low, high] = [0, page.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(page[middle] ?? place, place) < 0) low = middle + 1
    else high = middle
  }
  page.splice(low, 0, place)
  if (page.length > limit) page.pop()
}

type Place = { readonly row: KeptRow; readonly rank: number }
/** Where a page ends. */
type End = { readonly rank: number; readonly id: string }

/** The lowest is first. */
const RANKS: Readonly<Record<Sort, (row: KeptRow) => number>> = {
  received: ({ received }) => -(received ?? 0),
  waiting: ({ submitted }) => submitted ?? Number.MAX_SAFE_INTEGER,
  changed: ({ changed }) => -(changed ?? 0),
  warnings: ({ errors = 0, warnings = 0 }) => -(errors * 10_000 + warnings),
  orgUnit: () => 0,
}

const idOf = ({ orgUnit, period, dataSet }: ReportId): string => `${orgUnit}/${period}/${dataSet}`

/** Most ranks are moments, and differ: a name is made only for those that do not. */
function compare(one: Place, other: Place): number {
  return one.rank - other.rank || compareNames(idOf(one.row), idOf(other.row))
}
const compareNames = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** Where a page ended, and not how many rows came before: what is decided meanwhile leaves the queue. */
function writeCursor({ rank, row }: Place): string {
  return Buffer.from(JSON.stringify([rank, idOf(row)])).toString('base64url')
}

function readCursor(cursor: string): End | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!Array.isArray(read)) return undefined
    const [rank, id] = read as readonly unknown[]
    return typeof rank === 'number' && typeof id === 'string' ? { rank, id } : undefined
  } catch {
    return undefined
  }
}

function has(row: KeptRow, only: Only, { isLate: late }: QueueQuestion): boolean {
  switch (only) {
    case 'changed':
      return (row.changed ?? 0) > 0
    case 'late':
      return late(row)
    case 'warnings':
      return (row.warnings ?? 0) > 0
    case 'errors':
      return (row.errors ?? 0) > 0
    case 'comments':
      return row.comments > 0
  }
}

const WITH_BUREAU: ReadonlySet<RowState> = new Set(['submitted', 'reviewing', 'approved'])

/** Whether a report came late, or has not come although its time is over. Each window is worked out once. */
export function lateness(windows: Windows, now: number): (row: KeptRow) => boolean {
  const known = new Map<string, ReturnType<typeof windowOf>>()
  const extended = new Map(
    windows.windows.map(({ period, dataSet, extensions }) => [
      `${period}/${dataSet}`,
      new Set(extensions.map(({ orgUnit }) => orgUnit)),
    ]),
  )
  return (row) => {
    const report = `${row.period}/${row.dataSet}`
    const units = extended.get(report)
    if (units === undefined) return false
    const name = units.has(row.orgUnit) ? idOf(row) : report
    if (!known.has(name)) known.set(name, windowOf(windows, row))
    const window = known.get(name)
    if (WITH_BUREAU.has(row.state)) return isLate(window, row.submitted ?? 0)
    const standing = standingAt(window, now)
    return standing === 'late' || standing === 'closed'
  }
}
