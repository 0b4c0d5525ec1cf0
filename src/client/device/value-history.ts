/**
 * The past of a value as this device knows it. Three sources, each of which alone is true and none of which is whole:
 *
 * | source                | has                                                        | lacks                        |
 * |-----------------------|------------------------------------------------------------|------------------------------|
 * | one's own mutations   | also what waits, was refused, was put aside                | what others typed            |
 * | the cell's heads      | who else typed what is there now, and what they had seen   | when the server took it      |
 * | what was fetched once | the server's whole log of the cell, up to then             | what has happened since then |
 */
import type { FaultKind, Result } from '#domain/fault'
import { sameJson } from '#sync/hash'
import type { Clock, DeviceStore, StreamState } from '#sync/ports'
import { isJson, type Cell, type Id } from '#sync/protocol'
import type { Device, PastValue, ValueHistory } from './contract'
import type { KeptValues } from './make-device'

/** What the server answers; `more`: there are earlier ones. */
export type HistoryAnswer = { readonly past: readonly PastValue[]; readonly more: boolean }
export type FetchHistory = (at: {
  readonly stream: string
  readonly key: string
}) => Promise<Result<HistoryAnswer, { readonly kind: FaultKind | 'unreachable' }>>

type KeptHistory = HistoryAnswer & { readonly key: string; readonly asked: number }

/** Values of a stream whose fetched past is kept, the last asked for first. Some hundred bytes for each entry of each. */
const KEPT_MAX = 100

/** One entry for a whole stream: when the right to it is gone, one write takes everything away. */
const keptKey = (stream: string) => `history/${stream}`

export function createHistories(needs: {
  readonly store: Pick<DeviceStore, 'change'> & KeptValues
  readonly fetchHistory: FetchHistory
  readonly clock: Pick<Clock, 'now'>
  readonly person: string
}): Pick<Device, 'history' | 'refreshHistory'> & { readonly forget: (stream: string) => Promise<void> } {
  const { store, fetchHistory, clock, person } = needs

  async function keptOf(stream: string): Promise<readonly KeptHistory[]> {
    const kept = await store.value(keptKey(stream))
    // What an older version kept in another shape is fetched anew.
    return Array.isArray(kept) ? kept.filter(isKeptHistory) : []
  }

  return {
    async history({ stream, key }) {
      const [{ state }, kept] = await Promise.all([
        store.change({ stream, own: 'all', durability: 'relaxed' }, (state) => ({ state, change: undefined })),
        keptOf(stream),
      ])
      return historyOf({ key, state, fetched: kept.find((each) => each.key === key), person })
    },
    async refreshHistory({ stream, key }) {
      const answer = await fetchHistory({ stream, key })
      if (!answer.ok) {
        const { kind } = answer.fault
        if (kind === 'unreachable') return 'offline'
        return kind === 'session.missing' || kind === 'session.revoked' || kind === 'session.other' ? 'signedOut' : 'refused'
      }
      const others = (await keptOf(stream)).filter((each) => each.key !== key)
      const { past, more } = answer.value
      await store.putValue(keptKey(stream), [{ key, past, more, asked: clock.now() }, ...others].slice(0, KEPT_MAX))
      return 'fresh'
    },
    forget: (stream) => store.putValue(keptKey(stream), undefined),
  }
}

export function historyOf(known: {
  readonly key: string
  readonly state: StreamState
  readonly fetched: KeptHistory | undefined
  readonly person: string
}): ValueHistory {
  const { key, state, fetched, person } = known
  const { view, counter } = state
  const cell = view.cells[key] ?? view.old?.[key]
  const found = new Map<string, PastValue>()
  // With the time: a copied device gives its ids to other values.
  const add = (past: PastValue) => {
    const name = `${past.id} ${past.at}`
    found.set(name, { ...found.get(name), ...past })
  }
  for (const past of cell === undefined ? [] : headsOf(key, cell)) add(past)
  for (const past of fetched?.past ?? []) add(past)
  for (const row of state.own) {
    if (row.key !== key) continue
    const { n, value, base, at, verdict, seq, aside } = row
    add({
      ...{ id: `${counter.device}:${n}`, key, value, base, by: person, device: counter.device, at },
      ...(verdict === undefined ? {} : { verdict }),
      ...(seq === undefined ? {} : { seq }),
      ...(aside === undefined ? {} : { aside }),
    })
  }
  const past = inOrder([...found.values()], cell)
  const ids = new Set(past.map(({ id }) => id))
  return {
    past,
    isPart: fetched?.more === true || past.some(({ base }) => base.some((id) => !ids.has(id))),
    ...(fetched === undefined ? {} : { asked: fetched.asked }),
  }
}

