/**
 * Figures: what each unit gives (its contribution), and what all of them give together.
 *
 * | measure      | value                                   | counted in coverage          | a missing answer       |
 * |--------------|-----------------------------------------|------------------------------|------------------------|
 * | sum          | Σ of what is reported / divideBy        | units that reported all of it | adds nothing           |
 * | ratio        | times × Σ part / Σ whole                | units that reported both      | leaves the unit out    |
 * | weightedMean | Σ (of × weight) / Σ weight              | units that reported both      | leaves the unit out    |
 * | share        | 100 × Σ weight where yes / Σ weight     | units that reported all of it | leaves the unit out    |
 * | count        | units where yes                         | units whose answer is known   | is a no                |
 * | entered      | the district's own value / divideBy     | the district                  | no figure              |
 * | variation    | see `variation.ts`                      | units that reported all of it | leaves the index out   |
 *
 * Units that the figure concerns, that are open in the period and that are asked are **expected**; expected units that are not counted
 * are named as incomplete. Units of `alsoIfReported` are expected as soon as they have reported one of the elements that the measure
 * needs, validly or not: half a pair is named, and only who reported nothing at all is not missed. A value that is invalid, in conflict or not available is missing. A unit that answers "not applicable" is
 * not expected; in a sum, which may have other parts, it has answered with nothing. Without a single number there is no figure but
 * a named absence: `emptyWhole` for a denominator of 0; `notAsked` where the selection has no unit that the figure concerns;
 * otherwise what its units share, which is `notReported` unless all of them say the same.
 */
import type { Absence } from '#domain/absence'
import { isOpenIn, type OrgUnit, type Stage } from '#domain/org-unit'
import { toPeriod } from '#domain/period'
import { compareNumbers } from './compare-numbers'
import { isAskedAnyOf, kindCondition, kindTerm, type KindCondition, type KindTerm } from './condition'
import { FigureSums, type Aggregate } from './figure-sums'
import type { ContributionAnswer, FigureAnswer } from './figure-wire'
import { LEFT_OUT, type Contribution, type Slot } from './contribution'
import { Gathered } from './gathered'
import { elementOf, elementsOfMeasure, type AskedElement, type Plan } from './plan'
import type { Figure, Target } from './schema'
import { choicesOf, type Values } from './typed'
import { kindOf, matchesFilter, onceForKind, type UnitKind } from './unit-kind'
import { readUnit, type UnitReadings } from './unit-readings'
import { hasPupilsOf, stageTotalsOf, type StageTotals } from './variation'

/** All units of a selection together. */
export function aggregate(plan: Plan, figure: Figure, contributions: readonly Contribution[]): Aggregate {
  const sums = new FigureSums(plan, figure, contributions.length)
  contributions.forEach((one, place) => sums.put(place, one))
  return sums.result((place) => contributions[place]?.orgUnit ?? '')
}

/** `undefined`: the unit is not expected. */
export function contributionOf(
  plan: Plan,
  figure: Figure,
  unit: OrgUnit,
  valuesOf: (period: string) => Values,
  period: string,
): Contribution | undefined {
  const slot = slotOf(plan, figure, unit, readingsOver(plan, unit, valuesOf), period)
  return slot === LEFT_OUT ? undefined : slot
}

/** Reads each period of a unit once, however many figures ask for it. */
export function readingsOver(plan: Plan, unit: OrgUnit, valuesOf: (period: string) => Values): (period: string) => UnitReadings {
  const kind = kindOf(plan, unit)
  const known = new Map<string, UnitReadings>()
  return (period) => {
    let readings = known.get(period)
    if (readings === undefined) known.set(period, (readings = readUnit(plan, kind, valuesOf(period))))
    return readings
  }
}

