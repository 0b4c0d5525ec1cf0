/** Which org units a question is about: `orgUnit=CODE,CODE`, or `orgUnit=CODE&orgUnit=CODE`, or all that the person may see. */
import type { Kysely } from 'kysely'
import * as v from 'valibot'
import { failed, ok, type Result } from '#domain/fault'
import { may } from '#domain/may'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import { listOrgUnits } from './org-units'
import type { Tables } from './store/tables'

export const askedUnitsSchema = v.optional(v.union([v.string(), v.array(v.string())]))
export type AskedUnits = v.InferOutput<typeof askedUnitsSchema>

/**
 * For a school's person every code that is not theirs is `right.missing`, whether it exists or not: codes are not to be found out by
 * trying. The order is the question's.
 */
export async function selectUnits(db: Kysely<Tables>, person: Person, asked: AskedUnits): Promise<Result<readonly OrgUnit[]>> {
  return selectAmong(await listOrgUnits(db), person, asked)
}

/** `units`: all that there are. */
export function selectAmong(units: readonly OrgUnit[], person: Person, asked: AskedUnits): Result<readonly OrgUnit[]> {
  if (asked === undefined) return ok(units.filter((unit) => may(person, { do: 'read', orgUnit: unit.code })))
  const byCode = new Map(units.map((unit) => [unit.code, unit]))
  const selected: OrgUnit[] = []
  for (const code of new Set(
    [asked]
      .flat()
      .join()
      .split(',')
      .map((part) => part.trim()),
  )) {
    const unit = byCode.get(code)
    if (!may(person, { do: 'read', orgUnit: code })) {
      return failed({ kind: 'right.missing', path: 'orgUnit', values: { orgUnit: code } })
    }
    if (unit === undefined) return failed({ kind: 'orgUnit.unknown', path: 'orgUnit', values: { orgUnit: code } })
    selected.push(unit)
  }
  return ok(selected)
}
