/**
 * What this tablet says of itself with an exchange: what would be left on it if the server took all that the request carries, since that
 * is what stays unsent should the tablet fall silent after the answer.
 */
import { isWaiting } from '#sync/outbox'
import type { SyncRequest, TabletState } from '#sync/protocol'
import type { StreamMemory } from './stream-memory'

export function tabletStateOf({
  id,
  memories,
  request,
  plan,
  storage,
  files,
}: {
  readonly id: string
  readonly memories: readonly StreamMemory[]
  readonly request: SyncRequest
  readonly plan: number | undefined
  readonly storage: TabletState['storage']
  /** That wait. */
  readonly files: number
}): TabletState {
  const onTheirWay = new Map(request.asks.map(({ stream, mutations }) => [stream, new Set(mutations.map(({ n }) => n))]))
  let [unsent, refused, conflicts, drafts] = [0, 0, 0, 0]
  let oldest: number | undefined
  for (const memory of memories) {
    const { stream } = memory.shown
    for (const { n, at } of memory.outbox().filter(isWaiting)) {
      if (onTheirWay.get(stream)?.has(n) === true) continue
      unsent += 1
      oldest = Math.min(oldest ?? at, at)
    }
    const counts = memory.counts()
    refused += counts.rejected
    conflicts += counts.conflicts
    drafts += memory.shown.drafts.size
  }
  return {
    id,
    unsent,
    ...(oldest === undefined ? {} : { oldest }),
    refused,
    conflicts,
    files,
    drafts,
    ...(plan === undefined ? {} : { plan }),
    ...(storage === undefined ? {} : { storage }),
  }
}
