import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { failed, ok, type Result } from '#domain/fault'
import { may } from '#domain/may'
import type { OrgUnit } from '#domain/org-unit'
import { isBureauRole, type Person } from '#domain/person'
import { dataSetsOf } from '#plan/applicability'
import { kindOf } from '#plan/unit-kind'
import type { UsualRangesAnswer } from '#plan/report-wire'
import { personOf } from '../access'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { PEERS_MIN, peersOf } from '../peers'
import { peersAnswerSchema, usualRangesSchema } from '../report-schemas'

export function peerRoutes(api: Api, deps: Pick<Deps, 'plan' | 'figures' | 'reports' | 'ranges'>): void {
  const { figures, reports, ranges } = deps
  const { plan } = deps.plan

  function unitOf(person: Person, { orgUnit, period }: { readonly orgUnit: string; readonly period: string }): Result<OrgUnit> {
    // First the right: codes are not to be found out by trying.
    if (!may(person, { do: 'read', orgUnit })) return failed({ kind: 'right.missing', path: 'orgUnit', values: { orgUnit } })
    const unit = reports.unit(orgUnit)
    if (unit === undefined) return failed({ kind: 'orgUnit.unknown', path: 'orgUnit', values: { orgUnit } })
    if (!plan.document.periods.includes(period)) return failed({ kind: 'period.unknown', path: 'period', values: { period } })
    return ok(unit)
  }

  api.get(
    '/peers',
    {
      schema: {
        summary: 'Where an org unit stands among those that are asked the same: every value in order, its rank, and the target',
        description: `"values" are numbers or, where the plan gives one, ratios; "rank" 1 is the best. A school's people are not told which value is whose, and nothing of fewer than ${String(PEERS_MIN)}.`,
        querystring: v.object({ period: v.string(), dataSet: v.string(), orgUnit: v.string() }),
        response: { 200: peersAnswerSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'period.unknown', 'orgUnit.unknown', 'dataSet.unknown'] },
    },
    async (request, reply) => {
      const person = personOf(request)
      const { period, dataSet } = request.query
      await figures.catchUp()
      const unit = unitOf(person, request.query)
      if (!unit.ok) return answerFault(reply, unit.fault)
      if (!dataSetsOf(plan, unit.value).some(({ id }) => id === dataSet)) {
        return answerFault(reply, { kind: 'dataSet.unknown', path: 'dataSet', values: { dataSet } })
      }
      const isAnonymous = !isBureauRole(person.role)
      return peersOf({ plan, figures, units: reports.units() }, { unit: unit.value, period, dataSet, isAnonymous })
    },
  )

  api.get(
    '/usual-ranges',
    {
      schema: {
        summary: 'Between which numbers units of the same type usually lie, for the warnings of a tablet off the network',
        querystring: v.object({ period: v.string(), orgUnit: v.string() }),
        response: { 200: usualRangesSchema, 304: v.null() },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'period.unknown', 'orgUnit.unknown'] },
    },
    async (request, reply) => {
      const { period, orgUnit } = request.query
      await figures.catchUp()
      const unit = unitOf(personOf(request), request.query)
      if (!unit.ok) return answerFault(reply, unit.fault)
      const { asks } = kindOf(plan, unit.value)
      const own = [...ranges.of(period, unit.value.type)].filter(([element]) => {
        const asked = plan.elements.get(element)
        return asked !== undefined && asks[asked.index] === true
      })
      const answer: UsualRangesAnswer = { period, orgUnit, ranges: Object.fromEntries(own) }
      const tag = `"${createHash('sha256').update(JSON.stringify(answer)).digest('base64url').slice(0, 22)}"`
      void reply.header('etag', tag).header('cache-control', 'private, no-cache')
      const known = request.headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, '')) ?? []
      return known.includes(tag) ? reply.code(304).send() : answer
    },
  )
}
