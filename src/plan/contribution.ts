/** What one unit gives to a figure. */
import type { Absence } from '#domain/absence'
import type { StageTotals } from './variation'

export type Contribution = {
  readonly orgUnit: string
  readonly counted: boolean
  /** Of a weighted mean: value × weight. Of a share or count: the weight, or 1, where the answer is yes, 0 where it is no. */
  readonly part: number | string | null
  readonly whole: number | null
  readonly absence?: Absence
  /** Expanded ids of the elements that are missing or invalid. */
  readonly missing: readonly string[]
  /** Only for a variation. */
  readonly stageTotals?: readonly StageTotals[]
}

/** A unit that answered that the figure does not concern it. */
export const LEFT_OUT = 'leftOut'

export type Slot = Contribution | typeof LEFT_OUT | undefined
