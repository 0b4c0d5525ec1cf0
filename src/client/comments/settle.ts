/** A conversation that needs nothing more, or does again. */
import { commentKey } from '#sync/protocol'
import type { Device, ShownStream } from '#client/device/contract'

/** Rejects like `Device.commit`. */
export function settle(
  device: Pick<Device, 'commit'>,
  {
    stream,
    id,
    isResolved,
    pv,
  }: { readonly stream: ShownStream; readonly id: string; readonly isResolved: boolean; readonly pv: number },
): Promise<void> {
  const key = commentKey(id, 'resolved')
  const base = stream.cells.get(key)?.base ?? []
  return device.commit({ stream: stream.stream, key, value: isResolved ? true : null, base, pv })
}
