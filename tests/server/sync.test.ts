import fc from 'fast-check'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkSyncRequest, isSyncRequest } from '#server/check-sync-request'
import { IMPORT_DEVICE } from '#server/import-values'
import { syncRequestSchema, valueKey, type Ask } from '#sync/protocol'
import { answersOf, askOf, DEVICE, openDistrict, setTo, START, syncBody, type District } from './district'

let district: District
beforeEach(async () => {
  district = await openDistrict()
})
afterEach(() => district.close())

const KEY = valueKey('2024', 'goodYouth')
const sync = (role: 'principal' | 'filler' | 'reviewer', ...asks: readonly Ask[]) =>
  district.as(role)('POST', '/api/sync', syncBody(...asks))

describe('the exchange through HTTP', () => {
  test('what one tablet sends, another receives, also after a restart', async () => {
    const [sent] = answersOf(await sync('principal', askOf({ mutations: [setTo(1, KEY, '12')] })))
    expect(sent).toMatchObject({ last: 1, verdicts: [[1, 1, 'applied']], upto: 1, done: true })
    await district.restart()
    const [received] = answersOf(await sync('filler', askOf({ device: 'otherbbbbbbbb' })))
    expect(received).toMatchObject({
      rows: [[KEY, { seq: 1, heads: [{ value: '12', from: [{ id: `${DEVICE}:1`, by: 'principal' }] }] }]],
      done: true,
    })
    const [again] = answersOf(await sync('principal', askOf({ mutations: [setTo(1, KEY, '12')] })))
    expect(again).toMatchObject({ last: 1, verdicts: [[1, 1, 'applied']] })
    const logged = await district.server().db.selectFrom('log').selectAll().execute()
    expect(logged).toHaveLength(1)
  })

  test('a value of the wrong kind, an unknown element and an unknown period are kept as they are', async () => {
    const odd = [
      setTo(1, KEY, '十二个左右'),
      setTo(2, valueKey('2024', 'noSuchElement'), '1'),
      setTo(3, valueKey('1999', 'goodYouth'), '1'),
      setTo(4, KEY.replace('goodYouth', 'newHousing'), { strange: [1, null] }),
    ]
    const [answer] = answersOf(await sync('principal', askOf({ mutations: odd })))
    expect(answer).toMatchObject({
      verdicts: [
        [1, 1, 'applied'],
        [2, 2, 'applied'],
        [3, 3, 'applied'],
        [4, 4, 'applied'],
      ],
    })
  })

  test('a request that is refused writes nothing, not even what was sound in it', async () => {
    const good = askOf({ mutations: [setTo(1, KEY, '12')] })
    const bad = { ...askOf({ device: 'otherbbbbbbbb' }), cursor: -1 }
    const answer = await district.as('principal')('POST', '/api/sync', { ...syncBody(good), asks: [good, bad] })
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ fault: { kind: 'body.invalid', path: 'asks.1.cursor' } })
    expect(await district.server().db.selectFrom('log').selectAll().execute()).toEqual([])
    expect(await district.server().db.selectFrom('stream').selectAll().execute()).toEqual([])
  })

  test('an app that speaks another version is told to update', async () => {
    const answer = await district.as('principal')('POST', '/api/sync', { ...syncBody(askOf({})), v: 0 })
    expect(answer.status).toBe(426)
    expect(answer.body).toMatchObject({ fault: { kind: 'protocol.tooOld' } })
  })

  test("nobody writes under the import's name, in any ask of the request", async () => {
    const good = askOf({ mutations: [setTo(1, KEY, '12')] })
    const answer = await sync('reviewer', good, askOf({ device: IMPORT_DEVICE }))
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ fault: { kind: 'body.invalid', path: 'asks.1.device' } })
    expect(await district.server().db.selectFrom('log').selectAll().execute()).toEqual([])
  })

  test('two hundred values of one request are one transaction and one page', async () => {
    const mutations = Array.from({ length: 200 }, (_, index) => setTo(index + 1, valueKey('2024', `e${index}`), `${index}`))
    const [answer] = answersOf(await sync('principal', askOf({ mutations })))
    expect(answer).toMatchObject({ last: 200, upto: 200, done: true })
    const over = await sync('principal', askOf({ mutations: [...mutations, setTo(201, KEY, '1')] }))
    expect(over.status).toBe(400)
  })

  test('a device clock beyond all measure is kept and read back', async () => {
    for (const [index, at] of [Number.MAX_VALUE, -1e300, 2 ** 53, 0.5].entries()) {
      const mutation = { ...setTo(index + 1, valueKey('2024', `e${index}`), '1'), at }
      answersOf(await sync('principal', askOf({ mutations: [mutation] })))
    }
    const again = Array.from({ length: 4 }, (_, index) => ({
      ...setTo(index + 1, valueKey('2024', `e${index}`), '1'),
      at: [Number.MAX_VALUE, -1e300, 2 ** 53, 0.5][index] ?? 0,
    }))
    const [answer] = answersOf(await sync('principal', askOf({ mutations: again })))
    expect(answer).toMatchObject({ last: 4, verdicts: [[1], [2], [3], [4]].map(([n]) => [n, n, 'applied']) })
  })
})

