import fc from 'fast-check'
import { expect, test } from 'vitest'
import { append, newCounter } from '#sync/outbox'
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
