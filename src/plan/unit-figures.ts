/**
 * The plan seen from one unit: its own figures (heads of sections), its hardware checklist, and its performance in the yearly
 * assessment.
 */
import type { OrgUnit } from '#domain/org-unit'
import type { Text } from '#domain/text'
import { answerOf, kindCondition, kindTerm, type Answer, type Gaps, type KindTerm } from './condition'
import type { Slot } from './contribution'
import { figureAnswer, readingsOver, slotOf } from './figure'
import { FigureSums, type Aggregate } from './figure-sums'
import type { FigureAnswer } from './figure-wire'
import { elementOf, type AskedElement, type Plan } from './plan'
import type { Condition, Figure, HardwareCheck, Term } from './schema'
import { choicesOf, type Reading, type Values } from './typed'
import { kindOf, matchesFilter, onceForKind, type UnitKind } from './unit-kind'
import { readUnit, type UnitReadings } from './unit-readings'

/**
 * The figure over this unit alone. Sums and counts are the unit's own share of the district's figure, so they have no target here; how
 * far schools differ from each other cannot be told from one of them.
 */
export function unitFigure(
  plan: Plan,
  figureId: string,
  unit: OrgUnit,
  valuesOf: (period: string) => Values,
  period: string,
): FigureAnswer {
  const figure = plan.figures.get(figureId)?.figure
  if (figure === undefined) throw new Error(`the plan has no figure ${figureId}`)
  return ofOneUnit(plan, figure, unit, readingsOver(plan, unit, valuesOf), period)
}

function ofOneUnit(
  plan: Plan,
  figure: Figure,
  unit: OrgUnit,
  readings: (period: string) => UnitReadings,
  period: string,
): FigureAnswer {
  const slot = slotOf(plan, figure, unit, readings, period)
  const answer = figureAnswer(plan, figure, period, alone(plan, figure, unit, slot))
  switch (figure.measure.kind) {
    case 'ratio':
    case 'weightedMean':
    case 'share':
    case 'entered':
      return answer
    case 'sum':
    case 'count':
      return { ...answer, target: null, met: null }
    case 'variation':
      return {
        id: figure.id,
        value: null,
        absence: answer.absence === 'notAsked' ? 'notAsked' : 'notApplicable',
        target: null,
        met: null,
        coverage: answer.coverage,
      }
  }
}

function alone(plan: Plan, figure: Figure, unit: OrgUnit, slot: Slot): Aggregate {
  const sums = new FigureSums(plan, figure, 1)
  sums.put(0, slot)
  return sums.result(() => unit.code)
}

// ---- hardware ----

export type HardwareGap =
  | { readonly kind: 'number'; readonly number: number; readonly unit?: Text | undefined }
  /** Steps of the list of choices up to the lowest grade that will do. */
  | { readonly kind: 'grade'; readonly steps: number }

export type HardwareState = {
  readonly check: HardwareCheck
  /** `invalid`: not of its kind, out of range, against a rule, or in conflict. Not available counts as not reported. */
  readonly state: 'met' | 'short' | 'notReported' | 'notApplicable' | 'invalid'
  /** Of the check's elements that this unit is asked, in the check's order. */
  readonly measured: readonly Reading[]
  /** Only where it is short of something that can be counted. */
  readonly gap?: HardwareGap
  /** 0..1 toward what is demanded, for a bar. */
  readonly share?: number
}

/** The checklist of one unit, in the plan's order, without the checks that do not concern it. */
export function hardwareOf(plan: Plan, unit: OrgUnit, values: Values): readonly HardwareState[] {
  return hardwareStates(plan, readUnit(plan, kindOf(plan, unit), values))
}

function hardwareStates(plan: Plan, readings: UnitReadings): readonly HardwareState[] {
  return checksOf(plan, readings.kind).map((check) => hardwareState(plan, readings, check))
}

function checksOf(plan: Plan, kind: UnitKind): readonly HardwareCheck[] {
  const { hardware } = plan.document
  if (hardware === undefined) return []
  return onceForKind(kind, hardware.checks, () => hardware.checks.filter((check) => matchesFilter(plan, check.units, kind.of)))
}

