import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  canonicalJson,
  cellHash,
  chainAfter,
  digestFrom,
  digestOf,
  EMPTY_CHAIN,
  EMPTY_DIGEST,
  hash,
  hashToHex,
  nameOfHash,
  sameJson,
} from '#sync/hash'
import type { Cell, Json } from '#sync/protocol'

const jsonValue = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json)
const cell: fc.Arbitrary<Cell> = fc.record({
  seq: fc.nat(),
  heads: fc.array(
    fc.record({
      value: jsonValue,
      from: fc.array(fc.record({ id: fc.string(), base: fc.constant([]), by: fc.string(), at: fc.nat() }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
})

/** FNV-1a as its authors give it, with numbers as long as they need to be. */
function reference(text: string): string {
  let sum = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) sum = ((sum ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn
  return sum.toString(16).padStart(16, '0')
}

test('the hash is FNV-1a of 64 bits over UTF-8', () => {
  // From the authors' own list.
  expect(hash('')).toBe('cbf29ce484222325')
  expect(hash('a')).toBe('af63dc4c8601ec8c')
  expect(hash('foobar')).toBe('85944171f73967e8')
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => void expect(hash(text)).toBe(reference(text))))
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => void expect(hash(text)).toBe(reference(text))))
})

test('equal values have equal canonical JSON whatever the order of their keys', () => {
  const shuffled = (value: Json): Json => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((one: Json) => shuffled(one))
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, one]) => [key, shuffled(one)]),
    )
  }
  fc.assert(
    fc.property(jsonValue, (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value))
      expect(JSON.parse(canonicalJson(value))).toEqual(value)
      expect(sameJson(value, shuffled(value))).toBe(true)
    }),
  )
  expect(canonicalJson({ b: 1, a: [null, true, '“'] })).toBe('{"a":[null,true,"“"],"b":1}')
  expect(sameJson('1', 1)).toBe(false)
  expect(sameJson(null, {})).toBe(false)
})

test('the chain tells any other content, order or past, and does not care whether it is sent again', () => {
  const mutation = { n: 1, kind: 'set', key: 'v/2024/a', value: '1', base: ['x:1'], at: 5, pv: 1 }
  const chain = chainAfter(EMPTY_CHAIN, mutation)
  expect(chain).toMatch(/^[0-9a-f]{16}$/)
  expect(chainAfter(EMPTY_CHAIN, { ...mutation })).toBe(chain)
  expect(chainAfter(EMPTY_CHAIN, Object.assign({ again: true as const }, mutation))).toBe(chain)
  const others = [{ n: 2 }, { kind: 'move' }, { key: 'v/2024/b' }, { value: 1 }, { base: [] }, { at: 6 }, { pv: 2 }]
  for (const other of others) expect(chainAfter(EMPTY_CHAIN, { ...mutation, ...other })).not.toBe(chain)
  expect(chainAfter(chain, mutation)).not.toBe(chain)
})

test('the digest that is kept up to date is the one computed anew, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), cell)), (changes) => {
      const digest = digestFrom(EMPTY_DIGEST)
      const cells: Record<string, Cell> = {}
      for (const [key, now] of changes) {
        digest.replace(key, cells[key], now)
        cells[key] = now
      }
      expect(digest.value()).toBe(digestOf(cells))
      expect(digest.value()).toBe(digestOf(Object.fromEntries(Object.entries(cells).reverse())))
    }),
  )
})

test('the digest sees a value, an author, a key and a receipt, and not the order of heads', () => {
  const head = (value: Json, id: string) => ({ value, from: [{ id, base: [], by: 'x', at: 1 }] })
  const one: Cell = { seq: 1, heads: [head('1', 'a:1'), head('2', 'b:1')] }
  const digest = (key: string, changed: Cell) => hashToHex(cellHash(key, changed))
  expect(digest('k', { seq: 1, heads: [...one.heads].reverse() })).toBe(digest('k', one))
  for (const other of [
    { ...one, seq: 2 },
    { seq: 1, heads: [head('1', 'a:1')] },
    { seq: 1, heads: [head('1', 'a:1'), head('3', 'b:1')] },
    { seq: 1, heads: [head('1', 'a:1'), head('2', 'b:2')] },
  ]) {
    expect(digest('k', other)).not.toBe(digest('k', one))
  }
  expect(digest('l', one)).not.toBe(digest('k', one))
})

test('a name made of a hash is a device name, and another hash another name', () => {
  const halves = fc.record({ high: fc.nat(0xffffffff), low: fc.nat(0xffffffff) })
  fc.assert(
    fc.property(halves, halves, (one, other) => {
      expect(nameOfHash(one)).toMatch(/^[a-z2-7]{13}$/)
      expect(nameOfHash(one) === nameOfHash(other)).toBe(one.high === other.high && one.low === other.low)
    }),
  )
})
