/**
 * Fills an empty folder with a made district, through the same doors as a real one: org units, import, accounts.
 *
 * The principal and the filler belong to one primary school. Last year it answered everything; this year only its first data sets, so
 * that there is something to type.
 */
import type { Kysely } from 'kysely'
import type { Fault } from '#domain/fault'
import { stagesOf, type OrgUnit } from '#domain/org-unit'
import { toPeriod, type Period } from '#domain/period'
import type { Role } from '#domain/person'
import { asksElement, dataSetsOf, isEnteredByUnit } from '#plan/applicability'
import type { Plan } from '#plan/plan'
import type { CellValue } from '#plan/typed'
import { createAccount } from '../accounts'
import { createImport } from '../import-values'
import type { OpenServer } from '../open-server'
import { putOrgUnits } from '../org-units'
import type { DemoAccount } from '../routes/demo'
import type { Tables } from '../store/tables'
import { demoMessages, demoName } from './demo-messages'
import { makeDistrict, type MadeValue } from './made-district'
import { INSPECTED_UNITS, makeInspections } from './made-inspections'
import { makeReports } from './made-reports'
import { writeEdits } from './write-edits'

export const DEMO_PASSWORD = 'youxue-demo'

const UNITS = 24
const SEED = 20_240_901
/** Data sets that the demo school has filled in this year. */
const FILLED_DATA_SETS = 2
const ROWS_MAX = 20_000

export async function prepareDemo(server: OpenServer): Promise<readonly DemoAccount[]> {
  const { db, plan: served, ledger, figures, now } = server
  const { plan } = served
  const periods = plan.document.periods.map(toPeriod)
  const { orgUnits, values } = makeDistrict({
    plan,
    units: UNITS,
    seed: SEED,
    periods,
    district: plan.document.district.code,
  })
  const school = demoSchool(orgUnits, values)
  const inspected = inspectedUnits(orgUnits, school)
  const offered = demoAccounts(school, inspected)
  const others = orgUnits.filter((unit) => !inspected.includes(unit))
  const accounts = [...offered, otherPrincipal('principal2', inspected.slice(1)), otherPrincipal('principal3', others)]

  // Set last, so that a start that was cut off begins again: import and upsert change nothing twice.
  if (!(await isNoted(db, 'demo'))) {
    const { zh, en } = demoMessages.making()
    console.log(`${zh}\n${en}`)
    const put = await putOrgUnits(db, orgUnits)
    if (!put.ok) throw new Error(`the demo's units were refused: ${describeFault(put.fault)}`)
    for (const unit of orgUnits) figures.putUnit(unit)
    const kept = asDemo({ plan, school, values, periods })
    // Once only: people have changed what was imported since.
    if (!(await isNoted(db, 'demo.values'))) {
      const importValues = createImport({
        db,
        ledger,
        plan,
        now,
        report: (defect) => {
          throw defect
        },
      })
      const rows = kept.map(({ element, ...rest }) => ({ dataElement: element, ...rest }))
      for (let start = 0; start < rows.length; start += ROWS_MAX) {
        const { refused } = await importValues({
          rows: rows.slice(start, start + ROWS_MAX),
          person: { username: 'reviewer' },
          dryRun: false,
        })
        const [first] = refused
        if (first !== undefined) throw new Error(`a made value was refused: ${describeFault(first.fault)}`)
      }
      await note(db, 'demo.values')
    }
    for (const { orgUnits: codes, ...account } of accounts) {
      const created = await createAccount(db, { ...account, orgUnits: codes }, now())
      if (!created.ok && created.fault.kind !== 'account.exists') {
        throw new Error(`a demo account was refused: ${describeFault(created.fault)}`)
      }
    }
    await live({ server, orgUnits, inspected, accounts, values: kept, period: periods.at(-1) })
    await note(db, 'demo')
  }
  return offered.map(({ username, name, role, password }) => ({ username, name, role, password }))
}

async function isNoted(db: Kysely<Tables>, key: string): Promise<boolean> {
  return (await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst()) !== undefined
}

async function note(db: Kysely<Tables>, key: string): Promise<void> {
  await db.insertInto('meta').values({ key, value: 'made' }).execute()
}

const describeFault = (fault: Fault): string => JSON.stringify(fault)

/** The public primary school that has answered most. */
function demoSchool(orgUnits: readonly OrgUnit[], values: readonly MadeValue[]): OrgUnit {
  const counts = new Map<string, number>()
  for (const { orgUnit } of values) counts.set(orgUnit, (counts.get(orgUnit) ?? 0) + 1)
  const [first, ...others] = orgUnits.filter((unit) => unit.type === 'primary' && unit.ownership === 'public')
  if (first === undefined) throw new Error('the made district has no public primary school')
  return others.reduce((best, unit) => ((counts.get(unit.code) ?? 0) > (counts.get(best.code) ?? 0) ? unit : best), first)
}

