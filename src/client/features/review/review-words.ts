/** Numbers and places of a report in words. */
import { inLanguage, language, t } from '#client/i18n/i18n'
import { numberText } from '#client/i18n/number-text'
import { unitText, valueText, withUnit } from '#client/state/asked-words'
import type { AskedElement, Plan } from '#plan/plan'
import type { PeerElement } from '#plan/report-wire'
import type { Verdict } from '#sync/protocol'
import type { MessageKey } from '#client/i18n/i18n'
import type { ReportLife } from '#client/state/report-life'
import type { ReviewRow } from './review-rows'

export type ComparedPeer = Exclude<PeerElement, { kind: 'size' }>

/** Enough to tell two schools apart, and no more than anybody measures. */
const SHARE_DECIMALS = 1

export const nameOf = ({ element }: AskedElement): string => inLanguage(element.short ?? element.label)

export function valueWords(plan: Plan, { asked, value }: Pick<ReviewRow, 'asked' | 'value'>): string {
  const text = valueText(plan, asked, value)
  return typeof value === 'string' && text !== '–' ? withUnit(text, unitText(asked)) : text
}

export function changeWords(change: number): string {
  const text = numberText(Math.abs(change), language.value, 4)
  return change === 0 ? '0' : `${change > 0 ? '+' : '−'}${text}`
}

export const isPercent = (peer: ComparedPeer): boolean => peer.kind === 'ratio' && peer.times === 100

/** A number as it is compared: a share in per cent, any other with its digits. */
export function comparedWords(peer: ComparedPeer, value: number): string {
  const text = numberText(value, language.value, peer.kind === 'ratio' ? SHARE_DECIMALS : 4)
  return isPercent(peer) ? `${text}%` : text
}

export function wholeWords(plan: Plan, { whole = [] }: ComparedPeer): string {
  const names = whole.flatMap((id) => {
    const asked = plan.elements.get(id)
    return asked === undefined ? [] : [nameOf(asked)]
  })
  return [...new Set(names)].join(t('entry.and'))
}

/** "占参测人数 98.0%", under the name of the element. */
export function shareWords(plan: Plan, peer: PeerElement | undefined): string | undefined {
  if (peer?.kind !== 'ratio' || peer.own === null) return undefined
  const value = numberText(peer.own, language.value, SHARE_DECIMALS)
  return t(isPercent(peer) ? 'review.share' : 'review.perWhole', { whole: wholeWords(plan, peer), value })
}

export function isMet({ own, target, better }: ComparedPeer): boolean | undefined {
  if (own === null || target === null) return undefined
  if (better === 'atMost') return own <= target
  return better === 'above' ? own > target : own >= target
}

type Refusal = { readonly reason: MessageKey; readonly way: MessageKey }
const REFUSALS: ReadonlyMap<Verdict, Refusal> = new Map([
  ['rejected: changed', { reason: 'review.reason.changed', way: 'review.way.changed' }],
  ['rejected: conflicts', { reason: 'review.reason.conflicts', way: 'review.way.conflicts' }],
  ['rejected: missing photos', { reason: 'review.reason.photos', way: 'review.way.photos' }],
  ['rejected: stale', { reason: 'review.reason.stale', way: 'review.way.stale' }],
  ['rejected: unready', { reason: 'review.reason.unready', way: 'review.way.unready' }],
  ['rejected: closed', { reason: 'review.reason.closed', way: 'review.way.closed' }],
  ['rejected: forbidden', { reason: 'review.reason.forbidden', way: 'review.way.other' }],
])
const OTHER: Refusal = { reason: 'review.reason.invalid', way: 'review.way.other' }

/** What happened to one's own step, and what to do about it. */
export function refusalWords({
  refused,
}: Pick<ReportLife, 'refused'>): { readonly what: string; readonly way: string } | undefined {
  if (refused === undefined) return undefined
  const { reason, way } = REFUSALS.get(refused.verdict) ?? OTHER
  const { wanted } = refused
  const step =
    wanted === 'approved' || wanted === 'returned' || wanted === 'reviewing' || wanted === 'reopened' ? wanted : 'other'
  return { what: t(`review.refused.${step}`, { reason: t(reason) }), way: t(way) }
}
