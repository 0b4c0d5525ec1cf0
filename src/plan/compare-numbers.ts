/**
 * Numbers that differ only by rounding are the same number.
 *
 * 100 × 82407.93 / 2746931 is 3 on paper and 2.9999999999999996 in the machine's binary fractions: an exactly reached target would be
 * missed. A double carries 15 to 17 digits, and typed numbers have at most 15; what a quotient, a mean or a sum of fractions loses
 * is in the last two or three of them. One part in 10⁹ is far above that, and far below anything that a reader of a figure could mean.
 * Relative, so that it holds for a coefficient of 0.25 as for a payroll in yuan; against 0 only 0 is the same.
 * Larger, and figures that are truly short would be called met; smaller than about 10⁻¹⁴, and rounding would decide.
 */
const TOLERANCE = 1e-9

/** Negative: `one` is smaller; 0: the same but for rounding; positive: larger. */
export function compareNumbers(one: number, other: number): number {
  return isSame(one, other) ? 0 : one - other
}

function isSame(one: number, other: number): boolean {
  return Math.abs(one - other) <= TOLERANCE * Math.max(Math.abs(one), Math.abs(other))
}
