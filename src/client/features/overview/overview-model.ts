/** The overview as plain values: what each cell, row and count on the page says. */
import { inLanguage, t } from '#client/i18n/i18n'
import { assertNever } from '#domain/assert-never'
import type { StateName } from '#client/ui/state-looks'
import type { FigureAnswer, FiguresAnswer } from '#plan/figure-wire'
import type { Plan } from '#plan/plan'
import type { Figure, Indicator, Project } from '#plan/schema'
import { barOf, gapInWords, indicatorState, stateOf, type Bar, type FigureState, type IndicatorState } from './figure-state'
import { ABSENCE_STATES, ABSENCE_WORDS, demandInWords, numberInWords, unitOf, valueInWords, withUnit } from './figure-words'
import { trendOf, type TrendPoint } from './trend'

export type FigureView = {
  readonly figure: Figure
  readonly answer: FigureAnswer | undefined
  readonly state: FigureState
  readonly bar: Bar
  /** Without its unit; `undefined` where there is none. */
  readonly value: string | undefined
  /** With its unit. */
  readonly words: string | undefined
  readonly unit: string
  /** "≥ 98%"; `undefined` where the plan demands nothing in this period. */
  readonly demand: string | undefined
}

export function figureView(plan: Plan, figure: Figure, answer: FiguresAnswer | undefined): FigureView {
  const own = answer?.figures.find((candidate) => candidate.id === figure.id)
  const value = valueInWords(plan, figure, own)
  return {
    figure,
    answer: own,
    state: stateOf(plan, figure, own),
    bar: barOf(plan, figure, own),
    value,
    words: value === undefined ? undefined : withUnit(value, figure),
    unit: unitOf(figure),
    demand: demandInWords(plan, figure, own?.target),
  }
}

export type Cover = {
  /** `entered`: the bureau types it, so there is nothing to count. */
  readonly kind: 'entered' | 'units' | 'unknown'
  readonly counted: number
  readonly expected: number
  readonly missing: number
}

export function coverOf(figure: Figure, answer: FigureAnswer | undefined): Cover {
  if (answer === undefined) return { kind: 'unknown', counted: 0, expected: 0, missing: 0 }
  const { counted, expected, incomplete } = answer.coverage
  return { kind: figure.measure.kind === 'entered' ? 'entered' : 'units', counted, expected, missing: incomplete.length }
}

/** Of several parts the one with the most units missing: a cell never looks more complete than its weakest part. */
export function weakestCover(covers: readonly Cover[]): Cover {
  const [first, ...rest] = covers
  if (first === undefined) return { kind: 'unknown', counted: 0, expected: 0, missing: 0 }
  return rest.reduce((weakest, cover) => (cover.missing > weakest.missing ? cover : weakest), first)
}

export function coverInWords(cover: Cover): string {
  switch (cover.kind) {
    case 'entered':
      return t('overview.entered')
    case 'unknown':
      return ''
    case 'units':
      return cover.missing > 0 ? t('overview.coverageMissing', cover) : t('overview.coverage', cover)
    default:
      return assertNever(cover.kind)
  }
}

export type IndicatorView = {
  readonly indicator: Indicator
  readonly number: string
  readonly title: string
  readonly parts: readonly FigureView[]
  readonly state: IndicatorState
  readonly cover: Cover
  readonly trend: readonly TrendPoint[]
  /** The figure that a tap opens: the first that falls short, else the first. */
  readonly opens: string
  readonly hasNotes: boolean
}

export function indicatorViews(
  plan: Plan,
  answers: ReadonlyMap<string, FiguresAnswer>,
  period: string,
): readonly IndicatorView[] {
  const general = generalNotes(plan)
  return plan.document.indicators.map((indicator) => {
    const parts = indicator.parts.map((figure) => figureView(plan, figure, answers.get(period)))
    const first = parts[0]
    if (first === undefined) throw new Error(`indicator without parts: ${indicator.id}`)
    return {
      indicator,
      number: indicator.id,
      title: inLanguage(indicator.short ?? indicator.title),
      parts,
      state: indicatorState(parts),
      cover: weakestCover(parts.map((part) => coverOf(part.figure, part.answer))),
      trend: trendOf(plan, first.figure, answers),
      opens: (parts.find((part) => part.state.kind === 'short') ?? first).figure.id,
      hasNotes: noteIdsOf(indicator, ...indicator.parts).some((id) => !general.has(id)),
    }
  })
}

/** Notes that so many indicators share that a sign at each of them would say nothing. */
export function generalNotes(plan: Plan): ReadonlySet<string> {
  const { indicators } = plan.document
  const uses = new Map<string, number>()
  for (const indicator of indicators) {
    for (const id of noteIdsOf(indicator, ...indicator.parts)) uses.set(id, (uses.get(id) ?? 0) + 1)
  }
  return new Set([...uses].filter(([, count]) => count > indicators.length / 3).map(([id]) => id))
}

