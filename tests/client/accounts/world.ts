/** The pages of accounts over a server that answers by hand. */
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import type { Component } from 'vue'
import '#client/state/old-engines'
import { useSession } from '#client/state/session'
import type { Role } from '#domain/person'
import { smallPlan, unit } from '../../plan/small-plan'
import '../all-messages'
import '../fields/what-jsdom-lacks'

export const SCHOOLS = ['甲小学', '乙小学'].map((name, n) => unit(`p-${n}`, 'primary', { name }))

export async function openAs(role: Role, page: Component): Promise<VueWrapper> {
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  session.person = { username: role, name: '王', role, orgUnits: role === 'principal' ? ['p-0'] : [] }
  session.plan = smallPlan
  session.orgUnits = SCHOOLS
  session.phase = 'ready'
  const shown = mount(page, { global: { plugins: [pinia] }, attachTo: document.body })
  await flushPromises()
  return shown
}

type Within = Pick<VueWrapper, 'findAll'>

/** By its words or its name for a screen reader. */
export async function press(within: Within, words: string): Promise<void> {
  const button = within.findAll('button').find((each) => (each.attributes('aria-label') ?? each.text()) === words)
  if (button === undefined) throw new Error(`no button ${words}`)
  await button.trigger('click')
  await flushPromises()
}

/** The field behind a label. */
export function field(within: Within, words: string) {
  const label = within.findAll('label').find((each) => each.text().startsWith(words))
  if (label === undefined) throw new Error(`no field ${words}`)
  const id = label.attributes('for')
  return id === undefined
    ? label.get('input, select, textarea')
    : (within.findAll('input').find((each) => each.attributes('id') === id) ?? label.get('input'))
}
