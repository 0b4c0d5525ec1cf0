/** A tablet as the app has it, over a store in memory, that speaks to the district's app through its real transport. */
import { expect, vi } from 'vitest'
import { makeApi } from '#client/device/api'
import type { Device } from '#client/device/contract'
import { fetchAs } from '#client/device/fetch-as'
import { httpTransport } from '#client/device/http-transport'
import { memoryDevice } from '#client/device/memory-device'
import type { Disk } from '#client/device/memory-store'
import type { Person } from '#domain/person'
import { SESSION_COOKIE } from '#server/sessions'
import type { Clock } from '#sync/ports'
import type { District } from './district'

export type Tablet = Device & {
  /** Off the network for as long as `up` is false. The cookie is the browser's: another tab may change it. */
  readonly network: { up: boolean; cookie: string }
  /** Exchanges once more and waits until nothing is on its way. */
  exchanged(): Promise<void>
  until(isSo: () => boolean): Promise<void>
  /** Waits until it has a key to seal with, which comes beside the first contact. */
  sealed(): Promise<void>
}

/** What waits in the app waits here for a moment only. */
const WAIT_MAX_MS = 5

export async function openTablet(
  district: District,
  { person, cookie, disk }: { readonly person: Person; readonly cookie: string; readonly disk?: Disk },
): Promise<Tablet> {
  const network = { up: true, cookie }
  const clock: Clock = {
    now: () => district.clock.now,
    after(delayMs, wake) {
      const timer = setTimeout(wake, Math.min(delayMs, WAIT_MAX_MS))
      return () => clearTimeout(timer)
    },
  }
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    if (!network.up) throw new TypeError('no network')
    const answer = await district.inject({
      method: init?.method === 'POST' ? 'POST' : 'GET',
      url,
      headers: Object.fromEntries(new Headers(init?.headers)),
      cookies: { [SESSION_COOKIE]: network.cookie },
      payload: typeof init?.body === 'string' ? init.body : '',
    })
    const retryAfter = answer.headers['retry-after']
    return new Response(answer.text, {
      status: answer.status,
      ...(typeof retryAfter === 'string' ? { headers: { 'retry-after': retryAfter } } : {}),
    })
  }
  let exchanges = 0
  const asPerson = fetchAs(person.username, (input, init) => fetch(typeof input === 'string' ? input : '', init))
  const transport = httpTransport(asPerson, () => clock.now())
  const api = makeApi(asPerson)
  const device = await memoryDevice({
    person,
    orgUnits: [],
    clock,
    net: {
      abort: () => transport.abort(),
      async exchange(request) {
        const answer = await transport.exchange(request)
        exchanges += 1
        return answer
      },
    },
    fetchHistory: api.fetchHistory,
    fetchSealKey: api.fetchSealKey,
    sendDeposit: api.sendDeposit,
    ...(disk === undefined ? {} : { disk }),
  })
  const until = async (isSo: () => boolean): Promise<void> => {
    const look = () => {
      if (!isSo()) throw new Error(`not yet: ${device.sync.phase}`)
    }
    await vi.waitFor(look, { timeout: 30_000, interval: 5 })
  }
  return Object.assign(device, {
    network,
    until,
    sealed: () =>
      vi.waitFor(async () => expect(await device.exportUnsent()).toContain('"seal"'), { timeout: 30_000, interval: 5 }),
    async exchanged() {
      const before = exchanges
      device.syncNow()
      await until(() => exchanges > before && device.sync.phase === 'idle')
    },
  })
}
