/** The client's composition root: the only place that opens databases, reads the browser and wires one thing to another. */
import './state/theme-at-start'
import './state/old-engines'
import './styles/tokens.css'
import './styles/base.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import type { Router } from 'vue-router'
import App from './App.vue'
import { makeApi } from './device/api'
import { takeEarlyReading } from './device/early-reading'
import { openDevice } from './device/open-device'
import { openSessionStore } from './device/session-store'
import { setLanguage } from './i18n/i18n'
import { createAppRouter } from './router'
import { afterPaint } from './state/after-paint'
import { reloadWhenPartIsGone, useAppUpdate } from './state/app-update'
import { keepStorageOnceUsed } from './state/keep-storage'
import { usePreferences } from './state/preferences'
import { atQuietMoment } from './state/quiet-moment'
import { useSession } from './state/session'
import { SESSION_WORLD } from './state/session-world'
import { streamOf } from '#sync/protocol'

async function start(): Promise<void> {
  reloadWhenPartIsGone()
  const early = takeEarlyReading(window)
  let drawn = (): void => undefined
  const drawing = new Promise<void>((resolve) => (drawn = resolve))
  // Behind what the page itself does after its first paint: it takes keys before the databases' code is even asked for.
  const onceDrawn = (work: () => void): void => {
    drawing.then(() => afterPaint(() => setTimeout(work))).catch(reportError)
  }
  const app = createApp(App)
  app.config.errorHandler = (error) => reportError(error)
  app.use(createPinia())
  app.provide(SESSION_WORLD, {
    api: makeApi((input, init) => fetch(input, init)),
    store: openSessionStore(early),
    openDevice: (by) => openDevice(by, { early, afterPaint: onceDrawn, planVersion: () => useSession().plan?.document.version }),
    atQuietMoment,
    afterPaint: onceDrawn,
    isOnline: () => navigator.onLine,
    now: () => Date.now(),
    report: (error) => reportError(error),
  })
  const router = createAppRouter()
  loadPageOf(router, location.pathname)
  try {
    await app.runWithContext(() => Promise.all([useSession().start(), setLanguage(usePreferences().language)]))
    early.forget()
    await app.runWithContext(() => openReportOf(location.pathname))
    app.use(router)
    await router.isReady()
    app.mount('#app')
  } finally {
    // Also behind a page that could not be drawn, what was typed before is sent.
    drawn()
  }
  app.runWithContext(keepStorageOnceUsed)
  window.addEventListener('online', () => {
    app.runWithContext(() => useSession().refresh()).catch(reportError)
  })
  onceDrawn(() => void app.runWithContext(() => useAppUpdate().register()))
}

/** The report that the address names is read before anything is drawn: its first drawing has the values. Never from the network. */
async function openReportOf(path: string): Promise<void> {
  const [, code] = /^\/u\/([^/]+)\//.exec(path) ?? []
  const session = useSession()
  if (code !== undefined && session.unit(code) !== undefined) await session.device?.open(streamOf(code))
}

/** The page's code comes while the databases are opened. A failure is told by the navigation itself, which asks again. */
function loadPageOf(router: Router, path: string): void {
  for (const { components } of router.resolve(path).matched) {
    const load = components?.['default']
    if (typeof load === 'function' && !('setup' in load)) void Promise.resolve((load as () => unknown)()).catch(() => undefined)
  }
}

start().catch((error: unknown) => reportError(error))
