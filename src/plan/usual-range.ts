/**
 * The usual range of an element: between two percentiles of what the district's units of the same type reported.
 *
 * Percentiles interpolate linearly between the two nearest numbers (the rule that spreadsheets call PERCENTILE.INC), so they do not
 * depend on the order of the units. With fewer units than the plan asks for there is no usual range.
 */
import type { Plan } from './plan'

export type UsualRange = { readonly low: number; readonly high: number; readonly units: number }

export function usualRange(plan: Plan, numbers: readonly number[]): UsualRange | undefined {
  const { rangePercentiles, rangeMinUnits } = plan.document.warnings
  if (numbers.length === 0 || numbers.length < rangeMinUnits) return undefined
  const sorted = [...numbers].sort((one, other) => one - other)
  const [low, high] = rangePercentiles
  return { low: percentile(sorted, low), high: percentile(sorted, high), units: sorted.length }
}

function percentile(sorted: readonly number[], percent: number): number {
  const place = (percent / 100) * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? 0
  const above = sorted[Math.ceil(place)] ?? below
  return below + (above - below) * (place - Math.floor(place))
}
