/**
 * Questions to one unit's values.
 *
 * An answer is yes, no or unknown. `all` and `any` answer as far as can be known: one no makes `all` a no whatever else is missing.
 * What is missing is collected beside the answer, so that a measure that needs every element can ask for it.
 * An element that the unit is not asked (by its kind, or because its own `when` is no) answers no and is not missing.
 */
import { compareNumbers } from './compare-numbers'
import { elementOf, elementsOfTerm, type AskedElement, type Plan } from './plan'
import type { Condition, Term } from './schema'
import type { Reading } from './typed'
import { onceForKind, type UnitKind } from './unit-kind'

export type Answer = 'yes' | 'no' | 'unknown'

/** A term for one kind of unit: the elements that it is asked. */
export type KindTerm = readonly AskedElement[]

export type KindCondition =
  | { readonly op: 'in'; readonly asked: AskedElement | undefined; readonly keys: readonly string[] }
  | { readonly op: 'atLeast' | 'above'; readonly term: KindTerm; readonly limit: number }
  | { readonly op: 'none'; readonly term: KindTerm }
  | { readonly op: 'equal'; readonly one: KindTerm; readonly other: KindTerm }
  | { readonly op: 'all' | 'any'; readonly of: readonly KindCondition[] }

/** What is not there, gathered while something is worked out. */
export type Gaps = {
  /** Something is absent that could have been reported. */
  missing(asked: AskedElement, absence: Reading & { kind: 'absent' }): void
  /** The unit said that it does not concern it. */
  notApplicable(asked: AskedElement): void
}

export type ReadingSource = { reading(asked: AskedElement): Reading }

export function kindTerm(plan: Plan, kind: UnitKind, term: Term): KindTerm {
  return onceForKind(kind, term, () => elementsOfTerm(plan, term).filter((asked) => kind.asks[asked.index] === true))
}

export function kindCondition(plan: Plan, kind: UnitKind, condition: Condition): KindCondition {
  return onceForKind(kind, condition, () => makeCondition(plan, kind, condition))
}

function makeCondition(plan: Plan, kind: UnitKind, condition: Condition): KindCondition {
  if ('all' in condition) return { op: 'all', of: condition.all.map((each) => kindCondition(plan, kind, each)) }
  if ('any' in condition) return { op: 'any', of: condition.any.map((each) => kindCondition(plan, kind, each)) }
  if ('equal' in condition) {
    const [one, other] = condition.equal
    return { op: 'equal', one: kindTerm(plan, kind, one), other: kindTerm(plan, kind, other) }
  }
  if ('atLeast' in condition) return { op: 'atLeast', term: kindTerm(plan, kind, condition.term), limit: condition.atLeast }
  if ('above' in condition) return { op: 'above', term: kindTerm(plan, kind, condition.term), limit: condition.above }
  if ('none' in condition) return { op: 'none', term: kindTerm(plan, kind, condition.term) }
  const asked = elementOf(plan, condition.element)
  return {
    op: 'in',
    asked: asked !== undefined && kind.asks[asked.index] === true ? asked : undefined,
    keys: 'in' in condition ? condition.in : [condition.is],
  }
}

/** Whether the unit is asked anything that the condition reads. */
export function isAskedAnyOf(condition: KindCondition): boolean {
  switch (condition.op) {
    case 'in':
      return condition.asked !== undefined
    case 'atLeast':
    case 'above':
    case 'none':
      return condition.term.length > 0
    case 'equal':
      return condition.one.length > 0 && condition.other.length > 0
    case 'all':
    case 'any':
      return condition.of.some(isAskedAnyOf)
  }
}

export function answerOf(condition: KindCondition, source: ReadingSource, gaps?: Gaps): Answer {
  switch (condition.op) {
    case 'in':
      return condition.asked === undefined
        ? 'no'
        : isAmong(source.reading(condition.asked), condition.asked, condition.keys, gaps)
    case 'atLeast':
    case 'above':
    case 'none': {
      const number = numberOf(condition.term, source, gaps)
      if (typeof number !== 'number') return number
      if (condition.op === 'none') return number === 0 ? 'yes' : 'no'
      const over = compared(number, condition.limit, condition.term.length > 1)
      return (condition.op === 'atLeast' ? over >= 0 : over > 0) ? 'yes' : 'no'
    }
    case 'equal': {
      const one = numberOf(condition.one, source, gaps)
      const other = numberOf(condition.other, source, gaps)
      if (one === 'no' || other === 'no') return 'no'
      if (one === 'unknown' || other === 'unknown') return 'unknown'
      const areSums = condition.one.length > 1 || condition.other.length > 1
      return compared(one, other, areSums) === 0 && one !== 0 ? 'yes' : 'no'
    }
    case 'all':
      return combined(condition.of, source, gaps, 'no', 'yes')
    case 'any':
      return combined(condition.of, source, gaps, 'yes', 'no')
  }
}

/** A single typed number is what was typed, to its last digit; only adding several up can round. */
function compared(one: number, other: number, isSum: boolean): number {
  return isSum ? compareNumbers(one, other) : one - other
}

/** Every part is asked, also when the answer is known already, so that the gaps are complete. */
function combined(
  of: readonly KindCondition[],
  source: ReadingSource,
  gaps: Gaps | undefined,
  decides: Answer,
  otherwise: Answer,
): Answer {
  let answer = otherwise
  for (const each of of) {
    const one = answerOf(each, source, gaps)
    if (one === decides) answer = decides
    else if (one === 'unknown' && answer !== decides) answer = 'unknown'
    if (answer === decides && gaps === undefined) return answer
  }
  return answer
}

/** The term's sum; `no` where nothing of it is asked, `unknown` where a part of it is absent. */
function numberOf(term: KindTerm, source: ReadingSource, gaps: Gaps | undefined): number | 'no' | 'unknown' {
  let sum: number | undefined
  let isUnknown = false
  let isNotApplicable = false
  for (const asked of term) {
    const reading = source.reading(asked)
    if (reading.kind === 'number') sum = (sum ?? 0) + reading.number
    else if (reading.kind !== 'absent' || reading.absence === 'notAsked') continue
    else if (reading.absence === 'notApplicable') {
      isNotApplicable = true
      gaps?.notApplicable(asked)
    } else {
      isUnknown = true
      gaps?.missing(asked, reading)
    }
  }
  if (isUnknown) return 'unknown'
  return sum ?? (isNotApplicable ? 'unknown' : 'no')
}

function isAmong(reading: Reading, asked: AskedElement, keys: readonly string[], gaps: Gaps | undefined): Answer {
  switch (reading.kind) {
    case 'yesno':
      return keys.includes(reading.yes ? 'true' : 'false') ? 'yes' : 'no'
    case 'choice':
      return keys.includes(reading.key) ? 'yes' : 'no'
    case 'choices':
      return reading.keys.some((key) => keys.includes(key)) ? 'yes' : 'no'
    case 'text':
      return keys.includes(reading.text) ? 'yes' : 'no'
    case 'number':
      return keys.includes(String(reading.number)) ? 'yes' : 'no'
    case 'absent':
      if (reading.absence === 'notAsked') return 'no'
      if (reading.absence === 'notApplicable') gaps?.notApplicable(asked)
      else gaps?.missing(asked, reading)
      return 'unknown'
  }
}
