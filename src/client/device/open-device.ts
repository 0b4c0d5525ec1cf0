/** The device of a person in this browser: their own database, and HTTP. */
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import { makeApi } from './api'
import {
  browserChannel,
  browserClock,
  browserLocks,
  browserRandom,
  filesLocks,
  listenToBrowser,
  newDeviceName,
  wakeByBackgroundSync,
} from './browser-ports'
import { afterPaint } from '#client/state/after-paint'
import type { Device } from './contract'
import type { EarlyReading } from './early-reading'
import { openStore } from './early-store'
import { fetchAs } from './fetch-as'
import { httpTransport } from './http-transport'
import { makeDevice, type DeviceWorld } from './make-device'
import { databaseOf } from './person-database'
import { watchStorage } from './storage-state'

export type OpenedBy = { readonly person: Person; readonly orgUnits: readonly OrgUnit[] }

/** `early`: what was read before this code was there. The others: what a test puts in the place of the browser. */
export async function openDevice(
  { person, orgUnits }: OpenedBy,
  { early, ...instead }: Partial<DeviceWorld> & { readonly early?: Pick<EarlyReading, 'person'> } = {},
): Promise<Device> {
  const name = databaseOf(person.username)
  const store = await openStore(await early?.person(name), async () => {
    const { openDexieStore } = await import('./dexie-store')
    return openDexieStore(name, newDeviceName)
  })
  const fetch = fetchAs(person.username, (input, init) => globalThis.fetch(input, init))
  const api = makeApi(fetch)
  const openFiles: DeviceWorld['openFiles'] = async (wiring) => {
    const [{ openFiles }, { openFileBox, sha256Of }, { fileTransport, fetchFileBytes }, { makeThumb }] = await Promise.all([
      import('./files'),
      import('./file-box'),
      import('./file-transport'),
      import('#client/photos/prepare'),
    ])
    return openFiles({
      ...wiring,
      locks: filesLocks(),
      box: openFileBox(name),
      net: fileTransport(fetch, () => Date.now()),
      fetchBytes: (sha, orgUnit) => fetchFileBytes(fetch, { sha, orgUnit }),
      makeThumb,
      digestOf: sha256Of,
    })
  }
  return makeDevice({
    person,
    orgUnits,
    store,
    name,
    net: httpTransport(fetch, () => Date.now()),
    clock: browserClock,
    random: browserRandom,
    locks: browserLocks,
    channel: browserChannel(name),
    isOnline: () => navigator.onLine,
    listen: listenToBrowser,
    newDeviceName,
    afterPaint,
    fetchFigures: (period) => api.fetchFigures(period),
    fetchHistory: api.fetchHistory,
    fetchSealKey: api.fetchSealKey,
    sendDeposit: api.sendDeposit,
    wakeLater: wakeByBackgroundSync,
    app: __APP_VERSION__,
    storage: watchStorage(() => Date.now()),
    openFiles,
    isMetered,
    report: (error) => reportError(error),
    ...instead,
  })
}

/** Chromium's word; other browsers tell nothing, and then nothing is held back. */
function isMetered(): boolean {
  const { connection } = navigator as Navigator & {
    readonly connection?: { readonly type?: string; readonly saveData?: boolean }
  }
  return connection?.type === 'cellular' || connection?.saveData === true
}
