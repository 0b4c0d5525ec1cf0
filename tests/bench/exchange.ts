/**
 * Exchange throughput, through HTTP and a session, beside inserting the same values with the same driver: transactions of 150 values with
 * full synchronisation on both sides. Beside it what the ledger alone takes, without HTTP, JSON and judging: a value is two rows there, its
 * place in the history and its cell, with who, when, on which device and instead of what.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { createLedger } from '#server/store/ledger'
import { migrate } from '#server/store/migrations'
import { openSqlite } from '#server/store/sqlite'
import { EMPTY_CHAIN, EMPTY_DIGEST } from '#sync/hash'
import { streamOf, valueKey } from '#sync/protocol'
import { inMs, median, perSecond, quantile, section, type Line } from './report'
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

/**
 * The references: one table, one prepared statement, a transaction for each unit's values. Milliseconds.
 *
 * `data` inserts what a tablet sends: each mutation with its ten fields, under its number. `values` leaves out who, when, on which device
 * and instead of what: the least that a table of values can be.
 */
const RAW = {
  data: {
    table: `create table raw (stream text, device text, n integer, kind text, key text, value text, base text, "by" text, at integer,
      pv integer, primary key (stream, device, n)) without rowid`,
    insert: 'insert into raw values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    parameters: ({ orgUnit, key, value }: Row, index: number) => [
      ...[streamOf(orgUnit), DEVICE, index + 1, 'set', key, JSON.stringify(value), '[]', 'bench', AT + index, 1],
    ],
  },
  values: {
    table: 'create table raw (org_unit text, key text, value text, at integer, primary key (org_unit, key)) without rowid',
    insert: 'insert into raw values (?, ?, ?, ?)',
    parameters: ({ orgUnit, key, value }: Row) => [orgUnit, key, value, AT],
  },
} as const

function insertRaw(units: readonly (readonly Row[])[], what: keyof typeof RAW): number {
  const { table, insert: text, parameters } = RAW[what]
  const folder = mkdtempSync(join(tmpdir(), 'youxue-raw-'))
  const db = new DatabaseSync(join(folder, 'raw.db'))
  db.exec('PRAGMA journal_mode = WAL')
  db.exec('PRAGMA synchronous = FULL')
  db.exec(table)
  const insert = db.prepare(text)
  const began = performance.now()
  for (const rows of units) {
    db.exec('begin immediate')
    rows.forEach((row, index) => insert.run(...parameters(row, index)))
    db.exec('commit')
  }
  const ms = performance.now() - began
  db.close()
  rmSync(folder, { recursive: true, force: true })
  return ms
}

/** The second reference: the rows that an exchange leaves behind, through the ledger itself. Milliseconds. */
async function writeLedger(units: readonly (readonly Row[])[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'youxue-ledger-'))
  const db = openSqlite(join(folder, 'ledger.db'))
  await migrate(db)
  const ledger = createLedger({ db, epoch: 'bench' })
  let ms = 0
  for (const rows of units) {
    const change = {
      log: rows.map(({ key, value }, index) => ({
        ...{ seq: index + 1, device: DEVICE, n: index + 1, kind: 'set', key, value, base: [], by: 'bench' },
        ...{ at: AT + index, received: AT, pv: 1, verdict: 'applied' as const, chain: EMPTY_CHAIN },
      })),
      cells: rows.map(({ key, value }, index) => {
        const from = [{ id: `${DEVICE}:${index + 1}`, base: [], by: 'bench', at: AT + index }]
        return [key, { seq: index + 1, heads: [{ value, from }] }] as const
      }),
      head: { seq: rows.length, digest: EMPTY_DIGEST },
      peer: { device: DEVICE, last: rows.length, chain: EMPTY_CHAIN, skew: 0 },
    }
    const began = performance.now()
    await ledger.write(streamOf(rows[0]?.orgUnit ?? ''), (tx) => tx.write(change))
    ms += performance.now() - began
  }
  await db.destroy()
  rmSync(folder, { recursive: true, force: true })
  return ms
}

