/** A person's desk in the district: reads an org unit's cells and writes to them by the exchange, having always seen what stands there. */
import type { Person, Role } from '#domain/person'
import { answeredElements } from '#plan/applicability'
import { createAccount } from '#server/accounts'
import { openSession, SESSION_COOKIE } from '#server/sessions'
import { headIds } from '#sync/cell'
import { nameOfHash, hash64 } from '#sync/hash'
import { reportKey, streamOf, type Answer, type Cell, type Json, type SyncAnswer } from '#sync/protocol'
import { keysOfReport, reportDigest } from '#sync/report-digest'
import { askOf, PASSWORD, plan, syncBody, UNITS, type District } from './district'

export type Desk = {
  readonly cells: () => Promise<ReadonlyMap<string, Cell>>
  /** Answers with the verdict. */
  readonly set: (key: string, value: Json) => Promise<string>
  /** Having seen nothing of what stands there. */
  readonly beside: (key: string, value: Json) => Promise<string>
  readonly move: (key: string, value: Json) => Promise<string>
  /** A report's step that vouches for what stands there, where it has to. */
  readonly step: (state: string, of: { readonly period: string; readonly dataSet: string }, more?: object) => Promise<string>
}

/** `as`: one of the district's own accounts. */
export function deskOf(district: District, as: Role, orgUnit: string): Desk {
  return deskWith(district, district.cookieOf(as), { name: as, orgUnit })
}

/** Of a new account of these org units. */
export async function openDesk(district: District, person: Omit<Person, 'name'>, orgUnit: string): Promise<Desk> {
  const { db, now } = district.server()
  const made = await createAccount(db, { ...person, name: person.username, password: PASSWORD }, now())
  if (!made.ok) throw new Error(JSON.stringify(made.fault))
  return deskWith(district, await openSession(db, person.username, now()), { name: person.username, orgUnit })
}

function deskWith(district: District, cookie: string, { name, orgUnit }: { name: string; orgUnit: string }): Desk {
  const device = nameOfHash(hash64(`${name} ${orgUnit}`))
  const stream = streamOf(orgUnit)
  let last = 0

  async function exchange(ask: Parameters<typeof askOf>[0]): Promise<Extract<Answer, { rows: unknown }>> {
    const answer = await district.inject({
      method: 'POST',
      url: '/api/sync',
      cookies: { [SESSION_COOKIE]: cookie },
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(syncBody(askOf({ stream, device, ...ask }))),
    })
    const [first] = (answer.body as SyncAnswer).answers
    if (first === undefined || !('rows' in first)) throw new Error(answer.text)
    return first
  }

  async function cells(): Promise<ReadonlyMap<string, Cell>> {
    const all = new Map<string, Cell>()
    for (let cursor = 0, done = false; !done;) {
      const answer = await exchange({ cursor })
      for (const [key, cell] of answer.rows) all.set(key, cell)
      ;({ upto: cursor, done } = answer)
    }
    return all
  }

  async function write(kind: 'set' | 'move', key: string, value: Json, seen?: readonly string[]): Promise<string> {
    const base = [...(seen ?? headIds((await cells()).get(key)?.heads ?? []))]
    const mutation = { n: ++last, kind, key, value, base, at: district.clock.now, pv: 1 }
    const { verdicts } = await exchange({ cursor: Number.MAX_SAFE_INTEGER, mutations: [mutation] })
    return verdicts[0]?.[2] ?? ''
  }

  return {
    cells,
    set: (key, value) => write('set', key, value),
    beside: (key, value) => write('set', key, value, []),
    move: (key, value) => write('move', key, value),
    async step(state, { period, dataSet }, more = {}) {
      const unit = UNITS.find(({ code }) => code === orgUnit)
      if (unit === undefined) throw new Error(`no org unit ${orgUnit}`)
      const now = await cells()
      const seen = reportDigest(
        keysOfReport(period, answeredElements(plan, dataSet, unit)),
        (key) => now.get(key)?.heads[0]?.value,
      )
      const isVouched = state === 'submitted' || state === 'approved'
      return write('move', reportKey(period, dataSet), { state, ...(isVouched ? { seen } : {}), ...more })
    },
  }
}
