/** Findings as lines of a list: out of a stream on this tablet. */
import type { FindingRow } from '#domain/finding-row'
import { findingOwner, itemOwner, parseKey } from '#sync/protocol'
import type { ShownStream } from '#client/device/contract'
import { findingsIn } from '#client/state/records'

export function findingRows(at: {
  readonly orgUnit: string
  readonly stream: ShownStream
  readonly period: string
}): readonly FindingRow[] {
  const { orgUnit, stream, period } = at
  const photos = countPhotos(stream)
  return findingsIn(stream)
    .filter(({ about }) => about.period === period)
    .map(({ id, of, about, what, due, who, answer, state, why, by, at }) => ({
      ...{ id, of, what, due, who, answer, state, why, by, at },
      orgUnit,
      inspection: about.inspection,
      item: about.item,
      period: about.period,
      photos: {
        found: (photos.get(itemOwner(about.inspection, about.item)) ?? 0) + (photos.get(findingOwner(id, 'found')) ?? 0),
        answer: photos.get(findingOwner(id, 'answer')) ?? 0,
      },
    }))
}

function countPhotos({ cells }: ShownStream): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const [key, { value }] of cells) {
    if (value === null || !key.startsWith('a/')) continue
    const parsed = parseKey(key)
    if (parsed.kind === 'file') counts.set(parsed.owner, (counts.get(parsed.owner) ?? 0) + 1)
  }
  return counts
}
