/**
 * Owns every promise of a run: what a port call answers waits here until chance takes it. Steps of one lane run in their order, as the
 * transactions of one database do; between lanes there is none.
 */
import { setImmediate } from 'node:timers/promises'
import type { Chance } from './chance'

/** A tab, or a process of the server. What belongs to a dead one never happens. */
export type Life = { readonly name: string; alive: boolean }

type Step = { readonly life: Life; readonly run: () => void | Promise<void> }

export type Scheduler = {
  add(lane: string, life: Life, run: () => void | Promise<void>): void
  /** Runs one step and all that follows from it without waiting; false: there was none. */
  step(): Promise<boolean>
  /** How many lanes have something to do. */
  waiting(): number
  /** Lets what needs no step happen. */
  settle(): Promise<void>
}

export function createScheduler(chance: Chance): Scheduler {
  const lanes = new Map<string, Step[]>()

  /** Without what the dead have left behind. */
  function waiting(): string[] {
    const names: string[] = []
    for (const [name, steps] of lanes) {
      while (steps[0]?.life.alive === false) steps.shift()
      if (steps.length === 0) lanes.delete(name)
      else names.push(name)
    }
    return names
  }

  const settle = (): Promise<void> => setImmediate()

  return {
    add(lane, life, run) {
      const steps = lanes.get(lane)
      if (steps === undefined) lanes.set(lane, [{ life, run }])
      else steps.push({ life, run })
    },
    async step() {
      const names = waiting()
      if (names.length === 0) return false
      const step = lanes.get(chance.pick(names))?.shift()
      await step?.run()
      await settle()
      return true
    },
    waiting: () => waiting().length,
    settle,
  }
}
