/**
 * `npm run sim`: the simulation of tablets and server, from seeds.
 *
 * SEEDS=n how many (2000), FROM=n the first, SEED=n one alone. `--mutants`: breaks one rule after the other until it is seen, each within a
 * thousand seeds; `--write` puts the table into docs/simulation.md.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { build } from 'vite'
import { breaking, MUTANTS } from './sim-mutants.mjs'

const OUT = '.cache/sim'
const MUTANT_SEEDS_MAX = 1000
const DOCUMENT = 'docs/simulation.md'

/** One file of the simulation with all that it simulates. */
async function bundle(outDir, plugins = []) {
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'silent',
    plugins,
    build: {
      ssr: true,
      outDir,
      target: 'node20',
      minify: false,
      emptyOutDir: true,
      rolldownOptions: { input: { main: 'tests/sim/main.ts' } },
    },
  })
}

/** What the program says that this is; a program that does not end within some minutes runs in a circle. */
function ask(file, faults) {
  return new Promise((resolve) => {
    const env = { ...process.env, UNTIL: String(MUTANT_SEEDS_MAX), ...aimed(faults) }
    const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'], timeout: 600_000 })
    let said = ''
    child.stdout.on('data', (part) => (said += part))
    child.on('close', () => {
      try {
        resolve(JSON.parse(said.trim().split('\n').at(-1) ?? ''))
      } catch {
        resolve({ wrong: 'it ended without a word' })
      }
    })
  })
}

const aimed = (faults) => (faults === undefined ? {} : { FAULTS: faults.join() })

async function tryMutant(mutant, at) {
  const outDir = `${OUT}-mutant-${at}`
  await bundle(outDir, [breaking(mutant)])
  const { seed, wrong } = await ask(`${outDir}/main.js`, mutant.faults)
  const caught = seed === undefined ? undefined : String(wrong).slice(0, String(wrong).indexOf(':'))
  console.log(
    `${caught === undefined ? 'NOT CAUGHT' : caught.padEnd(10)} ${String(seed ?? '').padStart(5)}  ${mutant.name}${seed === undefined && wrong !== undefined ? `: ${wrong}` : ''}`,
  )
  return { ...mutant, seed, caught }
}

async function runMutants() {
  const began = performance.now()
  const only = process.env.MUTANT
  const left = MUTANTS.map((mutant, at) => [mutant, at]).filter(([{ name }]) => only === undefined || name.includes(only))
  const tried = []
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) tried.push(await tryMutant(...next))
    }),
  )
  // The unbroken program must see nothing at these seeds, or a mutant would pass for caught by something else.
  await bundle(OUT)
  const isSound = ({ seed, faults }) =>
    spawnSync(process.execPath, [`${OUT}/main.js`], {
      stdio: 'ignore',
      env: { ...process.env, SEED: String(seed), ...aimed(faults) },
    }).status === 0
  const unsound = tried.filter((one) => one.seed !== undefined && !isSound(one))
  for (const { seed, name } of unsound) console.log(`the unbroken program fails too: seed ${seed}, ${name}`)
  const missed = tried.filter(({ caught }) => caught === undefined)
  console.log(
    `${tried.length - missed.length} of ${tried.length} mutants caught, ${((performance.now() - began) / 1000).toFixed(0)} s`,
  )
  if (process.argv.includes('--write')) writeTable(tried)
  return unsound.length + missed.length === 0
}

function writeTable(tried) {
  const order = new Map(MUTANTS.map(({ name }, at) => [name, at]))
  const rows = tried
    .sort((one, other) => order.get(one.name) - order.get(other.name))
    .map(({ name, caught, seed }) => `| ${name} | ${caught ?? 'not caught'} | ${seed ?? ''} |`)
  const table = [
    '<!-- mutants -->',
    '',
    '| the rule that is broken | seen by | at seed |',
    '|---|---|---|',
    ...rows,
    '',
    '<!-- /mutants -->',
  ].join('\n')
  const text = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '# Simulation\n\n<!-- mutants -->\n<!-- /mutants -->\n'
  writeFileSync(
    DOCUMENT,
    text.replace(/<!-- mutants -->[\s\S]*<!-- \/mutants -->/, () => table),
  )
}

if (process.argv.includes('--mutants')) {
  if (!(await runMutants())) process.exitCode = 1
} else {
  await bundle(OUT)
  if (!process.argv.includes('--bundle'))
    process.exitCode = spawnSync(process.execPath, [`${OUT}/main.js`], { stdio: 'inherit' }).status ?? 1
}
