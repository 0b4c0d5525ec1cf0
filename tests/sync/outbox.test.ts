import fc from 'fast-check'
import { expect, test } from 'vitest'
import { append, baseOf, newCounter, ownSeen } from '#sync/outbox'
import { BASE_MAX } from '#sync/protocol'

test('an edit names no more than a request has room for, the newest of what was seen', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 * BASE_MAX }), (count) => {
      const base = Array.from({ length: count }, (_, at) => `aaaaaaaaaaaaa:${at + 1}`)
      const { row } = append(newCounter('bbbbbbbbbbbbb'), { key: 'v/2024/a', value: '1', base, at: 1, pv: 1 })
      expect(row.base).toEqual(count <= BASE_MAX ? base : base.slice(count - BASE_MAX))
    }),
  )
})

test('an edit behind one that waits names also what that one had seen, and never itself', () => {
  const waits = ownSeen('bbbbbbbbbbbbb:4', { base: ['aaaaaaaaaaaaa:1', 'bbbbbbbbbbbbb:3'], hasReplaced: false })
  expect(baseOf(['aaaaaaaaaaaaa:1', 'ccccccccccccc:1'], waits)).toEqual([
    'ccccccccccccc:1',
    'aaaaaaaaaaaaa:1',
    'bbbbbbbbbbbbb:3',
    'bbbbbbbbbbbbb:4',
  ])
  expect(baseOf([], ownSeen('bbbbbbbbbbbbb:4', { base: ['aaaaaaaaaaaaa:1'], hasReplaced: true }))).toEqual(['bbbbbbbbbbbbb:4'])
  const { row } = append(
    { ...newCounter('bbbbbbbbbbbbb'), n: 4 },
    { key: 'v/2024/a', value: '1', base: ['bbbbbbbbbbbbb:5'], at: 1, pv: 1 },
  )
  expect(row.base).toEqual([])
})
