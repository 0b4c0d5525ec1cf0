/**
 * A finding: what an inspection found wanting, until when it is to be put right, and who answers for it.
 *
 * ```
 *   (none) --> open --(school)--> claimed --(inspection)--> closed
 *               ^ |                  |                         |
 *               | +--> withdrawn     | sent back, why?         | reopened, why?
 *               +--------------------+-------------------------+
 * ```
 * The school claims that it is put right; whoever inspects says whether it is. A self-inspection's findings are closed by the principal.
 */
import * as v from 'valibot'
import type { Step } from './inspection'

export const FINDING_STATES = ['open', 'claimed', 'closed', 'withdrawn'] as const
export type FindingState = (typeof FINDING_STATES)[number]

/** `inspection`: whoever inspects; `school`: whoever answers for the school. */
export type FindingStep = Step<FindingState> & { readonly side: 'inspection' | 'school' }

export const FINDING_STEPS: readonly FindingStep[] = [
  { from: undefined, to: 'open', side: 'inspection' },
  { from: 'open', to: 'claimed', side: 'school' },
  { from: 'open', to: 'withdrawn', side: 'inspection', needsWhy: true },
  { from: 'claimed', to: 'closed', side: 'inspection' },
  { from: 'claimed', to: 'open', side: 'inspection', needsWhy: true },
  { from: 'closed', to: 'open', side: 'inspection', needsWhy: true },
]

export function isFindingState(state: string): state is FindingState {
  return FINDING_STATES.includes(state as FindingState)
}

/** Which inspection found it, at which item, in which period. */
const about = v.object({
  inspection: v.pipe(v.string(), v.maxLength(40)),
  item: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
  period: v.pipe(v.string(), v.regex(/^[12]\d{3}$/)),
})
export type FindingAbout = v.InferOutput<typeof about>

export function parseFindingAbout(value: unknown): FindingAbout | undefined {
  const parsed = v.safeParse(about, value)
  return parsed.success ? parsed.output : undefined
}

/** Nobody has claimed it put right, and its day is over. Both as `YYYY-MM-DD`, in the school's own time zone. */
export function isOverdue(finding: { readonly state: FindingState; readonly due: string | undefined }, today: string): boolean {
  return finding.due !== undefined && finding.state === 'open' && finding.due < today
}
