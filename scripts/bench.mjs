/** `npm run bench`: builds what is not built yet and measures. Arguments choose parts: figures, exchange, postgres, day, import, files, photos, reports, screen. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from './build.mjs'

build()
const tsx = join('node_modules', 'tsx', 'dist', 'cli.mjs')
const { status } = spawnSync(process.execPath, [tsx, 'tests/bench/main.ts', ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(status ?? 1)
