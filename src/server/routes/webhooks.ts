import * as v from 'valibot'
import { may } from '#domain/may'
import { newWebhooksSchema, webhooksSchema, webhookTestSchema } from '#domain/webhook'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { personOf } from '../access'
import { putWebhooks, readWebhooks, tagOf } from '../webhooks/settings'
import { tagsOf } from './windows'

export function webhookRoutes(api: Api, { db, now, telling }: Pick<Deps, 'db' | 'now' | 'telling'>): void {
  api.get(
    '/webhooks',
    {
      schema: {
        summary: 'The robots of chat groups that are told what waits, without their keys and secrets, and how they fare',
        response: { 200: webhooksSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing'] },
    },
    async (request, reply) => {
      if (!may(personOf(request), { do: 'administer' })) return answerFault(reply, { kind: 'right.missing' })
      const webhooks = await readWebhooks(db, now())
      void reply.header('etag', tagOf(webhooks)).header('cache-control', 'no-store')
      return webhooks
    },
  )

  api.put(
    '/webhooks',
    {
      schema: {
        summary:
          'Puts these robots in place of all that there are, or none of them; an address or a secret that is left out stays. With the ' +
          'header `if-match`, only where they are still those that have this tag',
        body: newWebhooksSchema,
        response: { 200: webhooksSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'webhook.invalid', 'webhook.changed', 'webhook.unknown'] },
    },
    async (request, reply) => {
      if (!may(personOf(request), { do: 'administer' })) return answerFault(reply, { kind: 'right.missing' })
      const [known] = tagsOf(request.headers['if-match'])
      const { allowsPrivate } = telling
      const put = await putWebhooks(db, { webhooks: request.body.webhooks, known, now: now(), allowsPrivate })
      if (!put.ok) return answerFault(reply, put.fault)
      void reply.header('etag', tagOf(put.value)).header('cache-control', 'no-store')
      return put.value
    },
  )

  api.post(
    '/webhooks/test',
    {
      schema: {
        summary: 'Has a robot say one sentence now, also one that is off, and answers with what it said',
        body: v.strictObject({ id: v.pipe(v.string(), v.maxLength(40)) }),
        response: { 200: webhookTestSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'webhook.unknown'] },
    },
    async (request, reply) => {
      if (!may(personOf(request), { do: 'administer' })) return answerFault(reply, { kind: 'right.missing' })
      const tested = await telling.test(request.body.id)
      return tested ?? answerFault(reply, { kind: 'webhook.unknown' })
    },
  )
}
