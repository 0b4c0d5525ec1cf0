import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exchange, type Exchange } from '#sync/exchange'
import { chainAfter, digestOf, EMPTY_CHAIN } from '#sync/hash'
import type { Answer, Ask, Cell, Id, Json, Mutation } from '#sync/protocol'
import { ask, mutation } from '../contract/ledger-suite'
import { lockedReports } from '../contract/locked-reports'
import { memoryLedger, type MemoryLedger } from '../contract/memory-ledger'

const A = 'aaaaaaaaaaaaa'
const B = 'bbbbbbbbbbbbb'
const key = 'v/2024/a'
const STATE = 'w/2024/enrolment'

const chainOf = (mutations: readonly Mutation[]): string => mutations.reduce(chainAfter, EMPTY_CHAIN)

describe('rights', () => {
  test('who never had the right gets nothing, and nothing is stored', async () => {
    const ledger = memoryLedger()
    const strange: Ask = {
      stream: 's/two',
      device: A,
      cursor: 0,
      acked: 0,
      chain: EMPTY_CHAIN,
      floor: 1,
      floorChain: EMPTY_CHAIN,
      mutations: [mutation({ n: 1, key, value: '1' })],
    }
    expect(await exchange({ ledger, ask: strange, person: { username: 'x' }, right: undefined, now: 1, skew: 0 })).toEqual({
      stream: 's/two',
      forbidden: true,
    })
    expect(ledger.see('s/two').log).toEqual([])
  })

  test('what a reader sends is logged as refused, and rows come all the same', async () => {
    const ledger = memoryLedger()
    await ask(ledger, { device: B, mutations: [mutation({ n: 1, key, value: '1' })] })
    const answer = await ask(ledger, { right: 'read', mutations: [mutation({ n: 1, key, value: '2', base: [`${B}:1`] })] })
    expect(answer).toMatchObject({ verdicts: [[1, 2, 'rejected: forbidden']], rows: [[key, { seq: 1 }]], upto: 2, done: true })
    expect(ledger.see('s/one').log.map(({ value, verdict }) => [value, verdict])).toEqual([
      ['1', 'applied'],
      ['2', 'rejected: forbidden'],
    ])
  })

  test('who lost the right still hands in what was unsent, and gets no rows', async () => {
    const ledger = memoryLedger()
    await ask(ledger, { device: B, mutations: [mutation({ n: 1, key, value: '1' })] })
    const answer = await ask(ledger, { right: 'gone', mutations: [mutation({ n: 1, key, value: '2' })] })
    expect(answer).toMatchObject({ gone: true, last: 1, verdicts: [[1, 2, 'rejected: forbidden']] })
    expect(answer).not.toHaveProperty('rows')
    expect(ledger.see('s/one').log).toHaveLength(2)
  })
})

