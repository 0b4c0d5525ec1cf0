import fc from 'fast-check'
import { expect, test } from 'vitest'
import { usualRange } from '#plan/usual-range'
import { smallPlan } from './small-plan'

test('percentiles lie between the nearest two numbers', () => {
  expect(usualRange(smallPlan, [50, 10, 40, 20, 30])).toEqual({ low: 14, high: 46, units: 5 })
  expect(usualRange(smallPlan, [7, 7, 7, 7, 7])).toEqual({ low: 7, high: 7, units: 5 })
})

test('with fewer units than the plan asks for there is none', () => {
  expect(usualRange(smallPlan, [1, 2, 3, 4])).toBeUndefined()
  expect(usualRange(smallPlan, [])).toBeUndefined()
})

test('numbers are compared as numbers: 9 is less than 10', () => {
  expect(usualRange(smallPlan, [9, 10, 100, 1000, 10000])?.low).toBeCloseTo(9.4, 12)
})

test('the order does not matter, and the range lies within the numbers', () => {
  const numbers = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 5, maxLength: 40 })
  fc.assert(
    fc.property(
      numbers.chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }))),
      ([some, shuffled]) => {
        const range = usualRange(smallPlan, some)
        expect(usualRange(smallPlan, shuffled)).toEqual(range)
        if (range === undefined) throw new Error('enough units, no range')
        expect(range.low).toBeGreaterThanOrEqual(Math.min(...some))
        expect(range.high).toBeLessThanOrEqual(Math.max(...some))
        expect(range.low).toBeLessThanOrEqual(range.high)
      },
    ),
  )
})
