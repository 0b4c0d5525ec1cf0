/** What the server has promised: every verdict that reached a tablet, and whether the log still says the same. */
import type { Kysely } from 'kysely'
import type { Tables } from '#server/store/tables'
import { canonicalJson } from '#sync/hash'
import type { Json, Mutation, SyncAnswer, SyncRequest, Verdict, VerdictRow } from '#sync/protocol'

type Promised = {
  readonly seq: number
  readonly verdict: Verdict
  readonly key: string
  readonly value: Json
  readonly by: string
}

export type Received = {
  note(exchange: { readonly request: SyncRequest; readonly answer: SyncAnswer; readonly by: string }): void
  readonly count: () => number
  /** Each difference as a sentence. */
  compare(db: Kysely<Tables>): Promise<{ readonly losses: readonly string[]; readonly unheard: number }>
}

export function collectVerdicts(): Received {
  const promised = new Map<string, Promised>()
  const contradictions: string[] = []

  function noteOne(place: string, now: Promised): void {
    const before = promised.get(place)
    if (before === undefined) promised.set(place, now)
    else if (canonicalJson(before) !== canonicalJson(now))
      contradictions.push(`${place} was ${textOf(before)} and is ${textOf(now)}`)
  }

  return {
    note({ request, answer, by }) {
      for (const { stream, device, mutations } of request.asks) {
        const sent = new Map<number, Mutation>(mutations.map((mutation) => [mutation.n, mutation]))
        for (const [n, seq, verdict] of verdictsOf(answer, stream)) {
          const mutation = sent.get(n)
          if (mutation === undefined) contradictions.push(`${stream} ${device}:${String(n)} got a verdict and was not sent`)
          else noteOne(`${stream} ${device}:${String(n)}`, { seq, verdict, key: mutation.key, value: mutation.value, by })
        }
      }
    },
    count: () => promised.size,
    async compare(db) {
      // What is received while the log is being read may not be in that reading.
      const before = [...promised]
      const rows = await db
        .selectFrom('log')
        .innerJoin('stream', 'stream.id', 'log.stream')
        .select(['stream.name', 'log.device', 'log.n', 'log.seq', 'log.key', 'log.value', 'log.by', 'log.verdict'])
        .execute()
      const logged = new Map(rows.map((row) => [`${row.name} ${row.device}:${String(row.n)}`, row]))
      const losses = [...contradictions]
      for (const [place, was] of before) {
        const row = logged.get(place)
        if (row === undefined) losses.push(`${place} (${textOf(was)}) is not in the log`)
        else {
          const { seq, verdict, key, by } = row
          const value = JSON.parse(row.value) as Json
          const is = { seq, verdict, key, value, by }
          if (canonicalJson(is) !== canonicalJson(was)) losses.push(`${place} was ${textOf(was)} and is ${textOf(is)}`)
        }
      }
      return { losses, unheard: rows.filter((row) => !promised.has(`${row.name} ${row.device}:${String(row.n)}`)).length }
    },
  }
}

const textOf = (one: Json): string => canonicalJson(one)

function verdictsOf(answer: SyncAnswer, stream: string): readonly VerdictRow[] {
  const found = answer.answers.find((one) => one.stream === stream)
  return found !== undefined && 'verdicts' in found ? found.verdicts : []
}
