/** `npm run restore -- FILE [--older]`: puts a backup in the place of the database in DATA_DIR; the server must not run. */
import { build } from './build.mjs'

build()
await import('../dist/server/restore.js')
