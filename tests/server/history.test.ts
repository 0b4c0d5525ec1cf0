import fc from 'fast-check'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EXCEPTIONS_OF_CELL, readHistory, WALK_MAX, type HistoryRow } from '#server/history'
import { remarkKey, streamOf, valueKey, type Mutation } from '#sync/protocol'
import { isOnPostgres } from '../postgres/fresh-database'
import { answersOf, askOf, DEVICE, openDistrict, OTHER_SCHOOL, SCHOOL, setTo, START, syncBody, type District } from './district'

let district: District
beforeEach(async () => {
  district = await openDistrict()
})
afterEach(() => district.close())

const KEY = valueKey('2024', 'goodYouth')
const STREAM = streamOf(SCHOOL)
const OTHER = 'otherbbbbbbbb'
type Who = 'principal' | 'filler' | 'reviewer' | 'inspector'

async function send(who: Who, device: string, ...mutations: readonly Mutation[]) {
  const [answer] = answersOf(await district.as(who)('POST', '/api/sync', syncBody(askOf({ device, mutations: [...mutations] }))))
  return answer
}
const ask = (who: Who, query = '', key = KEY) =>
  district.as(who)('GET', `/api/history?stream=${encodeURIComponent(STREAM)}&key=${encodeURIComponent(key)}${query}`)
async function history(who: Who, query = '', key = KEY) {
  const answer = await ask(who, query, key)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body as { readonly past: readonly HistoryRow[]; readonly more: boolean }
}
const read = (limit = 100) => readHistory(district.server().db, { stream: STREAM, key: KEY, limit })
/** What the log has of the cell, read the slow way. */
async function logged(): Promise<readonly string[]> {
  const rows = await district
    .server()
    .db.selectFrom('log')
    .select(['device', 'n'])
    .where('key', '=', KEY)
    .orderBy('seq')
    .execute()
  return rows.map(({ device, n }) => `${device}:${n}`)
}

describe('the history of a value', () => {
  test('says who typed what, when, on which device, what it replaced, and what became of it', async () => {
    await send('principal', DEVICE, setTo(1, KEY, '178'))
    district.clock.now = START + 60_000
    await send('principal', DEVICE, setTo(1, KEY, '178'), setTo(2, KEY, '181', [`${DEVICE}:1`]))
    await send('filler', OTHER, setTo(1, KEY, '183', [`${DEVICE}:1`]))
    await send('filler', OTHER, setTo(1, KEY, '183', [`${DEVICE}:1`]), setTo(2, KEY, '182', [`${DEVICE}:2`, `${OTHER}:1`]))
    const { past, more } = await history('inspector')
    expect(more).toBe(false)
    expect(past).toMatchObject([
      { id: `${DEVICE}:1`, seq: 1, value: '178', base: [], by: 'principal', name: 'principal', at: START, received: START },
      { id: `${DEVICE}:2`, seq: 2, value: '181', base: [`${DEVICE}:1`], verdict: 'applied', received: START + 60_000 },
      { id: `${OTHER}:1`, seq: 3, value: '183', base: [`${DEVICE}:1`], by: 'filler', verdict: 'conflict', skew: 60_000 },
      { id: `${OTHER}:2`, seq: 4, value: '182', base: [`${DEVICE}:2`, `${OTHER}:1`], verdict: 'applied' },
    ])
  })

  test('has what was refused, and nothing of another value or of its remark', async () => {
    await send('inspector', OTHER, setTo(1, KEY, '9'))
    await send('principal', DEVICE, setTo(1, valueKey('2024', 'newHousing'), '1'), setTo(2, remarkKey('2024', 'goodYouth'), 'x'))
    expect((await history('principal')).past).toMatchObject([{ value: '9', by: 'inspector', verdict: 'rejected: forbidden' }])
    expect((await history('principal', '', remarkKey('2024', 'goodYouth'))).past).toMatchObject([{ value: 'x' }])
    expect((await history('principal', '', 'v/2024/never')).past).toEqual([])
  })

  test('comes in pages, the newest first, each of them oldest first', async () => {
    const mutations = Array.from({ length: 7 }, (_, at) => setTo(at + 1, KEY, `${at}`, at === 0 ? [] : [`${DEVICE}:${at}`]))
    await send('principal', DEVICE, ...mutations)
    const newest = await history('principal', '&limit=3')
    expect([newest.past.map(({ seq }) => seq), newest.more]).toEqual([[5, 6, 7], true])
    const before = await history('principal', '&limit=3&before=5')
    expect([before.past.map(({ seq }) => seq), before.more]).toEqual([[2, 3, 4], true])
    const first = await history('principal', '&limit=3&before=2')
    expect([first.past.map(({ seq }) => seq), first.more]).toEqual([[1], false])
  })

  test('is told to nobody who may not read the school, and codes are not found out by trying', async () => {
    const of = (stream: string) => district.as('principal')('GET', `/api/history?stream=${stream}&key=${KEY}`)
    for (const stream of [streamOf(OTHER_SCHOOL), streamOf('no-such')]) expect((await of(stream)).status).toBe(403)
    expect((await of('o/p-1')).body).toMatchObject({ fault: { kind: 'orgUnit.unknown', path: 'stream' } })
    expect((await district.as('reviewer')('GET', `/api/history?stream=${streamOf('no-such')}&key=${KEY}`)).status).toBe(404)
    expect((await district.as(undefined)('GET', `/api/history?stream=${STREAM}&key=${KEY}`)).status).toBe(401)
    for (const query of ['&limit=0', '&limit=x', '&limit=201', '&before=-1'])
      expect((await ask('principal', query)).status).toBe(400)
  })

  test('is described', async () => {
    const { body } = await district.as('principal')('GET', '/api/openapi.json')
    expect(body).toMatchObject({ paths: { '/api/history': { get: { parameters: [{ name: 'stream' }, {}, {}, {}] } } } })
  })
})