/** What a tablet sends: one ask of one stream with all its values. */
function bodyOf(rows: readonly Row[]): string {
  return JSON.stringify({
    v: 1,
    app: 'bench',
    now: AT,
    asks: [
      {
        stream: streamOf(rows[0]?.orgUnit ?? ''),
        device: DEVICE,
        cursor: 0,
        acked: 0,
        chain: EMPTY_CHAIN,
        floor: 1,
        floorChain: EMPTY_CHAIN,
        mutations: rows.map(({ key, value }, index) => ({
          n: index + 1,
          kind: 'set',
          key,
          value,
          base: [],
          at: AT + index,
          pv: 1,
        })),
      },
    ],
  })
}

export async function benchExchange(unitCount: number): Promise<void> {
  const codes = Array.from({ length: unitCount }, (_, index) => `bench-${String(index + 1).padStart(4, '0')}`)
  const units = codes.map(rowsOf)
  const bodies = units.map(bodyOf)
  const count = unitCount * VALUES_PER_UNIT
  const raw: number[] = []
  const rawValues: number[] = []
  const ledger: number[] = []
  const exchanged: number[] = []
  let requests: number[] = []
  let empty: number[] = []
  let memory = 0
  // Small districts are over in a blink: the median of several runs, raw and exchange in turns.
  for (let time = 0; time < (unitCount > 1000 ? 1 : TIMES); time++) {
    raw.push(insertRaw(units, 'data'))
    rawValues.push(insertRaw(units, 'values'))
    ledger.push(await writeLedger(units))
    const server = await startServer()
    const admin = await server.signIn('admin', ADMIN_PASSWORD)
    const made = await admin.send(
      'POST',
      '/api/orgUnits',
      JSON.stringify(codes.map((code) => ({ code, name: code, type: 'primary', ownership: 'public' }))),
    )
    if (made.status >= 300) throw new Error(made.text)
    await admin.send(
      'POST',
      '/api/accounts',
      JSON.stringify({ username: 'bench', name: 'bench', role: 'reviewer', orgUnits: [], password: 'bench-password-1' }),
    )
    const client = await server.signIn('bench', 'bench-password-1')
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
    const nothing = bodyOf(units[0] ?? [])
      .replace(/"mutations":\[.*?\]\}\]\}$/, '"mutations":[]}]}')
      .replace('"cursor":0', `"cursor":${VALUES_PER_UNIT}`)
    for (let i = 0; i < 200; i++) {
      const sent = performance.now()
      const answer = await client.send('POST', '/api/sync', nothing)
      empty.push(performance.now() - sent)
      if (answer.status !== 200) throw new Error(answer.text.slice(0, 300))
    }
    memory = await server.memory()
    await server.stop()
  }
  const ratio = median(raw) / median(exchanged)
  const lines: Line[] = [
    {
      what: `exchange, ${unitCount} units × ${VALUES_PER_UNIT} values`,
      value: perSecond(count, median(exchanged)),
      beside: `${perSecond(count, median(raw))} raw inserts of the same data`,
    },
    { what: 'ratio to raw inserts of the same data', value: ratio.toFixed(2), bound: '≥ 0.25' },
    {
      what: 'ratio to raw inserts of keys and values alone',
      value: (median(rawValues) / median(exchanged)).toFixed(2),
      beside: `${perSecond(count, median(rawValues))} raw inserts of keys and values`,
    },
    {
      what: 'the ledger alone',
      value: perSecond(count, median(ledger)),
      beside: `${perSecond(count, median(raw))} raw inserts of the same data`,
    },
    {
      what: `one exchange of ${VALUES_PER_UNIT} values, ${TABLETS} tablets at once, p50 / p95`,
      value: `${inMs(quantile(requests, 0.5))} / ${inMs(quantile(requests, 0.95))}`,
    },
    { what: 'one exchange with nothing new, p50 / p95', value: `${inMs(quantile(empty, 0.5))} / ${inMs(quantile(empty, 0.95))}` },
    { what: 'memory of the server afterwards', value: `${memory.toFixed(0)} MB` },
  ]
  section(`Exchange, ${unitCount} units`, lines)
}
