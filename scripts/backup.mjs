/** `npm run backup [-- FOLDER]`: a checked backup of the database in DATA_DIR; the server may run meanwhile. */
import { build } from './build.mjs'

build()
await import('../dist/server/backup.js')
