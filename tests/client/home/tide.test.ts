import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linePath, spotsOf, tideOf } from '#client/features/home/tide'

const DAY = 86_400_000
const dayOf = (at: number) => Math.floor(at / DAY) * DAY
const dayBefore = (day: number) => day - DAY
const BOX = { width: 692, height: 240, top: 70, right: 600 }

test('the tide begins with nothing on the day before the first answer and ends today', () => {
  const points = tideOf({ times: [10 * DAY + 5, 10 * DAY + 9, 12 * DAY], lastDay: 14 * DAY, dayOf, dayBefore })
  expect(points).toEqual([
    { day: 9 * DAY, count: 0 },
    { day: 10 * DAY, count: 2 },
    { day: 12 * DAY, count: 3 },
    { day: 14 * DAY, count: 3 },
  ])
})

test('without an answer there is no tide', () => {
  expect(tideOf({ times: [], lastDay: 0, dayOf, dayBefore })).toEqual([])
  expect(linePath([])).toBe('')
})

test('the last point counts every answer, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 * DAY })), fc.integer({ min: 0, max: 500 }), (times, lastDay) => {
      const points = tideOf({ times, lastDay: lastDay * DAY, dayOf, dayBefore })
      expect(points.at(-1)?.count ?? 0).toBe(times.length)
    }),
  )
})

test('the line never falls: every curve stays between the two counts that it joins', () => {
  const times = fc.array(fc.integer({ min: 0, max: 60 * DAY }), { minLength: 1, maxLength: 80 })
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 40 }), (answered, unanswered) => {
      const points = tideOf({ times: answered, lastDay: 61 * DAY, dayOf, dayBefore })
      const spots = spotsOf(points, answered.length + unanswered, BOX)
      const numbers = linePath(spots)
        .split(/[MC]/)
        .slice(1)
        .map((part) => part.split(' ').map(Number))
      let y = BOX.height
      for (const [, c1 = 0, , c2 = 0, , end = 0] of numbers.slice(1)) {
        // 0.11: the path is rounded to a tenth.
        expect(c1).toBeLessThanOrEqual(y + 0.11)
        expect(c2).toBeLessThanOrEqual(c1 + 0.11)
        expect(end).toBeLessThanOrEqual(c2 + 0.11)
        y = end
      }
    }),
  )
})
