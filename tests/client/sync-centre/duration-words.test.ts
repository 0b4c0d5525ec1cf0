import { expect, test } from 'vitest'
import { clockWords } from '#client/features/sync-centre/duration-words'
import { bytesWords } from '#client/ui/bytes'

test('a clock that is nearly right is called right, and any other says by how much and which way', () => {
  expect(clockWords(undefined)).toBe('连通后才知道')
  expect(clockWords(2000)).toBe('准确')
  expect(clockWords(-4999)).toBe('准确')
  expect(clockWords(9000)).toBe('快 9 秒')
  expect(clockWords(-180_000)).toBe('慢 3 分钟')
  expect(clockWords(-26 * 3_600_000)).toBe('慢 26 小时')
  expect(clockWords(400 * 86_400_000)).toBe('快 400 天')
})

test('sizes have two or three figures and a unit', () => {
  expect(
    [0, 12_345, 999_600, 3_100_000, 412_000_000, 2_130_000_000].map((size) => Object.values(bytesWords(size)).join(' ')),
  ).toEqual(['0 kB', '12 kB', '1000 kB', '3.1 MB', '412 MB', '2.1 GB'])
})
