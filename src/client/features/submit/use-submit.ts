/** Handing a report in, and taking it back: steps of its state, with what was on the screen. */
import type { OrgUnit } from '#domain/org-unit'
import type { Plan } from '#plan/plan'
import { reportDigest, vouchedValues } from '#sync/report-digest'
import type { Json } from '#sync/protocol'
import { judgeMove } from '#sync/rights'
import type { Person } from '#domain/person'
import type { Device } from '#client/device/contract'
import type { ReportLife } from '#client/state/report-life'
import type { Report } from '#client/state/use-report'
import type { Typist } from '#client/state/typist'
import { toWire } from '#client/state/wire-value'
import { keysOf } from './submit-model'

/** Anything that would stand in its place: the digest is made when the step is taken. */
const SOME_DIGEST = '0'.repeat(16)

/** Whether the person could take this step from where the report stands now. */
export function mayTake(person: Person | undefined, unit: string, life: ReportLife, to: 'submitted' | 'withdrawn'): boolean {
  if (person === undefined) return false
  const from = life.state === undefined ? undefined : { state: life.state }
  return (
    judgeMove(person, unit, {
      key: life.key,
      from,
      to: to === 'submitted' ? { state: to, seen: SOME_DIGEST } : { state: to },
    }) === undefined
  )
}

type At = {
  readonly device: Device
  readonly report: Report
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly dataSet: string
  readonly typist: Typist | undefined
}

/**
 * Vouches for exactly what stands on this tablet now. What is being typed becomes values first, so that they travel before the step.
 * Answers `unsaved` where the browser would not store some of it: then nothing was handed in. Rejects like `Device.move`.
 */
export async function submit({ device, report, plan, unit, dataSet, typist }: At): Promise<'submitted' | 'unsaved'> {
  const stream = report.stream.value
  if (stream === undefined) return 'unsaved'
  await typist?.settleAll()
  const pv = plan.document.version
  const keys = keysOf({ plan, unit, dataSet, period: report.period.value })
  // What another page left behind, a moment too young for the typist to take it up.
  for (const key of keys) {
    const draft = stream.drafts.get(key)
    if (draft === undefined || typist?.faults.has(key) === true) continue
    await device.commit({ stream: stream.stream, key, value: toWire(plan, key, draft.value), base: draft.base, pv })
  }
  if ((typist?.faults.size ?? 0) > 0 || keys.some((key) => stream.drafts.has(key))) return 'unsaved'
  const valueAt = (key: string): Json | undefined => stream.cells.get(key)?.value
  const { key, base } = report.lifeOf(dataSet)
  const value = { state: 'submitted', seen: reportDigest(keys, valueAt) }
  await device.move({ stream: stream.stream, key, value, base, pv, vouched: vouchedValues(keys, valueAt) })
  return 'submitted'
}

/** While nobody of the bureau has begun. Rejects like `Device.move`. */
export async function withdraw({ device, report, plan, dataSet }: Omit<At, 'typist' | 'unit'>): Promise<void> {
  const stream = report.stream.value
  if (stream === undefined) return
  const { key, base } = report.lifeOf(dataSet)
  await device.move({ stream: stream.stream, key, value: { state: 'withdrawn' }, base, pv: plan.document.version })
}