describe('how it is found', () => {
  test('by the links between values and the index of exceptions: nothing reads through the log', async () => {
    await send('principal', DEVICE, setTo(1, KEY, '1'), setTo(2, KEY, '2', [`${DEVICE}:1`]))
    expect(await read()).toMatchObject({ how: 'walked', past: [{ value: '1' }, { value: '2' }] })
    const steps = await district
      .server()
      .db.transaction()
      .execute(async (trx) => {
        // Of so few rows PostgreSQL would rather read all.
        if (isOnPostgres()) await sql`set local enable_seqscan = off`.execute(trx)
        const explain = isOnPostgres() ? sql`explain` : sql`explain query plan`
        const { rows } = await sql`${explain} select seq from log where ${EXCEPTIONS_OF_CELL(1, KEY)}`.execute(trx)
        return JSON.stringify(rows)
      })
    expect(steps).toContain('log_exceptions')
    expect(steps).not.toContain('log_pk')
  })

  test('a value that only one of two who typed it was replaced under is found all the same', async () => {
    await send('principal', DEVICE, setTo(1, KEY, '5'))
    // Typed without having seen the other, and typed over on the same tablet before anything came back.
    await send('filler', OTHER, setTo(1, KEY, '5'), setTo(2, KEY, '6', [`${OTHER}:1`]))
    const { how, past } = await read()
    expect(past.map(({ id }) => id)).toEqual([`${DEVICE}:1`, `${OTHER}:1`, `${OTHER}:2`])
    expect(how).toBe('readThrough')
  })

  test('a value that was typed once more over itself, and replaced under the name of who had typed the same, is found', async () => {
    await send('principal', DEVICE, setTo(1, KEY, '5'), setTo(2, KEY, '5', [`${DEVICE}:1`]))
    await send('filler', OTHER, setTo(1, KEY, '5'), setTo(2, KEY, '6', [`${OTHER}:1`]))
    const { past } = await read()
    expect(past.map(({ id }) => id)).toEqual([`${DEVICE}:1`, `${DEVICE}:2`, `${OTHER}:1`, `${OTHER}:2`])
  })

  test('a path of many steps is not walked', async () => {
    const mutations = Array.from({ length: WALK_MAX + 50 }, (_, at) =>
      setTo(at + 1, KEY, `${at}`, at === 0 ? [] : [`${DEVICE}:${at}`]),
    )
    for (let from = 0; from < mutations.length; from += 100) await send('principal', DEVICE, ...mutations.slice(from, from + 100))
    const { how, past, more } = await read(1000)
    expect([how, past.length, more]).toEqual(['readThrough', WALK_MAX + 50, false])
  })

  test('whatever two tablets type in whatever order, the history is what the log has of the cell', async () => {
    const edit = fc.record({
      device: fc.constantFrom('a', 'b'),
      key: fc.constantFrom(KEY, KEY, valueKey('2024', 'newHousing')),
      value: fc.constantFrom('1', '2', '3', null),
      /** How many of the newest ids on each tablet it names. */
      seen: fc.tuple(fc.nat(2), fc.nat(2)),
      who: fc.constantFrom<Who>('principal', 'filler', 'inspector'),
    })
    let run = 0
    let walks = 0
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 12 }), async (edits) => {
        run += 1
        const letters = 'abcdefghijklmnopqrstuvwxyz'
        const name = (device: string) =>
          `${device}${letters[run % 26] ?? 'a'}${letters[Math.floor(run / 26)] ?? 'a'}`.padEnd(13, 'x')
        const key = (of: string) => `${of}Run${run}`
        const sent = { a: [] as Mutation[], b: [] as Mutation[] }
        for (const { device, key: of, value, seen, who } of edits) {
          const mine = device === 'a' ? sent.a : sent.b
          const [a, b] = seen
          const base = [
            ...sent.a
              .filter((row) => row.key === key(of))
              .slice(-a || sent.a.length)
              .map(({ n }) => `${name('a')}:${n}`),
            ...sent.b
              .filter((row) => row.key === key(of))
              .slice(-b || sent.b.length)
              .map(({ n }) => `${name('b')}:${n}`),
          ]
          mine.push(setTo(mine.length + 1, key(of), value, base))
          await send(who, name(device), ...mine)
        }
        const found = await readHistory(district.server().db, { stream: STREAM, key: key(KEY), limit: 100 })
        const rows = await district
          .server()
          .db.selectFrom('log')
          .select(['device', 'n'])
          .where('key', '=', key(KEY))
          .orderBy('seq')
          .execute()
        expect(found.past.map(({ id }) => id)).toEqual(rows.map(({ device, n }) => `${device}:${n}`))
        if (found.how === 'walked' && rows.length > 2) walks += 1
      }),
      { numRuns: 60 },
    )
    expect(walks).toBeGreaterThan(0)
    expect(await logged()).toEqual([])
  })
})
