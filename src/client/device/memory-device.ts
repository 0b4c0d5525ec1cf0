/** A device without a browser, for component tests: the same code over a store in memory. Without a `net` it is off the network. */
import { failed } from '#domain/fault'
import { browserClock, newDeviceName } from './browser-ports'
import type { Device } from './contract'
import { makeDevice, type DeviceWorld } from './make-device'
import { memoryStore, type Disk } from './memory-store'

export function memoryDevice(
  world: Pick<DeviceWorld, 'person' | 'orgUnits'> & Partial<DeviceWorld> & { readonly disk?: Disk },
): Promise<Device> {
  const { disk, ...given } = world
  return makeDevice({
    store: memoryStore(newDeviceName(), disk),
    net: { exchange: () => Promise.resolve({ kind: 'unreachable' }), abort: () => undefined },
    clock: browserClock,
    random: { next: () => 0.5 },
    locks: { alone: (_name, work) => work() },
    channel: { post: () => undefined, listen: () => undefined, close: () => undefined },
    isOnline: () => given.net !== undefined,
    listen: () => () => undefined,
    newDeviceName,
    afterPaint: (work) => work(),
    fetchFigures: () => Promise.resolve(failed({ kind: 'unreachable' })),
    fetchHistory: () => Promise.resolve(failed({ kind: 'unreachable' })),
    fetchSealKey: () => Promise.resolve(failed({ kind: 'unreachable' })),
    sendDeposit: () => Promise.resolve(failed({ kind: 'unreachable' })),
    app: 'test',
    name: 'memory',
    report: (error) => {
      throw error
    },
    ...given,
  })
}
