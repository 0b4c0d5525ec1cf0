/** What the routes about reports answer: the queue, one report with all that is said about it, its peers, and what is new. */
import type { InspectionKind, ItemVerdict } from '#domain/inspection'
import type { Role } from '#domain/person'
import type { ReportState } from '#domain/report'
import type { CheckFinding } from './check'
import type { Reported } from './inspection-summary'
import type { UsualRange } from './usual-range'

/** `open`: nobody has submitted it yet. */
export type RowState = ReportState | 'open'

export type ReportId = { readonly orgUnit: string; readonly period: string; readonly dataSet: string }

/** Moments called `at` are by that tablet's clock, those called `received` by the server's; milliseconds since 1970. */
export type ReportRow = ReportId & {
  readonly state: RowState
  /** Of the step that led there: who, as long as there is an account also by name. */
  readonly by?: string
  readonly name?: string
  readonly at?: number
  readonly received?: number
  /** How many times it has been submitted, without those that were withdrawn before anybody looked. */
  readonly round: number
  /** When it was submitted last. */
  readonly submitted?: number
  /** The last submission came behind its time; where the school has the report, that time is over. */
  readonly late: boolean
  /** Elements whose value or remark is another than the bureau saw last; none on a first round. */
  readonly changed?: number
  /** Comments that nobody has settled. */
  readonly comments: number
  readonly photos: number
  /** Elements that a return asks to be looked at again. */
  readonly marks: number
  /** By the check of the tablet. Not worked out while a report is open. */
  readonly errors?: number
  readonly warnings?: number
  /** Warnings without a remark. */
  readonly unanswered?: number
  /** The first warning without a remark, or the first of all. */
  readonly warning?: CheckFinding
}

export type ReportsAnswer = {
  /** The server's clock. */
  readonly now: number
  /** Of all that the question is about, whatever states it asked for. */
  readonly counts: Readonly<Record<RowState, number>>
  /** Rows on all pages. */
  readonly total: number
  readonly rows: readonly ReportRow[]
  /** `cursor` of the next page. */
  readonly next?: string
}

export type ReportFile = {
  readonly sha256: string
  /** As its author's tablet described it. */
  readonly about: unknown
  readonly by: string
  readonly name?: string
  readonly at: number
  readonly hasArrived: boolean
}

export type ReportElement = {
  /** As in the key of its value. */
  readonly element: string
  /** Whether the form shows it by what has been answered so far. */
  readonly isAsked: boolean
  /** Answered by the unit itself; others are no part of what it submits. */
  readonly isOwn: boolean
  readonly value: unknown
  /** Has two values, and nobody has decided; `value` is the first. */
  readonly conflict?: true
  readonly by?: string
  readonly name?: string
  readonly at?: number
  /** The number that the author was given as the receipt. */
  readonly receipt?: number
  readonly remark?: string
  readonly lastYear: unknown
  readonly lastRemark?: string
  /** What the bureau saw last, where that is another value or remark. */
  readonly before?: { readonly value: unknown; readonly remark?: string }
  readonly range?: UsualRange
  readonly files: readonly ReportFile[]
}

export type ReportComment = {
  readonly id: string
  readonly element?: string
  /** The comment that it answers. */
  readonly reply?: string
  readonly text: string
  readonly to: readonly Role[]
  readonly resolved: boolean
  readonly by: string
  readonly name?: string
  readonly role?: Role
  readonly at: number
}

export type ReportHistoryStep = {
  readonly state: ReportState
  readonly why?: string
  readonly marks?: readonly string[]
  /** Given back by the server itself. */
  readonly recovered?: true
  readonly by: string
  readonly name?: string
  readonly role?: Role
  readonly at: number
  readonly received: number
  /** The stream's number of this step. */
  readonly receipt: number
}

/** A verdict of an inspection that says another thing than what is reported at these elements. */
export type ReportContradiction = {
  readonly check: string
  readonly elements: readonly string[]
  readonly reported: Reported
  readonly verdict: ItemVerdict
  readonly of: InspectionKind
  readonly inspection: string
  readonly item: string
  readonly at: number
}

export type ReportPage = {
  readonly row: ReportRow
  /** What a step that vouches for these values says as `seen`. */
  readonly digest: string
  /** Of the last submission. */
  readonly receipt?: number
  /** With which submission `before` compares. */
  readonly compared?: { readonly by: string; readonly received: number; readonly receipt: number }
  readonly elements: readonly ReportElement[]
  readonly findings: readonly CheckFinding[]
  readonly contradictions: readonly ReportContradiction[]
  readonly comments: readonly ReportComment[]
  readonly steps: readonly ReportHistoryStep[]
}

/** How an element is compared. `size`: how large a school is; no place among others follows from it. */
export type PeerElement = { readonly element: string } & (
  | { readonly kind: 'size' }
  | {
      /** `ratio`: `times` × the element ÷ the `whole`. */
      readonly kind: 'ratio' | 'value'
      readonly times?: number
      readonly whole?: readonly string[]
      /** Ascending; of all units that reported it, this one among them. None where they would be too few to stay unknown. */
      readonly values: readonly number[]
      /** Of the values in their order; only for the bureau. */
      readonly orgUnits?: readonly string[]
      readonly own: number | null
      /** 1 is the best; those that are equal share a rank. */
      readonly rank: number | null
      readonly better: 'atLeast' | 'atMost' | 'above'
      readonly target: number | null
    }
)

export type PeersAnswer = ReportId & {
  /** Units that are asked the same and have a stage in common, or are of the same type where there are no stages. */
  readonly units: number
  readonly elements: readonly PeerElement[]
}

export type UsualRangesAnswer = {
  readonly period: string
  readonly orgUnit: string
  /** By expanded element id. */
  readonly ranges: Readonly<Record<string, UsualRange>>
}

export type NewsAnswer = {
  /** The server's clock. */
  readonly now: number
  /** To be named as `since` the next time. */
  readonly cursor: number
  readonly counts: Readonly<Record<RowState, number>>
  /** Comments that speak to the asker's role, are not settled, and were made by somebody else. */
  readonly mentions: number
  /** Steps that were taken by others behind the cursor, newest first. */
  readonly news: readonly (ReportId & {
    readonly state: ReportState
    readonly by: string
    readonly name?: string
    readonly at: number
    readonly received: number
    readonly round: number
  })[]
  /** There are more than these. */
  readonly more: boolean
}
