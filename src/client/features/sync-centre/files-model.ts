/** Files of this tablet as the sync centre lists them. */
import type { FileState } from '#client/device/contract'

export type FilesShown = {
  /** What moves, then what waits, oldest first, then what asks for somebody. */
  readonly rows: readonly FileState[]
  /** Files and bytes that the server has and that are here too: they may leave the tablet. */
  readonly arrived: number
  readonly arrivedBytes: number
}

const ORDER: readonly FileState['state'][] = ['sending', 'waiting', 'refused', 'damaged']

export function filesShown(files: ReadonlyMap<string, FileState>): FilesShown {
  const all = [...files.values()]
  const arrived = all.filter(({ state }) => state === 'confirmed')
  return {
    rows: all
      .filter(({ state }) => state !== 'confirmed')
      .sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || one.at - other.at),
    arrived: arrived.length,
    arrivedBytes: arrived.reduce((sum, { size }) => sum + size, 0),
  }
}
