/** Files of unsent work: written by a tablet as the app has it, handed in by another, and taken as their author's. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { blankDisk } from '#client/device/memory-store'
import type { Role } from '#domain/person'
import { changeAccount, createAccount } from '#server/accounts'
import type { DepositAnswer } from '#server/deposits'
import { checkSeal } from '#server/seals'
import { openSession, SESSION_MS } from '#server/sessions'
import { depositFile, readDeposit, type Deposit, type DepositFile } from '#sync/deposit'
import { hash } from '#sync/hash'
import { streamOf, valueKey } from '#sync/protocol'
import { openDistrict, OTHER_SCHOOL, PASSWORD, person, SCHOOL, type District } from './district'
import { openTablet, type Tablet } from './tablet'

const stream = streamOf(SCHOOL)
const keyOf = (element: string) => valueKey('2024', element)

let district: District
const open: Tablet[] = []
beforeAll(async () => {
  district = await openDistrict()
  const made = await createAccount(
    district.server().db,
    { username: 'elsewhere', name: '别校', role: 'principal', orgUnits: [OTHER_SCHOOL], password: PASSWORD },
    0,
  )
  if (!made.ok) throw new Error(made.fault.kind)
})
beforeEach(() => {
  // Each test has a moment of its own.
  district.clock.now += 60_000
})
afterAll(async () => {
  for (const tablet of open) await tablet.close()
  await district.close()
})

async function tabletOf(role: Role): Promise<Tablet> {
  const cookie = await openSession(district.server().db, role, district.clock.now)
  const tablet = await openTablet(district, { person: person(role), cookie, disk: blankDisk() })
  open.push(tablet)
  return tablet
}

/** A tablet that had contact once, and typed afterwards without a network. */
async function cutOff(role: Role, values: Readonly<Record<string, string>>): Promise<{ tablet: Tablet; text: string }> {
  const tablet = await tabletOf(role)
  await tablet.exchanged()
  await tablet.sealed()
  tablet.network.up = false
  for (const [element, value] of Object.entries(values)) {
    await tablet.commit({ stream, key: keyOf(element), value, base: [], pv: 1 })
  }
  return { tablet, text: await tablet.exportUnsent() }
}

const DAY_MS = 24 * 60 * 60 * 1000
const handIn = (role: Role, text: string) => district.as(role)('POST', '/api/deposits', text)

function answerOf({
  status,
  body,
  text,
}: {
  readonly status: number
  readonly body: unknown
  readonly text: string
}): DepositAnswer {
  if (status !== 200) throw new Error(text)
  return body as DepositAnswer
}

type Past = { readonly value: unknown; readonly by: string; readonly verdict: string; readonly depositedBy?: string }
async function pastOf(element: string): Promise<readonly Past[]> {
  const { body } = await district.as('admin')('GET', `/api/history?stream=${stream}&key=${keyOf(element)}`)
  return (body as { readonly past: readonly Past[] }).past
}

/** The same content with something changed in it, and a digest that fits: what somebody would do who wants to forge. */
function forged(text: string, change: (deposit: Deposit) => Deposit): string {
  const read = readDeposit(text)
  if (read.kind !== 'read') throw new Error(read.kind)
  const { seal } = read.file
  return JSON.stringify({ ...depositFile(change(read.deposit)), ...(seal === undefined ? {} : { seal }) })
}

const withoutSeal = (text: string): string => {
  const { kind, v, content, digest } = JSON.parse(text) as DepositFile
  return JSON.stringify({ kind, v, content, digest })
}

test('what the bureau hands in is the author’s, and the history says who brought it', async () => {
  const { text } = await cutOff('filler', { a1: '11', a2: '12' })
  const answer = answerOf(await handIn('reviewer', text))
  expect(answer).toMatchObject({ author: { username: 'filler', name: 'filler' }, values: 2, taken: 2 })
  expect(answer.before).toBeUndefined()
  expect(answer.streams).toMatchObject([
    {
      stream,
      outcome: 'taken',
      verdicts: [
        [1, expect.any(Number), 'applied'],
        [2, expect.any(Number), 'applied'],
      ],
    },
  ])
  expect(await pastOf('a1')).toMatchObject([{ value: '11', by: 'filler', verdict: 'applied', depositedBy: 'reviewer' }])
})