/** The demo school, and one of each of other types: what is asked differs between them. */
function inspectedUnits(orgUnits: readonly OrgUnit[], school: OrgUnit): readonly OrgUnit[] {
  const types = new Set([school.type])
  const others = orgUnits.filter(({ type }) => stagesOf(type).length > 0 && !types.has(type) && types.add(type))
  return [school, ...others].slice(0, INSPECTED_UNITS)
}

/** The made values, with the demo school's last year completed and its present year emptied but for the first data sets. */
function asDemo(question: {
  readonly plan: Plan
  readonly school: OrgUnit
  readonly values: readonly MadeValue[]
  readonly periods: readonly Period[]
}): readonly MadeValue[] {
  const { plan, school, values, periods } = question
  const [lastYear, thisYear] = periods.slice(-2)
  const filled = new Set(
    dataSetsOf(plan, school)
      .slice(0, FILLED_DATA_SETS)
      .map((dataSet) => dataSet.id),
  )
  const kept = values.filter(
    ({ orgUnit, period, element }) =>
      orgUnit !== school.code || period !== thisYear || filled.has(plan.elements.get(element)?.dataSet.id ?? ''),
  )
  if (lastYear === undefined) return kept
  const answered = new Set(
    kept.filter(({ orgUnit, period }) => orgUnit === school.code && period === lastYear).map((value) => value.element),
  )
  // What it left open it has from another school: any answer but a number fits a school as well as its own would.
  const completing = new Map<string, MadeValue>()
  for (const value of kept) {
    const asked = plan.elements.get(value.element)
    if (asked === undefined || value.period !== lastYear || answered.has(value.element) || completing.has(value.element)) continue
    const { type } = asked.element
    const isNumber = type === 'count' || type === 'decimal' || type === 'percent'
    if (isNumber || !asksElement(plan, asked.id, school) || !isEnteredByUnit(asked, school)) continue
    completing.set(value.element, { ...value, orgUnit: school.code })
  }
  return [...kept, ...completing.values()]
}

type Account = DemoAccount & { readonly orgUnits: readonly string[] }

const accountOf = (role: Role, orgUnits: readonly OrgUnit[]): Account => ({
  username: role,
  name: demoName(role),
  role,
  password: DEMO_PASSWORD,
  orgUnits: orgUnits.map(({ code }) => code),
})

function demoAccounts(school: OrgUnit, inspected: readonly OrgUnit[]): readonly Account[] {
  return [
    accountOf('principal', [school]),
    accountOf('filler', [school]),
    accountOf('inspector', inspected),
    accountOf('reviewer', []),
    accountOf('leader', []),
    accountOf('admin', []),
  ]
}

/** Answers for other schools; not offered at the sign-in, where one of each role will do. */
const otherPrincipal = (username: string, schools: readonly OrgUnit[]): Account => ({
  ...accountOf('principal', schools),
  username,
})

/** Lets the inspector, the reviewer and the schools' principals do what they do in the made inspections and reports. */
async function live(of: {
  readonly server: OpenServer
  readonly orgUnits: readonly OrgUnit[]
  /** The first is the demo school, whose reports are left to whoever tries them. */
  readonly inspected: readonly OrgUnit[]
  readonly accounts: readonly Account[]
  readonly values: readonly MadeValue[]
  readonly period: Period | undefined
}): Promise<void> {
  const { server, orgUnits, inspected, accounts, values, period } = of
  const inspector = accounts.find(({ role }) => role === 'inspector')
  const bureau = accounts.find(({ role }) => role === 'reviewer')
  if (inspector === undefined || bureau === undefined || period === undefined) return
  const reported = new Map<string, Map<string, CellValue>>()
  for (const { orgUnit, period: of, element, value } of values) {
    const name = `${orgUnit} ${of}`
    const own = reported.get(name) ?? new Map<string, CellValue>()
    reported.set(name, own.set(element, { value }))
  }
  const common = { plan: server.plan.plan, period, seed: SEED, now: server.now() }
  for (const [at, unit] of orgUnits.entries()) {
    const school = accounts.find(({ role, orgUnits: own }) => role === 'principal' && own.includes(unit.code))
    if (school === undefined) continue
    const valuesOf = (of: string) => reported.get(`${unit.code} ${of}`) ?? new Map<string, CellValue>()
    const index = inspected.indexOf(unit)
    const inspections =
      index < 0
        ? []
        : makeInspections({
            ...{ ...common, unit, index, values: valuesOf(period) },
            ...{ inspector: inspector.username, school: school.username },
          })
    const reports = index === 0 ? [] : makeReports({ ...common, unit, index: at, values: valuesOf })
    const edits = [...inspections, ...reports].sort((one, other) => one.at - other.at)
    await writeEdits({ server, orgUnit: unit.code, edits, people: { inspector, school, bureau } })
  }
}
