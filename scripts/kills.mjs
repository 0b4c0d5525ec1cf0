/** `npm run kills`: kills the server at random moments while tablets send to it. KILLS, ON, SEED: see tests/kill/main.ts. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const tsx = join('node_modules', 'tsx', 'dist', 'cli.mjs')
const { status } = spawnSync(process.execPath, [tsx, 'tests/kill/main.ts'], { stdio: 'inherit' })
process.exit(status ?? 1)
