/**
 * Robots of chat groups that are told what waits: DingTalk's (钉钉) and WeCom's (企业微信). What the server says of them, what it takes, and
 * what can be the matter when one is spoken to. The key in a robot's address and its secret go in and never come out.
 */
import * as v from 'valibot'
import { isPlainText } from './text'

export const WEBHOOK_KINDS = ['dingtalk', 'wecom'] as const
export type WebhookKind = (typeof WEBHOOK_KINDS)[number]

/** A report was given back; reports are due in three days; their time is over. */
export const WEBHOOK_OCCASIONS = ['returned', 'dueSoon', 'overdue'] as const
export type WebhookOccasion = (typeof WEBHOOK_OCCASIONS)[number]

/**
 * Why a robot has not taken a message.
 *
 * | `kind`       | what happened                                                                        |
 * |--------------|--------------------------------------------------------------------------------------|
 * | unreachable  | no connection: no such name, no route, an unsound certificate; `said`: the system's word |
 * | timeout      | no whole answer in time                                                              |
 * | private      | its name leads to an address inside the network, where nothing is sent               |
 * | status       | an answer with this HTTP `status`                                                    |
 * | notItsAnswer | an answer that is no robot's: too long, or without a code                            |
 * | refused      | the robot's own `code`, with what it `said`                                          |
 */
export const WEBHOOK_FAULTS = ['unreachable', 'timeout', 'private', 'status', 'notItsAnswer', 'refused'] as const
export const webhookFaultSchema = v.object({
  kind: v.picklist(WEBHOOK_FAULTS),
  status: v.optional(v.number()),
  code: v.optional(v.number()),
  said: v.optional(v.string()),
})
export type WebhookFault = v.InferOutput<typeof webhookFaultSchema>

export const WEBHOOKS_MAX = 20
export const WEBHOOK_NAME_MAX = 40
export const WEBHOOK_URL_MAX = 500
export const WEBHOOK_SECRET_MAX = 200

const plain = v.pipe(v.string(), v.check(isPlainText, 'not plain text'))
const settings = {
  kind: v.picklist(WEBHOOK_KINDS),
  isOn: v.boolean(),
  occasions: v.pipe(v.array(v.picklist(WEBHOOK_OCCASIONS)), v.maxLength(WEBHOOK_OCCASIONS.length)),
}

/** Without `id` a new one. `url` and `secret` left out: as they are; an empty secret takes it away. */
export const newWebhooksSchema = v.strictObject({
  webhooks: v.pipe(
    v.array(
      v.strictObject({
        id: v.optional(v.pipe(plain, v.maxLength(40))),
        name: v.pipe(plain, v.maxLength(WEBHOOK_NAME_MAX)),
        ...settings,
        url: v.optional(v.pipe(plain, v.maxLength(WEBHOOK_URL_MAX))),
        secret: v.optional(v.pipe(plain, v.maxLength(WEBHOOK_SECRET_MAX))),
      }),
    ),
    v.maxLength(WEBHOOKS_MAX),
  ),
})
export type NewWebhook = v.InferOutput<typeof newWebhooksSchema>['webhooks'][number]

/**
 * `host`: where its address leads. `waiting`: messages that are tried again; `givenUp`: those that a day of trying did not bring, of the
 * last thirty days. `fault`: of the newest message that has not gone out; `at`: when it was last tried. All moments in milliseconds.
 */
export const webhooksSchema = v.object({
  webhooks: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      ...settings,
      host: v.string(),
      hasSecret: v.boolean(),
      waiting: v.number(),
      givenUp: v.number(),
      sent: v.optional(v.number()),
      fault: v.optional(v.object({ ...webhookFaultSchema.entries, at: v.number() })),
    }),
  ),
})
export type Webhooks = v.InferOutput<typeof webhooksSchema>
export type Webhook = Webhooks['webhooks'][number]

/** What became of a test message. `said`: by the robot, where it took it. */
export const webhookTestSchema = v.object({
  isSent: v.boolean(),
  said: v.optional(v.string()),
  fault: v.optional(webhookFaultSchema),
})
export type WebhookTest = v.InferOutput<typeof webhookTestSchema>

export type WebhookProblem =
  | 'webhookNameMissing'
  | 'webhookUrlMissing'
  | 'webhookUrlForm'
  | 'webhookNotHttps'
  | 'webhookPrivate'
  | 'webhookKeyMissing'
  | 'webhookSecretOfDingtalk'
  | 'webhookTwice'

/** The parameter of a robot's address that holds its key. */
export const KEY_PARAMETER: Readonly<Record<WebhookKind, string>> = { dingtalk: 'access_token', wecom: 'key' }
