/** Several people of several schools on tablets that type without a pause: the real device and its loop, over HTTP to a process. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Device, ShownStream } from '#client/device/contract'
import { httpTransport } from '#client/device/http-transport'
import { memoryDevice } from '#client/device/memory-device'
import { blankDisk } from '#client/device/memory-store'
import type { Clock, View } from '#sync/ports'
import { streamOf } from '#sync/protocol'
import type { Received } from './received'
import { ADMIN_PASSWORD } from './server-process'

const SCHOOLS = ['K1', 'K2', 'K3']
const ELEMENTS = Array.from({ length: 12 }, (_, at) => `e${String(at)}`)
const PASSWORD = 'typing-password'
/** What waits in the app waits here for a moment only, so that a short life of the server sees many exchanges. */
const WAIT_MAX_MS = 25
const PAUSE_MAX_MS = 40
/** While the server is away less is typed: what piles up would only make the batches larger and the exchanges fewer. */
const PAUSE_AWAY_MAX_MS = 400

export type Load = {
  /** Where the server is now; `undefined`: nowhere. */
  address: { url: string | undefined }
  readonly counts: { typed: number; exchanges: number; cutOff: number }
  /** Off the network for a while, so that a large batch comes afterwards. */
  setOffline(tablet: number, isOffline: boolean): void
  readonly tablets: number
  /** Nobody types any more: resolves when nothing waits anywhere and every tablet has read everything. */
  settle(): Promise<void>
  /** Every value that was stored on a tablet. */
  readonly typed: () => ReadonlyMap<string, { readonly stream: string; readonly key: string; readonly by: string }>
  /** What each tablet shows, and what it has confirmed. */
  kept(): readonly { readonly stream: string; readonly cells: ShownStream['cells']; readonly kept: View['cells'] }[]
  close(): Promise<void>
}

export async function startLoad(wiring: {
  readonly url: string
  readonly random: () => number
  readonly received: Received
}): Promise<Load> {
  const { random, received } = wiring
  const address: Load['address'] = { url: wiring.url }
  const counts = { typed: 0, exchanges: 0, cutOff: 0 }
  const typed = new Map<string, { readonly stream: string; readonly key: string; readonly by: string }>()
  const people = await makePeople(wiring.url)
  const clock: Clock = {
    now: () => Date.now(),
    after(delayMs, wake) {
      const timer = setTimeout(wake, Math.min(delayMs, 5 + random() * WAIT_MAX_MS))
      return () => clearTimeout(timer)
    },
  }
  let isTyping = true

  const tablets = await Promise.all(
    people.map(async ({ username, school, cookie }, index) => {
      const state = { isOffline: false }
      const transport = httpTransport(
        async (input, init) => {
          if (address.url === undefined || state.isOffline) throw new TypeError('no network')
          const headers = { 'content-type': 'application/json', cookie }
          return fetch(`${address.url}${typeof input === 'string' ? input : ''}`, { ...init, headers })
        },
        () => Date.now(),
      )
      const disk = blankDisk()
      const device = await memoryDevice({
        disk,
        person: { username, name: username, role: 'principal', orgUnits: [school] },
        orgUnits: [],
        clock,
        random: { next: random },
        net: {
          abort: () => transport.abort(),
          async exchange(request) {
            const isUp = address.url !== undefined && !state.isOffline
            const answer = await transport.exchange(request)
            if (answer.kind === 'answered') {
              counts.exchanges += 1
              received.note({ request, answer: answer.answer, by: username })
            } else if (isUp) counts.cutOff += 1
            return answer
          },
        },
      })
      const stream = streamOf(school)
      const shown = await device.open(stream)
      return { device, disk, shown, stream, state, typing: type({ device, shown, stream, username, index }) }
    }),
  )

  async function type(who: {
    readonly device: Device
    readonly shown: ShownStream
    readonly stream: string
    readonly username: string
    readonly index: number
  }): Promise<void> {
    const { device, shown, stream, username, index } = who
    for (let n = 1; isTyping; n++) {
      const key = `v/2024/${ELEMENTS[Math.floor(random() * ELEMENTS.length)] ?? ''}`
      const value = `${String(index)}-${String(n)}`
      await device.commit({ stream, key, value, base: shown.cells.get(key)?.base ?? [], pv: 1 })
      typed.set(value, { stream, key, by: username })
      counts.typed += 1
      await sleep(random() * (address.url === undefined ? PAUSE_AWAY_MAX_MS : PAUSE_MAX_MS))
    }
  }

  return {
    address,
    counts,
    tablets: tablets.length,
    setOffline(at, isOffline) {
      const tablet = tablets[at]
      if (tablet !== undefined) tablet.state.isOffline = isOffline
    },
    async settle() {
      isTyping = false
      await Promise.all(tablets.map(({ typing }) => typing))
      for (const { state } of tablets) state.isOffline = false
      for (let quiet = 0; quiet < 3;) {
        const before = counts.exchanges
        for (const { device } of tablets) device.syncNow()
        await sleep(300)
        const isQuiet =
          counts.exchanges >= before + tablets.length &&
          tablets.every(({ device }) => device.sync.waiting === 0 && device.sync.phase === 'idle')
        quiet = isQuiet ? quiet + 1 : 0
      }
    },
    typed: () => typed,
    kept: () =>
      tablets.map(({ stream, shown, disk }) => ({
        stream,
        cells: shown.cells,
        kept: disk.written.streams.get(stream)?.view.cells ?? {},
      })),
    async close() {
      isTyping = false
      await Promise.all(tablets.map(({ typing }) => typing))
      await Promise.all(tablets.map(({ device }) => device.close()))
    },
  }
}

/** Three schools with two people each, made as an administrator makes them. */
async function makePeople(url: string) {
  const send = async (method: string, path: string, body: unknown, cookie = '') => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
    return answer
  }
  const signIn = async (username: string, password: string) =>
    (await send('POST', '/api/session', { username, password })).headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
  const admin = await signIn('admin', ADMIN_PASSWORD)
  const units = SCHOOLS.map((code) => ({ code, name: code, type: 'primary', ownership: 'public' }))
  await send('POST', '/api/orgUnits', units, admin)
  const people = SCHOOLS.flatMap((school) => [1, 2].map((of) => ({ school, username: `${school}-${String(of)}`.toLowerCase() })))
  const signedIn = []
  for (const { school, username } of people) {
    const account = { username, name: username, role: 'principal', orgUnits: [school], password: PASSWORD }
    await send('POST', '/api/accounts', account, admin)
    const cookie = await signIn(username, PASSWORD)
    // What the administrator gave is good for one thing.
    await send('POST', '/api/password', { password: `${PASSWORD}-own` }, cookie)
    signedIn.push({ school, username, cookie })
  }
  return signedIn
}
