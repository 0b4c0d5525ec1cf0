/** Cells of many streams whose keys lie in a range: what a list over many schools is made of. */
import type { Kysely } from 'kysely'
import type { Tables } from './tables'

/** Streams of one question to the database: each is a range of its own in the index. More at once would only make the statement longer. */
export const STREAMS_AT_ONCE = 200

export type StoredKey = { readonly stream: number; readonly key: string; readonly heads: string }

export async function cellsBetween(
  db: Kysely<Tables>,
  streams: readonly number[],
  [first, beyond]: readonly [string, string],
): Promise<readonly StoredKey[]> {
  return db
    .selectFrom('cell')
    .select(['stream', 'key', 'heads'])
    .where('stream', 'in', streams)
    .where('key', '>=', first)
    .where('key', '<', beyond)
    .execute()
}

export function byStream(cells: readonly StoredKey[]): ReadonlyMap<number, readonly StoredKey[]> {
  const streams = new Map<number, StoredKey[]>()
  for (const cell of cells) {
    const own = streams.get(cell.stream)
    if (own === undefined) streams.set(cell.stream, [cell])
    else own.push(cell)
  }
  return streams
}
