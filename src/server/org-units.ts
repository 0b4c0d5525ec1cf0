/** Org units over SQL. */
import { CompiledQuery, type Kysely, type Selectable } from 'kysely'
import { failed, ok, type Result } from '#domain/fault'
import type { OrgUnit } from '#domain/org-unit'
import * as v from 'valibot'
import { inTransaction } from './store/transaction'
import type { Tables } from './store/tables'
import { storedOrgUnitSchema } from './wire'

export async function listOrgUnits(db: Kysely<Tables>): Promise<readonly OrgUnit[]> {
  const rows = await db.selectFrom('org_unit').selectAll().orderBy('code').execute()
  return rows.map(rowToOrgUnit).filter((unit) => unit !== undefined)
}

export async function findOrgUnit(db: Kysely<Tables>, code: string): Promise<OrgUnit | undefined> {
  const found = await db.executeQuery<Selectable<Tables['org_unit']>>(CompiledQuery.raw(FIND_ORG_UNIT, [code]))
  const [row] = found.rows
  return row === undefined ? undefined : rowToOrgUnit(row)
}

/** Written out: each exchange asks for its unit. */
const FIND_ORG_UNIT = 'select * from org_unit where code = ?'

/**
 * Makes or replaces units by their code: all of them, or none. A field that is left out is emptied.
 *
 * A district has one unit of type `district`, made at the first start; the figures that the bureau enters belong to it. So there is
 * no second one, and it does not become something else.
 */
export async function putOrgUnits(
  db: Kysely<Tables>,
  units: readonly OrgUnit[],
): Promise<Result<{ readonly created: string[]; readonly updated: string[]; readonly unchanged: string[] }>> {
  const created: string[] = []
  const updated: string[] = []
  const unchanged: string[] = []
  const seen = new Set<string>()
  return inTransaction(db, 'write', async (trx) => {
    const known = new Map((await listOrgUnits(trx)).map((unit) => [unit.code, unit]))
    const district = [...known.values()].find((unit) => unit.type === 'district')?.code
    for (const [index, unit] of units.entries()) {
      const invalid = (field: string, problem: string) =>
        failed({
          kind: 'orgUnit.invalid',
          path: `${String(index)}.${field}`,
          values: { orgUnit: unit.code, problem },
        } as const)
      if (seen.has(unit.code)) return invalid('code', 'codeTwice')
      seen.add(unit.code)
      if (unit.name.trim() === '') return invalid('name', 'nameMissing')
      if (district !== undefined && (unit.type === 'district') !== (unit.code === district)) {
        return invalid('type', unit.code === district ? 'districtStays' : 'secondDistrict')
      }
      if (unit.opened !== undefined && !isDay(unit.opened)) return invalid('opened', 'noSuchDay')
      if (unit.closed !== undefined && !isDay(unit.closed)) return invalid('closed', 'noSuchDay')
      if (unit.closed !== undefined && unit.closed < (unit.opened ?? '')) return invalid('closed', 'closedBeforeOpened')
      const old = known.get(unit.code)
      const same = old !== undefined && FIELDS.every((field) => old[field] === unit[field])
      ;(old === undefined ? created : same ? unchanged : updated).push(unit.code)
    }
    const changed = new Set([...created, ...updated])
    for (const unit of units) {
      if (!changed.has(unit.code)) continue
      const row = orgUnitToRow(unit)
      await trx
        .insertInto('org_unit')
        .values(row)
        .onConflict((conflict) => conflict.column('code').doUpdateSet(row))
        .execute()
    }
    return ok({ created, updated, unchanged })
  })
}

const FIELDS = ['name', 'type', 'ownership', 'group', 'community', 'subdistrict', 'opened', 'closed'] as const

/** A day that the calendar has: not 30 February. */
function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function orgUnitToRow(unit: OrgUnit): Selectable<Tables['org_unit']> {
  return {
    code: unit.code,
    name: unit.name,
    type: unit.type,
    ownership: unit.ownership,
    group_name: unit.group ?? null,
    community: unit.community ?? null,
    subdistrict: unit.subdistrict ?? null,
    opened: unit.opened ?? null,
    closed: unit.closed ?? null,
  }
}

const given = <Key extends string>(key: Key, value: string | null) => (value === null ? {} : { [key]: value })

/**
 * Less strict than what comes in: an odd name that lies in the database is shown as it is, so that it can be put right. A unit of a type
 * that this program does not know cannot be worked with; it is left out and said so, for one row must not stop the whole district.
 */
function rowToOrgUnit(row: Selectable<Tables['org_unit']>): OrgUnit | undefined {
  const parsed = v.safeParse(storedOrgUnitSchema, {
    code: row.code,
    name: row.name,
    type: row.type,
    ownership: row.ownership,
    ...given('group', row.group_name),
    ...given('community', row.community),
    ...given('subdistrict', row.subdistrict),
    ...given('opened', row.opened),
    ...given('closed', row.closed),
  })
  if (parsed.success) return parsed.output
  process.emitWarning(`the org unit ${row.code} in the database cannot be read: ${parsed.issues[0].message}`)
  return undefined
}