function hardwareState(plan: Plan, readings: UnitReadings, check: HardwareCheck): HardwareState {
  const { kind } = readings
  const measured = check.elements
    .map((id) => elementOf(plan, id))
    .filter((asked) => asked !== undefined)
    .filter((asked) => kind.asks[asked.index] === true)
    .map((asked) => readings.valid(asked))
  const isExempt = check.exempt !== undefined && answerOf(kindCondition(plan, kind, check.exempt), readings.asValid) === 'yes'
  if (isExempt) return { check, state: 'notApplicable', measured }

  let isInvalid = false
  let isMissing = false
  const gaps: Gaps = {
    missing(_asked, { absence }) {
      if (absence === 'invalid' || absence === 'conflict') isInvalid = true
      else isMissing = true
    },
    notApplicable() {
      // Shows in the answer: unknown, and nothing missing.
    },
  }
  const answer: Answer = answerOf(kindCondition(plan, kind, check.meets), readings.asValid, gaps)
  if (answer === 'yes') return { check, state: 'met', measured, share: 1 }
  if (answer === 'unknown') {
    return { check, state: isInvalid ? 'invalid' : isMissing ? 'notReported' : 'notApplicable', measured }
  }
  const { gap, share } = distanceOf(plan, readings, check.meets)
  return { check, state: 'short', measured, ...(gap === undefined ? {} : { gap }), ...(share === undefined ? {} : { share }) }
}

type Distance = { readonly gap?: HardwareGap; readonly share?: number }

/** How far the readings are from what the condition demands; the condition is known not to hold as a whole. */
function distanceOf(plan: Plan, readings: UnitReadings, condition: Condition): Distance {
  const { kind } = readings
  const term = (of: Term): KindTerm => kindTerm(plan, kind, of)
  if ('atLeast' in condition || 'above' in condition) {
    const asked = term(condition.term)
    const number = numberOf(asked, readings)
    if (number === undefined) return {}
    const isWhole = asked[0]?.element.type === 'count'
    const demanded = 'atLeast' in condition ? condition.atLeast : isWhole ? Math.floor(condition.above) + 1 : condition.above
    return towards(number, demanded, asked[0])
  }
  if ('equal' in condition) {
    const [one, other] = condition.equal.map(term)
    const part = one === undefined ? undefined : numberOf(one, readings)
    const whole = other === undefined ? undefined : numberOf(other, readings)
    if (part === undefined || whole === undefined) return {}
    return towards(Math.min(part, whole), Math.max(part, whole), one?.[0])
  }
  if ('none' in condition) return { share: 0 }
  if ('all' in condition) return together(condition.all.map((each) => unlessHeld(plan, readings, each)))
  if ('any' in condition) {
    const distances = condition.any.map((each) => unlessHeld(plan, readings, each))
    return distances.reduce((best, one) => ((one.share ?? 0) > (best.share ?? 0) ? one : best), distances[0] ?? {})
  }
  const asked = elementOf(plan, condition.element)
  if (asked === undefined) return {}
  const reading = readings.valid(asked)
  if (reading.kind === 'yesno') return { share: 0 }
  if (reading.kind !== 'choice') return {}
  const keys = choicesOf(plan, asked.element).map((choice) => choice.key)
  const wanted = 'in' in condition ? condition.in : [condition.is]
  const lowest = Math.max(...wanted.map((key) => keys.indexOf(key)))
  const steps = keys.indexOf(reading.key) - lowest
  if (steps <= 0) return {}
  const last = keys.length - 1
  return { gap: { kind: 'grade', steps }, share: (last - keys.indexOf(reading.key)) / (last - lowest) }
}

function unlessHeld(plan: Plan, readings: UnitReadings, condition: Condition): Distance {
  const holds = answerOf(kindCondition(plan, readings.kind, condition), readings.asValid) === 'yes'
  return holds ? { share: 1 } : distanceOf(plan, readings, condition)
}

function towards(number: number, demanded: number, asked: AskedElement | undefined): Distance {
  if (demanded === 0) return { share: 0 }
  const missing = demanded - number
  const share = Math.max(0, number / demanded)
  // The demand may be strict: exactly at the limit nothing can be counted that is missing.
  if (missing <= 0) return { share: 1 }
  return { gap: { kind: 'number', number: tidied(missing), unit: asked?.element.unit }, share }
}

/** 2.5 - 2.2 is 0.3 to a reader, not 0.2999999999999998: typed numbers have at most 15 digits. */
function tidied(number: number): number {
  return Number(number.toPrecision(12))
}

/** Several demands at once: numbers add up where they count the same thing, the bar shows the mean. */
function together(distances: readonly Distance[]): Distance {
  const gaps = distances.map((one) => one.gap).filter((gap) => gap !== undefined)
  const shares = distances.map((one) => one.share).filter((share) => share !== undefined)
  const share = shares.length === distances.length ? shares.reduce((sum, one) => sum + one, 0) / shares.length : undefined
  const [first] = gaps
  let gap: HardwareGap | undefined = first
  if (first?.kind === 'number') {
    let number = 0
    for (const one of gaps) {
      if (one.kind !== 'number' || one.unit?.zh !== first.unit?.zh) return share === undefined ? {} : { share }
      number += one.number
    }
    gap = { ...first, number: tidied(number) }
  } else if (gaps.length > 1) gap = undefined
  return { ...(gap === undefined ? {} : { gap }), ...(share === undefined ? {} : { share }) }
}

