/**
 * What a tablet and a server take for the big moments: a whole day's work that is sent at once, a school with three years that comes
 * onto a new tablet, and all tablets of a district that come back onto the network within one minute.
 *
 * The first two run the device's own code (engine, outbox, settling) over a store in memory, and HTTP with a session; the third
 * sends what 150 such devices would, at the times at which they would.
 */
import type { Device, ShownStream } from '#client/device/contract'
import { httpTransport } from '#client/device/http-transport'
import { memoryDevice } from '#client/device/memory-device'
import { EMPTY_CHAIN } from '#sync/hash'
import { streamOf, valueKey } from '#sync/protocol'
import { inMs, quantile, section } from './report'
import { ADMIN_PASSWORD, startServer, type Server } from './server'

const DAY_VALUES = 1000
const YEARS = ['2022', '2023', '2024'] as const
const CELLS_A_YEAR = 350
const TABLETS = 150
const TABLET_VALUES = 200
const MINUTE_MS = 60_000
const PASSWORD = 'bench-password-1'

const codeOf = (index: number): string => `bench-${String(index + 1).padStart(4, '0')}`

export async function benchDay(
  on: 'SQLite' | 'PostgreSQL' = 'SQLite',
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const server = await startServer('main', env)
  try {
    await makeSchools(server)
    const day = await sendDay(server)
    const first = await firstSync(server)
    const back = await allComeBack(server)
    section(`The big moments, ${on}`, [
      {
        what: `a day of one tablet: ${DAY_VALUES} values typed off the network, until all have their verdict`,
        value: inMs(day.ms),
        beside: `${day.requests} requests, ${kB(day.sent)} sent, ${kB(day.received)} received`,
      },
      {
        what: `first sync of a school with ${YEARS.length} years (${YEARS.length * CELLS_A_YEAR} values)`,
        value: inMs(first.ms),
        beside: `${first.requests} requests, ${kB(first.received)} received`,
      },
      {
        what: `${TABLETS} tablets with ${TABLET_VALUES} values each come back within one minute: one exchange, p50 / p95 / p99`,
        value: [0.5, 0.95, 0.99].map((share) => inMs(quantile(back.times, share))).join(' / '),
        beside: `${back.times.length} exchanges, memory of the server ${back.memory.toFixed(0)} MB`,
      },
    ])
  } finally {
    await server.stop()
  }
}

