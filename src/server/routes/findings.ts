import * as v from 'valibot'
import { isPeriod } from '#domain/period'
import { personOf } from '../access'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { listFindings } from '../findings'
import { askedUnitsSchema, selectUnits } from '../unit-selection'
import { findingRowSchema } from '../wire'

export function findingRoutes(api: Api, { db, plan }: Pick<Deps, 'db' | 'plan'>): void {
  api.get(
    '/findings',
    {
      schema: {
        summary: 'What inspections found wanting in a period, of all org units that the asker may read or of those asked for',
        description:
          '"state" is where a finding stands (open, claimed by the school as put right, closed, withdrawn), entered by "by" at "at" by the clock of that tablet, with "why" where a reason was given; "photos" counts those of what was found and of the school\'s answer.',
        querystring: v.object({ period: v.string(), orgUnit: askedUnitsSchema }),
        response: { 200: v.array(findingRowSchema) },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'period.unknown', 'orgUnit.unknown'] },
    },
    async (request, reply) => {
      const { period, orgUnit } = request.query
      if (!isPeriod(period) || !plan.plan.document.periods.includes(period)) {
        return answerFault(reply, { kind: 'period.unknown', path: 'period', values: { period } })
      }
      const selected = await selectUnits(db, personOf(request), orgUnit)
      if (!selected.ok) return answerFault(reply, selected.fault)
      const rows = await listFindings(db, { orgUnits: selected.value.map(({ code }) => code), period })
      return [...rows]
    },
  )
}
