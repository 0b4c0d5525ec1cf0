/**
 * The 64-bit hash of the protocol: FNV-1a over UTF-8, sixteen hexadecimal digits.
 *
 * It must be synchronous (a promise inside an IndexedDB transaction lets the transaction commit) and fast (three of them for each
 * value that the server takes), so it is computed in two 32-bit halves, without BigInt. It finds accidents, not attacks: who
 * may write is a matter of rights. Photos are named by SHA-256, elsewhere.
 *
 * - **canonical JSON**: keys sorted, so that equal values are equal texts;
 * - **chain**: hash of the chain before and the mutation's content; two devices with one name have different chains;
 * - **digest**: sum modulo 2^64 of the hashes of a stream's cells. The order does not matter, and a changed cell is the old hash
 *   taken off and the new one put on.
 */
import type { Cell, Json, Mutation } from './protocol'

/** Two unsigned 32-bit halves. */
export type Hash64 = { readonly high: number; readonly low: number }

const ZERO: Hash64 = { high: 0, low: 0 }
const TWO_32 = 0x1_0000_0000
/** The FNV prime is 2^40 + 0x1b3: multiplying is two small products, of 16 bits each, and one shift by 40, which is the low half by 8. */
const PRIME_LOW = 0x1b3

export function hash64(text: string): Hash64 {
  // Whole numbers of 32 bits only, with their sign: a product of 41 bits would make each step several times slower.
  let high = 0xcbf29ce4 | 0
  let low = 0x84222325 | 0
  let lower = 0
  let upper = 0
  const { length } = text
  for (let i = 0; i < length; i++) {
    let code = text.charCodeAt(i)
    if (code >= 0x80) {
      // All bytes of the character but the last are mixed in here, the last one below. A lone surrogate counts as a character.
      let lead: number
      let rest: number
      if (code < 0x800) {
        lead = 0xc0 | (code >> 6)
        rest = 0
      } else {
        const next = code >= 0xd800 && code < 0xdc00 && i + 1 < length ? text.charCodeAt(i + 1) : 0
        if (next >= 0xdc00 && next < 0xe000) {
          code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00)
          i++
          lead = 0xf0 | (code >> 18)
          rest = 2
        } else {
          lead = 0xe0 | (code >> 12)
          rest = 1
        }
      }
      for (let byte = lead; ; rest--) {
        low ^= byte
        lower = (low & 0xffff) * PRIME_LOW
        upper = (low >>> 16) * PRIME_LOW + (lower >>> 16)
        high = (Math.imul(high, PRIME_LOW) + (low << 8) + (upper >>> 16)) | 0
        low = (upper << 16) | (lower & 0xffff)
        if (rest === 0) break
        byte = 0x80 | ((code >> (6 * rest)) & 0x3f)
      }
      code = 0x80 | (code & 0x3f)
    }
    low ^= code
    lower = (low & 0xffff) * PRIME_LOW
    upper = (low >>> 16) * PRIME_LOW + (lower >>> 16)
    high = (Math.imul(high, PRIME_LOW) + (low << 8) + (upper >>> 16)) | 0
    low = (upper << 16) | (lower & 0xffff)
  }
  return { high: high >>> 0, low: low >>> 0 }
}

/** Two digits for each byte: `toString(16)` and `padStart` take three times as long. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const hex = (half: number): string =>
  `${HEX[half >>> 24] ?? ''}${HEX[(half >>> 16) & 255] ?? ''}${HEX[(half >>> 8) & 255] ?? ''}${HEX[half & 255] ?? ''}`

export const hashToHex = ({ high, low }: Hash64): string => hex(high) + hex(low)

export function hexToHash(hex: string): Hash64 {
  return { high: parseInt(hex.slice(0, 8), 16), low: parseInt(hex.slice(8), 16) }
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** As a device's name: thirteen letters of base32, the last one for the two highest bits of each half. */
export function nameOfHash({ high, low }: Hash64): string {
  let name = ''
  for (let at = 0; at < 6; at++) name += BASE32.charAt((high >>> (5 * at)) & 31)
  for (let at = 0; at < 6; at++) name += BASE32.charAt((low >>> (5 * at)) & 31)
  return name + BASE32.charAt((high >>> 30) * 4 + (low >>> 30))
}

export const hash = (text: string): string => hashToHex(hash64(text))

export function canonicalJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`)
  return `{${entries.join(',')}}`
}

export function sameJson(one: Json, other: Json): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object') return false
  return canonicalJson(one) === canonicalJson(other)
}

/** Of a device that has written nothing yet. */
export const EMPTY_CHAIN = '0000000000000000'
export const EMPTY_DIGEST = '0000000000000000'

/**
 * The chain once the mutation is appended. `again` is not content: it says what became of the mutation, not what it is.
 */
export function chainAfter(chain: string, mutation: Omit<Mutation, 'again'>): string {
  const { n, kind, key, value, base, at, pv } = mutation
  return hash(`${chain} ${n} ${kind} ${JSON.stringify(key)} ${canonicalJson(value)} ${base.join(',')} ${at} ${pv}`)
}

/**
 * Of one cell with its key and number: the values of its heads and who wrote them. Values are in it because a copied device gives the
 * same id to two values, the number because it is shown as the receipt and a server that was rolled back gives others; the heads are
 * sorted because their order says nothing.
 */
export function cellHash(key: string, cell: Cell | undefined): Hash64 {
  if (cell === undefined) return ZERO
  const texts = cell.heads.map((head) => `${idsOf(head.from)}=${canonicalJson(head.value)}`)
  return hash64(`${key} ${cell.seq} ${texts.length > 1 ? texts.sort().join(' ') : (texts[0] ?? '')}`)
}

const idsOf = (from: readonly { readonly id: string }[]): string =>
  from.length === 1
    ? (from[0]?.id ?? '')
    : from
        .map(({ id }) => id)
        .sort()
        .join(',')

/** A digest while it is being changed: `replace` takes the old cell's hash off and puts the new one's on. */
export function digestFrom(digest: string) {
  let { high, low } = hexToHash(digest)
  const add = (hash: Hash64) => {
    const sum = low + hash.low
    high = (high + hash.high + (sum >= TWO_32 ? 1 : 0)) >>> 0
    low = sum >>> 0
  }
  const subtract = (hash: Hash64) => {
    const difference = low - hash.low
    high = (high - hash.high - (difference < 0 ? 1 : 0)) >>> 0
    low = difference >>> 0
  }
  return {
    replace(key: string, old: Cell | undefined, now: Cell) {
      if (old !== undefined) subtract(cellHash(key, old))
      add(cellHash(key, now))
    },
    value: () => hashToHex({ high, low }),
  }
}

export function digestOf(cells: Readonly<Record<string, Cell>>): string {
  const digest = digestFrom(EMPTY_DIGEST)
  for (const key of Object.keys(cells)) {
    const cell = cells[key]
    if (cell !== undefined) digest.replace(key, undefined, cell)
  }
  return digest.value()
}

/** `Array.isArray` does not narrow a readonly array. */
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
