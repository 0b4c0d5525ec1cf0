/** How fast this machine is at this hour: records of two days are only alike beside it. */
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inMs, median, section } from './report'

const ROUNDS = 5
const HASHED_MB = 64
const ADDITIONS = 50_000_000
const SYNCS = 100

export function benchMachine(): void {
  section('The machine at this hour', [
    { what: `${ADDITIONS / 1e6} million additions in one thread`, value: inMs(medianOf(add)) },
    { what: `SHA-256 of ${HASHED_MB} MB`, value: inMs(medianOf(hash)) },
    { what: `${SYNCS} times 4 kB written and brought to the disk`, value: inMs(medianOf(sync)) },
  ])
}

function medianOf(work: () => void): number {
  return median(
    Array.from({ length: ROUNDS }, () => {
      const began = performance.now()
      work()
      return performance.now() - began
    }),
  )
}

function add(): void {
  let sum = 0
  for (let i = 0; i < ADDITIONS; i++) sum = (sum + i * 7) | 0
  if (sum === 1) console.log(sum)
}

function hash(): void {
  createHash('sha256')
    .update(Buffer.alloc(HASHED_MB * 1_000_000))
    .digest()
}

function sync(): void {
  const folder = mkdtempSync(join(tmpdir(), 'youxue-machine-'))
  const file = openSync(join(folder, 'file'), 'w')
  const page = Buffer.alloc(4096, 1)
  for (let i = 0; i < SYNCS; i++) {
    writeSync(file, page)
    fsyncSync(file)
  }
  closeSync(file)
  rmSync(folder, { recursive: true })
}
