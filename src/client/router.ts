/**
 * Addresses and their pages. Every page is loaded when it is first opened; the service worker already holds them all.
 *
 * `meta.frame` says what stands around a page: `school` rail, `bureau` desk bar, `person` whichever of the two belongs to the role,
 * `task` nothing (one job, no navigation), `bare` nothing (nobody is signed in).
 */
import { nextTick } from 'vue'
import { createRouter, createWebHistory, type RouteLocationNormalized, type Router, type RouterHistory } from 'vue-router'
import { isBureauRole } from '#domain/person'
import { usePlace } from './state/place'
import { useSession } from './state/session'

export type Frame = 'school' | 'bureau' | 'person' | 'task' | 'bare'

declare module 'vue-router' {
  interface RouteMeta {
    frame?: Frame
    /** Opens without a session. */
    open?: true
  }
}

const pages = import.meta.glob<{ default: object }>('./features/*/*Page.vue')

const ROUTES: readonly { path: string; page: string; frame: Frame; open?: true }[] = [
  { path: '/sign-in', page: 'sign-in/SignInPage', frame: 'bare', open: true },
  { path: '/u/:unit/:period', page: 'home/HomePage', frame: 'school' },
  { path: '/u/:unit/:period/fill', page: 'entry/DataSetsPage', frame: 'school' },
  { path: '/u/:unit/:period/fill/:dataSet', page: 'entry/EntryPage', frame: 'task' },
  { path: '/u/:unit/:period/hardware', page: 'hardware/HardwarePage', frame: 'school' },
  { path: '/sync', page: 'sync-centre/SyncCentrePage', frame: 'person' },
  { path: '/settings', page: 'settings/SettingsPage', frame: 'person' },
  { path: '/overview', page: 'overview/OverviewPage', frame: 'bureau' },
  { path: '/overview/:figure', page: 'overview/FigurePage', frame: 'bureau' },
  { path: '/schools', page: 'overview/SchoolsPage', frame: 'bureau' },
]

export function createAppRouter(history: RouterHistory = createWebHistory()): Router {
  const router = createRouter({
    history,
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
    routes: [
      { path: '/', name: 'start', component: () => import('./ui/NotFound.vue'), meta: { frame: 'bare' } },
      ...ROUTES.flatMap(({ path, page, frame, open }) => {
        const load = pages[`./features/${page}.vue`]
        return load === undefined
          ? []
          : [{ path, component: load, props: true, meta: open === undefined ? { frame } : { frame, open } }]
      }),
      { path: '/:rest(.*)*', component: () => import('./ui/NotFound.vue'), meta: { frame: 'bare', open: true } },
    ],
  })

  router.beforeEach((to) => {
    const session = useSession()
    if (session.phase !== 'ready') return to.meta.open === true ? true : { path: '/sign-in', query: { next: to.fullPath } }
    if (to.name === 'start') return startOf()
    return mayOpen(to) ? true : startOf()
  })

  router.afterEach((to, from, failure) => {
    if (failure !== undefined) return
    const { unit, period } = to.params
    if (typeof unit === 'string' && typeof period === 'string') usePlace().visit({ unit, period })
    // The first page keeps the browser's own focus; after that, a change of page is announced by its title.
    if (from.matched.length > 0 && to.path !== from.path) void nextTick(focusTitle)
  })

  return router
}

/** School roles begin at their first unit, bureau roles at the district. */
function startOf(): string {
  const session = useSession()
  if (session.person !== undefined && isBureauRole(session.person.role)) return '/overview'
  const place = usePlace()
  return place.unit === undefined || place.period === undefined ? '/settings' : `/u/${place.unit}/${place.period}`
}

function mayOpen(to: RouteLocationNormalized): boolean {
  const session = useSession()
  if (to.meta.frame === 'bureau') return session.isBureau
  const { unit, period } = to.params
  if (typeof unit === 'string' && session.unit(unit) === undefined) return false
  return typeof period !== 'string' || session.plan === undefined || session.plan.document.periods.includes(period)
}

function focusTitle(): void {
  const title = document.querySelector<HTMLElement>('h1[tabindex]') ?? document.getElementById('main')
  title?.focus({ preventScroll: true })
}
