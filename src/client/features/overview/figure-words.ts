/**
 * Figures in words: how a number, a grade or a missing number is written.
 *
 * Chinese: up to five digits without separators, from 100000 on in 万 with two decimals at most. English: separators from
 * 100000 on. A missing number is always a word, never 0.
 */
import type { Absence } from '#domain/absence'
import { assertNever } from '#domain/assert-never'
import { inLanguage, language, t, type MessageKey } from '#client/i18n/i18n'
import type { FigureAnswer } from '#plan/figure-wire'
import type { StateName } from '#client/ui/state-looks'
import type { Plan } from '#plan/plan'
import type { Figure } from '#plan/schema'

/** Decimals where the plan does not say: enough for a rate, few enough to read. */
const DECIMALS = 1
/** From here on a Chinese reader counts in ten thousands. */
const WAN_FROM = 100000
/** Two numbers that differ are shown with as many decimals as it takes to see it, up to this many. */
const DECIMALS_MAX = 6

export function decimalsOf(figure: Pick<Figure, 'decimals' | 'measure'>): number {
  if (figure.decimals !== undefined) return figure.decimals
  return figure.measure.kind === 'variation' ? 2 : DECIMALS
}

/** Rounds half away from zero on the decimal digits that a person sees: 1.005 to two decimals is 1.01. */
export function rounded(number: number, decimals: number): number {
  const sign = number < 0 ? -1 : 1
  const shifted = Number(`${Math.abs(number)}e${decimals}`)
  // A number so small or so large that it is written with an exponent needs no decimal care.
  if (Number.isNaN(shifted)) return Number(number.toFixed(decimals))
  return sign * Number(`${Math.round(shifted)}e-${decimals}`)
}

export function numberInWords(number: number, decimals: number = DECIMALS): string {
  const shown = rounded(number, decimals)
  if (Math.abs(shown) < WAN_FROM) return plain(shown, decimals)
  if (language.value === 'zh') return t('overview.wan', { n: plain(rounded(number / 10000, 2), 2) })
  return shown.toLocaleString('en', { maximumFractionDigits: decimals })
}

/** Without an exponent and without zeros at the end: 0.0000001 to six decimals is 0, 12.50 is 12.5. */
function plain(number: number, decimals: number): string {
  const text = number.toFixed(decimals)
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return short === '-0' ? '0' : short
}

/** How many decimals a value needs so that it does not look like the target it has missed. */
export function decimalsApart(value: number, target: number, decimals: number): number {
  if (value === target) return decimals
  for (let more = decimals; more < DECIMALS_MAX; more++) {
    if (rounded(value, more) !== rounded(target, more)) return more
  }
  return DECIMALS_MAX
}

/** Label of a grade in the list of choices that the figure's element has; the key itself where the plan has none. */
export function gradeInWords(plan: Plan, figure: Figure, key: string): string {
  const label = gradesOf(plan, figure)?.find((choice) => choice.key === key)?.label
  return label === undefined ? key : inLanguage(label)
}

/** Best first. `undefined` where the figure is a number. */
export function gradesOf(plan: Plan, figure: Figure) {
  if (figure.measure.kind !== 'entered') return undefined
  const name = plan.elements.get(figure.measure.element)?.element.choices
  return name === undefined ? undefined : plan.document.choices[name]
}

/** The figure's value as it is shown; `undefined` where there is none. Never looks like a target it has missed. */
export function valueInWords(plan: Plan, figure: Figure, answer: FigureAnswer | undefined): string | undefined {
  const value = answer?.value
  if (answer === undefined || value === undefined || value === null) return undefined
  if (typeof value === 'string') return gradeInWords(plan, figure, value)
  return numberInWords(value, decimalsShown(figure, answer))
}

export function decimalsShown(figure: Figure, answer: Pick<FigureAnswer, 'value' | 'target' | 'met'>): number {
  const decimals = decimalsOf(figure)
  return typeof answer.value === 'number' && typeof answer.target === 'number' && answer.met === false
    ? decimalsApart(answer.value, answer.target, decimals)
    : decimals
}

export function targetInWords(plan: Plan, figure: Figure, target: FigureAnswer['target'] | undefined): string | undefined {
  if (target === undefined || target === null) return undefined
  return typeof target === 'string' ? gradeInWords(plan, figure, target) : numberInWords(target, 2)
}

/** "≥ 98%", "≤ 0.25", "> 1000 人次", "B". */
export function demandInWords(plan: Plan, figure: Figure, target: FigureAnswer['target'] | undefined): string | undefined {
  const words = targetInWords(plan, figure, target)
  if (words === undefined) return undefined
  // Grades are better or worse, not more or less.
  if (typeof target === 'string') return words
  return `${demandSign(figure)} ${withUnit(words, figure)}`
}

export function demandSign(figure: Pick<Figure, 'better'>): string {
  switch (figure.better) {
    case 'atLeast':
      return '≥'
    case 'atMost':
      return '≤'
    case 'above':
      return '>'
    default:
      return assertNever(figure.better)
  }
}

/** A number's words with their unit: no space before % nor after 万, one between a digit and a word. */
export function withUnit(words: string, figure: Pick<Figure, 'unit'>): string {
  const unit = unitOf(figure)
  const touches = unit === '' || unit === '%' || /\p{Script=Han}$/u.test(words)
  return touches ? `${words}${unit}` : `${words} ${unit}`
}

export function unitOf(figure: Pick<Figure, 'unit'>): string {
  return figure.unit === undefined ? '' : inLanguage(figure.unit)
}

export const ABSENCE_WORDS = {
  notReported: 'common.absence.notReported',
  notApplicable: 'common.absence.notApplicable',
  notAvailable: 'common.absence.notAvailable',
  invalid: 'common.absence.invalid',
  conflict: 'common.absence.conflict',
  notAsked: 'common.absence.notAsked',
  emptyWhole: 'common.absence.emptyWhole',
} as const satisfies Record<Absence, MessageKey>

export const ABSENCE_STATES = {
  notReported: 'todo',
  notApplicable: 'na',
  notAvailable: 'na',
  invalid: 'error',
  conflict: 'conflict',
  notAsked: 'na',
  emptyWhole: 'na',
} as const satisfies Record<Absence, StateName>
