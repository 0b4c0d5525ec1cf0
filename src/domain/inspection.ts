/**
 * An inspection: somebody goes through a school with a list and says of each item whether it is met. A visit is an inspector's, a
 * self-inspection the school's own; both are one kind of record.
 *
 * ```
 *   (none) --> planned --> underway --> finished
 *      |          |            ^           |
 *      |          v            +-- why? ---+
 *      |      cancelled
 *      +--> underway
 * ```
 */
import * as v from 'valibot'
import { isPlainText } from './text'

/** `visit`: by an inspector; `self`: by the school itself. */
export const INSPECTION_KINDS = ['visit', 'self'] as const
export type InspectionKind = (typeof INSPECTION_KINDS)[number]

/** Of an item. Without one it has not been looked at (未查). */
export const ITEM_VERDICTS = ['met', 'unmet', 'notApplicable'] as const
export type ItemVerdict = (typeof ITEM_VERDICTS)[number]

export const INSPECTION_STATES = ['planned', 'underway', 'finished', 'cancelled'] as const
export type InspectionState = (typeof INSPECTION_STATES)[number]

/** A step from one state to another. `needsWhy`: whoever takes it says a reason. */
export type Step<State extends string> = { readonly from: State | undefined; readonly to: State; readonly needsWhy?: true }

export const INSPECTION_STEPS: readonly Step<InspectionState>[] = [
  { from: undefined, to: 'planned' },
  { from: undefined, to: 'underway' },
  { from: 'planned', to: 'underway' },
  { from: 'planned', to: 'cancelled' },
  { from: 'underway', to: 'finished' },
  { from: 'finished', to: 'underway', needsWhy: true },
]

/** What a state's cell holds: the state, and why it was entered where somebody has said so. */
export type Stated<State extends string = string> = { readonly state: State; readonly why?: string | undefined }

export const WHY_MAX = 500

const stated = v.strictObject({
  state: v.pipe(v.string(), v.maxLength(20)),
  why: v.optional(v.pipe(v.string(), v.check(isPlainText), v.maxLength(WHY_MAX))),
})

/** `undefined`: no state at all, or another version's. */
export function parseStated(value: unknown): Stated | undefined {
  const parsed = v.safeParse(stated, value)
  return parsed.success ? parsed.output : undefined
}

export function isInspectionState(state: string): state is InspectionState {
  return INSPECTION_STATES.includes(state as InspectionState)
}

export function isItemVerdict(value: unknown): value is ItemVerdict {
  return ITEM_VERDICTS.includes(value as ItemVerdict)
}

/** Who started it and what for. `planned`: the day it is planned for, `YYYY-MM-DD`. */
const about = v.object({
  template: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
  period: v.pipe(v.string(), v.regex(/^[12]\d{3}$/)),
  planned: v.pipe(v.string(), v.isoDate()),
  by: v.pipe(v.string(), v.maxLength(100)),
})
export type InspectionAbout = v.InferOutput<typeof about>

export function parseInspectionAbout(value: unknown): InspectionAbout | undefined {
  const parsed = v.safeParse(about, value)
  return parsed.success ? parsed.output : undefined
}