export function slotOf(
  plan: Plan,
  figure: Figure,
  unit: OrgUnit,
  readingsOf: (period: string) => UnitReadings,
  period: string,
): Slot {
  const readings = readingsOf(period)
  const ofKind = kindFigure(plan, readings.kind, figure)
  if (ofKind.role === 'none') return undefined
  const periods = isOverPlan(figure)
    ? plan.document.periods.filter((each) => each <= period && isOpenIn(unit, toPeriod(each)))
    : isOpenIn(unit, toPeriod(period))
      ? [period]
      : []
  if (periods.length === 0) return undefined
  const slot = contribute(plan, ofKind.reads, unit.code, periods.map(readingsOf), readings)
  if (ofKind.role === 'expected' || slot === undefined || slot === LEFT_OUT) return slot
  if (slot.counted) return slot.part !== null || slot.stageTotals !== undefined ? slot : undefined
  const { needed } = ofKind
  return periods.some((each) => needed.some((asked) => isReported(readingsOf(each), asked))) ? slot : undefined
}

/** The unit itself has said something, if only something invalid or why there is nothing; an assumed value is not its own. */
function isReported(readings: UnitReadings, asked: AskedElement): boolean {
  const typed = readings.typed(asked)
  if (typed.kind === 'absent' && (typed.absence === 'notReported' || typed.absence === 'notAsked')) return false
  return readings.isOpen(asked) !== 'no'
}

export function isOverPlan({ measure }: Figure): boolean {
  return (measure.kind === 'sum' || measure.kind === 'count') && measure.over === 'plan'
}

// ---- one unit ----

type Reads =
  | { readonly kind: 'sum'; readonly of: KindTerm }
  | { readonly kind: 'pair'; readonly part: KindTerm; readonly whole: KindTerm; readonly multiplied: boolean }
  | {
      readonly kind: 'share'
      readonly has: KindCondition
      readonly among: KindCondition | undefined
      readonly weight: KindTerm | undefined
    }
  | { readonly kind: 'count'; readonly has: KindCondition }
  | { readonly kind: 'entered'; readonly asked: AskedElement }
  | { readonly kind: 'variation'; readonly stages: readonly Stage[] }

type KindFigure =
  | { readonly role: 'none' }
  | { readonly role: 'expected'; readonly reads: Reads }
  /** Expected as soon as the unit has reported one of the elements that the measure needs. */
  | { readonly role: 'alsoIfReported'; readonly reads: Reads; readonly needed: readonly AskedElement[] }

const NONE: KindFigure = { role: 'none' }

/** What a figure is for one kind of unit. A unit that is asked nothing of what the measure needs is not concerned. */
function kindFigure(plan: Plan, kind: UnitKind, figure: Figure): KindFigure {
  return onceForKind(kind, figure, () => {
    const isExpected = matchesFilter(plan, figure.units, kind.of)
    if (!isExpected && (figure.alsoIfReported === undefined || !matchesFilter(plan, figure.alsoIfReported, kind.of))) return NONE
    const reads = kindReads(plan, kind, figure)
    if (reads === undefined) return NONE
    if (isExpected) return { role: 'expected', reads }
    const needed = elementsOfMeasure(plan, figure.measure).filter((asked) => kind.asks[asked.index] === true)
    return { role: 'alsoIfReported', reads, needed }
  })
}

function kindReads(plan: Plan, kind: UnitKind, { measure }: Figure): Reads | undefined {
  switch (measure.kind) {
    case 'sum': {
      const of = kindTerm(plan, kind, measure.of)
      return of.length === 0 ? undefined : { kind: 'sum', of }
    }
    case 'ratio': {
      const part = kindTerm(plan, kind, measure.part)
      const whole = kindTerm(plan, kind, measure.whole)
      return part.length === 0 || whole.length === 0 ? undefined : { kind: 'pair', part, whole, multiplied: false }
    }
    case 'weightedMean': {
      const part = kindTerm(plan, kind, measure.of)
      const whole = kindTerm(plan, kind, measure.weight)
      return part.length === 0 || whole.length === 0 ? undefined : { kind: 'pair', part, whole, multiplied: true }
    }
    case 'share': {
      const has = kindCondition(plan, kind, measure.has)
      const among = measure.among === undefined ? undefined : kindCondition(plan, kind, measure.among)
      const weight = measure.weight === undefined ? undefined : kindTerm(plan, kind, measure.weight)
      if (!isAskedAnyOf(has) || weight?.length === 0) return undefined
      return { kind: 'share', has, among, weight }
    }
    case 'count': {
      const has = kindCondition(plan, kind, measure.has)
      return isAskedAnyOf(has) ? { kind: 'count', has } : undefined
    }
    case 'entered': {
      const asked = elementOf(plan, measure.element)
      return asked !== undefined && kind.asks[asked.index] === true ? { kind: 'entered', asked } : undefined
    }
    case 'variation': {
      const { balance } = plan.document
      const isIn = balance !== undefined && matchesFilter(plan, balance.units, kind.of) && hasPupilsOf(plan, kind, measure.stages)
      return isIn ? { kind: 'variation', stages: measure.stages } : undefined
    }
  }
}

