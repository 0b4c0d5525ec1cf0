import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExactSum, exactSum } from '#plan/exact-sum'

const numbers = fc.array(
  fc.oneof(
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
    fc.double({ min: -1e15, max: 1e15, noNaN: true }),
    fc.double({ min: -1e-6, max: 1e-6, noNaN: true }),
    fc.integer({ min: 0, max: 99_999_999 }).map((cents) => cents / 100),
  ),
  { maxLength: 60 },
)

const plainSum = (of: readonly number[]) => of.reduce((sum, number) => sum + number, 0)

/** The same total in exact rational arithmetic: every double is a whole multiple of 2^-1074. */
function exactly(of: readonly number[]): number {
  const bits = new DataView(new ArrayBuffer(8))
  let sum = 0n
  for (const number of of) {
    bits.setFloat64(0, number)
    const high = bits.getBigUint64(0)
    const exponent = Number((high >> 52n) & 0x7ffn)
    const fraction = high & 0xfffffffffffffn
    const size = exponent === 0 ? fraction : (fraction | 0x10000000000000n) << BigInt(exponent - 1)
    sum += high >> 63n === 1n ? -size : size
  }
  if (sum === 0n) return 0
  const negative = sum < 0n
  const size = negative ? -sum : sum
  const shift = BigInt(Math.max(0, size.toString(2).length - 53))
  let kept = size >> shift
  const rest = size - (kept << shift)
  const half = shift === 0n ? 0n : 1n << (shift - 1n)
  if (shift > 0n && (rest > half || (rest === half && (kept & 1n) === 1n))) kept += 1n
  // Scaled in two steps, since 2^-1074 times a large number would lose bits on the way.
  const value = Number(kept) * 2 ** (Number(shift) - 537) * 2 ** -537
  return negative ? -value : value
}

test('the total is the exact one, rounded once', () => {
  fc.assert(
    fc.property(numbers, (of) => {
      expect(exactSum(of)).toBe(exactly(of))
    }),
    { numRuns: 1000 },
  )
})

test('the order of what is added does not matter, to the last bit', () => {
  fc.assert(
    fc.property(
      numbers.chain((of) => fc.tuple(fc.constant(of), fc.shuffledSubarray(of, { minLength: of.length }))),
      ([of, shuffled]) => {
        expect(exactSum(shuffled)).toBe(exactSum(of))
      },
    ),
  )
})

test('what is taken back leaves no trace', () => {
  fc.assert(
    fc.property(numbers, numbers, (stay, go) => {
      const sum = new ExactSum()
      for (const number of go) sum.add(number)
      for (const number of stay) sum.add(number)
      for (const number of go) sum.remove(number)
      expect(sum.total()).toBe(exactSum(stay))
    }),
  )
})

test('plain addition does depend on the order, so the property can fail', () => {
  expect(plainSum([0.1, 0.2, 0.3])).not.toBe(plainSum([0.3, 0.2, 0.1]))
  expect(plainSum([1e16, 1, -1e16])).toBe(0)
  expect(exactSum([1e16, 1, -1e16])).toBe(1)
})

test('a number exactly between two is rounded to the even one unless something smaller decides', () => {
  const tie = 2 ** 53
  expect(exactSum([tie, 1])).toBe(tie)
  expect(exactSum([tie, 1, 2 ** -60])).toBe(tie + 2)
  expect(exactSum([tie + 2, 1, -(2 ** -60)])).toBe(tie + 2)
})

test('nothing adds up to a plain zero', () => {
  expect(Object.is(exactSum([]), 0)).toBe(true)
  expect(Object.is(exactSum([-0]), 0)).toBe(true)
  expect(Object.is(exactSum([0.5, -0.5]), 0)).toBe(true)
})
