/** A report's state, and a step that was not accepted, in sentences. Whoever shows them has loaded the messages of `report`. */
import type { Verdict } from '#sync/protocol'
import { t, type MessageKey } from '../i18n/i18n'
import type { ReportLife } from './report-life'

export function stateSentence({ state, isRecovered }: Pick<ReportLife, 'state' | 'isRecovered'>): string {
  if (state === undefined) return ''
  return t(isRecovered ? 'report.state.recovered' : `report.state.${state}`)
}

/** Why nothing can be changed now, or that the step waits; for a report that the bureau has. */
export function lockedWords({ state, isOnDevice }: Pick<ReportLife, 'state' | 'isOnDevice'>): string {
  if (isOnDevice) return t('report.state.onDevice')
  return t(state === 'approved' ? 'report.state.approvedText' : 'report.state.lockedText')
}

type Refusal = { readonly reason: MessageKey; readonly way: MessageKey }

const REFUSALS: ReadonlyMap<Verdict, Refusal> = new Map([
  ['rejected: changed', { reason: 'report.refusal.changed', way: 'report.way.changed' }],
  ['rejected: conflicts', { reason: 'report.refusal.conflicts', way: 'report.way.conflicts' }],
  ['rejected: unready', { reason: 'report.refusal.unready', way: 'report.way.unready' }],
  ['rejected: closed', { reason: 'report.refusal.closed', way: 'report.way.closed' }],
  ['rejected: stale', { reason: 'report.refusal.stale', way: 'report.way.stale' }],
  ['rejected: forbidden', { reason: 'report.refusal.forbidden', way: 'report.way.other' }],
])
const OTHER: Refusal = { reason: 'report.refusal.invalid', way: 'report.way.other' }

/** What happened to the step, and what to do; `undefined`: nothing was refused. */
export function refusalWords({
  refused,
}: Pick<ReportLife, 'refused'>): { readonly what: string; readonly way: string } | undefined {
  if (refused === undefined) return undefined
  const { reason, way } = REFUSALS.get(refused.verdict) ?? OTHER
  const step = refused.wanted === 'submitted' || refused.wanted === 'withdrawn' ? refused.wanted : 'other'
  return { what: t(`report.stepRefused.${step}`, { reason: t(reason) }), way: t(way) }
}
