/** The bureau's steps of a report, from where it stands on this device; and the school's words that a return begins with. */
import type { Person } from '#domain/person'
import { WHY_MAX } from '#domain/inspection'
import type { OrgUnit } from '#domain/org-unit'
import type { ReportState } from '#domain/report'
import { answeredElements } from '#plan/applicability'
import type { Plan } from '#plan/plan'
import { keysOfReport, reportDigest } from '#sync/report-digest'
import type { Json } from '#sync/protocol'
import { judgeMove } from '#sync/rights'
import type { Device, ShownStream } from '#client/device/contract'
import type { ReportLife } from '#client/state/report-life'

export type BureauState = Extract<ReportState, 'reviewing' | 'returned' | 'approved' | 'reopened'>

/** Anything that would stand in its place: they are made when the step is taken. */
const SOME = { digest: '0'.repeat(16), why: '…' } as const

export function mayTake(person: Person | undefined, unit: string, life: ReportLife, to: BureauState): boolean {
  if (person === undefined) return false
  const from = life.state === undefined ? undefined : { state: life.state }
  const needsWhy = to === 'returned' || to === 'reopened'
  return (
    judgeMove(person, unit, {
      ...{ key: life.key, from },
      to: { state: to, ...(to === 'approved' ? { seen: SOME.digest } : {}), ...(needsWhy ? { why: SOME.why } : {}) },
    }) === undefined
  )
}

type At = {
  readonly device: Pick<Device, 'move'>
  readonly plan: Plan
  readonly stream: ShownStream
  readonly life: Pick<ReportLife, 'key' | 'base'>
}

const enter = ({ device, plan, stream, life }: At, value: Json): Promise<void> =>
  device.move({ stream: stream.stream, key: life.key, value, base: life.base, pv: plan.document.version })

/** All of these reject like `Device.move`. */
export const begin = (at: At): Promise<void> => enter(at, { state: 'reviewing' })

export function giveBack(at: At, { why, marks }: { readonly why: string; readonly marks: readonly string[] }): Promise<void> {
  return enter(at, { state: 'returned', why, ...(marks.length === 0 ? {} : { marks }) })
}

export const reopen = (at: At, why: string): Promise<void> => enter(at, { state: 'reopened', why })

/** Vouches for what stands on this device: that is what was on the screen. */
export function approve(at: At, report: ReportOf): Promise<void> {
  return enter(at, { state: 'approved', seen: digestOn(at.stream, report) })
}

export type ReportOf = { readonly plan: Plan; readonly unit: OrgUnit; readonly period: string; readonly dataSet: string }

export function digestOn({ cells }: ShownStream, { plan, unit, period, dataSet }: ReportOf): string {
  return reportDigest(keysOfReport(period, answeredElements(plan, dataSet, unit)), (key) => cells.get(key)?.value)
}

/** One line for each value that was commented on; cut where it would be longer than a reason may be. */
export function whyFrom(said: readonly { readonly label: string; readonly text: string }[]): string {
  return said
    .map(({ label, text }) => `${label}：${text}`)
    .join('\n')
    .slice(0, WHY_MAX)
}
