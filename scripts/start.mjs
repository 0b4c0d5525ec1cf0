/** `npm start`: builds what is not built yet, then serves. Configuration: PORT, HOST, DATA_DIR, ADMIN_PASSWORD. */
import { build } from './build.mjs'

build()
await import('../dist/server/main.js')
