/** A finding as a line of a list, out of one school's cells on a tablet or out of the whole district's on the server. */
import { isOverdue, type FindingState } from './finding'
import type { InspectionKind } from './inspection'

export type FindingRow = {
  readonly id: string
  readonly orgUnit: string
  readonly of: InspectionKind
  readonly inspection: string
  readonly item: string
  readonly period: string
  readonly what: string
  /** `YYYY-MM-DD` */
  readonly due?: string | undefined
  readonly who: string
  readonly answer: string
  readonly state: FindingState
  /** What was said with the last step. */
  readonly why?: string | undefined
  /** Who took the last step, and when by that tablet's clock, milliseconds since 1970. */
  readonly by: string
  readonly at: number
  /** Of what was found, and of what was done about it. */
  readonly photos: { readonly found: number; readonly answer: number }
}

/** Overdue, then open, then claimed, then what is over; within by the day, and what is over newest first. */
export function inOrderOfUrgency<Row extends Pick<FindingRow, 'state' | 'due' | 'at' | 'id'>>(
  rows: readonly Row[],
  today: string,
): readonly Row[] {
  const rank = (row: Row): number => (isOverdue({ state: row.state, due: row.due }, today) ? 0 : RANKS[row.state])
  return [...rows].sort((one, other) => {
    const byRank = rank(one) - rank(other)
    if (byRank !== 0) return byRank
    if (rank(one) >= RANKS.closed) return other.at - one.at
    return compare(one.due ?? LAST_DAY, other.due ?? LAST_DAY) || one.at - other.at || compare(one.id, other.id)
  })
}

const RANKS: Readonly<Record<FindingState, number>> = { open: 1, claimed: 2, closed: 3, withdrawn: 4 }
/** Without a day, behind all that have one. */
const LAST_DAY = '9999'

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