test('handed in twice, or by two people, it is there once with the same verdicts', async () => {
  const { text } = await cutOff('filler', { b1: '1' })
  const first = answerOf(await handIn('principal', text))
  const second = answerOf(await handIn('reviewer', text))
  expect(second.streams).toEqual(first.streams)
  expect([first.taken, second.taken]).toEqual([1, 0])
  expect(second.before).toEqual({ name: 'principal', at: expect.any(Number) })
  expect(await pastOf('b1')).toMatchObject([{ depositedBy: 'principal' }])
})

test('the tablet, once it gets through, hears the verdicts of what was handed in, and goes on from there', async () => {
  const { tablet, text } = await cutOff('filler', { c1: '1', c2: '2' })
  await tablet.commit({ stream, key: keyOf('c1'), value: '1 again', base: [], pv: 1 })
  answerOf(await handIn('reviewer', text))
  tablet.network.up = true
  await tablet.exchanged()
  expect(tablet.sync.waiting).toBe(0)
  expect((await pastOf('c1')).map(({ value, depositedBy }) => [value, depositedBy])).toEqual([
    ['1', 'reviewer'],
    ['1 again', undefined],
  ])
  expect((await tablet.open(stream)).cells.get(keyOf('c2'))?.mark).toBe('confirmed')
})

test('a file of what has arrived meanwhile changes nothing', async () => {
  const { tablet, text } = await cutOff('filler', { d1: '1' })
  tablet.network.up = true
  await tablet.exchanged()
  expect(answerOf(await handIn('reviewer', text))).toMatchObject({
    values: 1,
    taken: 0,
    streams: [{ verdicts: [[1, expect.any(Number), 'applied']] }],
  })
  expect(await pastOf('d1')).toHaveLength(1)
})

test('more than one request could carry goes in one file', async () => {
  const values = Object.fromEntries(Array.from({ length: 401 }, (_, at) => [`e${String(at)}`, String(at)]))
  const { text } = await cutOff('filler', values)
  const answer = answerOf(await handIn('reviewer', text))
  expect(answer).toMatchObject({ values: 401, taken: 401 })
  expect(answer.streams[0]?.verdicts.map(([n]) => n)).toEqual(Array.from({ length: 401 }, (_, at) => at + 1))
})

