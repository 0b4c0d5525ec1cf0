/**
 * Keeps the app on the device so that it opens without a network. It caches files of the app only; the school's report lives in
 * IndexedDB and `/api/` always goes to the network.
 *
 * A new version waits until the page lets it in (`SKIP_WAITING`), so a running tab keeps the files it began with. Only the very
 * first worker takes the open page over by itself: there is no older version that it could disturb, and a reload without a
 * network works from that moment on.
 */
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

declare const self: ServiceWorkerGlobalScope

let isFirst = false

self.addEventListener('install', (event) => {
  isFirst = self.registration.active === null
  if (hasRoutes(event)) event.waitUntil(goPast(event))
})

type Routed = { readonly condition: { readonly urlPattern: string }; readonly source: 'cache' | 'network' }
/**
 * What needs no decision goes past this worker where the browser can do that (Chromium from 123 on): files whose name changes with their
 * content come straight out of the cache, and questions to the server do not wait until the worker has started.
 */
const ROUTES: readonly Routed[] = [
  { condition: { urlPattern: '/assets/*' }, source: 'cache' },
  { condition: { urlPattern: '/api/*' }, source: 'network' },
]

type RoutingEvent = ExtendableEvent & { addRoutes: (rules: readonly Routed[]) => Promise<void> }

/** The platform's types do not know it yet. */
function hasRoutes(event: ExtendableEvent): event is RoutingEvent {
  return 'addRoutes' in event && typeof event.addRoutes === 'function'
}

/** Only quicker: a browser that takes other rules gets everything through this worker, and the app is kept all the same. */
async function goPast(event: RoutingEvent): Promise<void> {
  try {
    await event.addRoutes(ROUTES)
  } catch (error) {
    console.warn(error)
  }
}

self.addEventListener('activate', (event) => {
  if (isFirst) event.waitUntil(self.clients.claim())
})

self.addEventListener('message', (event) => {
  const message: unknown = event.data
  if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'SKIP_WAITING') {
    void self.skipWaiting()
  }
})

/**
 * Background sync: there is a network again. The pages that are still there, also in the background, send; this worker does not. It has no
 * session to look after, no screen to show what became of it, and two writers of one database would be one too many. A closed app sends
 * with its next opening.
 */
self.addEventListener('sync', (event) => {
  if (isSyncEvent(event) && event.tag === 'unsent') event.waitUntil(wakePages())
})

/** The platform's types do not know it: Chromium alone has it. */
function isSyncEvent(event: Event): event is ExtendableEvent & { readonly tag: unknown } {
  return 'tag' in event && 'waitUntil' in event
}

async function wakePages(): Promise<void> {
  for (const page of await self.clients.matchAll({ type: 'window', includeUncontrolled: true }))
    page.postMessage({ type: 'WAKE' })
}

precacheAndRoute(self.__WB_MANIFEST)
cleanupOutdatedCaches()
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [/^\/api\//, /^\/plans\//] }))
