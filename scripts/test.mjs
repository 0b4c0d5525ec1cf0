/**
 * The one test command: types, lint, walls, the plan document, unit, component and server tests, then the built product in a real
 * browser. Everything runs even when something before it failed; the last line counts what passed and what failed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { findBrowser, installBrowser } from './find-browser.mjs'

const bin = (...path) => join('node_modules', ...path)
const reports = '.cache/reports'
const totals = { passed: 0, failed: 0 }
/** Said once more at the end: a log is long. */
const failures = []

function run(args, env = {}) {
  return spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status === 0
}

/** Its words come in one piece, when it is over: others speak meanwhile. */
function runBeside(args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk))
    child.on('error', (error) => said.push(Buffer.from(`${error.message}\n`)))
    child.on('close', (status) => resolve({ status, said: Buffer.concat(said) }))
  })
}

/** Steps of which each keeps one processor busy at most; those of one list follow one another. */
async function besideOneAnother(...lists) {
  await Promise.all(
    lists.map(async (list) => {
      for (const [name, args, env] of list) {
        const began = Date.now()
        const { status, said } = await runBeside(args, env)
        step(
          name,
          () => {
            process.stdout.write(said)
            return status === 0
          },
          began,
        )
      }
    }),
  )
}

function step(name, work, began = Date.now()) {
  console.log(`\n== ${name}`)
  const counted = work()
  const { passed, failed } = typeof counted === 'boolean' ? { passed: counted ? 1 : 0, failed: counted ? 0 : 1 } : counted
  totals.passed += passed
  totals.failed += failed
  if (failed > 0) failures.push(`== ${name}: ${failed} failed`)
  console.log(`== ${name}: ${passed} passed, ${failed} failed (${((Date.now() - began) / 1000).toFixed(0)} s)`)
}

/** A runner's report; a runner that died without one has failed once. */
function readReport(path, count) {
  try {
    return count(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    console.error(`no report from the runner: ${error.message}`)
    return { passed: 0, failed: 1 }
  }
}

rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

// SEEDS and KILLS as given, for a longer look.
await besideOneAnother(
  [['the server killed at random moments', ['scripts/kills.mjs'], { KILLS: process.env.KILLS ?? '10' }]],
  [
    ['types', [bin('vue-tsc', 'bin', 'vue-tsc.js'), '-b']],
    ['lint', [bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0']],
    ['format', [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.']],
    ['walls', [bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', 'src']],
  ],
)
step('unit, component and server tests', () => {
  const path = `${reports}/vitest.json`
  const clean = run([bin('vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${path}`])
  const counted = readReport(path, (report) => {
    for (const { name, assertionResults } of report.testResults) {
      for (const { status, fullName, failureMessages } of assertionResults) {
        if (status === 'failed')
          failures.push(`${relative('.', name)} > ${fullName}\n${failureMessages.join('\n').slice(0, 1500)}`)
      }
    }
    return { passed: report.numPassedTests, failed: report.numFailedTests }
  })
  // An error outside every test, such as an unhandled rejection, fails the run too.
  return clean || counted.failed > 0 ? counted : { ...counted, failed: 1 }
})

step('simulation: tablets, people, network and server, by seeds', () => run(['scripts/sim.mjs']))

let isBuilt = false
step('build', () => (isBuilt = run(['scripts/build.mjs'])))
if (isBuilt) {
  step('the plan document is sound', () => run(['scripts/plan-check.mjs', 'public/plans/qiantang-2022-2024.json']))
  const browser = findBrowser() ?? installBrowser()
  if (browser === undefined) {
    step('real browser', () => {
      console.error('No Chromium found and none could be installed. Set CHROMIUM_PATH to one.')
      return false
    })
  } else {
    step('real browser', () => {
      const path = `${reports}/playwright.json`
      const clean = run([bin('@playwright', 'test', 'cli.js'), 'test', '--reporter=list,json'], {
        CHROMIUM_PATH: browser,
        PLAYWRIGHT_JSON_OUTPUT_NAME: path,
      })
      const counted = readReport(path, ({ stats }) => ({ passed: stats.expected, failed: stats.unexpected + stats.flaky }))
      return clean || counted.failed > 0 ? counted : { ...counted, failed: 1 }
    })
  }
}

for (const failure of failures) console.log(`\n${failure}`)
console.log(`\n${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed === 0 ? 0 : 1