test('a file that was changed on its way is refused as damaged, and nothing of it is taken', async () => {
  const { text } = await cutOff('filler', { f1: '1234' })
  for (const damaged of [text.replace('1234', '1235'), text.replace(/"digest":"./, '"digest":"x')]) {
    expect(await handIn('reviewer', damaged)).toMatchObject({ status: 400, body: { fault: { kind: 'deposit.damaged' } } })
  }
  expect(await pastOf('f1')).toEqual([])
})

test('what is no such file is refused as that', async () => {
  for (const [body, kind] of [
    ['{}', 'body.invalid'],
    [JSON.stringify({ kind: 'youxue.unsent', v: 2, content: '', digest: '' }), 'deposit.unknown'],
    [JSON.stringify({ kind: 'youxue.unsent', v: 1, content: '{}', digest: hash('{}') }), 'deposit.damaged'],
  ] as const) {
    expect(await handIn('reviewer', body)).toMatchObject({ status: 400, body: { fault: { kind } } })
  }
})

test('nobody writes in another’s name: neither with another value, nor another author, nor another tablet, nor a made-up seal', async () => {
  const { text } = await cutOff('filler', { g1: '1' })
  const changes: ((deposit: Deposit) => Deposit)[] = [
    (deposit) => ({
      ...deposit,
      asks: deposit.asks.map((ask) => ({ ...ask, mutations: ask.mutations.map((each) => ({ ...each, value: '999' })) })),
    }),
    (deposit) => ({ ...deposit, author: { username: 'principal', name: '校长' } }),
    (deposit) => ({ ...deposit, tablet: 'othertabletaa' }),
  ]
  for (const change of changes) {
    expect(await handIn('reviewer', forged(text, change))).toMatchObject({
      status: 403,
      body: { fault: { kind: 'deposit.forged' } },
    })
  }
  const file = JSON.parse(text) as DepositFile
  for (const seal of [
    { key: file.seal?.key ?? '', mac: 'AAAA' },
    { key: '1', mac: file.seal?.mac ?? '' },
    { key: 'x', mac: file.seal?.mac ?? '' },
  ]) {
    const answer = await handIn('reviewer', JSON.stringify({ ...file, seal }))
    expect(answer).toMatchObject({ status: 403, body: { fault: { kind: 'deposit.forged' } } })
  }
  expect(await pastOf('g1')).toEqual([])
})

test('a file without a seal is taken from its author and from nobody else', async () => {
  const { text } = await cutOff('filler', { h1: '1' })
  const bare = withoutSeal(text)
  expect(await handIn('reviewer', bare)).toMatchObject({
    status: 403,
    body: { fault: { kind: 'deposit.unsealed', values: { name: 'filler' } } },
  })
  expect(await pastOf('h1')).toEqual([])
  expect(answerOf(await handIn('filler', bare))).toMatchObject({ taken: 1 })
})

test('who may not read the school brings nothing for it, and is told nothing of it', async () => {
  const { text } = await cutOff('filler', { i1: '1' })
  const cookie = await openSession(district.server().db, 'elsewhere', district.clock.now)
  const answer = await district.inject({
    method: 'POST',
    url: '/api/deposits',
    cookies: { youxue_session: cookie },
    headers: { 'content-type': 'application/json' },
    payload: text,
  })
  expect(answer).toMatchObject({ status: 403, body: { fault: { kind: 'right.missing' } } })
  expect(await pastOf('i1')).toEqual([])
})

test('the author’s right counts, not the bearer’s: who was disabled has it logged as refused', async () => {
  const made = await createAccount(
    district.server().db,
    { username: 'leaving', name: '要走的', role: 'filler', orgUnits: [SCHOOL], password: PASSWORD },
    0,
  )
  if (!made.ok) throw new Error(made.fault.kind)
  const cookie = await openSession(district.server().db, 'leaving', district.clock.now)
  const leaving = { username: 'leaving', name: '要走的', role: 'filler', orgUnits: [SCHOOL] } as const
  const tablet = await openTablet(district, { person: leaving, cookie })
  open.push(tablet)
  await tablet.exchanged()
  await tablet.sealed()
  tablet.network.up = false
  await tablet.commit({ stream, key: keyOf('j1'), value: '1', base: [], pv: 1 })
  const text = await tablet.exportUnsent()
  const change = { username: 'leaving', change: { disabled: true }, now: district.clock.now, asker: person('admin'), address: '' }
  await changeAccount(district.server().db, change)
  expect(answerOf(await handIn('reviewer', text)).streams).toMatchObject([
    { outcome: 'taken', verdicts: [[1, expect.any(Number), 'rejected: forbidden']] },
  ])
  expect(await pastOf('j1')).toMatchObject([{ by: 'leaving', verdict: 'rejected: forbidden', depositedBy: 'reviewer' }])
})

test('a seal of before the tablet was revoked is good for nothing in other hands', async () => {
  const { tablet, text } = await cutOff('filler', { k1: '1' })
  district.clock.now += 1000
  expect((await district.as('admin')('POST', `/api/tablets/${tablet.name}/revoke`)).status).toBeLessThan(300)
  expect(await handIn('reviewer', text)).toMatchObject({ status: 403, body: { fault: { kind: 'deposit.revoked' } } })
  expect(await pastOf('k1')).toEqual([])
  expect(answerOf(await handIn('filler', text))).toMatchObject({ taken: 1 })
})

test('a seal is good after its session is over and after a restart of the server', async () => {
  const { text } = await cutOff('filler', { l1: '1' })
  await district.server().db.deleteFrom('session').where('account', '=', 'filler').execute()
  await district.restart()
  expect(answerOf(await handIn('reviewer', text))).toMatchObject({ taken: 1 })
})

test('a seal ends with the longest life of a session', async () => {
  const { text } = await cutOff('filler', { l2: '1' })
  const read = readDeposit(text)
  if (read.kind !== 'read') throw new Error(read.kind)
  const wordAfter = (ms: number) => checkSeal(district.server().db, { ...read, now: district.clock.now + ms })
  expect(await wordAfter(SESSION_MS - DAY_MS)).toBe('fits')
  expect(await wordAfter(SESSION_MS + DAY_MS)).toBe('over')
})

test('nobody gets a key for the tablet of somebody else', async () => {
  const { tablet } = await cutOff('filler', { l3: '1' })
  const asked = await district.as('principal')('POST', '/api/deposits/seal', { tablet: tablet.name })
  expect(asked).toMatchObject({ status: 403, body: { fault: { kind: 'right.missing' } } })
})

test('typed text that was no value yet is in the file', async () => {
  const tablet = await tabletOf('principal')
  await tablet.exchanged()
  await tablet.sealed()
  tablet.network.up = false
  await tablet.draft({ stream, key: keyOf('m1'), value: '７', base: [] })
  await tablet.settleDrafts({ toWire: (_key, typed) => (typed === '７' ? '7' : typed), pv: 1, ageMs: 0 })
  const text = await tablet.exportUnsent()
  expect(answerOf(await handIn('reviewer', text))).toMatchObject({ values: 1, taken: 1 })
  expect(await pastOf('m1')).toMatchObject([{ value: '7', by: 'principal' }])
})

test('another tablet keeps the file while it has no network, and hands it in with its next contact', async () => {
  const { text } = await cutOff('filler', { n1: '1', n2: '2' })
  const bearer = await tabletOf('principal')
  await bearer.exchanged()
  bearer.network.up = false
  expect(await bearer.takeIn(text)).toBe('taken')
  expect(await bearer.takeIn('{"something": "else"}')).toBe('foreign')
  expect(await bearer.takeIn(text.replace('"digest":"', '"digest":"0'))).toBe('damaged')
  expect(bearer.handIns).toMatchObject([{ author: 'filler', values: 2, outcome: { kind: 'waiting' } }])
  expect(await pastOf('n1')).toEqual([])
  bearer.network.up = true
  await bearer.exchanged()
  await bearer.until(() => bearer.handIns[0]?.outcome.kind === 'done')
  expect(bearer.handIns[0]?.outcome).toMatchObject({ taken: 2, known: 0, rejected: 0, conflicts: 0, left: 0 })
  expect(await pastOf('n2')).toMatchObject([{ by: 'filler', depositedBy: 'principal' }])
  await bearer.forgetHandIn(bearer.handIns[0]?.id ?? '')
  expect(bearer.handIns).toEqual([])
})

test('a refused file says why on the tablet that brought it', async () => {
  const { text } = await cutOff('filler', { o1: '1' })
  const bearer = await tabletOf('principal')
  await bearer.takeIn(withoutSeal(text))
  await bearer.until(() => bearer.handIns[0]?.outcome.kind === 'refused')
  expect(bearer.handIns[0]?.outcome).toMatchObject({ fault: { kind: 'deposit.unsealed', values: { name: 'filler' } } })
})

test('nobody’s work is sent under the cookie of another person who signed in beside', async () => {
  const tablet = await tabletOf('filler')
  await tablet.exchanged()
  tablet.network.cookie = district.cookieOf('principal')
  await tablet.commit({ stream, key: keyOf('p1'), value: '1', base: [], pv: 1 })
  tablet.syncNow()
  await tablet.until(() => tablet.sync.phase === 'signedOut')
  expect([await pastOf('p1'), tablet.sync.waiting]).toEqual([[], 1])
  // The same person again: it goes out as theirs.
  tablet.network.cookie = await openSession(district.server().db, 'filler', district.clock.now)
  await tablet.exchanged()
  expect(await pastOf('p1')).toMatchObject([{ by: 'filler' }])
})