const NOTHING_MISSING: readonly string[] = []

function contribute(plan: Plan, reads: Reads, orgUnit: string, periods: readonly UnitReadings[], readings: UnitReadings): Slot {
  switch (reads.kind) {
    case 'sum':
      return sumOf(plan, reads.of, orgUnit, periods)
    case 'count':
      return countOf(plan, reads.has, orgUnit, periods)
    case 'pair': {
      const gathered = new Gathered(plan, readings)
      const part = gathered.term(reads.part)
      const whole = gathered.term(reads.whole)
      if (part === 'notApplicable' || whole === 'notApplicable') return LEFT_OUT
      if (part === 'notAsked' || whole === 'notAsked') return undefined
      const of = part === 'missing' ? null : part
      const over = whole === 'missing' ? null : whole
      const multiplied = of === null || over === null ? null : of * over
      return contribution(orgUnit, reads.multiplied ? multiplied : of, over, gathered)
    }
    case 'share': {
      if (reads.among !== undefined && new Gathered(plan, readings).answer(reads.among) !== 'yes') return undefined
      const gathered = new Gathered(plan, readings)
      const answer = gathered.answer(reads.has)
      const weight = reads.weight === undefined ? 1 : gathered.term(reads.weight)
      if (weight === 'notApplicable') return LEFT_OUT
      if (weight === 'notAsked') return undefined
      if (gathered.missingIds.length === 0 && answer === 'unknown') return LEFT_OUT
      const whole = weight === 'missing' ? null : weight
      return contribution(orgUnit, answer === 'unknown' || whole === null ? null : answer === 'yes' ? whole : 0, whole, gathered)
    }
    case 'entered': {
      const reading = readings.valid(reads.asked)
      switch (reading.kind) {
        case 'number':
          return { orgUnit, counted: true, part: reading.number, whole: null, missing: NOTHING_MISSING }
        case 'yesno':
          return { orgUnit, counted: true, part: String(reading.yes), whole: null, missing: NOTHING_MISSING }
        case 'choice':
          return { orgUnit, counted: true, part: reading.key, whole: null, missing: NOTHING_MISSING }
        case 'choices':
          return { orgUnit, counted: true, part: reading.keys.join(','), whole: null, missing: NOTHING_MISSING }
        case 'text':
          return { orgUnit, counted: true, part: reading.text, whole: null, missing: NOTHING_MISSING }
        case 'absent': {
          if (reading.absence === 'notApplicable') return LEFT_OUT
          if (reading.absence === 'notAsked') return undefined
          const gathered = new Gathered(plan, readings)
          gathered.missing(reads.asked, reading)
          return contribution(orgUnit, null, null, gathered)
        }
      }
      break
    }
    case 'variation': {
      const gathered = new Gathered(plan, readings)
      const stageTotals = stageTotalsOf(plan, reads.stages, readings, gathered)
      if (stageTotals === undefined) return LEFT_OUT
      const pupils = stageTotals.reduce((sum, one) => sum + one.pupils, 0)
      return { ...contribution(orgUnit, null, stageTotals.length === 0 ? null : pupils, gathered), stageTotals }
    }
  }
}

function contribution(orgUnit: string, part: number | null, whole: number | null, gathered: Gathered): Contribution {
  const { missingIds: missing, firstAbsence } = gathered
  if (missing.length === 0) return { orgUnit, counted: true, part, whole, missing: NOTHING_MISSING }
  return { orgUnit, counted: false, part, whole, absence: firstAbsence ?? 'notReported', missing }
}

