/**
 * A sum that does not depend on the order of what is added, to the last bit.
 *
 * Plain addition of floating-point numbers rounds at each step, so that the same schools in another order could give another figure.
 * Here nothing is rounded before the end: whole numbers are added exactly as long as they stay below 2^53, everything else is kept as
 * a list of non-overlapping partial sums whose total is exact, and the total is rounded once, half to even.
 *
 * Source: J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates" (1997); the final
 * rounding as in CPython's `math.fsum`. Numbers must be finite and far from the largest one (typed numbers have at most 15 digits).
 */
export class ExactSum {
  private integers = 0
  private readonly partials: number[] = []

  add(number: number): void {
    if (Number.isSafeInteger(number)) {
      const integers = this.integers + number
      if (Number.isSafeInteger(integers)) {
        this.integers = integers
        return
      }
    }
    grow(this.partials, number)
  }

  /** Takes back what was added before: exact as well, so that nothing of it remains. */
  remove(number: number): void {
    this.add(-number)
  }

  /** The exact total, rounded once. 0 where nothing was added. */
  total(): number {
    // + 0 turns a negative zero, which taking back can leave, into a plain one.
    if (this.partials.length === 0) return this.integers + 0
    const partials = [...this.partials]
    grow(partials, this.integers)
    return rounded(partials)
  }
}

export function exactSum(numbers: Iterable<number>): number {
  const sum = new ExactSum()
  for (const number of numbers) sum.add(number)
  return sum.total()
}

/** Adds the number to the partials, from the smallest to the largest; what a step rounds off stays as a partial of its own. */
function grow(partials: number[], number: number): void {
  let large = number
  let kept = 0
  for (const partial of partials) {
    let small = partial
    if (Math.abs(large) < Math.abs(small)) [large, small] = [small, large]
    const sum = large + small
    const lost = small - (sum - large)
    if (lost !== 0) partials[kept++] = lost
    large = sum
  }
  partials.length = kept
  if (large !== 0) partials.push(large)
}

function rounded(partials: readonly number[]): number {
  let at = partials.length - 1
  let high = partials[at] ?? 0
  let low = 0
  while (at > 0) {
    at -= 1
    const before = high
    const partial = partials[at] ?? 0
    high = before + partial
    low = partial - (high - before)
    if (low !== 0) break
  }
  // Exactly between two numbers: what is still smaller decides to which side, or else the even one stays.
  const rest = at > 0 ? (partials[at - 1] ?? 0) : 0
  if ((low < 0 && rest < 0) || (low > 0 && rest > 0)) {
    const twice = low * 2
    const other = high + twice
    if (other - high === twice) return other
  }
  return high
}