describe('verdicts', () => {
  test.each<[string, Partial<Mutation>]>([
    ['a kind that this server does not know', { kind: 'dance' }],
    ['a key of a form that this server does not know', { key: 'zz/what' }],
    ['a value longer than the protocol allows', { value: '优'.repeat(30_000) }],
  ])('%s is logged and refused, and the queue goes on', async (_name, odd) => {
    const ledger = memoryLedger()
    const answer = await ask(ledger, {
      mutations: [{ ...mutation({ n: 1, key, value: '1' }), ...odd }, mutation({ n: 2, key, value: '2' })],
    })
    expect(answer).toMatchObject({
      verdicts: [
        [1, 1, 'rejected: invalid'],
        [2, 2, 'applied'],
      ],
      last: 2,
    })
  })

  test('an element and a period that no plan knows are stored as they are', async () => {
    const ledger = memoryLedger()
    const odd = { deep: [{ a: 1 }] } satisfies Json
    expect(await ask(ledger, { mutations: [mutation({ n: 1, key: 'v/9999/never.heard', value: odd })] })).toMatchObject({
      verdicts: [[1, 1, 'applied']],
    })
    expect(ledger.see('s/one').cells.get('v/9999/never.heard')?.heads[0]?.value).toEqual(odd)
  })

  test('a locked report refuses what is new; what is recovered passes only on a server that was restored', async () => {
    const locked = (acceptsWitnesses: boolean, mutations: Mutation[]) =>
      exchange({
        ledger: memoryLedger(),
        acceptsWitnesses,
        ask: {
          stream: 's/one',
          device: A,
          cursor: 0,
          acked: 0,
          chain: EMPTY_CHAIN,
          floor: 1,
          floorChain: EMPTY_CHAIN,
          mutations,
        },
        person: { username: 'x' },
        right: 'write',
        reports: lockedReports((one) => one === key),
        now: 1,
        skew: 0,
      })
    const brought = [
      mutation({ n: 1, key, value: '1' }),
      { ...mutation({ n: 2, key, value: '2' }), again: true as const },
      mutation({ n: 3, key: 'v/2024/b', value: '3' }),
    ]
    for (const [isRestored, verdict] of [
      [true, 'applied'],
      [false, 'rejected: locked'],
    ] as const) {
      expect(await locked(isRestored, brought)).toMatchObject({
        verdicts: [
          [1, 1, 'rejected: locked'],
          [2, 2, verdict],
          [3, 3, 'applied'],
        ],
      })
    }
  })

  test('nor is a step believed that somebody tells of themselves as taken before', async () => {
    const step = { ...mutation({ n: 1, key: STATE, value: { state: 'finished' } }), kind: 'set', pv: 0, id: `${A}:1`, by: 'x' }
    for (const [isRestored, verdict] of [
      [true, 'witnessed'],
      [false, 'rejected: stale'],
    ] as const) {
      const ledger = memoryLedger()
      const judgeMove: Exchange['judgeMove'] = ({ again }) => (again === true ? undefined : 'stale')
      await ask(ledger, { witnesses: [step], by: 'x', acceptsWitnesses: isRestored, judgeMove })
      expect(ledger.see('s/one').log.map((row) => row.verdict)).toEqual([verdict])
    }
  })
})

describe('numbers', () => {
  test('a gap is left until what is missing has come', async () => {
    const ledger = memoryLedger()
    const all = [1, 2, 3].map((n) => mutation({ n, key, value: String(n), base: n === 1 ? [] : [`${A}:${n - 1}`] }))
    expect(await ask(ledger, { mutations: all.slice(1) })).toMatchObject({ verdicts: [], last: 0 })
    expect(await ask(ledger, { mutations: all })).toMatchObject({
      verdicts: [
        [1, 1, 'applied'],
        [2, 2, 'applied'],
        [3, 3, 'applied'],
      ],
      last: 3,
    })
  })

  test('a device that holds no more than from its floor on goes on from there', async () => {
    const ledger = memoryLedger()
    const gone = [1, 2].map((n) => mutation({ n, key, value: String(n) }))
    const third = mutation({ n: 3, key, value: '3' })
    await ask(ledger, { floor: 3, floorChain: chainOf(gone), mutations: [third] })
    expect(ledger.see('s/one').peers.get(A)).toEqual({ last: 3, chain: chainOf([...gone, third]) })
    const next = {
      acked: 3,
      chain: chainOf([...gone, third]),
      mutations: [mutation({ n: 4, key, value: '4', base: [`${A}:3`] })],
    }
    expect(await ask(ledger, next)).toMatchObject({ verdicts: [[4, 2, 'applied']] })
  })

  test('our number with other content is a fork, and what came before it counts', async () => {
    const ledger = memoryLedger()
    const first = mutation({ n: 1, key, value: '1' })
    await ask(ledger, { mutations: [first, mutation({ n: 2, key: 'v/2024/b', value: '2' })] })
    const copied = await ask(ledger, { mutations: [first, mutation({ n: 2, key: 'v/2024/b', value: 'other' })] })
    expect(copied).toEqual({ stream: 's/one', fork: true, verdicts: [[1, 1, 'applied']] })
    expect(ledger.see('s/one').log).toHaveLength(2)
  })

  test('another chain at what was acknowledged is a fork', async () => {
    const ledger = memoryLedger()
    await ask(ledger, { mutations: [mutation({ n: 1, key, value: '1' }), mutation({ n: 2, key, value: '2', base: [`${A}:1`] })] })
    for (const acked of [1, 2]) {
      expect(await ask(ledger, { acked, chain: 'f'.repeat(16) })).toEqual({ stream: 's/one', fork: true, verdicts: [] })
    }
  })
})

