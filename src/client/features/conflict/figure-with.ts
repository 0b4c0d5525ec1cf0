/** What a value would make of the indicator that it belongs to: each of two values is judged by what follows from it. */
import type { OrgUnit } from '#domain/org-unit'
import type { AskedElement, Plan, PlanFigure } from '#plan/plan'
import type { Values } from '#plan/typed'
import { unitFigure } from '#plan/unit-figures'
import { valueKey, type Json } from '#sync/protocol'
import { inLanguage, language } from '#client/i18n/i18n'
import { numberText } from '#client/i18n/number-text'
import { withUnit } from '#client/state/asked-words'
import type { Report } from '#client/state/use-report'

export type FigureWith = {
  readonly name: string
  readonly value: string
  readonly met: boolean
  readonly bar?: Readonly<Record<'--v' | '--t', number>>
}

/** The figures that the section shows and that this element feeds. */
export function figuresOf(plan: Plan, asked: AskedElement): readonly PlanFigure[] {
  const indicators = asked.section.indicators ?? []
  const fed = new Set(plan.figureIdsByElement.get(asked.id))
  return [...plan.figures.values()].filter(
    ({ figure, source }) => source.kind === 'indicator' && indicators.includes(source.indicator.id) && fed.has(figure.id),
  )
}

export type Instead = { readonly key: string; readonly value: Json }

/** The first of them that is a number with a target. */
export function figureWith(question: {
  readonly plan: Plan
  readonly figures: readonly PlanFigure[]
  readonly unit: OrgUnit
  readonly report: Pick<Report, 'valuesOf' | 'period'>
  readonly instead: Instead
}): FigureWith | undefined {
  for (const each of question.figures) {
    const found = oneWith(each, question)
    if (found !== undefined) return found
  }
  return undefined
}

/** A part of an indicator is often called only by its stage. */
function nameOf({ figure, source }: PlanFigure): string {
  const own = inLanguage(figure.short ?? figure.title)
  if (source.kind !== 'indicator' || source.indicator.parts.length < 2) return own
  return `${inLanguage(source.indicator.short ?? source.indicator.title)} · ${own}`
}

function oneWith(of: PlanFigure, question: Omit<Parameters<typeof figureWith>[0], 'figures'>): FigureWith | undefined {
  const { figure } = of
  const { plan, unit, report, instead } = question
  const valuesOf = (period: string): Values => {
    const values = report.valuesOf(period)
    return { get: (id) => (valueKey(period, id) === instead.key ? { value: instead.value } : values.get(id)) }
  }
  const answer = unitFigure(plan, figure.id, unit, valuesOf, report.period.value)
  const { value, target } = answer
  if (typeof value !== 'number' || typeof target !== 'number') return undefined
  const measure = figure.unit === undefined ? '' : inLanguage(figure.unit)
  const decimals = figure.decimals ?? (measure === '%' ? 1 : 2)
  return {
    name: nameOf(of),
    value: withUnit(numberText(value, language.value, decimals), measure),
    met: answer.met === true,
    ...(measure === '%' ? { bar: { '--v': Math.min(100, Math.max(0, value)), '--t': Math.min(100, target) } } : {}),
  }
}
