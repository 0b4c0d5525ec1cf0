/** `npm run ledger:verify [-- FILE]`: works the ledger out again from its log and names each difference. */
import { build } from './build.mjs'

build()
await import('../dist/server/ledger-verify.js')