function numberOf(term: KindTerm, readings: UnitReadings): number | undefined {
  let sum: number | undefined
  for (const asked of term) {
    const reading = readings.valid(asked)
    if (reading.kind === 'number') sum = (sum ?? 0) + reading.number
  }
  return sum
}

// ---- assessment ----

export type PerformanceVerdict = { readonly id: string; readonly kind: 'figure' | 'hardware'; readonly met: boolean | null }

export type PerformanceScore = {
  /** 100 × met / of; `null` where nothing applies or nothing at all has been reported. */
  readonly score: number | null
  readonly met: number
  /** What applies to the unit. What is not reported yet applies and is not met: it cannot raise the score by being left out. */
  readonly of: number
  /** `met: null` is not reported, or not validly. */
  readonly verdicts: readonly PerformanceVerdict[]
  /** The unit's own score of its routine work, 0-100. */
  readonly routine: number | null
  /** Per cent of satisfied answers. */
  readonly satisfaction: number | null
  /** The three together by the plan's weights; `null` while one of them is missing. */
  readonly total: number | null
}

/** `undefined` where the plan has no assessment. */
export function performanceScore(
  plan: Plan,
  unit: OrgUnit,
  valuesOf: (period: string) => Values,
  period: string,
): PerformanceScore | undefined {
  const { assessment } = plan.document
  if (assessment === undefined) return undefined
  const readingsOf = readingsOver(plan, unit, valuesOf)
  const readings = readingsOf(period)
  const verdicts: PerformanceVerdict[] = []
  for (const id of assessment.performanceFigures) {
    const figure = plan.figures.get(id)?.figure
    if (figure === undefined) continue
    const { target, met, coverage } = ofOneUnit(plan, figure, unit, readingsOf, period)
    if (coverage.expected > 0 && target !== null) verdicts.push({ id, kind: 'figure', met })
  }
  for (const { check, state } of hardwareStates(plan, readings)) {
    if (state === 'notApplicable') continue
    verdicts.push({ id: check.id, kind: 'hardware', met: state === 'met' ? true : state === 'short' ? false : null })
  }
  const met = verdicts.filter((verdict) => verdict.met === true).length
  const isAnyKnown = verdicts.some((verdict) => verdict.met !== null)
  const score = isAnyKnown ? (100 * met) / verdicts.length : null
  const routine = numberOf(kindTerm(plan, readings.kind, routineTerm(plan, assessment)), readings) ?? null
  const satisfaction = satisfactionOf(plan, unit, readingsOf, period)
  const { weights } = assessment
  const allWeights = weights.routine + weights.performance + weights.satisfaction
  const total =
    routine === null || score === null || satisfaction === null
      ? null
      : (weights.routine * routine + weights.performance * score + weights.satisfaction * satisfaction) / allWeights
  return { score, met, of: verdicts.length, verdicts, routine, satisfaction, total }
}

type Assessment = NonNullable<Plan['document']['assessment']>

const routineTerms = new WeakMap<Assessment, Term>()

function routineTerm(_plan: Plan, assessment: Assessment): Term {
  let term = routineTerms.get(assessment)
  if (term === undefined) routineTerms.set(assessment, (term = { element: assessment.routine }))
  return term
}

function satisfactionOf(plan: Plan, unit: OrgUnit, readingsOf: (period: string) => UnitReadings, period: string): number | null {
  const { assessment } = plan.document
  if (assessment === undefined) return null
  const figure = satisfactionFigure(assessment)
  const { value } = alone(plan, figure, unit, slotOf(plan, figure, unit, readingsOf, period))
  return typeof value === 'number' ? value : null
}

const satisfactionFigures = new WeakMap<Assessment, Figure>()

/** Satisfaction is a ratio like any other; the plan only does not list it as a figure of its own. */
function satisfactionFigure(assessment: Assessment): Figure {
  let figure = satisfactionFigures.get(assessment)
  if (figure === undefined) {
    const title = { zh: '群众满意度', en: 'Satisfaction' }
    const { part, whole } = assessment.satisfaction
    figure = { id: 'satisfaction', title, units: {}, measure: { kind: 'ratio', part, whole, times: 100 }, better: 'atLeast' }
    satisfactionFigures.set(assessment, figure)
  }
  return figure
}
