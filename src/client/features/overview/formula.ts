/** A figure's measure in words, from the labels of the plan: what is added, what it is divided by, and which units count. */
import type { Stage } from '#domain/org-unit'
import { assertNever } from '#domain/assert-never'
import type { Text } from '#domain/text'
import { inLanguage, t } from '#client/i18n/i18n'
import type { Plan } from '#plan/plan'
import type { Condition, Figure, Term } from '#plan/schema'
import { numberInWords } from './figure-words'

export type Formula = {
  /** One line, or the two sides of a fraction. */
  readonly shape: { readonly line: string } | { readonly above: string; readonly below: string; readonly times: number }
  /** What a reader must know besides. */
  readonly remarks: readonly string[]
}

export function formulaOf(plan: Plan, figure: Figure): Formula {
  const { measure } = figure
  const first = plan.document.periods[0] ?? ''
  switch (measure.kind) {
    case 'sum': {
      const of = termInWords(plan, measure.of)
      const divided = measure.divideBy !== undefined && measure.divideBy !== 1
      return {
        shape: {
          line: divided
            ? t('overview.formula.divide', { of, n: numberInWords(measure.divideBy ?? 1) })
            : t('overview.formula.sumAll', { of }),
        },
        remarks: measure.over === 'plan' ? [t('overview.formula.overPlan', { first })] : [],
      }
    }
    case 'ratio':
      return {
        shape: {
          above: t('overview.formula.sumAll', { of: termInWords(plan, measure.part) }),
          below: t('overview.formula.sumAll', { of: termInWords(plan, measure.whole) }),
          times: measure.times,
        },
        remarks: [t('overview.formula.fraction')],
      }
    case 'weightedMean': {
      const weight = termInWords(plan, measure.weight)
      return {
        shape: {
          above: t('overview.formula.weighted', { of: termInWords(plan, measure.of), weight }),
          below: t('overview.formula.sumAll', { of: weight }),
          times: 1,
        },
        remarks: [t('overview.formula.weightedHint', { weight })],
      }
    }
    case 'share': {
      const remarks = [t('overview.formula.condition', { condition: conditionInWords(plan, measure.has) })]
      if (measure.among !== undefined)
        remarks.push(t('overview.formula.among', { condition: conditionInWords(plan, measure.among) }))
      if (measure.weight === undefined) {
        return { shape: { above: t('overview.formula.shareUnits'), below: t('overview.formula.shareAll'), times: 100 }, remarks }
      }
      const weight = termInWords(plan, measure.weight)
      return {
        shape: {
          above: t('overview.formula.shareWeight', { weight }),
          below: t('overview.formula.shareWeightAll', { weight }),
          times: 100,
        },
        remarks,
      }
    }
    case 'count':
      return {
        shape: { line: t('overview.formula.count') },
        remarks: [
          t('overview.formula.condition', { condition: conditionInWords(plan, measure.has) }),
          t('overview.formula.countHint'),
          ...(measure.over === 'plan' ? [t('overview.formula.countOverPlan', { first })] : []),
        ],
      }
    case 'entered': {
      const element = elementInWords(plan, measure.element)
      const divided = measure.divideBy !== undefined && measure.divideBy !== 1
      return {
        shape: {
          line: divided
            ? t('overview.formula.enteredDivide', { element, n: numberInWords(measure.divideBy ?? 1) })
            : t('overview.formula.entered', { element }),
        },
        remarks: [],
      }
    }
    case 'variation':
      return {
        shape: { line: t('overview.formula.variation', { stages: stagesInWords(plan, measure.stages) }) },
        remarks: [t('overview.formula.variationHint')],
      }
    default:
      return assertNever(measure)
  }
}

function termInWords(plan: Plan, term: Term): string {
  const element = elementInWords(plan, term.element)
  if (term.stages === undefined || term.stages.length === 0) return element
  return t('overview.formula.stagesOf', { element, stages: stagesInWords(plan, term.stages) })
}

export function stagesInWords(plan: Plan, stages: readonly Stage[]): string {
  return stages.map((stage) => stageInWords(plan, stage)).join(t('overview.enumeration'))
}

export function stageInWords(plan: Plan, stage: string): string {
  const label: Text | undefined = Object.entries(plan.document.stages).find(([name]) => name === stage)?.[1]
  return label === undefined ? stage : inLanguage(label)
}

/** Of an element as the document has it, or of one of its stages. */
export function elementInWords(plan: Plan, id: string): string {
  const asked = plan.elements.get(id) ?? plan.expansions.get(id)?.[0]
  if (asked === undefined) return id
  const label = inLanguage(asked.element.label)
  return plan.elements.has(id) && asked.stage !== undefined
    ? t('overview.formula.stagesOf', { element: label, stages: stageInWords(plan, asked.stage) })
    : label
}

function choiceInWords(plan: Plan, elementId: string, key: string): string {
  const name = plan.elements.get(elementId)?.element.choices
  const label = name === undefined ? undefined : plan.document.choices[name]?.find((choice) => choice.key === key)?.label
  return label === undefined ? key : inLanguage(label)
}

function conditionInWords(plan: Plan, condition: Condition): string {
  if ('is' in condition) {
    const element = elementInWords(plan, condition.element)
    if (condition.is === 'true') return element
    if (condition.is === 'false') return t('overview.condition.not', { element })
    return t('overview.condition.is', { element, value: choiceInWords(plan, condition.element, condition.is) })
  }
  if ('in' in condition) {
    return t('overview.condition.in', {
      element: elementInWords(plan, condition.element),
      values: condition.in.map((key) => choiceInWords(plan, condition.element, key)).join(t('overview.enumeration')),
    })
  }
  if ('atLeast' in condition) {
    return t('overview.condition.atLeast', { term: termInWords(plan, condition.term), n: numberInWords(condition.atLeast, 2) })
  }
  if ('above' in condition) {
    return t('overview.condition.above', { term: termInWords(plan, condition.term), n: numberInWords(condition.above, 2) })
  }
  if ('equal' in condition) {
    return t('overview.condition.equal', { a: termInWords(plan, condition.equal[0]), b: termInWords(plan, condition.equal[1]) })
  }
  if ('none' in condition) return t('overview.condition.none', { term: termInWords(plan, condition.term) })
  if ('all' in condition) {
    return condition.all.map((each) => conditionInWords(plan, each)).join(t('overview.condition.and'))
  }
  return condition.any.map((each) => conditionInWords(plan, each)).join(t('overview.condition.or'))
}
