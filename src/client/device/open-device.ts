/** The device of a person in this browser: their own database, and HTTP. */
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import { fetchFigures } from './api'
import { browserChannel, browserClock, browserLocks, browserRandom, listenToBrowser, newDeviceName } from './browser-ports'
import type { Device } from './contract'
import { openDexieStore } from './dexie-store'
import { httpTransport } from './http-transport'
import { makeDevice, type DeviceWorld } from './make-device'

/** Each person has a database, so that nobody's work is ever sent under another's name. */
export const databaseOf = (username: string): string => `youxue-${username}`

export type OpenedBy = { readonly person: Person; readonly orgUnits: readonly OrgUnit[] }

/** `instead`: what a test puts in the place of the browser's network. */
export async function openDevice({ person, orgUnits }: OpenedBy, instead: Partial<DeviceWorld> = {}): Promise<Device> {
  const name = databaseOf(person.username)
  const store = await openDexieStore(name, newDeviceName)
  return makeDevice({
    person,
    orgUnits,
    store,
    name,
    net: httpTransport(
      (input, init) => globalThis.fetch(input, init),
      () => Date.now(),
    ),
    clock: browserClock,
    random: browserRandom,
    locks: browserLocks,
    channel: browserChannel(name),
    isOnline: () => navigator.onLine,
    listen: listenToBrowser,
    newDeviceName,
    fetchFigures,
    app: __APP_VERSION__,
    report: (error) => reportError(error),
    ...instead,
  })
}
