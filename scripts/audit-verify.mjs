/** `npm run audit:verify [-- NUMBER DIGEST]`: works out the digests of the log of administration and of the ledger's log again. */
import { build } from './build.mjs'

build()
await import('../dist/server/audit-verify.js')
