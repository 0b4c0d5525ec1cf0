/**
 * Fills an empty folder with a made district, through the same doors as a real one: org units, import, accounts.
 *
 * The principal and the filler belong to one primary school. Last year it answered everything; this year only its first data sets, so
 * that there is something to type.
 */
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
import { demoMessages, demoName } from './demo-messages'
import { makeDistrict, type MadeValue } from './made-district'
import { INSPECTED_UNITS, makeInspections } from './made-inspections'
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
  const accounts = [...offered, otherPrincipal(inspected.slice(1))]

  // Set last, so that a start that was cut off begins again: import and upsert change nothing twice.
  const made = await db.selectFrom('meta').select('value').where('key', '=', 'demo').executeTakeFirst()
  if (made === undefined) {
    const { zh, en } = demoMessages.making()
    console.log(`${zh}\n${en}`)
    const put = await putOrgUnits(db, orgUnits)
    if (!put.ok) throw new Error(`the demo's units were refused: ${describeFault(put.fault)}`)
    for (const unit of orgUnits) figures.putUnit(unit)
    const importValues = createImport({
      db,
      ledger,
      plan,
      now,
      report: (defect) => {
        throw defect
      },
    })
    const kept = asDemo({ plan, school, values, periods })
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
    for (const { orgUnits: codes, ...account } of accounts) {
      const created = await createAccount(db, { ...account, orgUnits: codes }, now())
      if (!created.ok && created.fault.kind !== 'account.exists') {
        throw new Error(`a demo account was refused: ${describeFault(created.fault)}`)
      }
    }
    await inspect({ server, inspected, accounts, values: kept, period: periods.at(-1) })
    await db.insertInto('meta').values({ key: 'demo', value: 'made' }).execute()
  }
  return offered.map(({ username, name, role, password }) => ({ username, name, role, password }))
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

/** Answers for the other inspected schools; not offered at the sign-in, where one of each role will do. */
const otherPrincipal = (schools: readonly OrgUnit[]): Account => ({ ...accountOf('principal', schools), username: 'principal2' })

/** Lets the inspector and the schools' principals say what they say in the made inspections. */
async function inspect(of: {
  readonly server: OpenServer
  readonly inspected: readonly OrgUnit[]
  readonly accounts: readonly Account[]
  readonly values: readonly MadeValue[]
  readonly period: Period | undefined
}): Promise<void> {
  const { server, inspected, accounts, values, period } = of
  const inspector = accounts.find(({ role }) => role === 'inspector')
  if (inspector === undefined || period === undefined) return
  for (const [index, unit] of inspected.entries()) {
    const school = accounts.find(({ role, orgUnits }) => role === 'principal' && orgUnits.includes(unit.code))
    if (school === undefined) continue
    const reported = new Map<string, CellValue>()
    for (const each of values)
      if (each.orgUnit === unit.code && each.period === period) reported.set(each.element, { value: each.value })
    const edits = makeInspections({
      plan: server.plan.plan,
      unit,
      index,
      values: reported,
      period,
      seed: SEED,
      now: server.now(),
      inspector: inspector.username,
      school: school.username,
    })
    await writeEdits({ server, orgUnit: unit.code, edits, people: { inspector, school } })
  }
}
