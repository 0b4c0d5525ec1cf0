/** The check of the ledger sees every kind of difference, and none where there is none. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkLedger, checkWithin, type FindingKind } from '#server/backup/check-ledger'
import { chainAfter, EMPTY_CHAIN } from '#sync/hash'
import { valueKey, type Witness } from '#sync/protocol'
import { answersOf, askOf, DEVICE, openDistrict, setTo, START, syncBody, type District } from './district'
import { liftGuards } from './guards'

const key = (element: string) => valueKey('2024', element)
const OTHER = 'otherbbbbbbbb'

let district: District
beforeAll(async () => {
  district = await openDistrict()
  await district
    .server()
    .db.insertInto('meta')
    .values({ key: 'restored', value: String(START) })
    .execute()
  await district.restart()
  const send = async (role: 'principal' | 'reviewer', ask: Parameters<typeof askOf>[0]) =>
    answersOf(await district.as(role)('POST', '/api/sync', syncBody(askOf(ask))))
  // Everything that a log can have: applied, merged and in conflict, replaced, refused, told by others, before and behind a gap.
  await send('principal', {
    mutations: [setTo(1, key('a'), '1'), setTo(2, key('b'), '2'), setTo(3, key('a'), '3', [`${DEVICE}:1`])],
  })
  await send('reviewer', { device: OTHER, mutations: [setTo(1, key('a'), '3'), setTo(2, key('b'), '5'), setTo(3, 'odd', '1')] })
  const witness = (id: string, value: string): Witness => ({
    ...setTo(Number(id.split(':')[1]), key('w'), value),
    id,
    by: 'filler',
    pv: 0,
  })
  await send('principal', { mutations: [], witnesses: [witness('wipedaaaaaaaa:4', '8'), witness(`${DEVICE}:4`, '9')] })
  const told = { ...setTo(4, key('w'), '9'), at: START }
  const before = await district.server().db.selectFrom('peer').select('chain').where('device', '=', DEVICE).executeTakeFirst()
  await send('principal', {
    acked: 3,
    chain: before?.chain ?? EMPTY_CHAIN,
    mutations: [told, setTo(5, key('c'), { x: [1, null] })],
  })
  const floorChain = chainAfter(EMPTY_CHAIN, setTo(1, key('z'), 'of before'))
  await send('principal', {
    device: 'pruneaaaaaaaa',
    floor: 7,
    floorChain,
    mutations: [setTo(7, key('d'), '1'), setTo(8, key('d'), '2')],
  })
})
afterAll(() => district.close())

test('a ledger that only the server has written is what its log says', async () => {
  const { findings, remarks, ...counts } = await checkLedger(district.server().db)
  expect(findings).toEqual([])
  expect(remarks).toEqual([])
  expect(counts).toEqual({ streams: 1, mutations: 11, cells: 5, devices: 3 })
})

describe('every difference is named', () => {
  const spoilings: readonly [string, string, FindingKind][] = [
    ['a mutation that is missing', `delete from log where device = '${OTHER}' and n = 3`, 'number'],
    ['two mutations with one number', `update log set seq = 2 where seq = 3`, 'number'],
    ['a stream that counts further', `update stream set seq = seq + 1`, 'number'],
    ['a value changed in the log', `update log set value = '"7"' where seq = 2`, 'chain'],
    ['an author’s clock changed', `update log set at = at + 1 where seq = 2`, 'chain'],
    ['a base taken away', `update log set base = null where seq = 3`, 'cell'],
    ['an author changed', `update log set by = 'somebody' where seq = 3`, 'cell'],
    ['another verdict', `update log set verdict = 'merged' where seq = 1`, 'verdict'],
    ['a refusal that was none', `update log set verdict = 'rejected: forbidden' where seq = 2`, 'cell'],
    ['a cell with another value', `update cell set heads = replace(heads, '"3"', '"4"') where key = '${key('a')}'`, 'cell'],
    ['a cell with another number', `update cell set seq = 99 where key = '${key('a')}'`, 'cell'],
    ['a cell that is missing', `delete from cell where key = '${key('b')}'`, 'cell'],
    [
      'a cell too many',
      `insert into cell (stream, key, seq, heads) select stream, 'v/2024/x', 1, heads from cell limit 1`,
      'cell',
    ],
    ['another digest', `update stream set digest = '0000000000000001'`, 'digest'],
    ['a device of which less is remembered', `update peer set last = 2 where device = '${OTHER}'`, 'device'],
    ['a device of which more is remembered', `update peer set last = 9 where device = '${OTHER}'`, 'device'],
    ['a device that is forgotten', `delete from peer where device = '${OTHER}'`, 'device'],
    ['a device with another chain', `update peer set chain = '00000000000000ff' where device = '${OTHER}'`, 'device'],
    ['a row that is no JSON', `update log set value = '{' where seq = 2`, 'row'],
    ['a cell that is no JSON', `update cell set heads = '{' where key = '${key('a')}'`, 'row'],
    ['rows of no stream', `update peer set stream = 77 where device = '${OTHER}'`, 'row'],
  ]
  test.each(spoilings)('%s', async (_what, statement, kind) => {
    const findings = await district
      .server()
      .db.connection()
      .execute(async (trx) => {
        await sql`begin`.execute(trx)
        try {
          await liftGuards(trx)
          await sql.raw(statement).execute(trx)
          return (await checkWithin(trx)).findings
        } finally {
          await sql`rollback`.execute(trx)
        }
      })
    expect(findings.map((finding) => finding.kind)).toContain(kind)
  })
})

describe('what a program that is not ours can bring about is no difference, and at most odd', () => {
  const send = async (device: string, ask: Parameters<typeof askOf>[0]) => {
    await district.as('principal')('POST', '/api/sync', syncBody(askOf({ device, ...ask })))
    return checkLedger(district.server().db)
  }
  const odd = 'ffffffffffffffff'

  test('a chain of its own behind a gap, and numbers that go back', async () => {
    const device = 'oddaaaaaaaaaa'
    const set = (n: number) => setTo(n, key(`g${String(n)}`), '1')
    for (const [floor, ...numbers] of [
      [1, 1],
      [7, 7, 8],
      [3, 3, 4],
      [9, 3, 9],
      [2, 2],
    ] as const) {
      const { findings } = await send(device, { floor, floorChain: odd, mutations: numbers.map(set) })
      expect(findings, `floor ${String(floor)}`).toEqual([])
    }
    const { remarks } = await checkLedger(district.server().db)
    expect(remarks.map(({ at }) => at)).toEqual([`${device}:3`, `${device}:4`, `${device}:2`])
  })

  test('kinds that nobody knows', async () => {
    const mutations = [
      { ...setTo(1, key('s'), '1'), kind: 'sing' },
      { ...setTo(2, 'nowhere', '1') },
      { ...setTo(3, key('s'), '2'), kind: 'move' },
    ]
    const { findings } = await send('kindaaaaaaaaa', { mutations })
    expect(findings).toEqual([])
  })
})
