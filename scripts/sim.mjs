/**
 * `npm run sim`: the simulation of tablets and server, from seeds.
 *
 * SEEDS=n how many (2000), FROM=n the first, SEED=n one alone.
 */
import { spawnSync } from 'node:child_process'
import { build } from 'vite'

const OUT = '.cache/sim'

/** One file of the simulation with all that it simulates. */
export async function bundle(outDir, plugins = []) {
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
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

await bundle(OUT)
if (process.argv.includes("--bundle")) process.exit(0)
const { status } = spawnSync(process.execPath, [`${OUT}/main.js`, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exitCode = status ?? 1
