/**
 * Reports that were returned, as the ledger's log has them: what a robot is to say of them is put in the same transaction that notes up to
 * where each stream was read. So a crash loses none and repeats none, whoever of several servers reads.
 *
 * What is returned within a minute is told together, one message for each data set and period.
 */
import { sql, type Kysely } from 'kysely'
import { parseReportStated } from '#domain/report'
import type { Plan } from '#plan/plan'
import { orgUnitOf, parseKey } from '#sync/protocol'
import type { Tables } from '../store/tables'
import { inTransaction } from '../store/transaction'
import { putMessages, type NewMessage } from './outbox'
import { readTelling } from './settings'
import { compareCodes, digestText } from './webhook-messages'

export const MERGED_MS = 60_000

/** Streams of one question: so that no database has too many parameters. */
const AT_ONCE = 200

type Returned = {
  readonly stream: number
  readonly seq: number
  readonly received: number
  readonly orgUnit: string
  readonly period: string
  readonly dataSet: string
}

/** `streams`: in which something may have been returned; without it all are looked at. Answers until when to wait for more of it. */
export async function tellOfReturns(
  db: Kysely<Tables>,
  { plan, streams, now }: { readonly plan: Plan; readonly streams?: readonly string[] | undefined; readonly now: number },
): Promise<number | undefined> {
  // Nobody is kept out for what nobody wants to know.
  if ((await readTelling(db, 'returned')).length === 0) return undefined
  return inTransaction(db, 'write', async (trx) => {
    const telling = await readTelling(trx, 'returned')
    if (telling.length === 0) return undefined
    const since = Math.min(...telling.map((one) => one.since))
    const returned = await readReturned(trx, { streams, since })
    const oldest = Math.min(...returned.map(({ received }) => received))
    if (returned.length === 0) return undefined
    // A clock that was put back must not hold them up for ever.
    if (oldest <= now && now < oldest + MERGED_MS) return oldest + MERGED_MS
    const names = new Map(
      (await trx.selectFrom('org_unit').select(['code', 'name']).execute()).map((one) => [one.code, one.name]),
    )
    await putMessages(
      trx,
      telling.flatMap(({ id, since }) =>
        messagesOf(
          id,
          returned.filter(({ received }) => received >= since),
          { plan, nameOf: (code) => names.get(code) ?? code },
        ),
      ),
      now,
    )
    await notePlaces(trx, returned)
    return undefined
  })
}

async function readReturned(
  trx: Kysely<Tables>,
  { streams, since }: { readonly streams: readonly string[] | undefined; readonly since: number },
): Promise<readonly Returned[]> {
  const returned: Returned[] = []
  for (let from = 0; from < (streams?.length ?? 1); from += AT_ONCE) {
    let query = trx
      .selectFrom('log')
      .innerJoin('stream', 'stream.id', 'log.stream')
      .leftJoin('webhook_place', 'webhook_place.stream', 'log.stream')
      .select(['log.stream', 'log.seq', 'log.received', 'log.key', 'log.value', 'stream.name'])
      // Written out: only so does the database see that it has an index of just these.
      .where(sql<boolean>`log.kind = 'move'`)
      .where('log.key', '>=', 'w/')
      .where('log.key', '<', 'w0')
      .where('log.verdict', 'not like', 'rejected%')
      .where('log.received', '>=', since)
      .where(({ eb, fn }) => eb('log.seq', '>', fn.coalesce('webhook_place.seq', sql<number>`0`)))
      .orderBy('log.received')
      .orderBy('log.stream')
      .orderBy('log.seq')
    if (streams !== undefined) query = query.where('stream.name', 'in', streams.slice(from, from + AT_ONCE))
    for (const { name, key, value, ...row } of await query.execute()) {
      const orgUnit = orgUnitOf(name)
      const parsed = parseKey(key)
      if (orgUnit === undefined || parsed.kind !== 'report') continue
      if (parseReportStated(JSON.parse(value))?.state !== 'returned') continue
      returned.push({ ...row, orgUnit, period: parsed.period, dataSet: parsed.dataSet })
    }
  }
  return returned
}

function messagesOf(
  webhook: string,
  returned: readonly Returned[],
  { plan, nameOf }: { readonly plan: Plan; readonly nameOf: (code: string) => string },
): readonly NewMessage[] {
  const groups = new Map<string, Returned[]>()
  for (const one of returned) {
    const report = `${one.period}/${one.dataSet}`
    const group = groups.get(report)
    if (group === undefined) groups.set(report, [one])
    else group.push(one)
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { period, dataSet, stream, seq } = first
    const title = plan.dataSets.get(dataSet)?.title.zh ?? dataSet
    const schools = [...new Set(group.map(({ orgUnit }) => orgUnit))].sort(compareCodes).map(nameOf)
    return [
      {
        webhook,
        occasion: `returned/${period}/${dataSet}/${String(stream)}:${String(seq)}`,
        text: digestText('returned', { period, title, schools }),
      },
    ]
  })
}

async function notePlaces(trx: Kysely<Tables>, returned: readonly Returned[]): Promise<void> {
  const places = new Map<number, number>()
  for (const { stream, seq } of returned) places.set(stream, Math.max(seq, places.get(stream) ?? 0))
  for (const [stream, seq] of places) {
    await trx
      .insertInto('webhook_place')
      .values({ stream, seq })
      .onConflict((conflict) => conflict.column('stream').doUpdateSet({ seq }))
      .execute()
  }
}