function sumOf(plan: Plan, of: KindTerm, orgUnit: string, periods: readonly UnitReadings[]): Contribution {
  let part: number | null = null
  let none: Absence = 'notAsked'
  let absence: Absence | undefined
  let missing = NOTHING_MISSING
  for (const readings of periods) {
    const gathered = new Gathered(plan, readings)
    const number = gathered.term(of)
    if (typeof number === 'number') part = (part ?? 0) + number
    else if (number === 'notApplicable') none = 'notApplicable'
    absence ??= gathered.firstAbsence
    missing = joined(missing, gathered.missingIds)
  }
  if (missing.length > 0) return { orgUnit, counted: false, part, whole: null, absence: absence ?? 'notReported', missing }
  if (part === null) return { orgUnit, counted: true, part, whole: null, absence: none, missing }
  return { orgUnit, counted: true, part, whole: null, missing }
}

function countOf(plan: Plan, has: KindCondition, orgUnit: string, periods: readonly UnitReadings[]): Slot {
  let part: number | null = null
  let absence: Absence | undefined
  let missing = NOTHING_MISSING
  for (const readings of periods) {
    const gathered = new Gathered(plan, readings)
    const answer = gathered.answer(has)
    if (answer === 'yes') return { orgUnit, counted: true, part: 1, whole: null, missing: NOTHING_MISSING }
    if (answer === 'no') part = 0
    else {
      absence ??= gathered.firstAbsence
      missing = joined(missing, gathered.missingIds)
    }
  }
  if (missing.length > 0) return { orgUnit, counted: false, part, whole: null, absence: absence ?? 'notReported', missing }
  return part === null ? LEFT_OUT : { orgUnit, counted: true, part, whole: null, missing }
}

function joined(some: readonly string[], more: readonly string[]): readonly string[] {
  if (more.length === 0) return some
  return some.length === 0 ? more : [...new Set([...some, ...more])]
}

// ---- targets ----

export function targetOf(figure: Figure, period: string): Target | null {
  return figure.targets?.[period] ?? figure.goal?.value ?? null
}

/** `null` where there is no value or no target. Rounding neither reaches nor misses a target. Grades are compared by their place in the plan's list, the best first. */
export function isMet(plan: Plan, figure: Figure, value: number | string | null, period: string): boolean | null {
  const target = targetOf(figure, period)
  if (value === null || target === null) return null
  if (typeof value === 'number' && typeof target === 'number') {
    switch (figure.better) {
      case 'atLeast':
        return compareNumbers(value, target) >= 0
      case 'atMost':
        return compareNumbers(value, target) <= 0
      case 'above':
        return compareNumbers(value, target) > 0
    }
  }
  const asked = figure.measure.kind === 'entered' ? elementOf(plan, figure.measure.element) : undefined
  const keys = asked === undefined ? [] : choicesOf(plan, asked.element).map((choice) => choice.key)
  const steps = keys.indexOf(String(target)) - keys.indexOf(String(value))
  if (!keys.includes(String(value)) || !keys.includes(String(target))) return null
  return figure.better === 'atLeast' ? steps >= 0 : figure.better === 'atMost' ? steps <= 0 : steps > 0
}

// ---- the wire ----

export function figureAnswer(
  plan: Plan,
  figure: Figure,
  period: string,
  { value, absence, coverage, detail }: Aggregate,
): FigureAnswer {
  return {
    id: figure.id,
    value,
    ...(absence === undefined ? {} : { absence }),
    target: targetOf(figure, period),
    met: isMet(plan, figure, value, period),
    coverage,
    ...(detail === undefined ? {} : { detail }),
  }
}

export function contributionAnswer(plan: Plan, one: Contribution): ContributionAnswer {
  const { orgUnit, counted, part, whole, absence, missing, stageTotals } = one
  return {
    orgUnit,
    counted,
    part,
    whole,
    ...(absence === undefined ? {} : { absence }),
    ...(missing.length === 0 ? {} : { missing }),
    ...(stageTotals === undefined ? {} : { indexes: indexValues(plan, stageTotals) }),
  }
}

/** The unit's own index values, per as many pupils as the plan shows them. */
function indexValues(plan: Plan, stageTotals: readonly StageTotals[]) {
  return stageTotals.flatMap(({ stage, pupils, totals }) =>
    (plan.document.balance?.indexes ?? []).map((index, n) => {
      const total = totals[n] ?? null
      return { id: index.id, stage, value: total === null ? null : (total * index.per) / pupils }
    }),
  )
}
