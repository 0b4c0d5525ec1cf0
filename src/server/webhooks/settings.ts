/** The robots as the administrator sets them, over SQL. Their keys and secrets go in here and come out only towards the robot itself. */
import { createHash, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import type { Kysely, Selectable } from 'kysely'
import * as v from 'valibot'
import { failed, ok, type Result } from '#domain/fault'
import {
  KEY_PARAMETER,
  WEBHOOK_OCCASIONS,
  webhookFaultSchema,
  type NewWebhook,
  type Webhook,
  type WebhookFault,
  type WebhookOccasion,
  type WebhookProblem,
  type Webhooks,
} from '#domain/webhook'
import type { Tables } from '../store/tables'
import { inTransaction } from '../store/transaction'
import { dropUnsent, KEPT_TRYING_MS, tryUnsentAt } from './outbox'
import { isPublicAddress } from './public-address'
import { kindSchema } from './robot-row'

type Row = Selectable<Tables['webhook']>
/** Without what the outbox writes. */
type SetRow = Omit<Row, 'free'>

const occasionsSchema = v.array(v.picklist(WEBHOOK_OCCASIONS))

const occasionsOf = ({ occasions }: Pick<Row, 'occasions'>): readonly WebhookOccasion[] =>
  v.parse(occasionsSchema, JSON.parse(occasions))

export const parseWebhookFault = (text: string): WebhookFault => v.parse(webhookFaultSchema, JSON.parse(text))

const rowsOf = (db: Kysely<Tables>) => db.selectFrom('webhook').selectAll().orderBy('place').execute()

/** Those that tell of this. */
export async function readTelling(db: Kysely<Tables>, occasion: WebhookOccasion): Promise<readonly Pick<Row, 'id' | 'since'>[]> {
  return (await rowsOf(db)).filter((row) => row.is_on === 1 && occasionsOf(row).includes(occasion))
}

/** As they are shown. */
export async function readWebhooks(db: Kysely<Tables>, now: number): Promise<Webhooks> {
  const messages = await db
    .selectFrom('webhook_message')
    .select(['webhook', 'made', 'sent', 'tried', 'fault'])
    .orderBy('made')
    .execute()
  return {
    webhooks: (await rowsOf(db)).map((row): Webhook => {
      const own = messages.filter(({ webhook }) => webhook === row.id)
      const unsent = own.filter(({ sent }) => sent === null)
      const waiting = unsent.filter(({ made }) => now - made < KEPT_TRYING_MS).length
      const sent = Math.max(...own.map((one) => one.sent ?? 0), 0)
      const [refused] = unsent
        .flatMap(({ made, tried, fault }) => (fault === null ? [] : [{ fault, at: tried ?? made }]))
        .slice(-1)
      return {
        ...{ id: row.id, name: row.name, kind: v.parse(kindSchema, row.kind) },
        ...{ isOn: row.is_on === 1, occasions: [...occasionsOf(row)] },
        ...{ host: new URL(row.url).host, hasSecret: row.secret !== null },
        ...{ waiting, givenUp: unsent.length - waiting },
        ...(sent === 0 ? {} : { sent }),
        ...(refused === undefined ? {} : { fault: { ...parseWebhookFault(refused.fault), at: refused.at } }),
      }
    }),
  }
}

/** The same as long as nobody has changed them; what they have sent meanwhile does not matter. */
export function tagOf({ webhooks }: Webhooks): string {
  const set = webhooks.map(({ id, name, kind, isOn, occasions, host, hasSecret }) => [
    ...[id, name, kind, isOn, occasions],
    ...[host, hasSecret],
  ])
  return `"${createHash('sha256').update(JSON.stringify(set)).digest('base64url').slice(0, 22)}"`
}

/** Puts these in place of all that there are, or none of them. `known`: the tag of those that whoever changes them has seen. */
export async function putWebhooks(
  db: Kysely<Tables>,
  {
    webhooks,
    known,
    now,
    allowsPrivate,
  }: {
    readonly webhooks: readonly NewWebhook[]
    readonly known?: string | undefined
    readonly now: number
    readonly allowsPrivate: boolean
  },
): Promise<Result<Webhooks>> {
  return inTransaction(db, 'write', async (trx) => {
    if (known !== undefined && known !== tagOf(await readWebhooks(trx, now))) return failed({ kind: 'webhook.changed' } as const)
    const before = new Map((await rowsOf(trx)).map((row) => [row.id, row]))
    const seen = new Set<string>()
    const rows: SetRow[] = []
    for (const [at, webhook] of webhooks.entries()) {
      const old = webhook.id === undefined ? undefined : before.get(webhook.id)
      if (webhook.id !== undefined && old === undefined) return failed({ kind: 'webhook.unknown' } as const)
      const row = toRow(webhook, { old, place: at, now })
      const problem = seen.has(row.id) ? ({ field: 'id', problem: 'webhookTwice' } as const) : problemOf(row, { allowsPrivate })
      if (problem !== undefined) {
        const path = `webhooks.${String(at)}.${problem.field}`
        return failed({ kind: 'webhook.invalid', path, values: { problem: problem.problem } } as const)
      }
      seen.add(row.id)
      rows.push(row)
    }
    for (const id of before.keys()) if (!seen.has(id)) await trx.deleteFrom('webhook').where('id', '=', id).execute()
    for (const { id, ...row } of rows) {
      const old = before.get(id)
      if (old === undefined)
        await trx
          .insertInto('webhook')
          .values({ id, ...row, free: 0 })
          .execute()
      else await trx.updateTable('webhook').set(row).where('id', '=', id).execute()
      // What it was to say is over by the time it is on again.
      if (row.is_on === 0) await dropUnsent(trx, id)
      // Somebody has put right what may have been wrong.
      else if (old !== undefined && (old.url !== row.url || old.secret !== row.secret)) await tryUnsentAt(trx, id, now)
    }
    return ok(await readWebhooks(trx, now))
  })
}

function toRow(
  webhook: NewWebhook,
  { old, place, now }: { readonly old: Row | undefined; readonly place: number; readonly now: number },
): SetRow {
  const { kind, isOn, occasions, url, secret } = webhook
  const told = (row: Row | undefined): boolean => row?.is_on === 1 && occasionsOf(row).includes('returned')
  const row = {
    ...{ id: old?.id ?? `h-${randomBytes(9).toString('base64url')}`, place, kind, name: webhook.name.trim() },
    url: url?.trim() ?? old?.url ?? '',
    secret: secret === undefined ? (old?.secret ?? null) : secret.trim() === '' ? null : secret.trim(),
    ...{ is_on: isOn ? 1 : 0, occasions: JSON.stringify(WEBHOOK_OCCASIONS.filter((one) => occasions.includes(one))) },
  }
  // What was returned before it was to tell of it is no news any more.
  return { ...row, since: old !== undefined && told(old) ? old.since : now }
}

function problemOf(
  row: SetRow,
  { allowsPrivate }: { readonly allowsPrivate: boolean },
): { readonly field: string; readonly problem: WebhookProblem } | undefined {
  if (row.name === '') return { field: 'name', problem: 'webhookNameMissing' }
  if (row.url === '') return { field: 'url', problem: 'webhookUrlMissing' }
  const problem = problemOfUrl(row.url, { allowsPrivate, keyParameter: KEY_PARAMETER[v.parse(kindSchema, row.kind)] })
  if (problem !== undefined) return { field: 'url', problem }
  return row.kind !== 'dingtalk' && row.secret !== null ? { field: 'secret', problem: 'webhookSecretOfDingtalk' } : undefined
}

function problemOfUrl(
  text: string,
  { allowsPrivate, keyParameter }: { readonly allowsPrivate: boolean; readonly keyParameter: string },
): WebhookProblem | undefined {
  if (!URL.canParse(text)) return 'webhookUrlForm'
  const { protocol, hostname, username, password, searchParams } = new URL(text)
  if (protocol !== 'https:' && !(allowsPrivate && protocol === 'http:')) return 'webhookNotHttps'
  if (username !== '' || password !== '') return 'webhookUrlForm'
  const host = hostname.replace(/^\[|\]$/g, '')
  // Where a name leads is looked at when something is sent.
  if (!allowsPrivate && isIP(host) !== 0 && !isPublicAddress(host)) return 'webhookPrivate'
  return (searchParams.get(keyParameter) ?? '') === '' ? 'webhookKeyMissing' : undefined
}
