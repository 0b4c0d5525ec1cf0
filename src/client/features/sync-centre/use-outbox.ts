/** The rows of the outbox and what arrived today, read again from the device's database whenever the sync state has moved. */
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { Device, OutboxRow, ShownCell, ShownStream } from '#client/device/contract'

export function useOutbox(device: () => Device | undefined): {
  readonly rows: Readonly<ShallowRef<readonly OutboxRow[] | undefined>>
} {
  const rows = shallowRef<readonly OutboxRow[]>()
  let asked = 0
  let over = false

  watch(
    () => {
      const of = device()
      return [of, of?.sync.waiting, of?.sync.rejected, of?.sync.phase, of?.sync.lastContact] as const
    },
    async ([of]) => {
      if (of === undefined) return
      const mine = ++asked
      const read = await of.outbox()
      // A later question may have been answered first.
      if (!over && mine === asked) rows.value = read
    },
    { immediate: true },
  )
  onScopeDispose(() => (over = true))
  return { rows }
}

export type Delivered = { readonly stream: string; readonly cell: ShownCell }

/** What this person wrote since `since` and the server has confirmed, newest first. */
export function deliveredSince(
  streams: readonly ShownStream[],
  question: { readonly username: string; readonly since: number },
): readonly Delivered[] {
  const delivered: Delivered[] = []
  for (const { stream, cells } of streams) {
    for (const cell of cells.values()) {
      if (cell.mark === 'confirmed' && cell.by === question.username && cell.at >= question.since)
        delivered.push({ stream, cell })
    }
  }
  return delivered.sort((a, b) => b.cell.at - a.cell.at)
}