export type Counts = { readonly met: number; readonly short: number; readonly absent: number; readonly neutral: number }

export function countStates(states: readonly FigureState[]): Counts {
  const count = (...kinds: readonly FigureState['kind'][]) => states.filter((state) => kinds.includes(state.kind)).length
  return { met: count('met'), short: count('short'), absent: count('absent', 'unknown'), neutral: count('neutral') }
}

export type ProjectView = {
  readonly project: Project
  readonly title: string
  readonly figures: readonly FigureView[]
  /** Figures with a goal in this period. */
  readonly goals: number
  readonly met: number
  /** None of its figures has a value yet. */
  readonly isSilent: boolean
}

export function projectViews(plan: Plan, answer: FiguresAnswer | undefined): readonly ProjectView[] {
  return plan.document.projects.map((project) => {
    const figures = project.figures.map((figure) => figureView(plan, figure, answer))
    return {
      project,
      title: inLanguage(project.title),
      figures,
      goals: figures.filter((view) => view.demand !== undefined).length,
      met: figures.filter((view) => view.state.kind === 'met').length,
      isSilent: figures.every((view) => view.value === undefined),
    }
  })
}

export function noteIdsOf(...noted: readonly { readonly notes?: readonly string[] | undefined }[]): readonly string[] {
  return [...new Set(noted.flatMap((each) => each.notes ?? []))]
}

/** The state's mark: its look and the word beside it. */
export type Mark = { readonly state: StateName; readonly word: string }

export function markOf(state: IndicatorState): Mark {
  switch (state.kind) {
    case 'met':
      return { state: 'ok', word: t('common.state.ok') }
    case 'neutral':
      return { state: 'na', word: t('overview.noTarget') }
    case 'unknown':
      return { state: 'na', word: t('overview.unknown') }
    case 'absent':
      return { state: ABSENCE_STATES[state.absence], word: withPart(state.part, t(ABSENCE_WORDS[state.absence])) }
    case 'short': {
      const several = state.shortParts !== undefined && state.shortParts > 1
      const word = several ? t('overview.shortParts', { n: state.shortParts }) : withPart(state.part, gapInWords(state.gap))
      return { state: 'warn', word }
    }
    default:
      return assertNever(state)
  }
}

function withPart(part: Figure | undefined, state: string): string {
  return part === undefined ? state : t('overview.partState', { part: partLabel(part), state })
}

/** The state in a sentence that names the target: "比目标 ≥ 98% 差 1.2". */
export function againstInWords(view: FigureView): string {
  const { state, demand: target } = view
  if (target === undefined || state.kind === 'absent' || state.kind === 'unknown' || state.kind === 'neutral') {
    const word = markOf(state).word
    return target === undefined || state.kind === 'neutral'
      ? word
      : `${word}${t('overview.comma')}${t('overview.targetOf', { target })}`
  }
  if (state.kind === 'met') return t('overview.againstMet', { target })
  const { gap } = state
  if (gap === undefined) return t('overview.targetOf', { target })
  switch (gap.kind) {
    case 'below':
      return t('overview.againstBelow', { target, n: numberInWords(gap.number, gap.decimals) })
    case 'over':
      return t('overview.againstOver', { target, n: numberInWords(gap.number, gap.decimals) })
    case 'grades':
      return t('overview.againstGrades', { target, n: gap.steps })
    case 'atLine':
      return t('overview.againstAtLine', { target })
  }
}

/** Some characters that tell the parts of one indicator apart: 高, 初, 小, 一等. */
export function partLabel(figure: Figure): string {
  return inLanguage(figure.short ?? figure.title)
}

/** Short, and clear also where it stands alone: a part of an indicator is named with the indicator. */
export function figureName(plan: Plan, id: string): string {
  const found = plan.figures.get(id)
  if (found === undefined) return id
  const { figure, source } = found
  const own = inLanguage(figure.short ?? figure.title)
  if (source.kind !== 'indicator' || source.indicator.parts.length === 1) return own
  return `${inLanguage(source.indicator.short ?? source.indicator.title)} · ${own}`
}

export function trendInWords(plan: Plan, trend: readonly TrendPoint[], figure: Figure): string {
  return trend
    .map(({ period, answer }) => {
      const value = valueInWords(plan, figure, answer)
      const words = value === undefined ? t(ABSENCE_WORDS[answer?.absence ?? 'notReported']) : withUnit(value, figure)
      const target = demandInWords(plan, figure, answer?.target)
      return target === undefined
        ? t('overview.trendPoint', { period, value: words })
        : t('overview.trendPointTarget', { period, value: words, target })
    })
    .join(t('overview.semicolon'))
}
