/**
 * One unit's values of one period, read in three steps, each only when it is asked for:
 *
 * | step   | adds                                                                                  | used by            |
 * |--------|---------------------------------------------------------------------------------------|--------------------|
 * | typed  | the value is of its element's kind and in its range                                    | checks             |
 * | shown  | an element whose `when` is no is not asked; a missing answer is what the plan assumes   | `when`, the form   |
 * | valid  | a value that breaks an error rule is invalid: see `Rule` for which side                 | figures, hardware  |
 *
 * Every rule looks at shown values, never at the outcome of another rule, so that their order does not matter.
 */
import { compareNumbers } from './compare-numbers'
import { answerOf, kindCondition, type Answer, type ReadingSource } from './condition'
import { isJudgedBy, type AskedElement, type Plan, type RuleInstance } from './plan'
import { absent, readingOf, type Reading, type Values } from './typed'
import type { UnitKind } from './unit-kind'

export type UnitReadings = {
  readonly kind: UnitKind
  typed(asked: AskedElement): Reading
  shown(asked: AskedElement): Reading
  valid(asked: AskedElement): Reading
  /** Whether the element's `when` holds; yes where it has none. */
  isOpen(asked: AskedElement): Answer
  /** The numbers on both sides if the rule is broken by what has been reported. */
  broken(rule: RuleInstance): { readonly part: number; readonly whole: number } | undefined
  readonly asShown: ReadingSource
  readonly asValid: ReadingSource
}

export function readUnit(plan: Plan, kind: UnitKind, values: Values): UnitReadings {
  const typedBy: (Reading | undefined)[] = []
  const shownBy: (Reading | undefined)[] = []
  const validBy: (Reading | undefined)[] = []
  const openBy: (Answer | undefined)[] = []
  const brokenBy = new Map<RuleInstance, boolean>()

  function typed(asked: AskedElement): Reading {
    return (typedBy[asked.index] ??=
      kind.asks[asked.index] === true ? readingOf(plan, asked, values.get(asked.id)) : absent('notAsked'))
  }

  function isOpen(asked: AskedElement): Answer {
    const { when } = asked.element
    if (when === undefined) return 'yes'
    return (openBy[asked.index] ??= answerOf(kindCondition(plan, kind, when), asShown))
  }

  function shown(asked: AskedElement): Reading {
    return (shownBy[asked.index] ??= look(asked))
  }

  function look(asked: AskedElement): Reading {
    const reading = typed(asked)
    if (asked.element.when !== undefined && isOpen(asked) === 'no') return absent('notAsked')
    if (reading.kind !== 'absent' || reading.absence !== 'notReported') return reading
    const assumed = kind.assumed[asked.index]
    return assumed === undefined ? reading : readingOf(plan, asked, { value: assumed })
  }

  function valid(asked: AskedElement): Reading {
    return (validBy[asked.index] ??= judge(asked))
  }

  function judge(asked: AskedElement): Reading {
    const reading = shown(asked)
    const rules = kind.rulesByElement[asked.index]
    if (reading.kind !== 'number' || rules === undefined) return reading
    for (const rule of rules) {
      if (!isJudgedBy(rule, asked)) continue
      let isBroken = brokenBy.get(rule)
      if (isBroken === undefined) brokenBy.set(rule, (isBroken = broken(rule) !== undefined))
      if (isBroken) return absent('invalid')
    }
    return reading
  }

  /** The whole must be complete; a part that is too large is too large however much of it is still missing. */
  function broken(rule: RuleInstance): { readonly part: number; readonly whole: number } | undefined {
    let part = 0
    let whole = 0
    let isWholeKnown = false
    for (const asked of rule.part) {
      const reading = shown(asked)
      if (reading.kind === 'number') part += reading.number
    }
    for (const asked of rule.whole) {
      const reading = shown(asked)
      if (reading.kind === 'number') {
        whole += reading.number
        isWholeKnown = true
      } else if (reading.kind !== 'absent' || (reading.absence !== 'notAsked' && reading.absence !== 'notApplicable')) {
        return undefined
      }
    }
    const areSums = rule.part.length > 1 || rule.whole.length > 1
    const isOver = areSums ? compareNumbers(part, whole) > 0 : part > whole
    return isWholeKnown && isOver ? { part, whole } : undefined
  }

  const asShown = { reading: shown }
  const asValid = { reading: valid }
  return { kind, typed, shown, valid, isOpen, broken, asShown, asValid }
}
