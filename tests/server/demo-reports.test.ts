/** The demo's reports: what its people did with them, through the doors of real ones. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { REPORT_STATES } from '#domain/report'
import { toPeriod } from '#domain/period'
import { prepareDemo } from '#server/demo/prepare-demo'
import { makeReports } from '#server/demo/made-reports'
import { openServer, type OpenServer } from '#server/open-server'
import type { KeptRow } from '#server/reports'
import { PASSWORD, plan, START } from './district'

const period = toPeriod('2024')

test('made reports are the same for the same seed, and none where nothing is reported', () => {
  const unit = { code: 'p-1', name: '第一小学', type: 'primary', ownership: 'public' } as const
  const values = new Map([...plan.elements.keys()].map((element) => [element, { value: '5' }]))
  const made = (seed: number, of = values) => makeReports({ plan, unit, index: 3, period, seed, now: START, values: () => of })
  expect(made(1).length).toBeGreaterThan(0)
  expect(made(1)).toEqual(made(1))
  expect(made(2)).not.toEqual(made(1))
  expect(made(1, new Map())).toEqual([])
  expect(made(1).every(({ at }, index, all) => at <= START && at >= (all[index - 1]?.at ?? 0))).toBe(true)
})

describe('the demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'youxue-demo-reports-'))
  let server: OpenServer
  let rows: readonly KeptRow[]
  beforeAll(async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    server = await openServer(
      { ...{ dataFolder: folder, adminPassword: PASSWORD, plan, version: '1' }, clientFolder: join(folder, 'none') },
      () => START,
    )
    await prepareDemo(server)
    const all = { unit: () => true, periods: [period] }
    await server.reports.refresh(all)
    rows = [...server.reports.rows(all)]
  })
  afterAll(async () => {
    vi.restoreAllMocks()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('has reports in every state, many that wait, second rounds with changes, and comments', () => {
    const states = new Map<string, number>()
    for (const { state } of rows) states.set(state, (states.get(state) ?? 0) + 1)
    expect([...states.keys()].sort()).toEqual([...REPORT_STATES, 'open'].sort())
    expect(states.get('submitted')).toBeGreaterThan(15)
    expect(rows.filter(({ round, changed = 0 }) => round > 1 && changed > 0).length).toBeGreaterThan(5)
    expect(rows.filter(({ state, marks, comments }) => state === 'returned' && marks > 0 && comments > 0).length).toBeGreaterThan(
      0,
    )
    expect(rows.filter(({ unanswered = 0 }) => unanswered > 0).length).toBeGreaterThan(0)
    expect(rows.every(({ errors = 0 }) => errors === 0)).toBe(true)
  })

  test('leaves the reports of the demo school to whoever tries them', async () => {
    const { db } = server
    const { org_units } = await db
      .selectFrom('account')
      .select('org_units')
      .where('username', '=', 'principal')
      .executeTakeFirstOrThrow()
    const [own] = JSON.parse(org_units) as readonly string[]
    expect(new Set(rows.filter(({ orgUnit }) => orgUnit === own).map(({ state }) => state))).toEqual(new Set(['open']))
  })
})
