/** The demo: a made district on a folder of its own, with an account for every role. */
import { run } from '../run'
import { DEMO_PASSWORD, prepareDemo } from './prepare-demo'
import { demoMessages } from './demo-messages'

await run({
  dataFolder: './data-demo',
  adminPassword: DEMO_PASSWORD,
  prepare: prepareDemo,
  greet: (accounts) => [demoMessages.offer(DEMO_PASSWORD), ...accounts.map(demoMessages.account)],
})
