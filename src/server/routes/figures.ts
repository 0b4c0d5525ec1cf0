import type { FastifyReply } from 'fastify'
import * as v from 'valibot'
import { failed, ok, type Result } from '#domain/fault'
import { may } from '#domain/may'
import { isPeriod, type Period } from '#domain/period'
import type { Person } from '#domain/person'
import type { FiguresAnswer } from '#plan/figure-wire'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { personOf } from '../access'
import { askedUnitsSchema, selectUnits } from '../unit-selection'
import { contributionSchema, figuresAnswerSchema } from '../wire'

const querySchema = v.object({ period: v.string(), orgUnit: askedUnitsSchema })

export function figureRoutes(api: Api, deps: Pick<Deps, 'db' | 'figures' | 'plan' | 'now'>): void {
  const { db, figures, now } = deps
  const { plan } = deps.plan

  /** The bureau asks for the district or any selection; a school's people only for their own units, and must say so. */
  async function selection(
    person: Person,
    query: v.InferOutput<typeof querySchema>,
  ): Promise<Result<{ readonly period: Period; readonly codes?: readonly string[] }>> {
    const { period, orgUnit } = query
    if (orgUnit === undefined && !may(person, { do: 'readFigures' })) {
      return failed({ kind: 'right.missing', path: 'orgUnit' })
    }
    const selected = orgUnit === undefined ? undefined : await selectUnits(db, person, orgUnit)
    if (selected?.ok === false) return selected
    if (!isPeriod(period) || !plan.document.periods.includes(period)) {
      return failed({ kind: 'period.unknown', path: 'period', values: { period } })
    }
    return ok(selected === undefined ? { period } : { period, codes: selected.value.map((unit) => unit.code) })
  }

  const faults = ['right.missing', 'period.unknown', 'orgUnit.unknown'] as const

  api.get(
    '/figures',
    {
      schema: {
        summary: 'Every indicator part, hardware goal and project goal of a period, with its coverage',
        querystring: querySchema,
        response: { 200: figuresAnswerSchema },
      },
      config: { access: 'signedIn', faults },
    },
    async (request, reply): Promise<FiguresAnswer | FastifyReply> => {
      const selected = await selection(personOf(request), request.query)
      if (!selected.ok) return answerFault(reply, selected.fault)
      const { period, codes } = selected.value
      await figures.catchUp()
      return { period, asOf: new Date(now()).toISOString(), figures: figures.answers(period, codes) }
    },
  )

  api.get(
    '/figures/:id/contributions',
    {
      schema: {
        summary: 'What each org unit gives to a figure',
        params: v.object({ id: v.string() }),
        querystring: querySchema,
        response: { 200: v.array(contributionSchema) },
      },
      config: { access: 'signedIn', faults: [...faults, 'figure.unknown'] },
    },
    async (request, reply) => {
      const selected = await selection(personOf(request), request.query)
      if (!selected.ok) return answerFault(reply, selected.fault)
      const { id } = request.params
      if (!plan.figures.has(id)) return answerFault(reply, { kind: 'figure.unknown', path: 'id', values: { figure: id } })
      const { period, codes } = selected.value
      await figures.catchUp()
      return figures.contributions(id, period, codes)
    },
  )
}
