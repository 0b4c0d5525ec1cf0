/** Two servers on one database, as two processes have it: nothing of theirs is shared but the database. */
import fc from 'fast-check'
import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { toPeriod } from '#domain/period'
import type { Person } from '#domain/person'
import { asksElement } from '#plan/applicability'
import { createAccount } from '#server/accounts'
import type { App } from '#server/app'
import { checkLedger } from '#server/backup/check-ledger'
import { openServer, type OpenServer } from '#server/open-server'
import { openSession, SESSION_COOKIE } from '#server/sessions'
import { exchange } from '#sync/exchange'
import { commentId, commentKey, reportKey, valueKey, type Json, type Mutation } from '#sync/protocol'
import { reportDigest } from '#sync/report-digest'
import {
  answersOf,
  askOf,
  DISTRICT,
  PASSWORD,
  plan,
  SCHOOL,
  setTo,
  START,
  syncBody,
  UNITS,
  type Answer,
} from '../server/district'
import { freshDatabase, type FreshDatabase } from './fresh-database'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

type Running = { readonly server: OpenServer; readonly app: App }

let database: FreshDatabase
let running: Running[]
beforeEach(async () => {
  // Without any table: the first start is part of what is tested.
  database = await freshDatabase({ isNew: true })
  running = []
})
afterEach(async () => {
  for (const { app, server } of running) {
    await app.close()
    await server.close()
  }
  await database.release()
})

async function start(): Promise<Running> {
  const config = {
    dataFolder: '/nonexistent',
    databaseUrl: database.url,
    adminPassword: PASSWORD,
    plan,
    version: '1.2.3',
    clientFolder: '/nonexistent',
  }
  const server = await openServer(config, () => START)
  const one = { server, app: await server.buildApp() }
  running.push(one)
  return one
}

async function asking({ app }: Running, method: 'GET' | 'POST', url: string, token?: string, body?: unknown): Promise<Answer> {
  const answer = await app.inject({
    method,
    url,
    ...(token === undefined ? {} : { cookies: { [SESSION_COOKIE]: token } }),
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, payload: JSON.stringify(body) }),
  })
  const isEmpty = answer.body === ''
  return { status: answer.statusCode, body: isEmpty ? undefined : answer.json(), headers: answer.headers, text: answer.body }
}

/** Who may type into every report. */
const makeReviewer = (one: Running): Promise<string> =>
  makeAccount(one, { username: 'reviewer', name: '审核', role: 'reviewer', orgUnits: [] })

/** With a password that is the person's own already. */
async function makeAccount({ server }: Running, person: Person): Promise<string> {
  const made = await createAccount(server.db, { ...person, password: PASSWORD }, START)
  if (!made.ok) throw new Error(JSON.stringify(made.fault))
  return openSession(server.db, person.username, START)
}

async function signIn(one: Running, username: string): Promise<string> {
  const answer = await asking(one, 'POST', '/api/session', undefined, { username, password: PASSWORD })
  expect(answer.status, answer.text).toBe(200)
  return /=([\w-]{43});/.exec(String(answer.headers['set-cookie']))?.[1] ?? ''
}

const period = plan.document.periods.at(-1) ?? ''
const figuresOf = async (one: Running, token: string): Promise<unknown> => {
  const answer = await asking(one, 'GET', `/api/figures?period=${period}`, token)
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}
const valued = (body: unknown): number =>
  (body as { readonly figures: readonly { readonly value?: unknown }[] }).figures.filter(({ value }) => typeof value === 'number')
    .length

/** Numbers that a primary school is asked for. */
const elements = [...plan.elements.values()].filter(({ element }) => element.type === 'count').map(({ id }) => id)

test('started at the same moment on an empty database they make one district, one admin and one epoch', async () => {
  const all = await Promise.all([start(), start(), start()])
  expect(new Set(all.map(({ server }) => server.ledger.epoch)).size).toBe(1)
  expect(await database.run('select username from account')).toEqual([{ username: 'admin' }])
  expect(await database.run('select type from org_unit')).toEqual([{ type: 'district' }])
  for (const one of all) await signIn(one, 'admin')
})

