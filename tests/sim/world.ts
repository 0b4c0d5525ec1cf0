/** What all parts of one run share. */
import type { Chance } from './chance'
import type { Life, Scheduler } from './scheduler'
import { count, LEDGER_CALLS, placesOf, STORE_CALLS, type Fault, type Mark, type Tally } from './tally'

export type World = {
  readonly chance: Chance
  readonly scheduler: Scheduler
  readonly tally: Tally
  /** True time, milliseconds since 1970. */
  now: number
  /** The faults are over. */
  isCalm: boolean
  /** Server and store let others go between any two of their steps. */
  readonly isInterleaved: boolean
  has(fault: Fault): boolean
  /** Whether the fault happens now; counted if it does. */
  strikes(fault: Fault, probability: number): boolean
  /** The same at a fault point: seldom anywhere, often at the one that this run aims at. */
  strikesAt(fault: 'tabKilled' | 'powerLost' | 'serverKilled', point: string): boolean
  mark(mark: Mark): void
  checked(invariant: string): void
  wrong(sentence: string): void
}

/** Calls that most runs never make, and calls that many do not. */
const RARE = /^store\.(?:fork|aside|raw) /
const SELDOM = /^(?:store\.(?:rewind|prune)|ledger\.(?:known|logRow)) /

/** An injected refusal: the only error that a part may report. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

export function createWorld(run: {
  readonly chance: Chance
  readonly scheduler: Scheduler
  readonly tally: Tally
  readonly faults: ReadonlySet<Fault>
  readonly isInterleaved: boolean
  readonly wrong: (sentence: string) => void
}): World {
  const { chance, scheduler, tally, faults, isInterleaved, wrong } = run
  const aims = {
    tabKilled: chance.pick(placesOf(STORE_CALLS)),
    powerLost: chance.pick(placesOf(STORE_CALLS)),
    serverKilled: chance.pick(placesOf(LEDGER_CALLS)),
  }
  const world: World = {
    chance,
    scheduler,
    tally,
    now: 1_700_000_000_000,
    isCalm: false,
    isInterleaved,
    has: (fault) => faults.has(fault),
    strikes(fault, probability) {
      if (world.isCalm || !faults.has(fault) || !chance.is(probability)) return false
      count(tally.faults, fault)
      return true
    },
    strikesAt: (fault, point) =>
      world.strikes(fault, aims[fault] === point ? 0.15 : RARE.test(point) ? 0.6 : SELDOM.test(point) ? 0.2 : 0.003),
    mark: (mark) => count(tally.marks, mark),
    checked: (invariant) => count(tally.checks, invariant),
    wrong,
  }
  return world
}

/** Never answered. */
export const never = <T>(): Promise<T> => new Promise(() => undefined)

export type { Life }
