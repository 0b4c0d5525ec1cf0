/**
 * Between which numbers the district's units of a type usually lie, for warnings: on tablets, in the queue and on a report's page. Kept for
 * some minutes, since they move a little with every school that types, and a warning that comes and goes says nothing.
 */
import type { OrgUnitType } from '#domain/org-unit'
import type { UsualRange } from '#plan/usual-range'
import type { FigureAnswers } from './figures'

/** Raising it makes warnings older, lowering it makes the server work them out more often: some 50 ms for 1,500 units of a type. */
const KEPT_MS = 10 * 60_000

export type UsualRanges = {
  of(period: string, type: OrgUnitType): ReadonlyMap<string, UsualRange>
}

export function keepUsualRanges(figures: Pick<FigureAnswers, 'usualRanges'>, now: () => number): UsualRanges {
  const kept = new Map<string, { readonly until: number; readonly ranges: ReadonlyMap<string, UsualRange> }>()
  return {
    of(period, type) {
      const name = `${period} ${type}`
      const known = kept.get(name)
      if (known !== undefined && now() < known.until) return known.ranges
      const ranges = figures.usualRanges(period, type)
      kept.set(name, { until: now() + KEPT_MS, ranges })
      return ranges
    },
  }
}
