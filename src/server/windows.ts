/** Windows over SQL: what the bureau has set, for everybody who is asked for a report. Read afresh each time: they are few, and other servers change them too. */
import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { failed, ok, type Fault, type Result } from '#domain/fault'
import { may } from '#domain/may'
import { isBureauRole, type Person } from '#domain/person'
import { problemOf, TIME_ZONE, type ReportWindow, type Windows } from '#domain/window'
import type { Plan } from '#plan/plan'
import type { Tables } from './store/tables'
import { inTransaction } from './store/transaction'

export const timeZoneOf = (plan: Plan): string => plan.document.district.timeZone ?? TIME_ZONE

export async function readWindows(db: Kysely<Tables>, plan: Plan): Promise<Windows> {
  const rows = await db.selectFrom('report_window').selectAll().orderBy('period').orderBy('data_set').execute()
  const extensions = await db.selectFrom('report_extension').selectAll().orderBy('org_unit').execute()
  const windows = rows.map(({ period, data_set, opens, due, closes }): ReportWindow => {
    const own = extensions.filter((one) => one.period === period && one.data_set === data_set)
    return {
      period,
      dataSet: data_set,
      ...said({ opens, due, closes }),
      extensions: own.map((one) => ({ orgUnit: one.org_unit, ...said({ due: one.due, closes: one.closes }) })),
    }
  })
  return { timeZone: timeZoneOf(plan), windows }
}

/** What the person sees of them: the bureau all, others the extensions of their own units. */
export function windowsFor(person: Person, { timeZone, windows }: Windows): Windows {
  if (isBureauRole(person.role)) return { timeZone, windows }
  return {
    timeZone,
    windows: windows.map((window) => ({
      ...window,
      extensions: window.extensions.filter(({ orgUnit }) => may(person, { do: 'read', orgUnit })),
    })),
  }
}

export function tagOf(windows: Windows): string {
  return `"${createHash('sha256').update(JSON.stringify(windows)).digest('base64url').slice(0, 22)}"`
}

/** Puts these in place of all that there are, or none of them. `known`: the tag of those that whoever changes them has seen. */
export async function putWindows(
  db: Kysely<Tables>,
  plan: Plan,
  { windows, known }: { readonly windows: readonly ReportWindow[]; readonly known?: string | undefined },
): Promise<Result<Windows>> {
  return inTransaction(db, 'write', async (trx) => {
    if (known !== undefined && known !== tagOf(await readWindows(trx, plan))) return failed({ kind: 'window.changed' } as const)
    const units = await trx.selectFrom('org_unit').select('code').execute()
    const fault = faultOf(plan, new Set(units.map(({ code }) => code)), windows)
    if (fault !== undefined) return failed(fault)
    await trx.deleteFrom('report_extension').execute()
    await trx.deleteFrom('report_window').execute()
    for (const { period, dataSet, opens = null, due = null, closes = null, extensions } of windows) {
      await trx.insertInto('report_window').values({ period, data_set: dataSet, opens, due, closes }).execute()
      const rows = extensions.map((one) => ({
        ...{ period, data_set: dataSet, org_unit: one.orgUnit },
        ...{ due: one.due ?? null, closes: one.closes ?? null },
      }))
      // So many that no database has too many parameters.
      for (let at = 0; at < rows.length; at += 200)
        await trx
          .insertInto('report_extension')
          .values(rows.slice(at, at + 200))
          .execute()
    }
    return ok(await readWindows(trx, plan))
  })
}

function faultOf(plan: Plan, units: ReadonlySet<string>, windows: readonly ReportWindow[]): Fault | undefined {
  const seen = new Set<string>()
  for (const [at, window] of windows.entries()) {
    const { period, dataSet, extensions } = window
    const path = (field: string): string => `windows.${String(at)}.${field}`
    if (!plan.document.periods.includes(period))
      return { kind: 'period.unknown', path: path('period'), values: { period } } as const
    if (!plan.dataSets.has(dataSet)) return { kind: 'dataSet.unknown', path: path('dataSet'), values: { dataSet } } as const
    if (seen.has(`${period} ${dataSet}`)) return invalid(path('dataSet'), 'windowTwice')
    seen.add(`${period} ${dataSet}`)
    const problem = problemOf(window)
    if (problem !== undefined) return invalid(path(problem.path), problem.problem)
    const schools = new Set<string>()
    for (const [n, { orgUnit }] of extensions.entries()) {
      const here = path(`extensions.${String(n)}.orgUnit`)
      if (!units.has(orgUnit)) return { kind: 'orgUnit.unknown', path: here, values: { orgUnit } } as const
      if (schools.has(orgUnit)) return invalid(here, 'extensionTwice')
      schools.add(orgUnit)
    }
  }
  return undefined
}

const invalid = (path: string, problem: string) => ({ kind: 'window.invalid', path, values: { problem } }) as const

/** Without what is not set. */
function said<Field extends string>(times: Readonly<Record<Field, string | null>>): Partial<Record<Field, string>> {
  const set: Partial<Record<Field, string>> = {}
  for (const field of Object.keys(times) as Field[]) {
    const local = times[field]
    if (local !== null) set[field] = local
  }
  return set
}
