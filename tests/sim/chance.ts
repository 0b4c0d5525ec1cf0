/** All chance of a run comes from one seed, so that the seed replays it. */
import type { Random } from '#sync/ports'

export type Chance = Random & {
  /** 0 <= whole number < count */
  below(count: number): number
  pick<T>(all: readonly T[]): T
  is(probability: number): boolean
}

/** Mulberry32. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (count: number): number => Math.floor(next() * count)
  return {
    next,
    below,
    is: (probability) => next() < probability,
    pick(all) {
      const one = all[below(all.length)]
      if (one === undefined) throw new Error('nothing to pick')
      return one
    },
  }
}
