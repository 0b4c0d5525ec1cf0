import { expect, test } from 'vitest'
import { clockTime, dayWords, machineTime, startOfDay, whenWords } from '#client/ui/when'

const at = (...parts: [number, number, number, number?, number?]) => new Date(parts[0], parts[1] - 1, ...parts.slice(2)).getTime()
const now = at(2024, 3, 1, 10, 30)

test.each([
  [at(2024, 3, 1, 10, 29) + 30_000, '刚刚'],
  [at(2024, 3, 1, 9, 5), '今天 09:05'],
  [at(2024, 2, 29, 23, 59), '昨天 23:59'],
  [at(2024, 2, 28, 7, 0), '2 月 28 日 07:00'],
  [at(2023, 12, 31, 7, 0), '2023 年 12 月 31 日'],
  // A clock that runs ahead: the moment is told, not "just now".
  [at(2024, 3, 1, 10, 40), '今天 10:40'],
])('a moment is told as people tell it (%#)', (moment, words) => {
  expect(whenWords(moment, now)).toBe(words)
})

test('a day begins at midnight of this place', () => {
  expect(clockTime(startOfDay(now))).toBe('00:00')
  expect(dayWords(startOfDay(now))).toBe('3 月 1 日')
})

test.each([NaN, Infinity, 9e15])('a moment that no calendar has (%s) is said to be unknown', (moment) => {
  expect([whenWords(moment, now), dayWords(moment), clockTime(moment)]).toEqual(['时间不明', '时间不明', '时间不明'])
  expect(machineTime(moment)).toBeUndefined()
})
