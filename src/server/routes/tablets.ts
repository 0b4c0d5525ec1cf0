import * as v from 'valibot'
import { may } from '#domain/may'
import type { TabletsAnswer } from '#domain/tablet'
import { personOf } from '../access'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { listTablets, revokeTablet, type TabletWatch } from '../tablets'
import { plainText, tabletsAnswerSchema } from '../wire'

export function tabletRoutes(
  api: Api,
  { db, now, version, plan, tablets }: Pick<Deps, 'db' | 'now' | 'version' | 'plan'> & { readonly tablets: TabletWatch },
): void {
  api.get(
    '/tablets',
    {
      schema: {
        summary:
          "What the tablets last said of themselves: every one for the bureau, those of the school's people for a principal",
        response: { 200: tabletsAnswerSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing'] },
    },
    async (request, reply) => {
      const asker = personOf(request)
      if (!may(asker, { do: 'readTablets' })) return answerFault(reply, { kind: 'right.missing' })
      await tablets.settled()
      const listed: TabletsAnswer = {
        now: now(),
        app: version,
        plan: plan.plan.document.version,
        tablets: await listTablets(db, asker),
      }
      return listed
    },
  )

  api.post(
    '/tablets/:id/revoke',
    {
      schema: {
        summary:
          'Ends the sessions of a tablet: it sends and shows nothing until its person signs in again; what is unsent stays on it',
        params: v.object({ id: v.pipe(plainText, v.maxLength(100)) }),
        response: { 204: v.null() },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'tablet.unknown'] },
    },
    async (request, reply) => {
      const asker = personOf(request)
      const { id } = request.params
      await tablets.settled()
      const revoked = await revokeTablet(db, { id, asker, address: request.ip, now: now() })
      if (!revoked.ok) return answerFault(reply, revoked.fault)
      tablets.forget(id)
      return reply.code(204).send()
    },
  )
}
