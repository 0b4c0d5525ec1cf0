/**
 * Between which numbers the district's schools of the kind usually lie, for the warnings. Kept on the tablet for each unit and period, so
 * that they are the same off the network; asked for again once in a while.
 */
import * as v from 'valibot'
import type { UsualRange } from '#plan/usual-range'
import { fetchUsualRanges } from '../device/api'
import { useSession } from './session'
import type { Report } from './use-report'

/** A range moves with the schools that report: a day's work at most. */
const FRESH_MS = 60 * 60_000

const finite = v.pipe(v.number(), v.finite())
const range = v.object({ low: finite, high: finite, units: finite })
const answer = v.object({ ranges: v.record(v.string(), range) })
const kept = v.object({ ...answer.entries, at: finite })

/** Brings the ranges of the open report. What cannot be had now stays as it was. */
export async function loadRanges(report: Report, needs: { readonly session: ReturnType<typeof useSession> }): Promise<void> {
  const { device } = needs.session
  const unit = report.unit.value?.code
  const period = report.period.value
  if (device === undefined || unit === undefined) return
  const name = `ranges/${unit}/${period}`
  const isStill = (): boolean => report.unit.value?.code === unit && report.period.value === period
  const known = v.safeParse(kept, await device.kept(name))
  if (known.success && isStill()) report.ranges.value = asMap(known.output.ranges)
  if (known.success && Math.abs(Date.now() - known.output.at) < FRESH_MS) return
  const asked = await fetchUsualRanges({ period, orgUnit: unit })
  const fresh = v.safeParse(answer, asked.ok ? asked.value : undefined)
  if (!fresh.success) return
  if (isStill()) report.ranges.value = asMap(fresh.output.ranges)
  await device.keep(name, { ranges: fresh.output.ranges, at: Date.now() })
}

const asMap = (ranges: Readonly<Record<string, UsualRange>>): ReadonlyMap<string, UsualRange> => new Map(Object.entries(ranges))
