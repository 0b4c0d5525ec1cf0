/**
 * Why there is no number. A missing number always has one of these names; it is never 0 and never NaN.
 *
 * | name          | means                                                                        |
 * |---------------|------------------------------------------------------------------------------|
 * | notReported   | nobody has typed anything yet                                                |
 * | notApplicable | the unit is asked, and answered with a reason that the thing does not concern it |
 * | notAvailable  | the unit is asked, and answered with a reason that it cannot know             |
 * | invalid       | something is typed, but it is not of the element's kind or breaks an error rule |
 * | conflict      | two people typed different values and nobody has decided yet                  |
 * | notAsked      | the plan does not ask this unit                                               |
 * | emptyWhole    | the denominator of a ratio, share or mean is empty or zero                    |
 */
export const ABSENCES = ['notReported', 'notApplicable', 'notAvailable', 'invalid', 'conflict', 'notAsked', 'emptyWhole'] as const
export type Absence = (typeof ABSENCES)[number]

/** The two absences that a person states, each with a reason. */
export type StatedAbsence = { readonly absence: 'notApplicable' | 'notAvailable'; readonly reason: string }

/**
 * What a data value's cell holds.
 * A string is what was typed: numbers without thousands separators where they could be understood, the raw text
 * otherwise; yes/no as `true` / `false`; a choice by its key; several choices as keys joined by commas.
 * `null` is a cleared field.
 */
export type TypedValue = string | StatedAbsence | null

/** Every cell value that is not of this shape is shown as it is and counted as invalid; it is never dropped. */
export function isStatedAbsence(value: unknown): value is StatedAbsence {
  return (
    typeof value === 'object' &&
    value !== null &&
    'absence' in value &&
    (value.absence === 'notApplicable' || value.absence === 'notAvailable') &&
    'reason' in value &&
    typeof value.reason === 'string'
  )
}
