/** The server of a district. Configuration from the environment: see `config.ts`. */
import { run } from './run'

await run({ dataFolder: './data' })