describe('a restored server', () => {
  test.each<[string, Partial<Ask>]>([
    ['another epoch', { epoch: 'epoch-0' }],
    ['a cursor ahead of it', { epoch: 'epoch-1', cursor: 2 }],
    ['an acknowledgement ahead of it', { epoch: 'epoch-1', acked: 2 }],
    ['an acknowledgement of a tablet that has lost the stream', { acked: 2 }],
  ])('is noticed by %s', async (_name, odd) => {
    const ledger = memoryLedger('epoch-1')
    await ask(ledger, { mutations: [mutation({ n: 1, key, value: '1' })] })
    const before = ledger.see('s/one')
    expect(await ask(ledger, { ...odd, mutations: [mutation({ n: 2, key, value: '2' })] })).toEqual({
      stream: 's/one',
      rewind: true,
      epoch: 'epoch-1',
    })
    expect(ledger.see('s/one')).toBe(before)
  })

  test('takes from a witness what its author has lost, once, and recognises it when the author comes', async () => {
    const ledger = memoryLedger()
    const lost = mutation({ n: 1, key, value: '1' })
    const witness = { ...lost, pv: 0, id: `${B}:1`, by: 'li' }
    for (const time of [1, 2]) {
      expect(await ask(ledger, { witnesses: [witness], acceptsWitnesses: true }), `time ${time}`).toMatchObject({
        witnessed: [`${B}:1`],
      })
    }
    expect(ledger.see('s/one').log.map(({ verdict, by }) => [verdict, by])).toEqual([['witnessed', 'li']])
    expect(
      await ask(ledger, {
        device: B,
        mutations: [{ ...lost, again: true }, mutation({ n: 2, key, value: '2', base: [`${B}:1`] })],
      }),
    ).toMatchObject({
      verdicts: [
        [1, 1, 'merged'],
        [2, 2, 'applied'],
      ],
      last: 2,
    })
  })

  test('takes a file that begins behind what it lacks, and still hears from the tablet that it lacks it', async () => {
    const ledger = memoryLedger()
    const [one, two, three, four] = [1, 2, 3, 4].map((n) => mutation({ n, key: `v/2024/${n}`, value: 'x' })) as [
      Mutation,
      Mutation,
      Mutation,
      Mutation,
    ]
    await ask(ledger, { mutations: [one] })
    // The tablet knows that the server had the second; the file of its unsent work begins with the third.
    const file = { floor: 3, floorChain: chainOf([one, two]), mutations: [three, four], isHandedIn: true }
    expect(await ask(ledger, file)).toMatchObject({
      verdicts: [
        [3, 2, 'applied'],
        [4, 3, 'applied'],
      ],
      last: 1,
    })
    expect(await ask(ledger, file), 'the same file once more').toMatchObject({ last: 1 })
    const told = { acked: 4, chain: chainOf([one, two, three, four]), mutations: [] }
    expect(await ask(ledger, told)).toMatchObject({ rewind: true })
    expect(await ask(ledger, { mutations: [one, two, three, four] })).toMatchObject({
      verdicts: [
        [1, 1, 'applied'],
        [2, 4, 'applied'],
        [3, 2, 'applied'],
        [4, 3, 'applied'],
      ],
      last: 4,
    })
    expect(await ask(ledger, told)).toMatchObject({ last: 4, done: true })
  })

  test('logs a witness of an id that a copied device used twice under another name', async () => {
    const ledger = memoryLedger()
    await ask(ledger, { device: B, mutations: [mutation({ n: 1, key, value: '1' })] })
    const witness = { ...mutation({ n: 1, key, value: 'the other one' }), at: 7, pv: 0, id: `${B}:1`, by: 'li' }
    await ask(ledger, { witnesses: [witness], acceptsWitnesses: true })
    await ask(ledger, { witnesses: [witness], acceptsWitnesses: true })
    expect(ledger.see('s/one').log.map(({ value }) => value)).toEqual(['1', 'the other one'])
    expect(ledger.see('s/one').cells.get(key)?.heads).toHaveLength(2)
  })
})

