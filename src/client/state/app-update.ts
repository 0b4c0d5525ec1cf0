/**
 * New versions of the app. The service worker fetches one in the background and waits; the person is asked, and the change
 * happens when no field has the focus. Typed text is in the device's database by then, so a reload loses nothing.
 */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { atQuietMoment } from './quiet-moment'

const WORKER = '/sw.js'
/** Tablets stay open for weeks: look for a new version this often. */
const LOOK_EVERY_MS = 60 * 60 * 1000
const RELOADED = 'reloaded-for-missing-file'

type Waiting = { messageSkipWaiting(): void; update(): Promise<void> }

export const useAppUpdate = defineStore('app-update', () => {
  /** A new version waits to be let in. */
  const ready = ref(false)
  /** The app is on this device as a whole and opens without a network. */
  const offlineReady = ref(false)
  /** When the server was last asked for a newer version, by this device's clock; unknown before the first time. */
  const lookedAt = ref<number>()
  const waiting = shallowRef<Waiting>()
  let asked = false

  /** After the first paint: nothing on the screen waits for it. */
  async function register(): Promise<void> {
    if (!('serviceWorker' in navigator)) return
    void navigator.serviceWorker.ready.then(() => (offlineReady.value = true))
    const { Workbox } = await import('workbox-window')
    const worker = new Workbox(workerAddress())
    waiting.value = worker
    worker.addEventListener('waiting', () => atQuietMoment(() => (ready.value = true)))
    worker.addEventListener('controlling', () => {
      if (asked) atQuietMoment(() => location.reload())
    })
    await worker.register()
    // The browser itself looks with registering.
    if (navigator.onLine) lookedAt.value = Date.now()
    setInterval(() => void look(), LOOK_EVERY_MS)
  }

  /** Asks the server for a newer version. Where no worker keeps the app on this device, opening the page again is the way to get one. */
  async function look(): Promise<'looked' | 'offline'> {
    if (!navigator.onLine) return 'offline'
    if (waiting.value === undefined) {
      atQuietMoment(() => location.reload())
      return 'looked'
    }
    try {
      await waiting.value.update()
      lookedAt.value = Date.now()
      return 'looked'
    } catch {
      // The browser tells no network and an answer that is no script in the same way.
      return 'offline'
    }
  }

  function apply(): void {
    asked = true
    atQuietMoment(() => waiting.value?.messageSkipWaiting())
  }

  return { ready, offlineReady, lookedAt, register, look, apply }
})

/**
 * A part of the app that a newer version has replaced on the server cannot be loaded any more. One reload brings the new
 * version; a second failure within the same tab is a defect and stays visible.
 */
export function reloadWhenPartIsGone(): void {
  window.addEventListener('vite:preloadError', (event) => {
    if (!navigator.onLine || sessionStorage.getItem(RELOADED) === __APP_VERSION__) return
    sessionStorage.setItem(RELOADED, __APP_VERSION__)
    event.preventDefault()
    atQuietMoment(() => location.reload())
  })
}

/** Under Trusted Types a worker's address must come from a policy; this one lets exactly one address through. */
function workerAddress(): string {
  const { trustedTypes } = window as Window & { trustedTypes?: TrustedTypesLike }
  if (trustedTypes === undefined) return WORKER
  return trustedTypes
    .createPolicy('youxue', {
      createScriptURL: (url) => {
        if (url !== WORKER) throw new TypeError(`not the app's worker: ${url}`)
        return url
      },
    })
    .createScriptURL(WORKER) as string
}
type TrustedTypesLike = {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown }
}
