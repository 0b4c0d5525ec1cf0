/** What a person may do with a stream, as the exchange asks it. */
import { may } from '#domain/may'
import { isBureauRole, type Person } from '#domain/person'
import { isAnsweredBy } from '#plan/applicability'
import type { Exchange, Right } from '#sync/exchange'
import { orgUnitOf, parseKey, type Mutation } from '#sync/protocol'
import { judgeMove, mayWriteKey } from '#sync/rights'
import { couldRead } from './accounts'
import type { Deps } from './app'
import { findOrgUnit } from './org-units'
import { reportRules } from './report-rules'
import { readStepFacts } from './step-facts'

/**
 * A school's people write what their own unit answers, and nobody else does. What a third party measured, and what the bureau itself keeps,
 * is the reviewer's, also where it speaks of their school. An element that the plan does not know is stored: a newer tablet may know it. An
 * inspector writes inspections, and no values.
 */
export async function rightTo(
  { db, plan: { plan }, now }: Pick<Deps, 'db' | 'plan' | 'now'>,
  { person, isDisabled }: { readonly person: Person; readonly isDisabled: boolean },
  stream: string,
  /** What is about to be judged, evidence too. */
  mutations: readonly Pick<Mutation, 'key' | 'value'>[] = [],
): Promise<{ readonly right?: Right } & Pick<Exchange, 'mayWrite' | 'mayTell' | 'judgeMove' | 'reports'>> {
  const orgUnit = orgUnitOf(stream)
  if (orgUnit === undefined) return {}
  const mayRead = may(person, { do: 'read', orgUnit })
  if (!mayRead && !(await couldRead(db, { username: person.username, orgUnit }))) return {}
  const unit = await findOrgUnit(db, orgUnit)
  if (unit === undefined) return {}
  if (!mayRead || isDisabled) return { right: 'gone' }
  const isBureau = isBureauRole(person.role)
  if (isBureau && !may(person, { do: 'write', orgUnit })) return { right: 'read' }
  const mayWriteKind = (key: string): boolean =>
    mayWriteKey(person, orgUnit, key, (element) => plan.elements.get(element)?.dataSet.id)
  const side = isBureau ? 'bureau' : 'unit'
  return {
    right: 'write',
    mayWrite(key) {
      if (!mayWriteKind(key)) return false
      // That a form is filled in is its unit's own word.
      if (parseKey(key).kind === 'mark') return isAnsweredBy(side, undefined, unit)
      const element = elementAt(key)
      const asked = element === undefined ? undefined : plan.elements.get(element)
      return asked === undefined || isAnsweredBy(side, asked, unit)
    },
    // The reviewer has seen every school's values: a school whose own tablets are no more has them back from there.
    ...(isBureau ? { mayTell: mayWriteKind } : {}),
    judgeMove: (step) => judgeMove(person, orgUnit, step),
    reports: reportRules(plan, unit, await readStepFacts({ db, plan, now }, unit, mutations)),
  }
}

/** Of a value, its remark, and its evidence. */
function elementAt(key: string): string | undefined {
  const parsed = parseKey(key)
  if (parsed.kind === 'value' || parsed.kind === 'remark') return parsed.element
  return parsed.kind === 'file' && parsed.ownerKey.kind === 'value' ? parsed.ownerKey.element : undefined
}
