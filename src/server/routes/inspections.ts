import * as v from 'valibot'
import { isPeriod } from '#domain/period'
import { personOf } from '../access'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { readInspections } from '../inspections'
import { askedUnitsSchema, selectUnits } from '../unit-selection'
import { inspectionsAnswerSchema } from '../wire'

export function inspectionRoutes(api: Api, { db, plan }: Pick<Deps, 'db' | 'plan'>): void {
  api.get(
    '/inspections',
    {
      schema: {
        summary:
          'The inspections of a period and what they say together, of all org units that the asker may read or of those asked for',
        description:
          '"counts" of an inspection are its items by verdict; those of "groups" are the items of all these org units, each by the word that counts: an inspector\'s before the school\'s own, a later one before an earlier. "contradictions" are the lines of the hardware checklist where that word is another than what the org unit reports now.',
        querystring: v.object({ period: v.string(), orgUnit: askedUnitsSchema }),
        response: { 200: inspectionsAnswerSchema },
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
      return readInspections(db, { plan: plan.plan, units: selected.value, period })
    },
  )
}
