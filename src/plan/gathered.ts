/** Reads one unit's numbers and answers for a figure, and gathers by name what is missing on the way. */
import type { Absence } from '#domain/absence'
import { answerOf, kindCondition, type Answer, type Gaps, type KindCondition, type KindTerm } from './condition'
import type { AskedElement, Plan } from './plan'
import type { Reading } from './typed'
import type { UnitReadings } from './unit-readings'

/** `notApplicable`: the unit says so. `notAsked`: closed by its `when`. `missing`: could have been reported. */
export type NoNumber = 'notApplicable' | 'notAsked' | 'missing'

export class Gathered implements Gaps {
  /** Expanded ids, each once, in the order in which they were asked for. */
  readonly missingIds: string[] = []
  /** Why the first of them is missing. */
  firstAbsence: Absence | undefined

  constructor(
    private readonly plan: Plan,
    private readonly readings: UnitReadings,
  ) {}

  missing(asked: AskedElement, reading: Reading & { kind: 'absent' }): void {
    const { when } = asked.element
    if (when !== undefined && reading.absence === 'notReported' && this.readings.isOpen(asked) === 'unknown') {
      // The form does not show this element yet: what is missing is the answer that would open it.
      answerOf(kindCondition(this.plan, this.readings.kind, when), this.readings.asShown, this)
      return
    }
    if (this.missingIds.includes(asked.id)) return
    this.missingIds.push(asked.id)
    this.firstAbsence ??= reading.absence
  }

  notApplicable(): void {
    // An answer of its own; whoever asks sees it in the answer.
  }

  answer(condition: KindCondition): Answer {
    return answerOf(condition, this.readings.asValid, this)
  }

  number(asked: AskedElement): number | NoNumber {
    const reading = this.readings.valid(asked)
    if (reading.kind === 'number') return reading.number
    if (reading.kind !== 'absent' || reading.absence === 'notAsked') return 'notAsked'
    if (reading.absence === 'notApplicable') return 'notApplicable'
    this.missing(asked, reading)
    return 'missing'
  }

  /** The sum of what is there, also where a part is missing; the missing parts are gathered. */
  term(term: KindTerm): number | NoNumber {
    let sum: number | undefined
    let none: NoNumber = 'notAsked'
    for (const asked of term) {
      const number = this.number(asked)
      if (typeof number === 'number') sum = (sum ?? 0) + number
      else if (number === 'missing' || none === 'notAsked') none = number
    }
    return sum ?? none
  }
}