test('what is done at one is so at the other: units, accounts, sessions, values, figures', async () => {
  const [one, other] = [await start(), await start()]
  const admin = await signIn(one, 'admin')
  expect((await asking(one, 'POST', '/api/orgUnits', admin, UNITS)).status).toBe(200)
  expect((await asking(other, 'GET', '/api/orgUnits', admin)).body).toHaveLength(UNITS.length + 1)
  await makeAccount(one, { username: 'head', name: '校长', role: 'principal', orgUnits: [SCHOOL] })
  const head = await signIn(other, 'head')

  const before = await figuresOf(other, admin)
  expect(await figuresOf(one, admin)).toEqual(before)
  const mutations = elements.map((element, at) => setTo(at + 1, valueKey(period, element), String(at + 10)))
  for (let from = 0; from < mutations.length; from += 200) {
    const part = mutations.slice(from, from + 200)
    answersOf(await asking(one, 'POST', '/api/sync', head, syncBody(askOf({ mutations: part }))))
  }
  const after = await figuresOf(other, admin)
  expect(valued(after)).toBeGreaterThan(valued(before))
  expect(await figuresOf(one, admin)).toEqual(after)

  // A unit that changes its name and its type at one is another one at the other.
  const changed = UNITS.map((unit) => (unit.code === SCHOOL ? { ...unit, type: 'junior' } : unit))
  expect((await asking(one, 'POST', '/api/orgUnits', admin, changed)).status).toBe(200)
  const moved = await figuresOf(other, admin)
  expect(moved).not.toEqual(after)
  expect(await figuresOf(one, admin)).toEqual(moved)

  const out = await one.app.inject({ method: 'DELETE', url: '/api/session', cookies: { [SESSION_COOKIE]: head } })
  expect(out.statusCode).toBe(204)
  expect((await asking(other, 'GET', '/api/session', head)).status).toBe(401)
})

test('whatever is typed at either, in whatever order and at once, both have the figures of a server that starts afterwards', async () => {
  const servers = [await start(), await start()]
  const [first] = servers
  if (first === undefined) throw new Error('no server')
  const admin = await signIn(first, 'admin')
  expect((await asking(first, 'POST', '/api/orgUnits', admin, UNITS)).status).toBe(200)
  const schools = UNITS.filter(({ type }) => type !== 'district').map(({ code }) => code)
  const head = await makeAccount(first, { username: 'all', name: '校长', role: 'principal', orgUnits: schools })
  const empty = await figuresOf(first, admin)
  let devices = 0
  /** Of each cell, the newest mutations: what is typed replaces them, unless it overlaps with another one. */
  const heads = new Map<string, readonly string[]>()

  const edit = fc.record({
    at: fc.nat(1),
    unit: fc.constantFrom(...schools),
    element: fc.constantFrom(...elements.slice(0, 6)),
    value: fc.constantFrom<Json>('1', '2', '30', null, 'many'),
    /** Not waited for: it overlaps with what comes next. */
    isLoose: fc.boolean(),
    asks: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 15 }), async (edits) => {
      const loose: Promise<unknown>[] = []
      for (const { at, unit, element, value, isLoose, asks } of edits) {
        const one = servers[at] ?? first
        const device = `t${devices
          .toString(26)
          .padStart(12, '0')
          .replaceAll(/[0-9]/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '')}`
        devices++
        const base = heads.get(unit + element) ?? []
        heads.set(unit + element, [...base, `${device}:1`].slice(-20))
        const mutations = [setTo(1, valueKey(period, element), value, base)]
        const body = syncBody(askOf({ orgUnit: unit, device, mutations }))
        const sent = asking(one, 'POST', '/api/sync', head, body).then((answer) => {
          expect(answersOf(answer)).toMatchObject([{ verdicts: [[1, expect.any(Number), expect.stringMatching(/^[amc]/)]] }])
        })
        if (isLoose) loose.push(sent)
        else await sent
        if (asks) loose.push(figuresOf(servers[1 - at] ?? first, admin))
      }
      await Promise.all(loose)
      const shown = await Promise.all(servers.map((one) => figuresOf(one, admin)))
      expect(shown[0]).toEqual(shown[1])
    }),
    { numRuns: 15 },
  )
  expect(await figuresOf(first, admin)).not.toEqual(empty)
  const fresh = await start()
  for (const one of servers) {
    expect(one.server.figures.answers(toPeriod(period))).toEqual(fresh.server.figures.answers(toPeriod(period)))
  }
})

test('two imports into the same units at once are both taken in full', async () => {
  const servers = [await start(), await start()]
  const [one] = servers
  if (one === undefined) throw new Error('no server')
  const admin = await signIn(one, 'admin')
  expect((await asking(one, 'POST', '/api/orgUnits', admin, UNITS)).status).toBe(200)
  const reviewer = await makeReviewer(one)
  const [school] = UNITS
  if (school === undefined) throw new Error('no school')
  const primary = elements.filter((element) => asksElement(plan, element, school))
  expect(primary.length).toBeGreaterThan(20)
  const rows = (part: number) =>
    primary
      .filter((_, index) => index % 2 === part)
      .map((dataElement, index) => ({ dataElement, period, orgUnit: SCHOOL, value: String(index + 1) }))
  const reports = await Promise.all(
    servers.map((server, part) => asking(server, 'POST', '/api/dataValueSets', reviewer, { dataValues: rows(part) })),
  )
  for (const { body } of reports) expect(body).toMatchObject({ status: 'complete', counts: { refused: 0 } })
  const { rows: stored } = await sql<{ count: number }>`select count(*) as count from log`.execute(one.server.db)
  expect(stored[0]?.count).toBe(primary.length)
  expect((await checkLedger(one.server.db)).findings).toEqual([])
  expect(await figuresOf(servers[1] ?? one, admin)).toEqual(await figuresOf(one, admin))
})

