/** The import beside others: what another has put in its way, a part that fails, and the turns of everybody else. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { OrgUnit } from '#domain/org-unit'
import { toPeriod } from '#domain/period'
import { exportValues } from '#server/export-values'
import { createImport, IMPORT_DEVICE } from '#server/import-values'
import { listOrgUnits } from '#server/org-units'
import { textToHeads } from '#server/store/stored-cell'
import { EMPTY_CHAIN } from '#sync/hash'
import type { Ledger } from '#sync/ports'
import { streamOf, valueKey } from '#sync/protocol'
import { answersOf, askOf, openDistrict, plan, SCHOOL, setTo, START, syncBody, type District } from './district'

const SCHOOLS: readonly OrgUnit[] = Array.from({ length: 60 }, (_, index) => ({
  code: `p-${String(index + 1)}`,
  name: `第${String(index + 1)}小学`,
  type: 'primary',
  ownership: 'public',
}))

let district: District
beforeEach(async () => {
  district = await openDistrict({ units: SCHOOLS })
})
afterEach(() => district.close())

const row = (orgUnit: string, value: string) => ({ dataElement: 'goodYouth', period: '2024', orgUnit, value })

const importing = (ledger: Ledger, defects: unknown[]) =>
  createImport({ db: district.server().db, ledger, plan, now: () => START, report: (defect) => defects.push(defect) })

/** Rows under the import's name that it did not write itself. */
async function occupy(n: number): Promise<void> {
  const { ledger } = district.server()
  await ledger.write(streamOf(SCHOOL), async (tx) => {
    const seq = tx.head.seq + 1
    const told = { device: IMPORT_DEVICE, n, kind: 'set', key: valueKey('2024', 'x'), value: '1', base: [], by: 'somebody' }
    await tx.write({
      log: [{ ...told, seq, at: 1, received: 1, pv: 0, verdict: 'witnessed', chain: EMPTY_CHAIN }],
      cells: [],
      head: { ...tx.head, seq },
      peer: { device: 'tabletaaaaaaa', last: 0, chain: EMPTY_CHAIN, skew: 0 },
    })
  })
}

test('a number that somebody else has taken does not stop it: it takes the next free one', async () => {
  const put = (value: string) => district.as('reviewer')('POST', '/api/dataValueSets', { dataValues: [row(SCHOOL, value)] })
  expect((await put('1')).status).toBe(200)
  await occupy(2)
  await occupy(9)
  for (const value of ['2', '3']) {
    const answer = await put(value)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toMatchObject({ status: 'complete', counts: { updated: 1 } })
  }
  const log = await district.server().db.selectFrom('log').select(['n', 'verdict']).where('device', '=', IMPORT_DEVICE).execute()
  expect(log).toEqual([
    { n: 1, verdict: 'applied' },
    { n: 2, verdict: 'witnessed' },
    { n: 9, verdict: 'witnessed' },
    { n: 10, verdict: 'applied' },
    { n: 11, verdict: 'applied' },
  ])
})

test('a unit that fails costs its own rows, which are said, and not the report of the others', async () => {
  const { ledger } = district.server()
  const defects: unknown[] = []
  const broken: Ledger = {
    ...ledger,
    write: (stream, run) => (stream === streamOf('p-2') ? Promise.reject(new Error('disk')) : ledger.write(stream, run)),
  }
  const rows = [row('p-1', '1'), row('p-2', '2'), row('nowhere', '3'), row('p-3', '4')]
  const report = await importing(broken, defects)({ rows, person: { username: 'reviewer' }, dryRun: false })
  expect(report).toMatchObject({
    counts: { imported: 2, refused: 2 },
    refused: [
      { index: 1, fault: { kind: 'server.defect', path: 'dataValues.1' } },
      { index: 2, fault: { kind: 'orgUnit.unknown' } },
    ],
  })
  expect(defects).toEqual([new Error('disk')])
})

test('a cell that very many typed alike is replaced as a whole', async () => {
  const key = valueKey('2024', 'goodYouth')
  const typed = Array.from({ length: 150 }, (_, index) => setTo(index + 1, key, '7'))
  answersOf(await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: typed }))))
  const report = importing(district.server().ledger, [])
  await report({ rows: [row(SCHOOL, '8')], person: { username: 'reviewer' }, dryRun: false })
  const { heads } = await district.server().db.selectFrom('cell').select('heads').where('key', '=', key).executeTakeFirstOrThrow()
  expect(textToHeads(heads).map(({ value }) => value)).toEqual(['8'])
  const last = await district.server().db.selectFrom('log').select('base').where('device', '=', IMPORT_DEVICE).executeTakeFirst()
  expect(JSON.parse(last?.base ?? '')).toHaveLength(1)
})

/** How often others got their turn during the work. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let next = setImmediate(function turn() {
    turns += 1
    next = setImmediate(turn)
  })
  await work()
  clearImmediate(next)
  return turns
}

test('others get their turn between the units of an import and of an export, and while rows are looked at', async () => {
  const { ledger, db } = district.server()
  const person = { username: 'reviewer' }
  const rows = SCHOOLS.map(({ code }, index) => row(code, String(index)))
  const run = importing(ledger, [])
  expect(await turnsDuring(() => run({ rows, person, dryRun: false }))).toBeGreaterThanOrEqual(SCHOOLS.length)
  const refused = Array.from({ length: 10_000 }, () => row('nowhere', '1'))
  expect(await turnsDuring(() => run({ rows: refused, person, dryRun: true }))).toBeGreaterThanOrEqual(5)
  const units = await listOrgUnits(db)
  const period = toPeriod('2024')
  expect(await turnsDuring(() => exportValues(db, { plan, units, period }))).toBeGreaterThanOrEqual(units.length / 10)
})
