/**
 * Eight writers of one stream and a reader that asks, again and again, for everything above the highest number that it saw: what a tablet
 * does. Every statement is followed by a pause, so that transactions overlap in as many ways as there are.
 *
 * Where numbers are given before the commit, commits overtake each other, and the reader passes over rows for good.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger, StreamTx } from '#sync/ports'
import { ask, mutation } from './ledger-suite'

const WRITERS = 'abcdefgh'.split('').map((letter) => letter.repeat(13))
const PAUSE_MAX_MS = 4

export const pause = (): Promise<void> => sleep(Math.random() * PAUSE_MAX_MS)

/** The same ledger with a pause after each statement, and before the commit. */
export function paused(ledger: Ledger): Ledger {
  const slow = (tx: Omit<StreamTx, 'write'>): Omit<StreamTx, 'write'> => ({
    head: tx.head,
    peer: (...asked) => tx.peer(...asked).finally(pause),
    logRow: (...asked) => tx.logRow(...asked).finally(pause),
    logRows: (...asked) => tx.logRows(...asked).finally(pause),
    known: (...asked) => tx.known(...asked).finally(pause),
    cells: (...asked) => tx.cells(...asked).finally(pause),
    rows: (...asked) => tx.rows(...asked).finally(pause),
  })
  return {
    epoch: ledger.epoch,
    write: (stream, run) =>
      ledger.write(stream, async (tx) => {
        await pause()
        return run({ ...slow(tx), write: (change) => tx.write(change).finally(pause) })
      }),
    read: (stream, run) => ledger.read(stream, (tx) => run(slow(tx))),
  }
}

export type Raced = {
  readonly written: number
  /** Keys that the reader has never been told of. */
  readonly passedOver: readonly string[]
  /** How often the reader was told something. */
  readonly pages: number
}

export async function race(ledger: Ledger, { each }: { readonly each: number }): Promise<Raced> {
  const slow = paused(ledger)
  const written: string[] = []
  const seen = new Set<string>()
  let pages = 0
  let isOver = false
  const write = async (device: string): Promise<void> => {
    for (let n = 1; n <= each; n++) {
      const key = `v/2024/${device[0] ?? ''}${n}`
      const answer = await ask(slow, { device, floor: n, mutations: [mutation({ n, key, value: String(n) })] })
      if (!('verdicts' in answer) || answer.verdicts[0]?.[2] !== 'applied') throw new Error(JSON.stringify(answer))
      written.push(key)
    }
  }
  const read = async (): Promise<void> => {
    let cursor = 0
    for (let isLast = false; !isLast;) {
      isLast = isOver
      const page = await slow.read('s/one', (tx) => tx.rows(cursor, { rows: 500, bytes: 1e6 }))
      for (const [key] of page.rows) seen.add(key)
      if (page.rows.length > 0) pages++
      cursor = page.upto
      await pause()
    }
  }
  const reading = read()
  await Promise.all(WRITERS.map(write)).finally(() => (isOver = true))
  await reading
  return { written: written.length, passedOver: written.filter((key) => !seen.has(key)), pages }
}
