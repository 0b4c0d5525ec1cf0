/**
 * How a robot is spoken to and how it answers, as its maker describes it.
 *
 * |             | DingTalk (钉钉)                                          | WeCom (企业微信)               |
 * |-------------|----------------------------------------------------------|--------------------------------|
 * | key         | `access_token` of the address                            | `key` of the address           |
 * | signed      | `timestamp` and `sign` are added, where it has a secret  | no                             |
 * | body        | `{"msgtype":"text","text":{"content":…}}`                | the same                       |
 * | longest     | 20,000 bytes                                             | 2,048 bytes                    |
 * | taken       | `errcode` 0; any other status or code is none            | the same                       |
 * | too often   | more than 20 a minute: 130101, 410100; ten minutes' rest | more than 20 a minute: 45009   |
 *
 * `sign` is the Base64 of HMAC-SHA256 over `timestamp + "\n" + secret`, keyed by the secret. Texts are sent as `text`: in Markdown a
 * school's name could be more than a name.
 */
import { createHmac } from 'node:crypto'
import * as v from 'valibot'
import { failed, ok, type Result } from '#domain/fault'
import type { WebhookFault, WebhookKind } from '#domain/webhook'
import type { Posted } from './post'

/** The shorter one's. */
export const TEXT_BYTES_MAX = 2048

/** Of one's own to stay below the makers' 20 a minute, also with several servers and tests. */
export const GAP_MS = 4000
/** After it was told that it speaks too often. */
export const REST_MS = 10 * 60_000

const TOO_OFTEN: Readonly<Record<WebhookKind, readonly number[]>> = { dingtalk: [130_101, 410_100], wecom: [45_009] }
const SAID_LENGTH_MAX = 300

export type Robot = { readonly kind: WebhookKind; readonly url: string; readonly secret: string | undefined }

export function requestOf(robot: Robot, text: string, now: number): { readonly url: URL; readonly body: string } {
  const url = new URL(robot.url)
  if (robot.kind === 'dingtalk' && robot.secret !== undefined) {
    const timestamp = String(now)
    url.searchParams.set('timestamp', timestamp)
    url.searchParams.set('sign', signatureOf(timestamp, robot.secret))
  }
  return { url, body: JSON.stringify({ msgtype: 'text', text: { content: text } }) }
}

function signatureOf(timestamp: string, secret: string): string {
  return createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64')
}

const answerSchema = v.object({ errcode: v.number(), errmsg: v.optional(v.string(), '') })

/** What the robot said, where it took the message. */
export function answerOf({ status, text }: Posted): Result<string, WebhookFault> {
  if (status < 200 || status > 299) return failed({ kind: 'status', status })
  const parsed = v.safeParse(answerSchema, parseJson(text))
  if (!parsed.success) return failed({ kind: 'notItsAnswer' })
  const { errcode, errmsg } = parsed.output
  const said = shown(errmsg)
  return errcode === 0 ? ok(said) : failed({ kind: 'refused', code: errcode, said })
}

export const isTooOften = (kind: WebhookKind, fault: WebhookFault): boolean =>
  fault.kind === 'status' ? fault.status === 429 : fault.code !== undefined && TOO_OFTEN[kind].includes(fault.code)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A word from outside, that is kept and shown: not longer than a line or two. */
const shown = (text: string): string => Array.from(text).slice(0, SAID_LENGTH_MAX).join('')
