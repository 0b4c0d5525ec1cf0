/** `npm run plan:check FILE`: says whether a plan document is sound, or names every fault with its path. */
import { build } from './build.mjs'

build()
await import('../dist/server/plan-check.js')