describe('evidence', () => {
  const witness = { ...mutation({ n: 1, key, value: '1' }), pv: 0, id: `${B}:1`, by: 'li' }

  test.each<[string, { right?: 'read' | 'gone' | 'write'; acceptsWitnesses?: boolean }]>([
    ['who may only read', { right: 'read', acceptsWitnesses: true }],
    ['who lost the right', { right: 'gone', acceptsWitnesses: true }],
    ['anybody, to a server that lacks nothing', {}],
  ])('of %s is answered as told, logged by nobody, and takes no lock', async (_who, how) => {
    const ledger = memoryLedger()
    expect(await ask(ledger, { ...how, witnesses: [witness] })).toMatchObject({ witnessed: [`${B}:1`] })
    expect(ledger.see('s/one')).toMatchObject({ head: { seq: 0 }, log: [] })
    expect(ledger.locked()).toBe(0)
    // Beside own work, too.
    await ask(ledger, { ...how, witnesses: [witness], mutations: [mutation({ n: 1, key: 'v/2024/b', value: '2' })] })
    expect(ledger.see('s/one').log.map(({ device }) => device)).toEqual([A])
  })

  test('of oneself is taken by every server, once', async () => {
    const ledger = memoryLedger()
    for (const time of [1, 2])
      expect(await ask(ledger, { witnesses: [witness], by: 'li' }), `time ${time}`).toMatchObject({ witnessed: [`${B}:1`] })
    expect(ledger.see('s/one').log.map(({ value, verdict, by }) => [value, verdict, by])).toEqual([['1', 'witnessed', 'li']])
    expect(ledger.see('s/one').cells.get(key)?.heads).toHaveLength(1)
  })

  test('of oneself without the right is logged as refused, and changes no cell', async () => {
    const ledger = memoryLedger()
    await ask(ledger, { witnesses: [witness], by: 'li', right: 'gone' })
    expect(ledger.see('s/one').log.map(({ verdict }) => verdict)).toEqual(['rejected: forbidden'])
    expect(ledger.see('s/one').cells.size).toBe(0)
  })

  test('of oneself that was refused is recognised when its device sends it itself', async () => {
    const ledger = memoryLedger()
    await ask(ledger, { witnesses: [witness], by: 'li', right: 'gone' })
    const own = mutation({ n: 1, key, value: '1' })
    const answer = await ask(ledger, { device: B, mutations: [{ ...own, pv: 3 }], by: 'li' })
    expect(answer).toMatchObject({ last: 1, verdicts: [[1, 1, 'rejected: forbidden']] })
    expect(ledger.see('s/one').log).toHaveLength(1)
  })

  test('of a cell that its bearer may tell of and not write is taken by a restored server, and their own edit is not', async () => {
    const ledger = memoryLedger()
    const bearer = { mayWrite: () => false, mayTell: () => true, acceptsWitnesses: true }
    await ask(ledger, { ...bearer, witnesses: [witness] })
    const answer = await ask(ledger, { ...bearer, mutations: [mutation({ n: 1, key, value: '2' })] })
    expect(answer).toMatchObject({ verdicts: [[1, 2, 'rejected: forbidden']] })
    expect(ledger.see('s/one').log.map(({ value, verdict, by }) => [value, verdict, by])).toEqual([
      ['1', 'witnessed', 'li'],
      ['2', 'rejected: forbidden', 'someone'],
    ])
  })

  test('of a cell that its bearer may not write is not logged', async () => {
    const ledger = memoryLedger()
    const { person, ...rest } = { person: { username: 'x' }, right: 'write' as const, now: 1, skew: 0 }
    const told: Ask = {
      stream: 's/one',
      device: A,
      cursor: 0,
      acked: 0,
      chain: EMPTY_CHAIN,
      floor: 1,
      floorChain: EMPTY_CHAIN,
      mutations: [],
      witnesses: [witness, { ...witness, id: `${B}:2`, key: 'v/2024/b' }],
    }
    const mayWrite = (one: string) => one === key
    expect(await exchange({ ledger, ask: told, person, ...rest, acceptsWitnesses: true, mayWrite })).toMatchObject({
      witnessed: [`${B}:1`, `${B}:2`],
    })
    expect(ledger.see('s/one').log.map((row) => row.key)).toEqual([key])
  })

  test("of the server's own name is logged under another, once", async () => {
    const ledger = memoryLedger()
    for (const time of [1, 2]) {
      await ask(ledger, { witnesses: [witness], acceptsWitnesses: true, reservedDevice: B })
      const { log } = ledger.see('s/one')
      expect(log, `time ${time}`).toMatchObject([{ value: '1', verdict: 'witnessed' }])
      expect(log[0]?.device).not.toBe(B)
    }
  })
})

