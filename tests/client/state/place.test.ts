import { expect, test } from 'vitest'
import { currentPeriod } from '#client/state/place'

test.each([
  ['2023', '2023'],
  ['2026', '2024'],
  ['2019', '2022'],
])('in %s the period is %s', (year, period) => {
  expect(currentPeriod(['2022', '2023', '2024'], year)).toBe(period)
})

test('a plan without periods has no current one', () => {
  expect(currentPeriod([], '2024')).toBeUndefined()
})
