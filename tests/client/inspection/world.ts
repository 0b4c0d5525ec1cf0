/** Pages of inspections over a device in memory. */
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import type { Device, ShownStream } from '#client/device/contract'
import { memoryDevice } from '#client/device/memory-device'
import { useSession } from '#client/state/session'
import type { Person, Role } from '#domain/person'
import { findingKey, inspectionKey, itemKey, streamOf, type Json } from '#sync/protocol'
import { smallPlan, unit } from '../../plan/small-plan'

export const PERIOD = '2031'
export const school = unit('a', 'primary', { name: '甲小学' })
export const other = unit('b', 'primary', { name: '乙小学' })
export const stream = streamOf(school.code)
export const VISIT = 'v-aaaaaaaaaaaaa'
export const FINDING = 'v-bbbbbbbbbbbbb'

export type World = {
  readonly device: Device
  readonly shown: ShownStream
  readonly router: Router
  show(page: Component, props: Readonly<Record<string, unknown>>): Promise<VueWrapper>
  set(key: string, value: Json): Promise<void>
  move(key: string, state: string, why?: string): Promise<void>
  close(): Promise<void>
}

/** The device is an inspector's or a school's; what is on it was written by itself. */
export async function openWorld(role: Role): Promise<World> {
  const person: Person = { username: role, name: '王', role, orgUnits: [school.code, other.code] }
  setActivePinia(createPinia())
  const device = await memoryDevice({ person, orgUnits: [school, other] })
  const shown = await device.open(stream)
  const session = useSession()
  session.person = person
  session.plan = smallPlan
  session.orgUnits = [school, other]
  session.device = device
  session.phase = 'ready'
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component: { template: '<p></p>' } }],
  })
  await router.push('/')
  const base = (key: string) => shown.cells.get(key)?.base ?? []
  let page: VueWrapper | undefined
  return {
    device,
    shown,
    router,
    async show(component, props) {
      page = mount(component, { props, global: { plugins: [router] }, attachTo: document.body })
      await flushPromises()
      return page
    },
    set: (key, value) => device.commit({ stream, key, value, base: base(key), pv: 1 }),
    move: (key, state, why) =>
      device.move({ stream, key, value: why === undefined ? { state } : { state, why }, base: base(key), pv: 1 }),
    async close() {
      page?.unmount()
      await flushPromises()
      await device.close()
    },
  }
}

export async function addVisit(world: World, verdicts: Readonly<Record<string, string>> = {}): Promise<void> {
  await world.set(inspectionKey(VISIT, 'about'), { template: 'campus', period: PERIOD, planned: '2031-05-06', by: 'inspector' })
  await world.move(inspectionKey(VISIT, 'state'), 'underway')
  for (const [item, verdict] of Object.entries(verdicts)) await world.set(itemKey(VISIT, item, 'verdict'), verdict)
}

export async function addFinding(world: World, due = '2031-05-13'): Promise<void> {
  await world.set(findingKey(FINDING, 'about'), { inspection: VISIT, item: 'gate', period: PERIOD })
  await world.set(findingKey(FINDING, 'what'), '大门没关')
  await world.set(findingKey(FINDING, 'due'), due)
  await world.move(findingKey(FINDING, 'state'), 'open')
}
