/** The reviewer's desk over a ledger in memory, on which a school has handed in, and a server that answers by hand. */
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { vi } from 'vitest'
import { createMemoryHistory, createRouter, RouterView, type Router } from 'vue-router'
import '#client/state/old-engines'
import ReviewPage from '#client/features/review/ReviewPage.vue'
import type { Device } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { useSession } from '#client/state/session'
import type { Person, Role } from '#domain/person'
import { answeredElements } from '#plan/applicability'
import type { PeersAnswer, ReportPage, ReportRow, ReportsAnswer } from '#plan/report-wire'
import { keysOfReport, reportDigest } from '#sync/report-digest'
import { reportKey, streamOf, valueKey, type Json } from '#sync/protocol'
import { memoryLedger } from '../../contract/memory-ledger'
import { smallPlan, unit } from '../../plan/small-plan'
import { answeringServer, type AnsweringServer } from '../answering-server'
import { networkTo, type Network } from '../device/world'
import '../all-messages'
import '../fields/what-jsdom-lacks'

export const PERIOD = '2031'
export const school = unit('a', 'primary', { name: '甲小学' })
export const other = unit('b', 'junior', { name: '乙初中' })
export const STATE = reportKey(PERIOD, 'basics')
const NOBODY = { open: 0, submitted: 0, reviewing: 0, returned: 0, withdrawn: 0, reopened: 0, approved: 0 }
export const eventually = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 20_000 })

export const rowOf = (said: Partial<ReportRow> = {}): ReportRow => ({
  ...{ orgUnit: school.code, period: PERIOD, dataSet: 'basics', state: 'submitted', round: 1, late: false },
  ...{ comments: 0, photos: 0, marks: 0, submitted: Date.now() - 3_600_000, ...said },
})
export const queueOf = (rows: readonly ReportRow[], said: Partial<ReportsAnswer> = {}): ReportsAnswer => ({
  ...{ now: Date.now(), counts: { ...NOBODY, submitted: rows.length }, total: rows.length, rows, ...said },
})

export type Desk = {
  readonly server: AnsweringServer
  readonly network: Network
  readonly device: Device
  readonly router: Router
  /** What the queue's route answers, and what the report's page adds to what is there. */
  readonly says: { queue: (query: URLSearchParams) => ReportsAnswer; page: Partial<ReportPage> }
  show(address: string): Promise<VueWrapper>
  stateOf(): Json | undefined
  close(): Promise<void>
}

export async function openDesk(values: Readonly<Record<string, Json>>, role: Role = 'reviewer'): Promise<Desk> {
  const ledger = memoryLedger()
  const stream = streamOf(school.code)
  const deviceOf = async (person: Person) => {
    const network = networkTo(ledger, person)
    network.judgeMove = () => undefined
    const device = await memoryDevice({ person, orgUnits: [school, other], net: network.net })
    return { network, device, shown: await device.open(stream) }
  }
  const principal = await deviceOf({ username: 'wang', name: '王', role: 'principal', orgUnits: [school.code] })
  for (const [key, value] of Object.entries(values)) await principal.device.commit({ stream, key, value, base: [], pv: 1 })
  const keys = keysOfReport(PERIOD, answeredElements(smallPlan, 'basics', school))
  const digest = reportDigest(keys, (key) => principal.shown.cells.get(key)?.value)
  await principal.device.move({ stream, key: STATE, value: { state: 'submitted', seen: digest }, base: [], pv: 1 })
  principal.device.syncNow()
  await eventually(() => {
    if (principal.device.sync.waiting > 0) throw new Error('the school has not sent all')
  })
  await principal.device.close()

  const says: Desk['says'] = { queue: () => queueOf([rowOf()]), page: {} }
  const lists = { elements: [], findings: [], contradictions: [], comments: [], steps: [] }
  const peers: PeersAnswer = { orgUnit: school.code, period: PERIOD, dataSet: 'basics', units: 3, elements: [] }
  const server = answeringServer({
    'GET reports': ({ query }) => says.queue(query),
    [`GET reports/${school.code}/${PERIOD}/basics`]: () => ({ row: rowOf(), digest, ...lists, ...says.page }),
    'GET peers': () => peers,
  })

  const person: Person = { username: 'zhao', name: '赵', role, orgUnits: [] }
  setActivePinia(createPinia())
  const { device, network, shown } = await deviceOf(person)
  const session = useSession()
  session.person = person
  session.plan = smallPlan
  session.orgUnits = [school, other]
  session.device = device
  session.phase = 'ready'
  device.syncNow()
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/review/:orgUnit?/:period?/:dataSet?', component: ReviewPage, props: true },
      { path: '/:rest(.*)*', component: { template: '<p></p>' } },
    ],
  })
  let page: VueWrapper | undefined
  return {
    ...{ server, network, device, router, says },
    async show(address) {
      await router.push(address)
      page = mount(RouterView, { global: { plugins: [router] }, attachTo: document.body })
      await flushPromises()
      return page
    },
    stateOf: () => shown.cells.get(STATE)?.value,
    async close() {
      page?.unmount()
      await flushPromises()
      await device.close()
      server.stop()
    },
  }
}

export const AWARDS = valueKey(PERIOD, 'awards')

export async function press(within: Pick<VueWrapper, 'findAll'>, words: string): Promise<void> {
  const button = within.findAll('button').find((each) => each.text().startsWith(words))
  if (button === undefined) throw new Error(`no button ${words}`)
  await button.trigger('click')
  await flushPromises()
}
