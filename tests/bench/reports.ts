/**
 * The queue of a whole district's reports and one report's page, through HTTP and a session: at rest, after a school has typed, and right
 * after a start. The lives of the reports are made as those of the demo.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { toPeriod } from '#domain/period'
import { parsePlan } from '#plan/parse-plan'
import type { PeersAnswer, ReportPage, ReportsAnswer } from '#plan/report-wire'
import type { CellValue } from '#plan/typed'
import { createAccount } from '#server/accounts'
import { makeDistrict } from '#server/demo/made-district'
import { makeReports } from '#server/demo/made-reports'
import { writeEdits } from '#server/demo/write-edits'
import { createImport } from '#server/import-values'
import { openServer, type OpenServer } from '#server/open-server'
import { putOrgUnits } from '#server/org-units'
import { openSession, SESSION_COOKIE } from '#server/sessions'
import { inMs, quantile, section } from './report'
import { benchReviewScreen } from './review-screen'

const UNITS = 3000
const TIMES = 100
const ROWS_AT_ONCE = 20_000
const BUREAU = { username: 'reviewer', name: '审核员', role: 'reviewer', orgUnits: [] } as const
const PASSWORD = 'bench-reviewer-password'

export async function benchReports(): Promise<void> {
  const parsed = parsePlan(JSON.parse(readFileSync('public/plans/qiantang-2022-2024.json', 'utf8')))
  if (!parsed.ok) throw new Error('the plan document is not sound')
  const plan = parsed.value
  const folder = mkdtempSync(join(tmpdir(), 'youxue-bench-reports-'))
  const config = {
    dataFolder: folder,
    adminPassword: 'bench-admin',
    plan,
    version: 'bench',
    clientFolder: resolve('dist', 'client'),
  }
  const open = () => openServer({ ...config, databaseUrl: undefined })
  let server = await open()
  await fill(server)
  await server.close()

  const beganStart = performance.now()
  server = await open()
  const startMs = performance.now() - beganStart
  const app = await server.buildApp()
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const cookie = `${SESSION_COOKIE}=${await openSession(server.db, 'reviewer', server.now())}`
  const get = async <T>(path: string): Promise<{ readonly body: T; readonly ms: number; readonly kB: number }> => {
    const began = performance.now()
    const answer = await fetch(`${url}/api${path}`, { headers: { cookie } })
    const text = await answer.text()
    const ms = performance.now() - began
    if (answer.status !== 200) throw new Error(`${path}: ${String(answer.status)} ${text}`)
    return { body: JSON.parse(text) as T, ms, kB: text.length / 1024 }
  }
  const times = async (path: (at: number) => string, before: (at: number) => Promise<void> = () => Promise.resolve()) => {
    const all: number[] = []
    for (let at = 0; at < TIMES; at++) {
      await before(at)
      all.push((await get(path(at))).ms)
    }
    return `${inMs(quantile(all, 0.5))} / ${inMs(quantile(all, 0.95))}`
  }

  const period = plan.document.periods.at(-1) ?? ''
  const first = await get<ReportsAnswer>(`/reports?period=${period}`)
  const { counts, rows, total } = first.body
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const rowAt = (at: number) => rows[(at * 37) % rows.length] ?? { orgUnit: '', period, dataSet: '' }
  const typing = async (at: number): Promise<void> => {
    const { orgUnit } = rowAt(at)
    await importOf(server)({
      rows: [{ orgUnit, period, dataElement: 'surveySatisfied', value: String(at) }],
      person: { username: 'reviewer' },
      dryRun: false,
    })
  }
  const page = await get<ReportPage>(`/reports/${rowAt(0).orgUnit}/${period}/${rowAt(0).dataSet}`)
  const students = (await get<ReportsAnswer>(`/reports?period=${period}&dataSet=students`)).body.rows
  const peersAt = (at: number) =>
    `/peers?period=${period}&dataSet=students&orgUnit=${students[at % students.length]?.orgUnit ?? ''}`
  const peers = await get<PeersAnswer>(peersAt(0))
  section(
    `Reports, ${String(UNITS)} units, ${all.toLocaleString('en')} reports, ${total.toLocaleString('en')} of them with a state`,
    [
      { what: 'start of the server with all of them', value: inMs(startMs) },
      { what: 'the queue for the first time after a start', value: inMs(first.ms) },
      {
        what: `the queue at rest, ${String(rows.length)} rows, ${first.kB.toFixed(0)} kB, p50 / p95`,
        value: await times(() => `/reports?period=${period}`),
        bound: '< 50 ms',
      },
      {
        what: 'the queue, only those with warnings, of primary schools, by name, p50 / p95',
        value: await times(
          () => `/reports?period=${period}&type=primary&only=warnings&q=${encodeURIComponent('小学')}&sort=warnings`,
        ),
      },
      { what: 'the queue after a value of one school, p50 / p95', value: await times(() => `/reports?period=${period}`, typing) },
      {
        what: `one report with all that is said about it, ${page.kB.toFixed(0)} kB, p50 / p95`,
        value: await times((at) => `/reports/${rowAt(at).orgUnit}/${period}/${rowAt(at).dataSet}`),
        bound: '< 50 ms',
      },
      {
        what: `its peers, ${peers.body.units.toLocaleString('en')} units, ${peers.kB.toFixed(0)} kB, p50 / p95`,
        value: await times(peersAt),
      },
      { what: 'news, p50 / p95', value: await times(() => `/news?period=${period}&since=${String(Date.now() - 3_600_000)}`) },
      ...(await benchReviewScreen({
        url,
        username: BUREAU.username,
        password: PASSWORD,
        reports: rows.slice(0, 5).map(({ orgUnit, dataSet }) => `/review/${orgUnit}/${period}/${dataSet}`),
      })),
    ],
  )
  await app.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
}

const importOf = ({ db, ledger, plan: { plan }, now }: OpenServer) =>
  createImport({
    ...{ db, ledger, plan, now },
    report: (defect) => {
      throw defect
    },
  })

async function fill(server: OpenServer): Promise<void> {
  const { db, now } = server
  const { plan } = server.plan
  const periods = plan.document.periods.slice(-2).map(toPeriod)
  const [, period] = periods
  if (period === undefined) throw new Error('the plan has no two periods')
  const made = makeDistrict({ plan, units: UNITS, seed: 7, periods, district: plan.document.district.code })
  const put = await putOrgUnits(db, made.orgUnits)
  if (!put.ok) throw new Error(JSON.stringify(put.fault))
  for (const unit of made.orgUnits) server.figures.putUnit(unit)
  const importValues = importOf(server)
  const rows = made.values.map(({ element, ...rest }) => ({ dataElement: element, ...rest }))
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const { refused } = await importValues({
      rows: rows.slice(from, from + ROWS_AT_ONCE),
      person: { username: 'reviewer' },
      dryRun: false,
    })
    if (refused.length > 0) throw new Error(JSON.stringify(refused[0]))
  }
  const all = new Map<string, Map<string, CellValue>>()
  for (const { orgUnit, period: of, element, value } of made.values) {
    const own = all.get(`${orgUnit} ${of}`) ?? new Map<string, CellValue>()
    all.set(`${orgUnit} ${of}`, own.set(element, { value }))
  }
  const bureau = BUREAU
  const account = await createAccount(db, { ...bureau, password: PASSWORD }, now())
  if (!account.ok) throw new Error(JSON.stringify(account.fault))
  for (const [index, unit] of made.orgUnits.entries()) {
    const school = { username: `head-${unit.code}`, name: '校长', role: 'principal', orgUnits: [unit.code] } as const
    const values = (of: string) => all.get(`${unit.code} ${of}`) ?? new Map<string, CellValue>()
    const edits = makeReports({ plan, unit, index, period, seed: 7, now: now(), values })
    await writeEdits({ server, orgUnit: unit.code, edits, people: { school, bureau, inspector: bureau } })
  }
}
