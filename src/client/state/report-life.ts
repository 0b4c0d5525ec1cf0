/**
 * How far a report is, as this tablet knows it: the state's cell read for the screens. One's own step that waits counts already; one that
 * was refused does not, and is told beside the state that stands.
 *
 * A form asks this with its first paint, so it reads by hand what `parseReportStated` reads by schema; the server has looked at it before.
 */
import { isLocked, isReportState, type ReportState } from '#domain/report-state'
import { reportKey, type Id, type Json, type Verdict } from '#sync/protocol'
import type { ShownCell, ShownStream } from '../device/contract'

export type ReportLife = {
  readonly key: string
  /** `undefined`: open, nobody has handed it in yet. Also for a state of another version's. */
  readonly state: ReportState | undefined
  readonly isLocked: boolean
  readonly why: string | undefined
  /** Elements that a return asks to be looked at again. */
  readonly marks: readonly string[]
  /** Given back by the server itself, as edits came that it had lost. */
  readonly isRecovered: boolean
  readonly by: string
  /** By the clock of whoever entered the state, milliseconds since 1970. */
  readonly at: number
  /** One's own step, which the server has not confirmed. */
  readonly isOnDevice: boolean
  readonly receipt: number | undefined
  readonly refused: { readonly wanted: ReportState | undefined; readonly verdict: Verdict } | undefined
  /** What a step from here replaces. */
  readonly base: readonly Id[]
}

export function lifeOf(
  stream: ShownStream | undefined,
  { period, dataSet }: { readonly period: string; readonly dataSet: string },
): ReportLife {
  const key = reportKey(period, dataSet)
  const cell = stream?.cells.get(key)
  const head = cell?.heads.at(-1)
  const { state, why, marks, recovered } = statedIn(head?.value)
  return {
    key,
    state,
    isLocked: isLocked(state),
    why: typeof why === 'string' ? why : undefined,
    marks: Array.isArray(marks) ? marks.filter((mark): mark is string => typeof mark === 'string') : [],
    isRecovered: recovered === true,
    by: head?.by ?? '',
    at: head?.at ?? 0,
    isOnDevice: cell?.mark === 'onDevice',
    receipt: cell?.receipt,
    refused:
      cell?.mark === 'rejected' && cell.verdict !== undefined
        ? { wanted: statedIn(cell.value).state, verdict: cell.verdict }
        : undefined,
    base: cell?.base ?? [],
  }
}

/** What counts of a cell: in a report that the bureau has, not a change that it did not take but what stands in its place. */
export function countedValue(cell: ShownCell | undefined, isLocked: boolean): Json | undefined {
  return isLocked && cell?.mark === 'rejected' ? cell.heads.at(-1)?.value : cell?.value
}

type Stated = {
  readonly state: ReportState | undefined
  readonly why?: unknown
  readonly marks?: unknown
  readonly recovered?: unknown
}

/** Of another version's state nothing is said. */
function statedIn(value: unknown): Stated {
  if (typeof value !== 'object' || value === null || !('state' in value) || !isReportState(value.state))
    return { state: undefined }
  return { ...value, state: value.state }
}
