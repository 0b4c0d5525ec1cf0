/** The browser, as the sync code sees it. */
import type { Clock, Locks, Random } from '#sync/ports'
import type { WakeReason } from '#sync/engine'
import type { Channel } from './make-device'

export const browserClock: Clock = {
  now: () => Date.now(),
  after(delayMs, wake) {
    const timer = setTimeout(wake, delayMs)
    return () => clearTimeout(timer)
  },
}

export const browserRandom: Random = { next: () => Math.random() }

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** 65 random bits: no two devices get the same name by chance. */
export function newDeviceName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(13)), (byte) => BASE32.charAt(byte & 31)).join('')
}

/** Longer than an exchange may take: a tab that holds the lock for longer was frozen by the browser. */
const LOCK_WAIT_MS = 40_000

/** Without the Web Locks of the browser nobody waits: two tabs that send at once do no harm. */
export const browserLocks: Locks = {
  async alone(name, work) {
    if (!('locks' in navigator)) return work()
    const waiting = new AbortController()
    const timer = setTimeout(() => waiting.abort(), LOCK_WAIT_MS)
    let working: Promise<void> | undefined
    const begin = () => {
      clearTimeout(timer)
      working = work()
      return working
    }
    try {
      await navigator.locks.request(name, { signal: waiting.signal }, begin)
    } catch (error) {
      // Taken from us by a tab that believed us frozen: our work goes on all the same.
      if (working !== undefined) return working
      if (!waiting.signal.aborted) throw error
      await navigator.locks.request(name, { steal: true }, begin)
    } finally {
      clearTimeout(timer)
    }
  },
}

/** A tab that has been sending files for so long, heard of at each look, was frozen by the browser. */
const FILES_LOCK_WAIT_MS = 10 * 60_000

/**
 * For files, which take minutes: a tab that finds another one sending looks again later, and never waits in line, so that nobody waits for
 * it when it is closed.
 */
export function filesLocks(now: () => number = Date.now): Locks {
  let foundTaken: number | undefined
  return {
    async alone(name, work) {
      if (!('locks' in navigator)) return work()
      const steal = foundTaken !== undefined && now() - foundTaken >= FILES_LOCK_WAIT_MS
      let working: Promise<void> | undefined
      try {
        await navigator.locks.request(name, steal ? { steal } : { ifAvailable: true }, (lock) => {
          if (lock === null) {
            foundTaken ??= now()
            return
          }
          foundTaken = undefined
          working = work()
          return working
        })
      } catch (error) {
        // Taken from us by a tab that believed us frozen: our work goes on all the same.
        if (working === undefined) throw error
        return working
      }
    },
  }
}

/** Tells the other tabs over the same database which stream has changed; what, they read. */
export function browserChannel(name: string): Channel {
  if (!('BroadcastChannel' in globalThis)) return { post: () => undefined, listen: () => undefined, close: () => undefined }
  const channel = new BroadcastChannel(name)
  return {
    post: (stream) => channel.postMessage(stream),
    listen(heard) {
      channel.onmessage = (event: MessageEvent<unknown>) => {
        if (typeof event.data === 'string') heard(event.data)
      }
    },
    close: () => channel.close(),
  }
}

const POLL_MS = 60_000

/** While the page is visible: every 60 s, 20 % more or less, so that the schools of a district do not all ask at once. */
export function listenToBrowser(wake: (reason: WakeReason) => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  const poll = () => {
    timer = setTimeout(
      () => {
        if (document.visibilityState === 'visible') wake('poll')
        poll()
      },
      POLL_MS * (0.8 + 0.4 * Math.random()),
    )
  }
  const whenVisible = () => {
    if (document.visibilityState === 'visible') wake('visible')
  }
  const whenOnline = () => wake('now')
  // Another window was in front while this one stayed visible beside it.
  const whenFocused = () => wake('poll')
  const whenTold = ({ data }: MessageEvent<unknown>) => {
    if (isWakeMessage(data)) wake('now')
  }
  const worker = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined
  const whenOffline = () => wake('poll')
  poll()
  document.addEventListener('visibilitychange', whenVisible)
  window.addEventListener('pageshow', whenVisible)
  window.addEventListener('online', whenOnline)
  window.addEventListener('offline', whenOffline)
  window.addEventListener('focus', whenFocused)
  worker?.addEventListener('message', whenTold)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', whenVisible)
    window.removeEventListener('pageshow', whenVisible)
    window.removeEventListener('online', whenOnline)
    window.removeEventListener('offline', whenOffline)
    window.removeEventListener('focus', whenFocused)
    worker?.removeEventListener('message', whenTold)
  }
}

/** The service worker's word that there is a network again. */
const WAKE = 'WAKE'
const SYNC_TAG = 'unsent'
type SyncManager = { register(tag: string): Promise<void> }

const isWakeMessage = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === WAKE

/**
 * Asks the system to wake us once there is a network, also in the background, where the browser has such a thing (Chromium on Android and
 * on the desktop). It reaches pages that are still there; a closed app sends nothing, and says so.
 */
export function wakeByBackgroundSync(): void {
  // With a network the browser would wake us at once: while only the server is away, each wake would end in the next, without any pause.
  if (navigator.onLine || !('serviceWorker' in navigator)) return
  void navigator.serviceWorker
    .getRegistration()
    .then((registration) => {
      const { sync } = (registration ?? {}) as { readonly sync?: SyncManager }
      return sync?.register(SYNC_TAG)
    })
    // Turned off by the person, or not allowed here: the other wake-ups remain.
    .catch(() => undefined)
}
