import * as v from 'valibot'
import { may } from '#domain/may'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { personOf } from '../access'
import { listOrgUnits, putOrgUnits } from '../org-units'
import { orgUnitSchema } from '../wire'

const codes = v.array(v.string())
const madeSchema = v.object({ created: codes, updated: codes, unchanged: codes })

export function orgUnitRoutes(api: Api, { db, figures }: Pick<Deps, 'db' | 'figures'>): void {
  api.get(
    '/orgUnits',
    {
      schema: { summary: 'The org units that the person may see', response: { 200: v.array(orgUnitSchema) } },
      config: { access: 'signedIn' },
    },
    async (request) => {
      const person = personOf(request)
      const units = await listOrgUnits(db)
      return units.filter((unit) => may(person, { do: 'read', orgUnit: unit.code }))
    },
  )

  api.post(
    '/orgUnits',
    {
      schema: {
        summary: 'Makes or replaces org units by their code; one or an array, all or none',
        body: v.union([orgUnitSchema, v.array(orgUnitSchema)]),
        response: { 200: madeSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'orgUnit.invalid'] },
    },
    async (request, reply) => {
      if (!may(personOf(request), { do: 'administer' })) return answerFault(reply, { kind: 'right.missing' })
      const { body } = request
      const units = Array.isArray(body) ? body : [body]
      const put = await putOrgUnits(db, units)
      if (!put.ok)
        return answerFault(reply, Array.isArray(body) ? put.fault : { ...put.fault, path: put.fault.path?.replace(/^0\./, '') })
      for (const unit of units) figures.putUnit(unit)
      return put.value
    },
  )
}
