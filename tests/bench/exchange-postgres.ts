/**
 * Exchange throughput on PostgreSQL, through HTTP and a session, beside inserting the same data with the same driver into the same server:
 * transactions of 150 values, each of which has reached the disk when it returns.
 *
 * Two references: a row a statement, as an import by hand does it, and all rows of a transaction by one statement, the fastest that the
 * driver has.
 */
import pg from 'pg'
import { startPostgres } from '../../scripts/find-postgres.mjs'
import { EMPTY_CHAIN } from '#sync/hash'
import { streamOf, valueKey } from '#sync/protocol'
import { inMs, median, perSecond, quantile, section } from './report'
import { ADMIN_PASSWORD, startServer } from './server'

const VALUES_PER_UNIT = 150
const TIMES = 3
/** Tablets that send at the same time. */
const TABLETS = 4
const DEVICE = 'benchaaaaaaaa'
const AT = 1_700_000_000_000

type Row = { readonly orgUnit: string; readonly key: string; readonly value: string }

function rowsOf(orgUnit: string, seed: number): readonly Row[] {
  return Array.from({ length: VALUES_PER_UNIT }, (_, index) => ({
    orgUnit,
    key: valueKey('2024', `element${index}.primary`),
    value: String((seed * 7919 + index * 104729) % 100000),
  }))
}

const RAW_TABLE = `create table raw (stream text collate "C", device text collate "C", n bigint, kind text, key text collate "C", value text,
  base text, "by" text, at double precision, pv bigint, primary key (stream, device, n))`
const ONE_ROW = { name: 'one', text: 'insert into raw values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)' }
const ALL_ROWS = {
  name: 'all',
  text: `insert into raw select $1, $2, n, 'set', key, value, '[]', 'bench', at, 1
    from unnest($3::bigint[], $4::text[], $5::text[], $6::float8[]) as t (n, key, value, at)`,
}

/** Milliseconds. */
async function insertRaw(url: string, units: readonly (readonly Row[])[], how: 'byRow' | 'byTransaction'): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('drop table if exists raw')
  await client.query(RAW_TABLE)
  const began = performance.now()
  for (const rows of units) {
    const stream = streamOf(rows[0]?.orgUnit ?? '')
    await client.query('begin')
    if (how === 'byTransaction') {
      const numbers = rows.map((_, index) => index + 1)
      const values = rows.map(({ value }) => JSON.stringify(value))
      const keys = rows.map(({ key }) => key)
      const times = rows.map((_, index) => AT + index)
      await client.query({ ...ALL_ROWS, values: [stream, DEVICE, numbers, keys, values, times] })
    } else {
      for (const [index, { key, value }] of rows.entries()) {
        const values = [stream, DEVICE, index + 1, 'set', key, JSON.stringify(value), '[]', 'bench', AT + index, 1]
        await client.query({ ...ONE_ROW, values })
      }
    }
    await client.query('commit')
  }
  const ms = performance.now() - began
  await client.end()
  return ms
}

function bodyOf(rows: readonly Row[], cursor = 0): string {
  const mutations = rows.map(({ key, value }, index) => ({
    n: index + 1,
    kind: 'set',
    key,
    value,
    base: [],
    at: AT + index,
    pv: 1,
  }))
  const ask = {
    stream: streamOf(rows[0]?.orgUnit ?? ''),
    device: DEVICE,
    cursor,
    acked: 0,
    chain: EMPTY_CHAIN,
    floor: 1,
    floorChain: EMPTY_CHAIN,
    mutations: cursor === 0 ? mutations : [],
  }
  return JSON.stringify({ v: 1, app: 'bench', now: AT, asks: [ask] })
}

export async function benchExchangeOnPostgres(unitCount: number): Promise<void> {
  const codes = Array.from({ length: unitCount }, (_, index) => `bench-${String(index + 1).padStart(4, '0')}`)
  const units = codes.map(rowsOf)
  const bodies = units.map((rows) => bodyOf(rows))
  const postgres = await startPostgres()
  const byRow: number[] = []
  const byTransaction: number[] = []
  const exchanged: number[] = []
  let requests: number[] = []
  let empty: number[] = []
  let memory = 0
  try {
    const admin = new pg.Client({ connectionString: postgres.url() })
    await admin.connect()
    for (let time = 0; time < TIMES; time++) {
      byRow.push(await insertRaw(postgres.url(), units, 'byRow'))
      byTransaction.push(await insertRaw(postgres.url(), units, 'byTransaction'))
      await admin.query(`create database bench_${time}`)
      const server = await startServer('main', { DATABASE_URL: postgres.url(`bench_${time}`) })
      try {
        const client = await prepare(server, codes)
        requests = []
        const waiting = bodies.values()
        const tablet = async () => {
          for (const body of waiting) {
            const sent = performance.now()
            const answer = await client.send('POST', '/api/sync', body)
            requests.push(performance.now() - sent)
            if (answer.status !== 200 || !answer.text.includes('"applied"')) throw new Error(answer.text.slice(0, 300))
          }
        }
        const began = performance.now()
        await Promise.all(Array.from({ length: TABLETS }, tablet))
        exchanged.push(performance.now() - began)
        empty = []
        const nothing = bodyOf(units[0] ?? [], VALUES_PER_UNIT)
        for (let times = 0; times < 200; times++) {
          const sent = performance.now()
          const answer = await client.send('POST', '/api/sync', nothing)
          empty.push(performance.now() - sent)
          if (answer.status !== 200) throw new Error(answer.text.slice(0, 300))
        }
        memory = await server.memory()
      } finally {
        await server.stop()
      }
    }
    await admin.end()
  } finally {
    await postgres.stop()
  }
  const count = unitCount * VALUES_PER_UNIT
  const ms = median(exchanged)
  section(`Exchange on PostgreSQL, ${unitCount} units`, [
    {
      what: `exchange, ${unitCount} units × ${VALUES_PER_UNIT} values`,
      value: perSecond(count, ms),
      beside: `${perSecond(count, median(byRow))} raw inserts of the same data, a row a statement`,
    },
    { what: 'ratio to raw inserts of the same data', value: (median(byRow) / ms).toFixed(2), bound: '≥ 0.25' },
    {
      what: 'ratio to raw inserts of the same data, one statement a transaction',
      value: (median(byTransaction) / ms).toFixed(2),
      beside: perSecond(count, median(byTransaction)),
    },
    {
      what: `one exchange of ${VALUES_PER_UNIT} values, ${TABLETS} tablets at once, p50 / p95`,
      value: `${inMs(quantile(requests, 0.5))} / ${inMs(quantile(requests, 0.95))}`,
    },
    { what: 'one exchange with nothing new, p50 / p95', value: `${inMs(quantile(empty, 0.5))} / ${inMs(quantile(empty, 0.95))}` },
    { what: 'memory of the server afterwards', value: `${memory.toFixed(0)} MB` },
  ])
}

async function prepare(server: Awaited<ReturnType<typeof startServer>>, codes: readonly string[]) {
  const admin = await server.signIn('admin', ADMIN_PASSWORD)
  const units = codes.map((code) => ({ code, name: code, type: 'primary', ownership: 'public' }))
  const made = await admin.send('POST', '/api/orgUnits', JSON.stringify(units))
  if (made.status >= 300) throw new Error(made.text)
  const account = { username: 'bench', name: 'bench', role: 'reviewer', orgUnits: [], password: 'bench-password-1' }
  const opened = await admin.send('POST', '/api/accounts', JSON.stringify(account))
  if (opened.status >= 300) throw new Error(opened.text)
  return server.signIn('bench', 'bench-password-1')
}
