/** `npm run bench [-- figures exchange postgres day import files photos reports screen]`: what the product costs, beside a reference in the same run. */
import { cpus } from 'node:os'
import { benchDay } from './day'
import { benchExchange } from './exchange'
import { benchExchangeOnPostgres } from './exchange-postgres'
import { benchFigures } from './figures'
import { benchFiles } from './files'
import { benchImport } from './import'
import { benchMachine } from './machine'
import { benchPhotos } from './photos'
import { benchReports } from './reports'
import { benchScreen } from './screen'

const asked = process.argv.slice(2)
const wants = (name: string): boolean => asked.length === 0 || asked.includes(name)

console.log(
  `# Bench\n\n${new Date().toISOString()} · Node ${process.version} · ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
)
benchMachine()
if (wants('figures')) {
  benchFigures(150)
  benchFigures(3000)
}
if (wants('exchange')) {
  await benchExchange(150)
  await benchExchange(3000)
}
if (wants('postgres')) {
  await benchExchangeOnPostgres(150)
  await benchExchangeOnPostgres(3000)
}
if (wants('day')) await benchDay()
if (wants('import')) await benchImport()
if (wants('files')) await benchFiles()
if (wants('photos')) await benchPhotos()
if (wants('reports')) await benchReports()
if (wants('screen')) await benchScreen()