function headsOf(key: string, cell: Cell): readonly PastValue[] {
  return cell.heads.flatMap(({ value, from }) =>
    from.map(({ id, base, by, at }) => ({ id, key, value, base, by, at, device: deviceOf(id) })),
  )
}

const deviceOf = (id: Id): string => id.slice(0, id.indexOf(':'))

/** By the server's numbers; a head of which only the cell tells came last of those, and what waits comes after everything. */
function inOrder(all: readonly PastValue[], cell: Cell | undefined): readonly PastValue[] {
  const heads = new Set(cell?.heads.flatMap(({ from }) => from.map(({ id }) => id)))
  const rankOf = ({ seq, id }: PastValue): number => seq ?? (heads.has(id) ? (cell?.seq ?? 0) : Infinity)
  return [...all].sort((one, other) => {
    const [rank, than] = [rankOf(one), rankOf(other)]
    return rank === than ? one.at - other.at : rank < than ? -1 : 1
  })
}

/** The values that all of these started from, where they are known: what every one of them had seen. */
export function commonBase(
  history: ValueHistory,
  heads: readonly { readonly from: readonly { readonly base: readonly Id[] }[] }[],
) {
  const seen = heads.map(({ from }) => new Set(from.flatMap(({ base }) => base)))
  return history.past.filter(({ id }) => seen.length > 0 && seen.every((ids) => ids.has(id)))
}

/** Whether two pasts say the same: then nothing needs to be drawn anew. */
export function sameHistory(one: ValueHistory | undefined, other: ValueHistory): boolean {
  return (
    one !== undefined &&
    one.isPart === other.isPart &&
    one.asked === other.asked &&
    one.past.length === other.past.length &&
    one.past.every((past, at) => {
      const than = other.past[at]
      return than !== undefined && past.id === than.id && past.verdict === than.verdict && sameJson(past.value, than.value)
    })
  )
}

const VERDICTS: readonly unknown[] = ['applied', 'merged', 'conflict', 'witnessed']

export function readHistory(body: unknown, key: string): HistoryAnswer | undefined {
  if (!isObject(body) || !Array.isArray(body['past'])) return undefined
  const past: PastValue[] = []
  for (const row of body['past']) {
    const read = readPast(row, key)
    if (read === undefined) return undefined
    past.push(read)
  }
  return { past, more: body['more'] === true }
}

function readPast(row: unknown, key: string): PastValue | undefined {
  if (!isObject(row)) return undefined
  const { id, value, base, by, name, at, skew, received, seq, verdict, depositedBy } = row
  if (typeof id !== 'string' || !isJson(value) || !isTexts(base) || typeof by !== 'string' || typeof at !== 'number')
    return undefined
  return {
    ...{ id, key, value, base, by, at, device: deviceOf(id) },
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof skew === 'number' ? { skew } : {}),
    ...(typeof received === 'number' ? { received } : {}),
    ...(typeof seq === 'number' ? { seq } : {}),
    ...(isVerdict(verdict) ? { verdict } : {}),
    ...(typeof depositedBy === 'string' ? { depositedBy } : {}),
  }
}

/** A reason that a newer server gives is shown as it is. */
function isVerdict(value: unknown): value is NonNullable<PastValue['verdict']> {
  return VERDICTS.includes(value) || (typeof value === 'string' && value.startsWith('rejected: '))
}

function isKeptHistory(kept: unknown): kept is KeptHistory {
  if (!isObject(kept) || typeof kept['key'] !== 'string' || typeof kept['asked'] !== 'number') return false
  return readHistory(kept, kept['key']) !== undefined
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
