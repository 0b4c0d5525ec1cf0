/** The routes of the robots of chat groups, for the administrator's page. */
import * as v from 'valibot'
import { webhooksSchema, webhookTestSchema, type NewWebhook, type Webhook, type WebhookTest } from '#domain/webhook'
import { makeCall, type ApiResult } from './api'

/** `tag`: of exactly these; whoever changes them names it, so that nobody replaces what they have not seen. */
export type TaggedWebhooks = { readonly webhooks: readonly Webhook[]; readonly tag: string | undefined }

const call = makeCall((input, init) => globalThis.fetch(input, init))

export const fetchWebhooks = (): Promise<ApiResult<TaggedWebhooks>> => call('webhooks', tagged)

/** Puts these in place of all that there are. `tag`: of those that were seen. */
export const putWebhooks = (put: {
  readonly webhooks: readonly NewWebhook[]
  readonly tag: string | undefined
}): Promise<ApiResult<TaggedWebhooks>> =>
  call('webhooks', tagged, {
    method: 'PUT',
    body: { webhooks: put.webhooks },
    headers: put.tag === undefined ? {} : { 'if-match': put.tag },
  })

export const testWebhook = (id: string): Promise<ApiResult<WebhookTest>> =>
  call(
    'webhooks/test',
    (body) => {
      const parsed = v.safeParse(webhookTestSchema, body)
      return parsed.success ? parsed.output : undefined
    },
    { method: 'POST', body: { id } },
  )

function tagged(body: unknown, headers: Headers): TaggedWebhooks | undefined {
  const parsed = v.safeParse(webhooksSchema, body)
  return parsed.success ? { webhooks: parsed.output.webhooks, tag: headers.get('etag') ?? undefined } : undefined
}