const kB = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`

async function makeSchools(server: Server): Promise<void> {
  const admin = await server.signIn('admin', ADMIN_PASSWORD)
  const codes = Array.from({ length: TABLETS }, (_, index) => codeOf(index))
  const units = codes.map((code) => ({ code, name: code, type: 'primary', ownership: 'public' }))
  const made = await admin.send('POST', '/api/orgUnits', JSON.stringify(units))
  if (made.status >= 300) throw new Error(made.text)
  for (const [username, role, orgUnits] of [
    ['bench', 'reviewer', []],
    ['day', 'principal', [codeOf(0)]],
    ['first', 'principal', [codeOf(1)]],
  ] as const) {
    const account = await admin.send(
      'POST',
      '/api/accounts',
      JSON.stringify({ username, name: username, role, orgUnits, password: PASSWORD }),
    )
    if (account.status >= 300) throw new Error(account.text)
  }
}

type Traffic = { requests: number; sent: number; received: number }

/** The device's own code as it runs in the browser, with the cookie added and the bytes counted. */
async function openTablet(
  server: Server,
  at: { readonly username: string; readonly unit: string },
): Promise<{ readonly device: Device; readonly stream: ShownStream; readonly traffic: Traffic; online(): void }> {
  const client = await server.signIn(at.username, PASSWORD)
  const traffic: Traffic = { requests: 0, sent: 0, received: 0 }
  let isOnline = false
  const fetch: typeof globalThis.fetch = async (path, init) => {
    const body = typeof init?.body === 'string' ? init.body : ''
    const answer = await client.send('POST', String(path instanceof Request ? path.url : path), body)
    traffic.requests += 1
    traffic.sent += Buffer.byteLength(body)
    traffic.received += Buffer.byteLength(answer.text)
    return new Response(answer.text, { status: answer.status })
  }
  const device = await memoryDevice({
    person: { username: at.username, name: at.username, role: 'principal', orgUnits: [at.unit] },
    orgUnits: [],
    net: httpTransport(fetch, Date.now),
    isOnline: () => isOnline,
  })
  const stream = await device.open(streamOf(at.unit))
  return {
    device,
    stream,
    traffic,
    online() {
      isOnline = true
      device.syncNow()
    },
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1))
}

async function sendDay(server: Server): Promise<Traffic & { readonly ms: number }> {
  const tablet = await openTablet(server, { username: 'day', unit: codeOf(0) })
  for (let index = 0; index < DAY_VALUES; index++) {
    const key = valueKey(YEARS[index % YEARS.length] ?? '', `element${index}`)
    await tablet.device.commit({ stream: tablet.stream.stream, key, value: String(index * 7), base: [], pv: 1 })
  }
  const began = performance.now()
  tablet.online()
  await until(() => tablet.device.sync.waiting === 0)
  const ms = performance.now() - began
  await tablet.device.close()
  return { ...tablet.traffic, ms }
}

async function firstSync(server: Server): Promise<Traffic & { readonly ms: number }> {
  const count = YEARS.length * CELLS_A_YEAR
  const writer = await server.signIn('bench', PASSWORD)
  let n = 0
  for (const year of YEARS) {
    for (let start = 0; start < CELLS_A_YEAR; start += 175) {
      const keys = Array.from({ length: 175 }, (_, index) => valueKey(year, `element${start + index}`))
      await put(writer, { unit: codeOf(1), device: 'benchbbbbbbbb', from: n + 1, keys })
      n += keys.length
    }
  }
  const tablet = await openTablet(server, { username: 'first', unit: codeOf(1) })
  const began = performance.now()
  tablet.online()
  await until(() => tablet.stream.cells.size === count)
  const ms = performance.now() - began
  await tablet.device.close()
  return { ...tablet.traffic, ms }
}

async function allComeBack(server: Server): Promise<{ readonly times: readonly number[]; readonly memory: number }> {
  const client = await server.signIn('bench', PASSWORD)
  const times: number[] = []
  const timed = async (work: () => Promise<void>): Promise<void> => {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  await Promise.all(
    Array.from({ length: TABLETS }, async (_, index) => {
      // Spread over the minute, not evenly: the golden ratio puts them as unevenly as chance does, and the same way each time.
      await new Promise((resolve) => setTimeout(resolve, ((index * 0.618_033_988_75) % 1) * MINUTE_MS))
      const unit = codeOf(index)
      const keys = Array.from({ length: TABLET_VALUES }, (_each, at) => valueKey('2024', `back${at}`))
      await timed(() => put(client, { unit, device: 'benchcccccccc', from: 1, keys }))
      await timed(() => put(client, { unit, device: 'benchcccccccc', from: TABLET_VALUES + 1, keys: [] }))
    }),
  )
  return { times, memory: await server.memory() }
}

/** One exchange, as a device would send it. */
async function put(
  client: { send(method: string, path: string, body: string): Promise<{ readonly status: number; readonly text: string }> },
  what: { readonly unit: string; readonly device: string; readonly from: number; readonly keys: readonly string[] },
): Promise<void> {
  const { unit, device, from, keys } = what
  const mutations = keys.map((key, index) => ({
    ...{ n: from + index, kind: 'set', key, value: String((from + index) * 13), base: [], at: Date.now(), pv: 1 },
  }))
  const ask = {
    stream: streamOf(unit),
    device,
    cursor: 0,
    acked: 0,
    chain: EMPTY_CHAIN,
    floor: 1,
    floorChain: EMPTY_CHAIN,
    mutations,
  }
  const answer = await client.send('POST', '/api/sync', JSON.stringify({ v: 1, app: 'bench', now: Date.now(), asks: [ask] }))
  if (answer.status !== 200) throw new Error(answer.text.slice(0, 300))
  if (keys.length > 0 && !answer.text.includes('"applied"')) throw new Error(answer.text.slice(0, 300))
}