describe('what no tablet sends', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  const refused = async (mutations: readonly unknown[], path: string) => {
    const answer = await district.as('principal')('POST', '/api/sync', {
      ...syncBody(),
      asks: [{ ...askOf({}), mutations }],
    })
    expect(answer.status, answer.text.slice(0, 200)).toBe(400)
    expect(answer.body).toMatchObject({ fault: { kind: 'body.invalid', path: `asks.0.mutations${path}` } })
    expect(await district.server().db.selectFrom('log').selectAll().execute()).toEqual([])
  }

  test.each([
    ['one number twice', [1, 1]],
    ['falling numbers', [2, 1]],
  ])('%s is refused', async (_what, numbers) => {
    await refused(
      numbers.map((n) => setTo(n, KEY, String(n))),
      '',
    )
  })

  test('a value too deep to be read is refused, however deep', async () => {
    const body = (depth: number) =>
      JSON.stringify(syncBody(askOf({ mutations: [setTo(1, KEY, '@')] }))).replace('"@"', () => nested(depth))
    for (const depth of [9, 5000, 400_000]) {
      const answer = await district.as('principal')('POST', '/api/sync', body(depth))
      expect(answer.status).toBe(400)
      expect(answer.body).toMatchObject({ fault: { kind: 'body.invalid', path: 'asks.0.mutations.0.value' } })
    }
    expect((await district.as('principal')('POST', '/api/sync', body(8))).status).toBe(200)
  })

  test('a base longer than any cell has heads, or of ids that are none, is refused', async () => {
    const ids = Array.from({ length: 101 }, (_, index) => `${DEVICE}:${index + 1}`)
    await refused([setTo(1, KEY, '1', ids)], '.0.base')
    for (const odd of ['', 'x', `${DEVICE}:0`, `${DEVICE}:01`, `short:1`, `${DEVICE}:1 `]) {
      await refused([setTo(1, KEY, '1', [odd])], '.0.base.0')
    }
    const most = askOf({ mutations: [setTo(1, KEY, '1', ids.slice(1))] })
    expect((await sync('principal', most)).status).toBe(200)
  })
})

describe('evidence through HTTP', () => {
  const witness = (id: string) => ({ ...setTo(1, KEY, '999'), id, by: 'admin' })
  const tell = (role: 'principal' | 'inspector', ...ids: readonly string[]) =>
    district.as(role)('POST', '/api/sync', syncBody(askOf({ witnesses: ids.map(witness) })))
  const logged = () => district.server().db.selectFrom('log').select(['device', 'by', 'verdict']).orderBy('seq').execute()

  test('nobody writes in the name of another by it, and it cannot take a number of a tablet or of the import', async () => {
    const ids = ['otherbbbbbbbb:1', `${IMPORT_DEVICE}:1`]
    for (const role of ['inspector', 'principal'] as const) {
      expect(answersOf(await tell(role, ...ids))).toMatchObject([{ witnessed: ids, rows: [] }])
    }
    expect(await logged()).toEqual([])
  })

  test('a restored server takes it from those who may write there, never under the import’s name', async () => {
    await district
      .server()
      .db.insertInto('meta')
      .values({ key: 'restored', value: String(START) })
      .execute()
    await district.restart()
    await tell('inspector', 'otherbbbbbbbb:1')
    expect(await logged()).toEqual([])
    await tell('principal', 'otherbbbbbbbb:1', `${IMPORT_DEVICE}:1`)
    const rows = await logged()
    expect(rows).toMatchObject([
      { device: 'otherbbbbbbbb', by: 'admin', verdict: 'witnessed' },
      { by: 'admin', verdict: 'witnessed' },
    ])
    expect(rows.map(({ device }) => device)).not.toContain(IMPORT_DEVICE)
  })
})

test('the quick check and the schema refuse the same requests', () => {
  const tablet = {
    id: DEVICE,
    unsent: 3,
    oldest: 5,
    refused: 0,
    conflicts: 0,
    files: 0,
    drafts: 1,
    storage: { used: 1, persisted: true },
  }
  const valid = {
    ...syncBody(
      askOf({
        epoch: 'e',
        mutations: [setTo(1, KEY, '1'), { ...setTo(2, KEY, null), again: true }],
        witnesses: [{ ...setTo(3, KEY, { a: [1] }, [`${DEVICE}:1`]), id: `${DEVICE}:2`, by: 'y' }],
      }),
      askOf({}),
    ),
    tablet,
  }
  expect(isSyncRequest(valid)).toBe(true)
  const paths: (readonly (string | number)[])[] = []
  const walk = (value: unknown, path: readonly (string | number)[]) => {
    paths.push(path)
    if (Array.isArray(value)) value.forEach((each, index) => walk(each, [...path, index]))
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) walk(each, [...path, key])
  }
  walk(valid, [])
  const odd = fc.oneof(
    fc.constantFrom(undefined, null, true, '', 'x', '0'.repeat(16), 'a'.repeat(13), 'x'.repeat(300), '校', 'a\u0000', [], {}),
    fc.constantFrom(0, 1, -1, 1.5, 2 ** 53, Infinity, NaN),
    fc.jsonValue(),
  )
  let refused = 0
  fc.assert(
    fc.property(fc.constantFrom(...paths), odd, (path, value) => {
      const changed = put(valid, path, value)
      const parsed = v.safeParse(syncRequestSchema, changed)
      const checked = checkSyncRequest(changed)
      if (!parsed.success) {
        refused += 1
        expect(checked).toHaveProperty('error')
        return
      }
      // What a tablet says of itself is left out where it cannot be read; nothing else is ever changed.
      const isSaid = parsed.output.tablet !== undefined
      expect('value' in checked && checked.value.tablet !== undefined).toBe(isSaid)
      expect(isSyncRequest(changed)).toBe(isSaid || (path.length === 1 && value === undefined))
    }),
    { numRuns: 3000 },
  )
  expect(refused).toBeGreaterThan(500)
})

function put(value: unknown, [step, ...rest]: readonly (string | number)[], to: unknown): unknown {
  if (step === undefined) return to
  if (Array.isArray(value)) return value.map((each: unknown, index) => (index === step ? put(each, rest, to) : each))
  const object = value as Record<string, unknown>
  return { ...object, [step]: put(object[step], rest, to) }
}
