import * as v from 'valibot'
import { may } from '#domain/may'
import { orgUnitOf } from '#sync/protocol'
import { personOf } from '../access'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { readHistory } from '../history'
import { findOrgUnit } from '../org-units'

const LIMIT = 200

const whole = v.pipe(v.string(), v.regex(/^[1-9]\d{0,8}$/), v.transform(Number))

const pastSchema = v.object({
  id: v.string(),
  seq: v.number(),
  key: v.string(),
  value: v.unknown(),
  base: v.array(v.string()),
  by: v.string(),
  name: v.optional(v.string()),
  at: v.number(),
  skew: v.optional(v.number()),
  received: v.number(),
  pv: v.number(),
  verdict: v.string(),
  depositedBy: v.optional(v.string()),
})

export function historyRoutes(api: Api, { db }: Pick<Deps, 'db'>): void {
  api.get(
    '/history',
    {
      schema: {
        summary: 'The history of one cell of a stream: every mutation that the log has of it, oldest first',
        description: `"value" is what was typed, by "by" (whose account is called "name"), at "at" by the clock of the device in "id"; "skew" is what the server measured that clock to be behind, in milliseconds; "received" is the server's clock; "base" are the values that the author had seen and replaced; "verdict" is what became of it; "depositedBy" handed it in as a file. One answer has the newest ${String(LIMIT)} (or "limit"); where "more" is true, "before" with the lowest "seq" of an answer gives those before it.`,
        querystring: v.object({
          stream: v.pipe(v.string(), v.maxLength(80)),
          key: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
          before: v.optional(whole),
          limit: v.optional(v.pipe(whole, v.maxValue(LIMIT)), String(LIMIT)),
        }),
        response: { 200: v.object({ past: v.array(pastSchema), more: v.boolean() }) },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'orgUnit.unknown'] },
    },
    async (request, reply) => {
      const { stream, key, before, limit } = request.query
      const orgUnit = orgUnitOf(stream)
      if (orgUnit === undefined)
        return answerFault(reply, { kind: 'orgUnit.unknown', path: 'stream', values: { orgUnit: stream } })
      // First the right: codes are not to be found out by trying.
      if (!may(personOf(request), { do: 'read', orgUnit })) {
        return answerFault(reply, { kind: 'right.missing', path: 'stream', values: { orgUnit } })
      }
      if ((await findOrgUnit(db, orgUnit)) === undefined) {
        return answerFault(reply, { kind: 'orgUnit.unknown', path: 'stream', values: { orgUnit } })
      }
      const { past, more } = await readHistory(db, { stream, key, before, limit })
      return { past, more }
    },
  )
}
