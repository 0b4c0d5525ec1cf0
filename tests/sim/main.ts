/** Runs seeds on all processors, and says what they met. See `scripts/sim.mjs`. */
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { simulateFiles } from './files'
import { simulate } from './simulate'
import { addTally, FAULTS, FILE_FAULTS, newTally, unmet, type Tally } from './tally'

/** Enough for everything that can happen to have happened. */
const COMPLETE_SEEDS = 2000
/** Kept to be run each time: each has once shown a fault of the program. */
const SEEDS_FILE = 'tests/sim/seeds.txt'
const CLOCK_EVERY = 20
const CHUNK = 20

type Failure = { readonly seed: number; readonly wrong: readonly string[] }
type Done = { readonly tally: Tally; readonly failures: readonly Failure[] }

async function runSeeds(seeds: readonly number[], tally: Tally): Promise<readonly Failure[]> {
  const faults = aimedFaults(FAULTS)
  const fileFaults = aimedFaults(FILE_FAULTS)
  const failures: Failure[] = []
  for (const seed of seeds) {
    const { wrong, values } = await simulate({ seed, tally, faults })
    const all = [...wrong, ...(await simulateFiles({ seed, tally, faults: fileFaults }))]
    if (seed % CLOCK_EVERY === 0) {
      tally.checks['I15 clocks decide nothing'] = (tally.checks['I15 clocks decide nothing'] ?? 0) + 1
      const other = await simulate({ seed, tally: newTally(), faults, clocks: seed + 1 })
      if (other.values !== values)
        all.push(
          `I15: with other clocks the server has other values${process.env['SEED'] === undefined ? '' : `\n    ${values}\n    ${other.values}`}`,
        )
    }
    if (all.length > 0) failures.push({ seed, wrong: all })
  }
  return failures
}

/** FAULTS=one,other: these only, in place of a choice of each run. */
function aimedFaults<F extends string>(all: readonly F[]): ReadonlySet<F> | undefined {
  const named = process.env['FAULTS']?.split(',')
  return named === undefined ? undefined : new Set(all.filter((fault) => named.includes(fault)))
}

async function work(): Promise<void> {
  parentPort?.on('message', (seeds: readonly number[] | 'end') => {
    if (seeds === 'end') return process.exit(0)
    const tally = newTally()
    runSeeds(seeds, tally).then(
      (failures) => parentPort?.postMessage({ tally, failures } satisfies Done),
      (error: unknown) => {
        throw error
      },
    )
  })
  await Promise.resolve()
}

/** Hands out chunks of seeds until there are none; `found` may end it early. */
export async function runAll(seeds: readonly number[], found: (failure: Failure) => boolean = () => false): Promise<Tally> {
  const sum = newTally()
  let next = 0
  let isOver = false
  // One more than processors: a run often waits for its own turn.
  const threads = Math.min(availableParallelism() + 1, Math.ceil(seeds.length / CHUNK))
  await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(fileURLToPath(import.meta.url), { workerData: 'seeds' })
          const hand = () => {
            if (isOver || next >= seeds.length) return worker.postMessage('end')
            worker.postMessage(seeds.slice(next, next + CHUNK))
            next += CHUNK
          }
          worker.on('message', ({ tally, failures }: Done) => {
            addTally(sum, tally)
            for (const failure of failures) if (found(failure)) isOver = true
            hand()
          })
          worker.on('error', reject)
          worker.on('exit', () => resolve())
          hand()
        }),
    ),
  )
  return sum
}

function keptSeeds(): readonly number[] {
  if (!existsSync(SEEDS_FILE)) return []
  return readFileSync(SEEDS_FILE, 'utf8')
    .split('\n')
    .map((line) => Number.parseInt(line, 10))
    .filter((seed) => Number.isSafeInteger(seed))
}

/** For a program with a rule broken on purpose: the first seed that sees it. */
async function until(many: number): Promise<void> {
  for (let seed = 1; seed <= many; seed++) {
    const [failure] = await runSeeds([seed], newTally())
    if (failure !== undefined) return console.log(JSON.stringify({ seed, wrong: failure.wrong[0] }))
  }
  console.log(JSON.stringify({ seed: undefined }))
}

async function main(): Promise<void> {
  const breaks = process.env['UNTIL']
  if (breaks !== undefined) return until(Number(breaks))
  const only = process.env['SEED']
  const from = Number(process.env['FROM'] ?? 1)
  const many = Number(process.env['SEEDS'] ?? COMPLETE_SEEDS)
  const list = process.env['LIST']
  const seeds =
    only !== undefined
      ? [Number(only)]
      : list !== undefined
        ? list.split(',').map(Number)
        : [...new Set([...keptSeeds(), ...Array.from({ length: many }, (_, at) => from + at)])]
  const began = performance.now()
  const failures: Failure[] = []
  const found = (failure: Failure) => {
    failures.push(failure)
    if (failures.length <= 20) console.log(`SEED=${failure.seed}\n  ${failure.wrong.join('\n  ')}`)
    return false
  }
  const tally = newTally()
  if (only === undefined) addTally(tally, await runAll(seeds, found))
  // One alone in this thread, for a debugger.
  else (await runSeeds(seeds, tally)).forEach(found)
  const seconds = (performance.now() - began) / 1000
  print(tally, seconds)
  const missing = seeds.length >= COMPLETE_SEEDS ? unmet(tally) : []
  for (const name of missing) console.log(`never met: ${name}`)
  console.log(`${failures.length} seeds failed${failures.length === 0 ? '' : `: ${failures.map(({ seed }) => seed).join(' ')}`}`)
  process.exitCode = failures.length + missing.length === 0 ? 0 : 1
}

function print(tally: Tally, seconds: number): void {
  const table = (title: string, counts: Readonly<Record<string, number>>) => {
    console.log(`\n${title}`)
    for (const [name, times] of Object.entries(counts).sort(([one], [other]) => (one < other ? -1 : 1)))
      console.log(`  ${name.padEnd(48)} ${times}`)
  }
  table('faults', tally.faults)
  table('what the protocol did', tally.marks)
  table('fault points', tally.points)
  table('invariants checked', tally.checks)
  console.log(
    `\n${tally.seeds} seeds, ${tally.steps} steps, ${Object.values(tally.faults).reduce((sum, one) => sum + one, 0)} faults, ` +
      `${tally.states.size} states, ${tally.ways.size} ways between them, ${seconds.toFixed(1)} s (${(tally.seeds / seconds).toFixed(0)} seeds/s)`,
  )
}

if (!isMainThread && workerData === 'seeds') await work()
else await main()
