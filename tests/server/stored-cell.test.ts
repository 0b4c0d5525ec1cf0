import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headsToText, textToHeads } from '#server/store/stored-cell'
import type { Json } from '#sync/protocol'

const id = fc
  .tuple(fc.stringMatching(/^[a-z2-7]{13}$/), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))
  .map(([device, n]) => `${device}:${String(n)}`)
const from = fc.record({
  id,
  base: fc.array(id, { maxLength: 3 }),
  by: fc.string({ unit: 'grapheme' }),
  // JSON has no minus zero: it is read back as zero.
  at: fc.double({ noNaN: true, noDefaultInfinity: true }).map((at) => (at === 0 ? 0 : at)),
})
const value = fc.jsonValue({ maxDepth: 3 }).map((made) => JSON.parse(JSON.stringify(made)) as Json)
const heads = fc.array(fc.record({ value, from: fc.array(from, { minLength: 1, maxLength: 3 }) }), { maxLength: 3 })

test('heads come back from their row as they were, however many there are', () => {
  fc.assert(
    fc.property(heads, (these) => {
      expect(textToHeads(headsToText(these))).toEqual(JSON.parse(JSON.stringify(these)))
    }),
  )
})

test('the short way for one value typed once writes what the long way writes', () => {
  fc.assert(
    fc.property(value, from, (one, typed) => {
      const long = JSON.stringify([[one, [typed.id, typed.base, typed.by, typed.at]]])
      expect(headsToText([{ value: one, from: [typed] }])).toBe(long)
    }),
  )
})
