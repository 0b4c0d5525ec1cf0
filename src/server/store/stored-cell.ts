/**
 * How a cell lies in its row. Heads are by far the most of what is stored, so they are written without names:
 * `[value, [id, base, by, at], ...]` for each head. (Measured: with the names an exchange writes a third more pages.)
 */
import type { Cell, From, Head, Id, Json } from '#sync/protocol'

type StoredFrom = readonly [id: Id, base: readonly Id[], by: string, at: number]
type StoredHead = readonly [value: Json, ...from: StoredFrom[]]

export function headsToText(heads: readonly Head[]): string {
  const stored: StoredHead[] = heads.map(({ value, from }) => [
    value,
    ...from.map(({ id, base, by, at }): StoredFrom => [id, base, by, at]),
  ])
  return JSON.stringify(stored)
}

/** What `headsToText` wrote: these are the database's own rows, not something from outside. */
export function textToHeads(text: string): readonly Head[] {
  const stored = JSON.parse(text) as readonly StoredHead[]
  return stored.map(([value, ...from]) => ({ value, from: from.map(toFrom) }))
}

const toFrom = ([id, base, by, at]: StoredFrom): From => ({ id, base, by, at })

export type StoredCell = {
  readonly key: string
  readonly seq: number
  readonly heads: string
  readonly missing: string | null
}

export function toCell(row: StoredCell): Cell {
  const heads = textToHeads(row.heads)
  return row.missing === null
    ? { seq: row.seq, heads }
    : { seq: row.seq, heads, missing: JSON.parse(row.missing) as readonly Id[] }
}
