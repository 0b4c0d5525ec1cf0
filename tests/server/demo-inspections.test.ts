/** The demo's inspections: what its people did, through the doors of real ones. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { FINDING_STATES, isOverdue } from '#domain/finding'
import { INSPECTION_STATES } from '#domain/inspection'
import type { OrgUnit } from '#domain/org-unit'
import { toPeriod } from '#domain/period'
import { prepareDemo } from '#server/demo/prepare-demo'
import { INSPECTED_UNITS, makeInspections, type MadeEdit } from '#server/demo/made-inspections'
import { drawPicture, PICTURE } from '#server/demo/drawn-picture'
import { checkFile } from '#server/files/check-file'
import { openUploads } from '#server/files/uploads'
import { listFindings } from '#server/findings'
import { readInspections } from '#server/inspections'
import { openServer, type OpenServer } from '#server/open-server'
import { listOrgUnits } from '#server/org-units'
import { parseKey } from '#sync/protocol'
import { PASSWORD, plan, START } from './district'

const TODAY = '2024-09-01'
const period = toPeriod('2024')
const school: OrgUnit = { code: 'p-1', name: '第一小学', type: 'primary', ownership: 'public' }
const made = (index: number, more: Partial<Parameters<typeof makeInspections>[0]> = {}): readonly MadeEdit[] =>
  makeInspections({
    ...{ plan, unit: school, index, values: new Map(), period, seed: 1, now: START, inspector: 'i', school: 'p' },
    ...more,
  })

describe('made inspections', () => {
  test('are the same for the same seed, and none where the plan has no lists or the school no place in the story', () => {
    expect(made(0)).toEqual(made(0))
    expect(made(0, { seed: 2 })).not.toEqual(made(0))
    const without = { ...plan, document: { ...plan.document, inspections: undefined } }
    expect(made(0, { plan: without })).toEqual([])
    expect(made(INSPECTED_UNITS)).toEqual([])
  })

  test('happened in the past and in order, and only what is planned lies ahead', () => {
    for (let index = 0; index < INSPECTED_UNITS; index++) {
      const edits = made(index)
      expect(edits.length).toBeGreaterThan(0)
      expect(edits.map(({ at }) => at)).toEqual(edits.map(({ at }) => at).sort((one, other) => one - other))
      expect(edits.every(({ at }) => at <= START)).toBe(true)
    }
  })

  test('have pictures that the server takes, of the size that they say, wanting and put right unlike each other', () => {
    const [wanting, right] = [false, true].map((isPutRight) => drawPicture({ hue: 0.5, place: 0.5, isPutRight }))
    expect(checkFile(wanting ?? Buffer.alloc(0), PICTURE.type)).toEqual({
      ok: true,
      value: { type: PICTURE.type, width: PICTURE.w, height: PICTURE.h },
    })
    expect(wanting?.equals(right ?? Buffer.alloc(0))).toBe(false)
    expect(wanting?.length).toBeLessThan(40_000)
  })
})

describe('the demo', () => {
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
  const dataFolder = mkdtempSync(join(tmpdir(), 'youxue-demo-'))
  let server: OpenServer
  beforeAll(async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const config = { dataFolder, databaseUrl: undefined, adminPassword: PASSWORD, plan, version: '1', clientFolder: dataFolder }
    server = await openServer(config, () => START)
    await prepareDemo(server)
  })
  afterAll(async () => {
    vi.restoreAllMocks()
    await server.close()
    rmSync(dataFolder, { recursive: true, force: true })
  })
  const findings = async () => {
    const units = await server.db.selectFrom('org_unit').select('code').execute()
    return listFindings(server.db, { orgUnits: units.map(({ code }) => code), period })
  }
  const logged = async () => (await server.db.selectFrom('log').select('key').execute()).length

  test('has findings in every state, one of them overdue, in several schools', async () => {
    const rows = await findings()
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(FINDING_STATES))
    expect(rows.filter(({ state, due }) => isOverdue({ state, due }, TODAY)).length).toBeGreaterThan(0)
    expect(new Set(rows.map(({ orgUnit }) => orgUnit)).size).toBeGreaterThan(2)
    expect(new Set(rows.map(({ of }) => of))).toEqual(new Set(['visit', 'self']))
    expect(rows.every(({ photos }) => photos.found === 1)).toBe(true)
    expect(rows.filter(({ state }) => state === 'closed' || state === 'claimed').every(({ photos }) => photos.answer === 1)).toBe(
      true,
    )
  })

  test('has inspections in every state, and schools that report another thing than was seen', async () => {
    const units = await listOrgUnits(server.db)
    const { inspections, contradictions } = await readInspections(server.db, { plan, units, period })
    expect(new Set(inspections.map(({ state }) => state))).toEqual(new Set(INSPECTION_STATES))
    expect(new Set(inspections.map(({ orgUnit }) => orgUnit)).size).toBe(INSPECTED_UNITS)
    expect(contradictions.length).toBeGreaterThan(0)
    expect(contradictions.every(({ reported, verdict }) => reported === 'met' && verdict === 'unmet')).toBe(true)
  })

  test('every photo that a cell names is there, for whoever may read the school', async () => {
    const cells = await server.db
      .selectFrom('cell')
      .innerJoin('stream', 'stream.id', 'cell.stream')
      .select(['cell.key', 'stream.name'])
      .where('cell.key', '>=', 'a/')
      .where('cell.key', '<', 'a0')
      .execute()
    expect(cells.length).toBeGreaterThan(10)
    const uploads = openUploads({ ...server, report: (error) => expect.fail(String(error)) })
    const leader = { username: 'leader', name: '', role: 'leader', orgUnits: [] } as const
    for (const { key, name } of cells) {
      const parsed = parseKey(key)
      if (parsed.kind !== 'file') throw new Error(key)
      expect(await uploads.find({ orgUnit: name.slice(2), sha256: parsed.sha }, leader), key).toMatchObject({
        type: PICTURE.type,
      })
    }
    await uploads.close()
  })

  test('a start that was cut off before it was over goes on, and writes nothing twice', async () => {
    const before = [await logged(), await findings()]
    await server.db.deleteFrom('meta').where('key', '=', 'demo').execute()
    await prepareDemo(server)
    expect([await logged(), await findings()]).toEqual(before)
  })
})
