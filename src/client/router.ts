/**
 * Addresses and their pages. Every page is loaded when it is first opened; the service worker already holds them all.
 *
 * `meta.frame` says what stands around a page: `school` rail, `bureau` desk bar, `person` whichever of the two belongs to the role,
 * `task` nothing (one job, no navigation), `bare` nothing (nobody is signed in).
 */
import { nextTick } from 'vue'
import {
  START_LOCATION,
  createRouter,
  createWebHistory,
  type RouteLocationNormalized,
  type Router,
  type RouteRecordRaw,
  type RouterHistory,
} from 'vue-router'
import { loadMessages, type LaterArea } from './i18n/i18n'
import { may } from '#domain/may'
import { isBureauRole, type Role } from '#domain/person'
import { usePlace } from './state/place'
import { useSession } from './state/session'

export type Frame = 'school' | 'bureau' | 'person' | 'task' | 'bare'

declare module 'vue-router' {
  interface RouteMeta {
    frame?: Frame
    /** Opens without a session. */
    open?: true
    /** Opens for those who may do this. */
    action?: 'readTablets' | 'manageAccounts' | 'administer'
    /** Short sentences float at the upper edge: at the lower one are keys that must be seen. */
    status?: 'top'
    /** The page fills the window and scrolls within. */
    desk?: 'fixed'
    /** Opens for this role alone. */
    role?: Role
  }
}

type Page = { readonly default: object }

/** A page with the messages that it shows. */
const withMessages = (areas: LaterArea | readonly LaterArea[], page: () => Promise<Page>) => async (): Promise<Page> => {
  const [loaded] = await Promise.all([page(), ...[areas].flat().map(loadMessages)])
  return loaded
}
const inspectionPage = (name: keyof (typeof import('./features/inspection/pages'))['PAGES']) =>
  withMessages(['inspection', 'record'], async () => ({ default: (await import('./features/inspection/pages')).PAGES[name] }))
const accountsPage = (name: keyof (typeof import('./features/accounts/pages'))['PAGES']) =>
  withMessages('accounts', async () => ({ default: (await import('./features/accounts/pages')).PAGES[name] }))
const notFound = () => import('./ui/NotFound.vue')