test('numbers that stand twice or fall in one ask are recognised, and never written twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ n: fc.integer({ min: 1, max: 4 }), value: fc.constantFrom('1', '2') }), {
        minLength: 1,
        maxLength: 8,
      }),
      fc.integer({ min: 1, max: 4 }),
      async (all, floor) => {
        const ledger = memoryLedger()
        for (const mutations of [all.slice(0, 3), all]) {
          await ask(ledger, { floor, mutations: mutations.map(({ n, value }) => mutation({ n, key, value })) })
        }
        const numbers = ledger.see('s/one').log.map(({ n }) => n)
        expect(new Set(numbers).size).toBe(numbers.length)
      },
    ),
  )
})

test('an ask that brings nothing takes no lock', async () => {
  const ledger = memoryLedger()
  await ask(ledger, { mutations: [mutation({ n: 1, key, value: '1' })] })
  const before = ledger.locked()
  expect(await ask(ledger, { cursor: 1, acked: 1, chain: chainOf([mutation({ n: 1, key, value: '1' })]) })).toMatchObject({
    rows: [],
    upto: 1,
    done: true,
  })
  expect(ledger.locked()).toBe(before)
})

/** Who types what, having seen which part of the log. */
const edits = fc.array(
  fc.record({
    device: fc.constantFrom(A, B),
    key: fc.constantFrom('v/2024/a', 'v/2024/b', 'm/2024/s'),
    value: fc.constantFrom('1', '2', '3', null),
    seen: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 20 },
)

type Typed = { readonly device: string; readonly mutation: Mutation }

function typedFrom(all: readonly { device: string; key: string; value: Json; seen: number }[]): readonly Typed[] {
  const counts = new Map<string, number>()
  const before: { readonly id: Id; readonly key: string }[] = []
  return all.map(({ device, key: of, value, seen }, at) => {
    const n = (counts.get(device) ?? 0) + 1
    counts.set(device, n)
    const base = before.slice(0, Math.floor(seen * (at + 1))).filter((one) => one.key === of)
    const made = mutation({ n, key: of, value, base: base.map(({ id }) => id) })
    before.push({ id: `${device}:${n}`, key: of })
    return { device, mutation: made }
  })
}

/** The same said in another way: the log as a list, heads as what no later one names. */
function oracle(typed: readonly Typed[]): ReadonlyMap<string, readonly Json[]> {
  const cells = new Map<string, { readonly value: Json; readonly ids: readonly Id[] }[]>()
  for (const { device, mutation: one } of typed) {
    const id = `${device}:${one.n}`
    const left = (cells.get(one.key) ?? []).filter(({ ids }) => !ids.some((named) => one.base.includes(named)))
    const equal = left.find(({ value }) => value === one.value)
    cells.set(
      one.key,
      equal === undefined
        ? [...left, { value: one.value, ids: [id] }]
        : left.map((head) => (head === equal ? { ...head, ids: [...head.ids, id] } : head)),
    )
  }
  return new Map([...cells].map(([of, heads]) => [of, heads.map(({ value }) => value)]))
}

const valuesOf = (cells: Iterable<readonly [string, Cell]>) =>
  Object.fromEntries([...cells].map(([of, { heads }]) => [of, heads.map(({ value }) => value)]))

async function play(ledger: MemoryLedger, typed: readonly Typed[], batch: number): Promise<void> {
  const sent = new Map<string, Mutation[]>()
  for (let at = 0; at < typed.length;) {
    const { device } = typed[at] ?? { device: A }
    const mutations: Mutation[] = []
    while (at < typed.length && typed[at]?.device === device && mutations.length < batch) {
      const next = typed[at++]
      if (next !== undefined) mutations.push(next.mutation)
    }
    const before = sent.get(device) ?? []
    const answer = await ask(ledger, { device, acked: before.length, chain: chainOf(before), mutations })
    expect(answer).toMatchObject({ last: before.length + mutations.length })
    sent.set(device, [...before, ...mutations])
  }
}

test('the cells are those of an oracle, and the digest is theirs', async () => {
  await fc.assert(
    fc.asyncProperty(edits, fc.integer({ min: 1, max: 9 }), async (all, batch) => {
      const typed = typedFrom(all)
      const ledger = memoryLedger()
      await play(ledger, typed, batch)
      const { cells, head, log } = ledger.see('s/one')
      expect(valuesOf(cells)).toEqual(Object.fromEntries(oracle(typed)))
      expect(head).toEqual({ seq: typed.length, digest: digestOf(Object.fromEntries(cells)) })
      expect(log.map(({ seq }) => seq)).toEqual(typed.map((_, at) => at + 1))
    }),
  )
})

test('batches of one and of all make the same stream, and pages of one and of all the same copy', async () => {
  await fc.assert(
    fc.asyncProperty(edits, fc.integer({ min: 1, max: 4 }), async (all, rows) => {
      const typed = typedFrom(all)
      const [single, whole] = [memoryLedger(), memoryLedger()]
      await play(single, typed, 1)
      await play(whole, typed, 99)
      expect(Object.fromEntries(single.see('s/one').cells)).toEqual(Object.fromEntries(whole.see('s/one').cells))
      expect(single.see('s/one').head).toEqual(whole.see('s/one').head)
      const [paged, once] = await Promise.all([readAll(whole, rows), readAll(whole, 999)])
      expect(paged).toEqual(once)
      expect(digestOf(paged.cells)).toBe(paged.digest)
    }),
  )
})

async function readAll(
  ledger: MemoryLedger,
  rows: number,
): Promise<{ readonly cells: Record<string, Cell>; readonly digest: string | undefined }> {
  const cells: Record<string, Cell> = {}
  for (let cursor = 0; ;) {
    const answer: Answer = await ask(ledger, { device: 'ccccccccccccc', cursor, limits: { rows, bytes: 1e6 } })
    if (!('rows' in answer)) throw new Error(JSON.stringify(answer))
    expect(answer.rows.length).toBeLessThanOrEqual(rows)
    for (const [of, cell] of answer.rows) cells[of] = cell
    cursor = answer.upto
    if (answer.done) return { cells, digest: answer.digest }
  }
}
