/** The outbox as people read it: what waits, grouped by data set, and which cells have two values. */
import type { OutboxRow, ShownCell, ShownStream } from '#client/device/contract'
import { cellPlace, type CellPlace } from '#client/state/cell-words'
import type { Plan } from '#plan/plan'
import { isOfReport } from '#sync/protocol'

export type WaitingGroup = {
  readonly id: string
  readonly place: CellPlace
  /** In the order of typing; a cell typed twice is there once, with what was typed last. */
  readonly rows: readonly { readonly key: string; readonly place: CellPlace; readonly row: OutboxRow }[]
  /** Device clock of the newest, milliseconds since 1970. */
  readonly at: number
  /** The server takes none of them. */
  readonly isBarred: boolean
}

/** By unit, period and data set, in the order in which the first of each will be sent. */
export function waitingGroups(plan: Plan | undefined, outbox: readonly OutboxRow[]): readonly WaitingGroup[] {
  const groups = new Map<string, { place: CellPlace; rows: Map<string, OutboxRow>; at: number; isBarred: boolean }>()
  for (const row of outbox) {
    if (row.verdict !== undefined) continue
    const place = cellPlace(plan, row)
    const id = JSON.stringify([place.orgUnit, periodOf(place), place.dataSet])
    const group = groups.get(id) ?? { place, rows: new Map<string, OutboxRow>(), at: row.at, isBarred: false }
    group.rows.set(row.key, row)
    group.at = Math.max(group.at, row.at)
    group.isBarred ||= row.barred === true
    groups.set(id, group)
  }
  return [...groups].map(([id, { place, rows, at, isBarred }]) => ({
    id,
    place,
    rows: [...rows].map(([key, row]) => ({ key, place: cellPlace(plan, row), row })),
    at,
    isBarred,
  }))
}

export const periodOf = ({ parsed }: CellPlace): string => (isOfReport(parsed) ? parsed.period : '')

export type ConflictRow = { readonly stream: string; readonly place: CellPlace; readonly cell: ShownCell }

/** Cells with two values or more, the newest first. */
export function conflictRows(plan: Plan | undefined, streams: readonly ShownStream[]): readonly ConflictRow[] {
  return streams
    .flatMap(({ stream, cells }) =>
      [...cells.values()]
        .filter(({ mark }) => mark === 'conflict')
        .map((cell) => ({ stream, place: cellPlace(plan, { stream, key: cell.key }), cell })),
    )
    .sort((one, other) => other.cell.at - one.cell.at)
}

/** Values that the stream has of a period: how much of last year is on this device. */
export function valuesOfPeriod({ cells }: ShownStream, period: string): number {
  let values = 0
  for (const { key } of cells.values()) if (key.startsWith(`v/${period}/`) && !key.endsWith('/remark')) values += 1
  return values
}
