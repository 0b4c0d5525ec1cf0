/**
 * Chance that can be repeated: a number in [0, 1) that follows from its keys alone.
 *
 * There is no running generator, so that one more element or unit leaves all other made values as they were.
 */
export function chanceAt(seed: number, ...keys: readonly number[]): number {
  let state = seed | 0
  for (const key of keys) state = Math.imul(state ^ (key + 0x9e3779b9), 0x85ebca6b) ^ (state >>> 13)
  return mulberry32(state)
}

/** One step of mulberry32 (Tommy Ettinger, public domain). */
function mulberry32(state: number): number {
  let mixed = (state + 0x6d2b79f5) | 0
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}
