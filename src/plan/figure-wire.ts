/** What `GET /api/figures` answers; the same shape that the device keeps for opening offline. */
import type { Absence } from '#domain/absence'

export type Coverage = {
  /** Units that should have reported. */
  readonly expected: number
  /** Units that stand behind the figure. */
  readonly counted: number
  /** Codes of the units that should have reported and did not, or not in full, or invalidly. */
  readonly incomplete: readonly string[]
}

export type FigureAnswer = {
  readonly id: string
  /** In the unit of the target (per cent as 96.2); a grade is its key; `null` with an absence. */
  readonly value: number | string | null
  readonly absence?: Absence
  readonly target: number | string | null
  /** Whether the value has reached the target; `null` where one of them is missing. */
  readonly met: boolean | null
  readonly coverage: Coverage
  /** Only for a coefficient of variation: the combined one (mean of the indexes), and each index by stage. */
  readonly detail?: {
    readonly combined: number | null
    readonly indexes: readonly { readonly id: string; readonly stage: string; readonly value: number | null }[]
  }
}

export type FiguresAnswer = {
  readonly period: string
  /** When it was computed, ISO 8601. */
  readonly asOf: string
  readonly figures: readonly FigureAnswer[]
}

/** What one unit gives to a figure. `part` / `whole`: both sides of a ratio; of a share, 0 or 1 (or the weight) over 1 (or the weight). */
export type ContributionAnswer = {
  readonly orgUnit: string
  readonly counted: boolean
  readonly part: number | string | null
  readonly whole: number | null
  readonly absence?: Absence
  /** The elements that are missing or invalid. */
  readonly missing?: readonly string[]
  /** Only for a coefficient of variation: the unit's own value of each index, per as many pupils as the plan shows it. */
  readonly indexes?: readonly { readonly id: string; readonly stage: string; readonly value: number | null }[]
}
