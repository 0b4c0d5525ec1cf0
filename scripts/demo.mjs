/** `npm run demo`: a made district on its own data folder, with accounts for every role. */
import { build } from './build.mjs'

build()
await import('../dist/server/demo.js')
