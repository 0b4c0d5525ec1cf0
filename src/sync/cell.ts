/**
 * A cell and what a mutation does to it. Heads are the maxima of "replaces", whatever the order and the number of arrivals.
 *
 * ```
 * heads   = the heads of which no id is in the mutation's base
 * missing = what was missing, without the mutation's id, plus each id of its base that nobody knows yet
 * its id was missing          -> merged   (someone who had seen it has already replaced it)
 * a head has the same value   -> merged   (two people typed the same: the head remembers both)
 * otherwise                   -> applied  (a new head)
 * more than one head          -> conflict
 * ```
 *
 * While a cell misses any, only the named ids are taken out of a head, and not the whole head: see `withoutIds`. `missing` is empty except
 * after a server was restored from a backup, or where mutations arrive out of order.
 */
import { sameJson } from './hash'
import type { Cell, From, Head, Id, Json } from './protocol'

export type Stamped = {
  readonly id: Id
  readonly value: Json
  readonly base: readonly Id[]
  readonly by: string
  readonly at: number
}

export type Applied = { readonly cell: Cell; readonly verdict: 'applied' | 'merged' | 'conflict' }

/** Ids that a cell waits for. Only a restored server lacks any, and then a few; raising it makes every reading of such a cell longer. */
const MISSING_MAX = 1000

/**
 * `isKnown`: whether the log has the mutation; asked only for ids of the base that are no heads. `seq` becomes the cell's number.
 * A mutation is applied once: who calls recognises what came before.
 */
export function apply(
  cell: Cell | undefined,
  mutation: Stamped,
  { seq, isKnown }: { readonly seq: number; readonly isKnown: (id: Id) => boolean },
): Applied {
  const old = cell?.heads ?? []
  const { base } = mutation
  const missing = missingAfter(cell, mutation, isKnown)
  const from: From = { id: mutation.id, base, by: mutation.by, at: mutation.at }

  let merged = cell?.missing?.includes(mutation.id) === true
  const heads = base.length === 0 ? [...old] : withoutReplaced(old, new Set(base), (cell?.missing?.length ?? 0) > 0)
  if (!merged) {
    const same = heads.findIndex((head) => sameJson(head.value, mutation.value))
    const head = heads[same]
    if (head === undefined) heads.push({ value: mutation.value, from: [from] })
    else heads[same] = { value: head.value, from: [...head.from, from] }
    merged = head !== undefined
  }
  return {
    cell: missing.length === 0 ? { seq, heads } : { seq, heads, missing },
    verdict: heads.length > 1 ? 'conflict' : merged ? 'merged' : 'applied',
  }
}

/** Ids of everything that the heads say; an edit that has all of them as its base replaces the cell. */
export function headIds(heads: readonly Head[]): readonly Id[] {
  return heads.flatMap((head) => head.from.map(({ id }) => id))
}

function withoutReplaced(heads: readonly Head[], base: ReadonlySet<Id>, isIncomplete: boolean): Head[] {
  return isIncomplete ? withoutIds(heads, base) : heads.filter((head) => !names(base, head))
}

const names = (base: ReadonlySet<Id>, { from }: Head): boolean => from.some(({ id }) => base.has(id))

/**
 * Where earlier ones are still on their way: what has since replaced them may by chance have the value of what they name, and so stand in
 * one head with it. Such a head stays for those who are not named, or the cell would in the end be left without a value.
 */
function withoutIds(heads: readonly Head[], base: ReadonlySet<Id>): Head[] {
  return heads.flatMap((head) => {
    if (!names(base, head)) return [head]
    const from = head.from.filter(({ id }) => !base.has(id))
    return from.length === 0 ? [] : [{ value: head.value, from }]
  })
}

function missingAfter(cell: Cell | undefined, mutation: Stamped, isKnown: (id: Id) => boolean): readonly Id[] {
  const before = cell?.missing?.filter((id) => id !== mutation.id) ?? []
  if (mutation.base.length === 0) return before
  const named = new Set(mutation.base)
  for (const id of [...headIds(cell?.heads ?? []), ...before, mutation.id]) named.delete(id)
  const added = [...named].filter((id) => !isKnown(id))
  if (added.length === 0) return before
  // Who is forgotten here comes as a head of its own when it arrives, beside the one that has replaced it: somebody decides again.
  return [...before, ...added].slice(-MISSING_MAX)
}