test('who asks while others’ commits are being read is told of what was committed in between too', async () => {
  const [one, other] = [await start(), await start()]
  const admin = await signIn(one, 'admin')
  expect((await asking(one, 'POST', '/api/orgUnits', admin, UNITS)).status).toBe(200)
  const empty = one.server.figures.answers(toPeriod(period))
  const held = new pg.Client({ connectionString: database.url })
  await held.connect()
  await held.query('begin; lock table org_unit in access exclusive mode')
  // It has its snapshot, and waits.
  const early = one.server.figures.catchUp()
  // No other question: whatever else waits for the table says nothing of this one's snapshot.
  const waiting = `select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%hashtextextended%'`
  await vi.waitUntil(async () => (await database.run(waiting)).length > 0, { timeout: 30_000, interval: 20 })
  const mutations = elements.slice(0, 200).map((element, at) => setTo(at + 1, valueKey(period, element), String(at + 10)))
  await exchange({
    ledger: other.server.ledger,
    ask: askOf({ mutations }),
    person: { username: 'head' },
    right: 'write',
    now: START,
    skew: 0,
  })
  const late = one.server.figures.catchUp()
  await held.query('commit')
  await held.end()
  await early
  expect(one.server.figures.answers(toPeriod(period))).toEqual(empty)
  await late
  await other.server.figures.catchUp()
  expect(one.server.figures.answers(toPeriod(period))).not.toEqual(empty)
  expect(one.server.figures.answers(toPeriod(period))).toEqual(other.server.figures.answers(toPeriod(period)))
})

test('while the database cannot be reached the answer is a fault with a time to try again, and afterwards it goes on', async () => {
  const one = await start()
  const admin = await signIn(one, 'admin')
  const reviewer = await makeReviewer(one)
  await database.runOutside(`alter database ${database.name} with allow_connections false`)
  await database.runOutside(`select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '${database.name}'`)
  const refused = await asking(one, 'GET', '/api/figures?period=2024', admin)
  expect(refused).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
    body: { fault: { kind: 'server.busy' }, message: { zh: expect.stringMatching(/[\u4e00-\u9fff]/) as string } },
  })
  const ask = askOf({ orgUnit: DISTRICT, mutations: [setTo(1, valueKey(period, 'x'), '1')] })
  const send = () => asking(one, 'POST', '/api/sync', reviewer, syncBody(ask))
  expect((await send()).status).toBe(503)
  await database.runOutside(`alter database ${database.name} with allow_connections true`)
  expect(answersOf(await send())).toMatchObject([{ verdicts: [[1, 1, 'applied']] }])
})

test('a report’s steps, comments and values show in the queue of the other process, in the answer after them', async () => {
  const [one, other] = [await start(), await start()]
  const admin = await signIn(one, 'admin')
  expect((await asking(one, 'POST', '/api/orgUnits', admin, UNITS)).status).toBe(200)
  const reviewer = await makeReviewer(one)
  const head = await makeAccount(one, { username: 'head', name: '校长', role: 'principal', orgUnits: [SCHOOL] })
  const write = async (at: Running, token: string, device: string, mutations: readonly Mutation[]) => {
    const answer = await asking(at, 'POST', '/api/sync', token, syncBody(askOf({ device, mutations: [...mutations] })))
    expect(answer.text).not.toContain('rejected')
    expect(answersOf(answer)).toMatchObject([{ last: mutations.at(-1)?.n }])
  }
  const queueOf = async (at: Running): Promise<unknown> => {
    const answer = await asking(at, 'GET', `/api/reports?period=${period}`, reviewer)
    expect(answer.status, answer.text).toBe(200)
    return (answer.body as { readonly rows: unknown }).rows
  }
  const key = reportKey(period, 'students')
  const value = valueKey(period, 'goodYouth')
  const seen = reportDigest([value], () => '5')
  expect(await queueOf(other)).toEqual([])

  const submission = { ...setTo(2, key, { state: 'submitted', seen }), kind: 'move' }
  await write(one, head, 'principalaaaa', [setTo(1, value, '5'), submission])
  for (const at of [one, other]) expect(await queueOf(at)).toMatchObject([{ state: 'submitted', round: 1 }])

  const comment = commentId('aaaaaaaaaaaaa')
  const back = { ...setTo(3, key, { state: 'returned', why: 'look', marks: ['goodYouth'] }, ['principalaaaa:2']), kind: 'move' }
  const words = [
    setTo(1, commentKey(comment, 'about'), { period, dataSet: 'students' }),
    setTo(2, commentKey(comment, 'text'), '?'),
  ]
  await write(other, reviewer, 'revieweraaaaa', [...words, back])
  for (const at of [one, other])
    expect(await queueOf(at)).toMatchObject([{ state: 'returned', comments: 1, marks: 1, changed: 0 }])

  await write(one, head, 'principalaaaa', [setTo(3, value, '6', ['principalaaaa:1'])])
  for (const at of [one, other]) expect(await queueOf(at)).toMatchObject([{ state: 'returned', changed: 1 }])
})
