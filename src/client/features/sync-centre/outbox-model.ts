/** The outbox as people read it: what waits, grouped by data set; what was refused, with its reason. */
import type { OutboxRow } from '#client/device/contract'
import type { MessageKey } from '#client/i18n/i18n'
import type { Plan } from '#plan/plan'
import { isRejected, orgUnitOf, parseKey, type Verdict } from '#sync/protocol'

export type Place = {
  readonly orgUnit: string
  readonly period: string
  /** Absent when the plan does not know the element (any more). */
  readonly dataSet?: string
  readonly element?: string
  readonly kind: 'value' | 'remark' | 'mark' | 'unknown'
}

export function placeOf(plan: Plan | undefined, row: Pick<OutboxRow, 'stream' | 'key'>): Place {
  const orgUnit = orgUnitOf(row.stream) ?? row.stream
  const parsed = parseKey(row.key)
  if (parsed.kind === 'unknown') return { orgUnit, period: '', kind: 'unknown' }
  if (parsed.kind === 'mark') return { orgUnit, period: parsed.period, dataSet: parsed.dataSet, kind: 'mark' }
  const dataSet = plan?.elements.get(parsed.element)?.dataSet.id
  return {
    orgUnit,
    period: parsed.period,
    element: parsed.element,
    kind: parsed.kind,
    ...(dataSet === undefined ? {} : { dataSet }),
  }
}

/** Where it can be looked at and typed again. */
export function addressOf(place: Place): string | undefined {
  if (place.dataSet === undefined) return undefined
  const hash = place.element === undefined ? '' : `#${place.element}`
  return `/u/${place.orgUnit}/${place.period}/fill/${place.dataSet}${hash}`
}

export type WaitingGroup = {
  readonly id: string
  readonly place: Place
  /** In the order of typing; a cell typed twice is there once. */
  readonly rows: readonly { readonly key: string; readonly place: Place; readonly row: OutboxRow }[]
  /** Device clock of the newest, milliseconds since 1970. */
  readonly at: number
}

/** By unit, period and data set, in the order in which the first of each will be sent. */
export function waitingGroups(plan: Plan | undefined, outbox: readonly OutboxRow[]): readonly WaitingGroup[] {
  const groups = new Map<string, { place: Place; rows: Map<string, OutboxRow>; at: number }>()
  for (const row of outbox) {
    if (row.verdict !== undefined) continue
    const place = placeOf(plan, row)
    const id = JSON.stringify([place.orgUnit, place.period, place.dataSet])
    const group = groups.get(id) ?? { place, rows: new Map<string, OutboxRow>(), at: row.at }
    group.rows.set(row.key, row)
    group.at = Math.max(group.at, row.at)
    groups.set(id, group)
  }
  return [...groups].map(([id, { place, rows, at }]) => ({
    id,
    place,
    rows: [...rows].map(([key, row]) => ({ key, place: placeOf(plan, row), row })),
    at,
  }))
}

export type RefusedRow = { readonly row: OutboxRow; readonly place: Place; readonly verdict: Verdict }

export function refusedRows(plan: Plan | undefined, outbox: readonly OutboxRow[]): readonly RefusedRow[] {
  return outbox.flatMap((row) =>
    row.verdict !== undefined && isRejected(row.verdict) ? [{ row, place: placeOf(plan, row), verdict: row.verdict }] : [],
  )
}

const REASONS: ReadonlyMap<string, MessageKey> = new Map([
  ['rejected: locked', 'sync-centre.reason.locked'],
  ['rejected: forbidden', 'sync-centre.reason.forbidden'],
  ['rejected: stale', 'sync-centre.reason.stale'],
  ['rejected: changed', 'sync-centre.reason.changed'],
  ['rejected: conflicts', 'sync-centre.reason.conflicts'],
  ['rejected: missing photos', 'sync-centre.reason.missingPhotos'],
  ['rejected: invalid', 'sync-centre.reason.invalid'],
])

/** A verdict that a newer server gives and this version does not know is shown as it is. */
export function reasonOf(verdict: string): MessageKey {
  return REASONS.get(verdict) ?? 'sync-centre.reason.other'
}
