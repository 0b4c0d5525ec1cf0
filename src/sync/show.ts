/**
 * What a screen shows of a cell: one's own mutations laid over the confirmed heads. It is computed, never patched, so there is nothing
 * to roll back.
 *
 * - What one has just typed is always shown; a refused value stays until its author decides, by typing something else.
 * - After a rewind one's own old mutations wait once more: those that a later edit names in its base stay hidden.
 * - Rows of before the rewind stand in until the new ones have come.
 */
import { apply, headIds } from './cell'
import { isRefused, isWaiting } from './outbox'
import type { OwnRow, View } from './ports'
import type { Cell, From, Head, Id, Json, Verdict } from './protocol'

export type Shown = {
  readonly key: string
  readonly value: Json
  readonly mark: 'onDevice' | 'confirmed' | 'rejected' | 'conflict'
  readonly heads: readonly ShownValue[]
  readonly base: readonly Id[]
  readonly at: number
  readonly by: string
  readonly receipt?: number
  readonly verdict?: Verdict
}
export type ShownValue = {
  readonly id: Id
  readonly value: Json
  readonly by: string
  readonly at: number
  readonly device: string
  /** Everybody who typed this value, and what each had seen. The newest is the one named above. */
  readonly from: readonly From[]
}

/** `own`: the open rows of this key, ascending. */
export function show(question: {
  readonly key: string
  readonly view: Pick<View, 'cells' | 'old'>
  readonly own: readonly OwnRow[]
  readonly device: string
  readonly person: string
}): Shown | undefined {
  const { key, view, device, person } = question
  // Also while a rewind has them sent once more.
  const own = question.own.filter(({ aside }) => aside !== true)
  const confirmed = view.cells[key] ?? view.old?.[key]
  const heads = own.length === 0 ? (confirmed?.heads ?? []) : withOwn({ confirmed, own, device, person })
  const values = heads.map(shownValue)
  const base = headIds(heads)
  const newest = own.at(-1)

  if (newest !== undefined && isRefused(newest)) {
    const { value, at, verdict } = newest
    return { key, value, mark: 'rejected', heads: values, base, at, by: person, ...(verdict === undefined ? {} : { verdict }) }
  }
  const main = mainOf(heads, person)
  if (main === undefined) return undefined
  const { value, by, at } = shownValue(main)
  const shown = { key, value, heads: values, base, at, by }
  const receipt = Math.max(confirmed?.seq ?? 0, ...own.map(({ seq }) => seq ?? 0))
  if (heads.length > 1) return { ...shown, mark: 'conflict', ...(receipt > 0 ? { receipt } : {}) }
  return own.some(isWaiting) ? { ...shown, mark: 'onDevice' } : { ...shown, mark: 'confirmed', receipt }
}

function withOwn({
  confirmed,
  own,
  device,
  person,
}: {
  readonly confirmed: Cell | undefined
  readonly own: readonly OwnRow[]
  readonly device: string
  readonly person: string
}): readonly Head[] {
  const heads = confirmed?.heads ?? []
  // With the time: a copied device gives its ids to other values.
  const visible = new Set(heads.flatMap(({ from }) => from.map(({ id, at }) => `${id} ${at}`)))
  const replaced = new Set(heads.flatMap(({ from }) => from.flatMap(({ base }) => base)))
  // From the newest to the oldest: what a later edit names, shown or not, is replaced.
  const laid: OwnRow[] = []
  for (const row of [...own].reverse()) {
    const id: Id = `${device}:${row.n}`
    const isFresh = isWaiting(row) && row.again !== true
    if (!isRefused(row) && !visible.has(`${id} ${row.at}`) && (isFresh || !replaced.has(id))) laid.push(row)
    if (!isRefused(row)) for (const one of row.base) replaced.add(one)
  }
  let cell = confirmed
  for (const { n, value, base, at } of laid.reverse()) {
    const mutation = { id: `${device}:${n}`, value, base, at, by: person }
    cell = apply(cell === undefined ? undefined : { seq: cell.seq, heads: cell.heads }, mutation, {
      seq: cell?.seq ?? 0,
      isKnown: () => true,
    }).cell
  }
  return cell?.heads ?? []
}

/** One's own where there are several, and among equals the newest. */
function mainOf(heads: readonly Head[], person: string): Head | undefined {
  return heads.filter(({ from }) => from.some(({ by }) => by === person)).at(-1) ?? heads.at(-1)
}

function shownValue({ value, from }: Head): ShownValue {
  const last = from.at(-1)
  if (last === undefined) throw new Error('a head that nobody wrote')
  return { id: last.id, value, by: last.by, at: last.at, device: last.id.slice(0, last.id.indexOf(':')), from }
}
