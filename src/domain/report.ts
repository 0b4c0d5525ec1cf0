/**
 * A report: one data set of one org unit in one period, and how far it is between the school and the bureau.
 *
 * ```
 *   (open) --> submitted --> reviewing --> approved
 *     ^           |  |           |            |
 *     |           |  +-----------+--> approved, returned (why)
 *     |           v                           v
 *     +----- withdrawn, returned, reopened <--+ (why)
 * ```
 * Who answers for the school submits and withdraws; who reviews for the bureau does the rest. A submission and an approval vouch for the
 * values that their author had on the screen. While the bureau has a report, its values do not change.
 */
import * as v from 'valibot'
import { WHY_MAX, type Step } from './inspection'
import { isReportState, type ReportState } from './report-state'
import { isPlainText } from './text'

export { isLocked, isReportState, REPORT_STATES, type ReportState } from './report-state'

/** `school`: the principal; `bureau`: the reviewer. `vouches`: its author says which values they had seen. */
export type ReportStep = Step<ReportState> & { readonly side: 'school' | 'bureau'; readonly vouches?: true }

/** Where the school works on it. */
const WITH_SCHOOL = [undefined, 'returned', 'withdrawn', 'reopened'] as const

export const REPORT_STEPS: readonly ReportStep[] = [
  ...WITH_SCHOOL.map((from) => ({ from, to: 'submitted', side: 'school', vouches: true }) as const),
  // Once somebody has begun the review, it is theirs to give back.
  { from: 'submitted', to: 'withdrawn', side: 'school' },
  { from: 'submitted', to: 'reviewing', side: 'bureau' },
  { from: 'submitted', to: 'returned', side: 'bureau', needsWhy: true },
  { from: 'reviewing', to: 'returned', side: 'bureau', needsWhy: true },
  { from: 'submitted', to: 'approved', side: 'bureau', vouches: true },
  { from: 'reviewing', to: 'approved', side: 'bureau', vouches: true },
  { from: 'approved', to: 'reopened', side: 'bureau', needsWhy: true },
]

export const MARKS_MAX = 500

const stated = v.strictObject({
  state: v.pipe(v.string(), v.maxLength(20)),
  why: v.optional(v.pipe(v.string(), v.check(isPlainText), v.maxLength(WHY_MAX))),
  seen: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/))),
  marks: v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(120))), v.maxLength(MARKS_MAX))),
  recovered: v.optional(v.literal(true)),
})

/**
 * What a state's cell holds. `seen`: the digest of the values that a submission or an approval vouches for. `marks`: elements, named as in the keys of their values, that a return asks to be looked at again.
 * `recovered`: given back by the server itself, as edits came that it had lost with its database.
 */
export type ReportStated = v.InferOutput<typeof stated>

/** `undefined`: no state at all, or another version's. */
export function parseReportStated(value: unknown): ReportStated | undefined {
  const parsed = v.safeParse(stated, value)
  return parsed.success ? parsed.output : undefined
}

const VOUCHING: ReadonlySet<string> = new Set(REPORT_STEPS.filter(({ vouches }) => vouches === true).map(({ to }) => to))

/** Whoever enters the state says which values they had seen. */
export const vouches = (state: string): boolean => VOUCHING.has(state)

/** As somebody may say it: only a return marks values, only the server recovers, and who vouches says for what. */
export function isSound({ state, seen, marks, recovered }: ReportStated): boolean {
  return (
    isReportState(state) &&
    (seen !== undefined) === vouches(state) &&
    (marks === undefined || state === 'returned') &&
    recovered === undefined
  )
}
