/**
 * What a figure says against its target, as a shape and a word, and how far its bar is filled.
 *
 * | answer                      | state    | shown                        |
 * |-----------------------------|----------|------------------------------|
 * | no answer yet               | unknown  | a dash                       |
 * | no value                    | absent   | the absence's name           |
 * | value, no target            | neutral  | the value alone              |
 * | reached                     | met      | disc with tick, 达标          |
 * | not reached                 | short    | triangle, 差 n / 超 n / 差 n 级 |
 */
import type { Absence } from '#domain/absence'
import { t } from '#client/i18n/i18n'
import type { FigureAnswer } from '#plan/figure-wire'
import type { Plan } from '#plan/plan'
import type { Figure } from '#plan/schema'
import { decimalsShown, gradesOf, numberInWords, rounded } from './figure-words'

export type Gap =
  /** How far the value as shown is from the target. */
  | { readonly kind: 'below' | 'over'; readonly number: number; readonly decimals: number }
  | { readonly kind: 'grades'; readonly steps: number }
  /** "More than" is asked and the value is exactly the target. */
  | { readonly kind: 'atLine' }

export type FigureState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'absent'; readonly absence: Absence }
  | { readonly kind: 'neutral' }
  | { readonly kind: 'met' }
  | { readonly kind: 'short'; readonly gap: Gap | undefined }

export function stateOf(plan: Plan, figure: Figure, answer: FigureAnswer | undefined): FigureState {
  if (answer === undefined) return { kind: 'unknown' }
  if (answer.value === null) return { kind: 'absent', absence: answer.absence ?? 'notReported' }
  if (answer.met === null) return { kind: 'neutral' }
  if (answer.met) return { kind: 'met' }
  return { kind: 'short', gap: gapOf(plan, figure, answer) }
}

function gapOf(plan: Plan, figure: Figure, answer: FigureAnswer): Gap | undefined {
  const { value, target } = answer
  if (typeof value === 'number' && typeof target === 'number') {
    if (value === target) return { kind: 'atLine' }
    const decimals = decimalsShown(figure, answer)
    // From the two numbers as they stand on the screen, so that a reader who subtracts finds the same.
    const number = rounded(Math.abs(rounded(target, decimals) - rounded(value, decimals)), decimals)
    return { kind: value > target ? 'over' : 'below', number, decimals }
  }
  const grades = gradesOf(plan, figure)
  if (grades === undefined || typeof value !== 'string' || typeof target !== 'string') return undefined
  const [have, want] = [grades.findIndex((grade) => grade.key === value), grades.findIndex((grade) => grade.key === target)]
  return have < 0 || want < 0 ? undefined : { kind: 'grades', steps: Math.abs(have - want) }
}

export function gapInWords(gap: Gap | undefined): string {
  if (gap === undefined) return t('overview.short')
  switch (gap.kind) {
    case 'below':
      return t('overview.below', { n: numberInWords(gap.number, gap.decimals) })
    case 'over':
      return t('overview.over', { n: numberInWords(gap.number, gap.decimals) })
    case 'grades':
      return t('overview.belowGrades', { n: gap.steps })
    case 'atLine':
      return t('overview.atLine')
  }
}

/** Of an indicator with its parts: short if one part is, missing if one part is, met only if all are. */
export type IndicatorState = FigureState & { readonly part?: Figure; readonly shortParts?: number }

export function indicatorState(parts: readonly { readonly figure: Figure; readonly state: FigureState }[]): IndicatorState {
  const short = parts.filter((part) => part.state.kind === 'short')
  const first = short[0] ?? parts.find((part) => part.state.kind === 'absent' || part.state.kind === 'unknown')
  if (first !== undefined) {
    // Where all parts lack the same, the indicator lacks it, and no part needs to be named.
    if (short.length === 0 && parts.every(({ state }) => isSameAbsence(state, first.state))) return first.state
    return {
      ...first.state,
      ...(parts.length > 1 && { part: first.figure }),
      ...(short.length > 0 && { shortParts: short.length }),
    }
  }
  return parts.length > 0 && parts.every((part) => part.state.kind === 'met') ? { kind: 'met' } : { kind: 'neutral' }
}

function isSameAbsence(a: FigureState, b: FigureState): boolean {
  return a.kind === 'absent' ? b.kind === 'absent' && a.absence === b.absence : a.kind === 'unknown' && b.kind === 'unknown'
}

/** Where the notch of the target stands in every bar, per cent of its width: all notches of a column form one line. */
export const NOTCH_PERCENT = 80

export type Bar =
  | { readonly kind: 'water'; readonly waterPercent: number; readonly isShort: boolean; readonly hasNotch: boolean }
  | { readonly kind: 'empty'; readonly hasNotch: boolean }

/** Bars show the share of the target, from zero. A grade fills by its place in the list, the worst being one step. */
export function barOf(plan: Plan, figure: Figure, answer: FigureAnswer | undefined): Bar {
  const target = answer?.target ?? null
  if (answer === undefined || answer.value === null) return { kind: 'empty', hasNotch: target !== null }
  const share = shareOfTarget(plan, figure, answer.value, target)
  if (share === undefined) return { kind: 'empty', hasNotch: false }
  const waterPercent = Math.min(100, Math.max(0, share * NOTCH_PERCENT))
  return { kind: 'water', waterPercent, isShort: answer.met === false, hasNotch: true }
}

function shareOfTarget(plan: Plan, figure: Figure, value: number | string, target: number | string | null): number | undefined {
  if (typeof value === 'number' && typeof target === 'number') {
    if (target !== 0) return value / target
    return value === 0 ? 0 : Number.MAX_VALUE
  }
  const grades = gradesOf(plan, figure)
  if (grades === undefined) return undefined
  const rank = (key: number | string | null) => grades.length - grades.findIndex((grade) => grade.key === key)
  if (rank(value) > grades.length || rank(target) > grades.length) return undefined
  return rank(value) / rank(target)
}
