/** What every ledger must do, whatever it is made of: `ledgerSuite('SQLite', makeLedger)`. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { exchange, type Exchange, type Limits, type Right } from '#sync/exchange'
import { chainAfter, digestOf, EMPTY_CHAIN, EMPTY_DIGEST } from '#sync/hash'
import type { Ledger, LogRow } from '#sync/ports'
import type { Answer, Ask, Cell, Json, Mutation } from '#sync/protocol'
import { race } from './race'

/** A busy machine takes its time. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

export type MadeLedger = { readonly ledger: Ledger; close?(): Promise<void> | void }

export function ledgerSuite(name: string, makeLedger: () => Promise<MadeLedger> | MadeLedger): void {
  describe(`the ledger over ${name}`, () => {
    const made: MadeLedger[] = []
    const fresh = async (): Promise<Ledger> => {
      const one = await makeLedger()
      made.push(one)
      return one.ledger
    }
    afterEach(async () => {
      for (const one of made.splice(0)) await one.close?.()
    })

    test('an unwritten stream is at 0 with an empty digest and has nothing', async () => {
      const ledger = await fresh()
      await ledger.read('s/none', async (tx) => {
        expect(tx.head).toEqual({ seq: 0, digest: EMPTY_DIGEST })
        expect(await tx.peer(A)).toBeUndefined()
        expect(await tx.logRow(A, 1)).toBeUndefined()
        expect(await tx.logRows(A, 1, 9)).toEqual([])
        expect((await tx.known([`${A}:1`])).size).toBe(0)
        expect((await tx.cells(['v/2024/x'])).size).toBe(0)
        expect(await tx.rows(0, { rows: 10, bytes: 1e6 })).toEqual({ rows: [], upto: 0, done: true })
      })
      expect(ledger.epoch).not.toBe('')
    })

    test('what is written is read back as it was, in the same transaction and after it', async () => {
      const ledger = await fresh()
      const odd: Json = {
        absence: 'notAvailable',
        reason: '“没有”\u0000 \ud83d\ude00',
        deep: [1, 2.5, null, true, { z: 1, a: [] }],
      }
      const row = logRow({ n: 1, seq: 1, value: odd, base: [`${B}:7`] })
      const cell: Cell = {
        seq: 1,
        heads: [{ value: odd, from: [{ id: `${A}:1`, base: [`${B}:7`], by: '张三', at: 1.5 }] }],
        missing: [`${B}:7`],
      }
      const head = { seq: 1, digest: digestOf({ [row.key]: cell }) }
      const peer = { device: A, last: 1, chain: row.chain, skew: -40 }
      const reading = async (tx: Parameters<Parameters<Ledger['read']>[1]>[0]) => {
        expect(await tx.peer(A)).toMatchObject({ last: 1, chain: row.chain })
        expect(await tx.logRow(A, 1)).toEqual(row)
        expect(await tx.logRows(A, 1, 1)).toEqual([row])
        expect([...(await tx.known([`${A}:1`, `${A}:2`, `${B}:1`]))]).toEqual([`${A}:1`])
        expect([...(await tx.cells([row.key, 'v/2024/none']))]).toEqual([[row.key, cell]])
        expect(await tx.rows(0, { rows: 10, bytes: 1e6 })).toEqual({ rows: [[row.key, cell]], upto: 1, done: true })
        expect(await tx.rows(1, { rows: 10, bytes: 1e6 })).toEqual({ rows: [], upto: 1, done: true })
      }
      await ledger.write('s/one', async (tx) => {
        await tx.write({ log: [row], cells: [[row.key, cell]], head, peer })
        await reading(tx)
      })
      await ledger.read('s/one', async (tx) => {
        expect(tx.head).toEqual(head)
        await reading(tx)
      })
      // Another stream is another world.
      await ledger.read('s/on', async (tx) => {
        expect(tx.head.seq).toBe(0)
        expect((await tx.cells([row.key])).size).toBe(0)
        expect((await tx.known([`${A}:1`])).size).toBe(0)
      })
    })

    test('a throw leaves nothing behind', async () => {
      const ledger = await fresh()
      const row = logRow({ n: 1, seq: 1, value: '1' })
      await expect(
        ledger.write('s/one', async (tx) => {
          await tx.write({
            log: [row],
            cells: [[row.key, { seq: 1, heads: [] }]],
            head: { seq: 1, digest: 'ffffffffffffffff' },
            peer: { device: A, last: 1, chain: row.chain, skew: 0 },
          })
          throw new Error('power cut')
        }),
      ).rejects.toThrow('power cut')
      await ledger.read('s/one', async (tx) => {
        expect(tx.head).toEqual({ seq: 0, digest: EMPTY_DIGEST })
        expect(await tx.logRow(A, 1)).toBeUndefined()
        expect(await tx.peer(A)).toBeUndefined()
        expect((await tx.rows(0, { rows: 10, bytes: 1e6 })).rows).toEqual([])
      })
    })

    test('pages are in ascending order, end at a limit, and the last one is at the head of the stream', async () => {
      const ledger = await fresh()
      for (const one of [1, 2, 3, 4, 5]) await send(ledger, { device: A, n: one, key: `v/2024/e${one}`, value: '9'.repeat(100) })
      await send(ledger, { device: A, n: 6, key: 'v/2024/e2', value: 'again', base: [`${A}:2`] })
      // A refused mutation takes a number and changes no cell: the last page must still end at the head.
      await send(ledger, { device: A, n: 7, key: 'v/2024/e1', value: 'no', kind: 'unknown' })
      const page = (after: number, rows: number, bytes = 1e6) =>
        ledger.read('s/one', async (tx) => {
          const { rows: found, ...end } = await tx.rows(after, { rows, bytes })
          return { keys: found.map(([key]) => key.slice(-2)), ...end }
        })
      expect(await page(0, 2)).toEqual({ keys: ['e1', 'e3'], upto: 3, done: false })
      expect(await page(3, 2)).toEqual({ keys: ['e4', 'e5'], upto: 5, done: false })
      expect(await page(5, 2)).toEqual({ keys: ['e2'], upto: 7, done: true })
      expect(await page(0, 5)).toEqual({ keys: ['e1', 'e3', 'e4', 'e5', 'e2'], upto: 7, done: true })
      // At least one row, however small the limit, or the device would ask for ever.
      expect(await page(0, 9, 1)).toEqual({ keys: ['e1'], upto: 1, done: false })
      expect(await page(7, 9)).toEqual({ keys: [], upto: 7, done: true })
    })

    test('many writers of one stream get the numbers 1, 2, 3 ... and nothing is lost', async () => {
      const ledger = await fresh()
      const devices = 'abcdefgh'.split('').map((letter) => letter.repeat(13))
      await Promise.all(
        devices.map(async (device, at) => {
          for (let n = 1; n <= 5; n++)
            await send(ledger, { device, n, key: `v/2024/e${at}`, value: String(n), base: n === 1 ? [] : [`${device}:${n - 1}`] })
        }),
      )
      await ledger.read('s/one', async (tx) => {
        expect(tx.head.seq).toBe(40)
        const rows = (await Promise.all(devices.map((device) => tx.logRows(device, 1, 9)))).flat()
        expect(rows.map(({ seq }) => seq).sort((one, other) => one - other)).toEqual(
          Array.from({ length: 40 }, (_, at) => at + 1),
        )
        const cells = Object.fromEntries((await tx.rows(0, { rows: 100, bytes: 1e6 })).rows)
        expect(Object.values(cells).map(({ heads }) => heads.map(({ value }) => value))).toEqual(devices.map(() => ['5']))
        expect(tx.head.digest).toBe(digestOf(cells))
      })
    })

    test('a reader that asks for what is above the highest number it saw is told of everything, whatever overlaps', async () => {
      const { written, passedOver, pages } = await race(await fresh(), { each: 8 })
      expect(written).toBe(64)
      expect(passedOver).toEqual([])
      // Or there was no race.
      expect(pages).toBeGreaterThan(3)
    })

    test('streams do not wait for one another in what they say', async () => {
      const ledger = await fresh()
      await Promise.all(
        ['s/a', 's/b', 's/c'].map(async (stream) => {
          for (let n = 1; n <= 4; n++) await send(ledger, { stream, device: A, n, key: `v/2024/e${n}`, value: stream })
        }),
      )
      for (const stream of ['s/a', 's/b', 's/c']) {
        await ledger.read(stream, async (tx) => {
          expect(tx.head.seq).toBe(4)
          expect((await tx.rows(0, { rows: 9, bytes: 1e6 })).rows.map(([, { heads }]) => heads[0]?.value)).toEqual([
            stream,
            stream,
            stream,
            stream,
          ])
        })
      }
    })

    test('an ask that is doubled, or sent again after its answer was lost, is in the log once', async () => {
      const ledger = await fresh()
      const mutations = [
        mutation({ n: 1, key: 'v/2024/a', value: '1' }),
        mutation({ n: 2, key: 'v/2024/a', value: '2', base: [`${A}:1`] }),
      ]
      const answers = await Promise.all([1, 2, 3].map(() => ask(ledger, { mutations })))
      for (const answer of answers)
        expect(answer).toMatchObject({
          last: 2,
          verdicts: [
            [1, 1, 'applied'],
            [2, 2, 'applied'],
          ],
        })
      await ledger.read('s/one', (tx) => {
        expect(tx.head.seq).toBe(2)
        return Promise.resolve()
      })
    })

    test('values that two people typed unseen stand side by side, with their digest', async () => {
      const ledger = await fresh()
      await send(ledger, { device: A, n: 1, key: 'v/2024/a', value: '1' })
      const second = await send(ledger, { device: B, n: 1, key: 'v/2024/a', value: '2' })
      expect(second).toMatchObject({ verdicts: [[1, 2, 'conflict']] })
      const third = await send(ledger, { device: B, n: 2, key: 'v/2024/a', value: '3', base: [`${A}:1`, `${B}:1`] })
      expect(third).toMatchObject({ verdicts: [[2, 3, 'applied']] })
      await ledger.read('s/one', async (tx) => {
        const cells = Object.fromEntries((await tx.rows(0, { rows: 9, bytes: 1e6 })).rows)
        expect(cells['v/2024/a']?.heads.map(({ value }) => value)).toEqual(['3'])
        expect(tx.head.digest).toBe(digestOf(cells))
      })
    })

    test("an edit that names what a restored server lacks has replaced it; any other server does not believe it of somebody else's", async () => {
      const other = await fresh()
      await send(other, { device: B, n: 1, key: 'v/2024/b', value: '0' }, { by: 'wang' })
      await send(other, { device: A, n: 1, key: 'v/2024/a', value: '2', base: [`${B}:2`] }, { by: 'li' })
      const theirs = await send(other, { device: B, n: 2, key: 'v/2024/a', value: '1' }, { by: 'wang' })
      expect(theirs).toMatchObject({ verdicts: [[2, 3, 'conflict']] })

      const ledger = await fresh()
      const restored = { acceptsWitnesses: true }
      await send(ledger, { device: B, n: 1, key: 'v/2024/b', value: '0' }, { ...restored, by: 'wang' })
      await send(ledger, { device: A, n: 1, key: 'v/2024/a', value: '2', base: [`${B}:2`] }, { ...restored, by: 'li' })
      const late = await send(ledger, { device: B, n: 2, key: 'v/2024/a', value: '1' }, { ...restored, by: 'wang' })
      expect(late).toMatchObject({ verdicts: [[2, 3, 'merged']] })
      await ledger.read('s/one', async (tx) => {
        const cell = (await tx.cells(['v/2024/a'])).get('v/2024/a')
        expect(cell?.heads.map(({ value }) => value)).toEqual(['2'])
        expect(cell?.missing).toBeUndefined()
      })
    })
  })
}

const A = 'aaaaaaaaaaaaa'
const B = 'bbbbbbbbbbbbb'

function logRow(row: {
  readonly n: number
  readonly seq: number
  readonly value: Json
  readonly base?: readonly string[]
}): LogRow {
  const { n, value, base = [] } = row
  const made = mutation({ n, key: 'v/2024/a', value, base })
  return {
    ...without(made),
    seq: row.seq,
    device: A,
    by: '张三',
    received: 1_700_000_000_123,
    verdict: 'applied',
    chain: chainAfter(EMPTY_CHAIN, made),
  }
}

const without = ({ n, kind, key, value, base, at, pv }: Mutation) => ({ n, kind, key, value, base, at, pv })

export function mutation(some: {
  readonly n: number
  readonly key: string
  readonly value: Json
  readonly base?: readonly string[]
  readonly kind?: string
}): Mutation {
  const { n, base = [] } = some
  return { kind: 'set', at: 1_700_000_000_000 + n, pv: 1, ...some, base: [...base] }
}

/** One ask as a device would send it that has nothing to prove. */
export function ask(
  ledger: Ledger,
  some: Partial<Ask> & {
    readonly right?: Right | undefined
    readonly limits?: Limits | undefined
    readonly by?: string
    readonly acceptsWitnesses?: boolean
    readonly isHandedIn?: boolean
    readonly reservedDevice?: string
    readonly mayWrite?: Exchange['mayWrite']
    readonly mayTell?: Exchange['mayTell']
    readonly judgeMove?: Exchange['judgeMove']
    readonly reports?: Exchange['reports']
  },
): Promise<Answer> {
  const {
    right = 'write',
    limits,
    by = 'someone',
    acceptsWitnesses,
    isHandedIn,
    reservedDevice,
    mayWrite,
    mayTell,
    judgeMove,
    reports,
    ...rest
  } = some
  const full: Ask = {
    stream: 's/one',
    device: A,
    cursor: 0,
    acked: 0,
    chain: EMPTY_CHAIN,
    floor: 1,
    floorChain: EMPTY_CHAIN,
    mutations: [],
    ...rest,
  }
  return exchange({
    ledger,
    ask: full,
    person: { username: by },
    right,
    now: 1_700_000_001_000,
    skew: 0,
    limits,
    acceptsWitnesses,
    isHandedIn,
    reservedDevice,
    mayWrite,
    mayTell,
    judgeMove,
    reports,
  })
}

function send(
  ledger: Ledger,
  some: { readonly stream?: string; readonly device: string } & Parameters<typeof mutation>[0],
  how: { readonly acceptsWitnesses?: boolean; readonly by?: string } = {},
): Promise<Answer> {
  const { stream = 's/one', device, ...rest } = some
  return ask(ledger, { stream, device, mutations: [mutation(rest)], ...how })
}