const ROUTES: readonly RouteRecordRaw[] = [
  // Never shown: the guard sends everybody to their own first page.
  { path: '/', name: 'start', component: notFound, meta: { frame: 'bare' } },
  {
    path: '/sign-in',
    component: withMessages('sign-in', () => import('./features/sign-in/SignInPage.vue')),
    meta: { frame: 'bare', open: true },
  },
  {
    path: '/u/:unit/:period',
    component: withMessages(['home', 'report'], () => import('./features/home/HomePage.vue')),
    props: true,
    meta: { frame: 'school' },
  },
  {
    path: '/u/:unit/:period/fill',
    component: withMessages('report', () => import('./features/entry/DataSetsPage.vue')),
    props: true,
    meta: { frame: 'school' },
  },
  {
    path: '/u/:unit/:period/fill/:dataSet',
    component: () => import('./features/entry/EntryPage.vue'),
    props: true,
    meta: { frame: 'task' },
  },
  {
    path: '/u/:unit/:period/filing/:dataSet?',
    component: withMessages('filing', () => import('./features/filing/FilingPage.vue')),
    props: true,
    meta: { frame: 'task' },
  },
  {
    path: '/u/:unit/:period/news',
    component: withMessages('report', () => import('./features/news/NewsPage.vue')),
    props: true,
    meta: { frame: 'school' },
  },
  {
    path: '/u/:unit/:period/:dataSet/submit',
    component: withMessages('report', () => import('./features/submit/SubmitPage.vue')),
    props: true,
    meta: { frame: 'task' },
  },
  {
    path: '/u/:unit/:period/conflict/:element?',
    name: 'conflict',
    component: withMessages('conflict', () => import('./features/conflict/ConflictPage.vue')),
    props: true,
    meta: { frame: 'task' },
  },
  {
    path: '/u/:unit/:period/hardware',
    component: withMessages(['hardware', 'record'], () => import('./features/hardware/HardwarePage.vue')),
    props: true,
    meta: { frame: 'school' },
  },
  {
    path: '/u/:unit/:period/inspections',
    component: inspectionPage('Inspections'),
    props: true,
    meta: { frame: 'school' },
  },
  {
    path: '/u/:unit/:period/inspections/:id',
    component: inspectionPage('Inspection'),
    props: true,
    meta: { frame: 'task', status: 'top' },
  },
  {
    path: '/u/:unit/:period/inspections/:id/record',
    component: inspectionPage('Record'),
    props: true,
    meta: { frame: 'task' },
  },
  {
    path: '/u/:unit/:period/findings',
    component: inspectionPage('Findings'),
    props: true,
    meta: { frame: 'school' },
  },
  {
    path: '/u/:unit/:period/findings/:id',
    component: inspectionPage('Finding'),
    props: true,
    meta: { frame: 'school' },
  },
  {
    path: '/review/:orgUnit?/:period?/:dataSet?',
    component: withMessages(['review', 'comment', 'record', 'report'], () => import('./features/review/ReviewPage.vue')),
    props: true,
    meta: { frame: 'bureau', desk: 'fixed' },
  },
  {
    path: '/inspections',
    component: inspectionPage('AllInspections'),
    meta: { frame: 'person', role: 'inspector' },
  },
  {
    path: '/prepare',
    component: inspectionPage('Prepare'),
    meta: { frame: 'person', role: 'inspector' },
  },
  {
    path: '/findings',
    component: inspectionPage('AllFindings'),
    meta: { frame: 'person' },
  },
  {
    path: '/findings/inspections',
    component: inspectionPage('District'),
    meta: { frame: 'bureau' },
  },
  {
    path: '/sync',
    component: withMessages(['sync-centre', 'record'], () => import('./features/sync-centre/SyncCentrePage.vue')),
    meta: { frame: 'person' },
  },
  {
    path: '/settings',
    component: withMessages('settings', () => import('./features/settings/SettingsPage.vue')),
    meta: { frame: 'person' },
  },
  {
    path: '/overview',
    component: withMessages('overview', () => import('./features/overview/OverviewPage.vue')),
    meta: { frame: 'bureau' },
  },
  {
    path: '/overview/:figure',
    component: withMessages('overview', () => import('./features/overview/FigurePage.vue')),
    props: true,
    meta: { frame: 'bureau' },
  },
  {
    path: '/schools',
    component: withMessages('overview', () => import('./features/overview/SchoolsPage.vue')),
    meta: { frame: 'bureau' },
  },
  {
    path: '/tablets',
    component: withMessages('tablets', () => import('./features/tablets/TabletsPage.vue')),
    meta: { frame: 'person', action: 'readTablets' },
  },
  {
    path: '/windows',
    component: withMessages('windows', () => import('./features/windows/WindowsPage.vue')),
    meta: { frame: 'bureau' },
    // Below the windows, on the same page: one feature knows no other.
    children: [{ path: '', component: withMessages('webhooks', () => import('./features/webhooks/WebhookSettings.vue')) }],
  },
  {
    path: '/account',
    component: accountsPage('Account'),
    meta: { frame: 'person' },
  },
  {
    path: '/people',
    component: accountsPage('People'),
    meta: { frame: 'person', action: 'manageAccounts' },
  },
  {
    path: '/audit',
    component: accountsPage('Audit'),
    meta: { frame: 'person', action: 'administer' },
  },
  { path: '/:rest(.*)*', component: notFound, meta: { frame: 'bare', open: true } },
]

export function createAppRouter(history: RouterHistory = createWebHistory()): Router {
  const router = createRouter({
    history,
    // The first page is at its top already, and asking for it would lay it out twice.
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path || from === START_LOCATION ? false : { top: 0 }),
    routes: ROUTES,
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

/** School roles begin at their first unit, inspectors at their inspections, bureau roles at the district. */
function startOf(): string {
  const session = useSession()
  if (session.person !== undefined && isBureauRole(session.person.role)) return '/overview'
  if (session.person?.role === 'inspector') return '/inspections'
  const place = usePlace()
  return place.unit === undefined || place.period === undefined ? '/settings' : `/u/${place.unit}/${place.period}`
}

function mayOpen(to: RouteLocationNormalized): boolean {
  const session = useSession()
  if (to.meta.frame === 'bureau') return session.isBureau
  if (to.meta.role !== undefined) return session.person?.role === to.meta.role
  if (to.meta.action !== undefined) return session.person !== undefined && may(session.person, { do: to.meta.action })
  const { unit, period } = to.params
  if (typeof unit === 'string' && session.unit(unit) === undefined) return false
  return typeof period !== 'string' || session.plan === undefined || session.plan.document.periods.includes(period)
}

function focusTitle(): void {
  const title = document.querySelector<HTMLElement>('h1[tabindex]') ?? document.getElementById('main')
  title?.focus({ preventScroll: true })
}
