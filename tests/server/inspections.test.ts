/** A finding's life between an inspector's tablet and a school's, each off the network for most of it. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Person, Role } from '#domain/person'
import {
  fileKey,
  findingKey,
  findingOwner,
  inspectionKey,
  itemKey,
  recordId,
  streamOf,
  valueKey,
  type Json,
} from '#sync/protocol'
import { stateOf } from '#sync/rights'
import { openDistrict, SCHOOL, type District } from './district'
import { openTablet, type Tablet } from './tablet'

const stream = streamOf(SCHOOL)
let district: District
beforeAll(async () => {
  district = await openDistrict()
})
afterAll(() => district.close())

let records = 0
let id = ''
beforeEach(() => {
  id = recordId('visit', `abcdefghijk${'abcdefghijklmnop'.charAt(records++)}a`)
})

async function tabletOf(role: Role) {
  const person: Person = { username: role, name: role, role, orgUnits: [SCHOOL] }
  const tablet = await openTablet(district, { person, cookie: district.cookieOf(role) })
  const shown = await tablet.open(stream)
  await tablet.exchanged()
  const baseOf = (key: string) => shown.cells.get(key)?.base ?? []
  return {
    tablet,
    say: (key: string, value: Json) => tablet.commit({ stream, key, value, base: baseOf(key), pv: 1 }),
    step: (key: string, state: string, why?: string) =>
      tablet.move({ stream, key, value: { state, ...(why === undefined ? {} : { why }) }, base: baseOf(key), pv: 1 }),
    state: (key: string) => stateOf(shown.cells.get(key)?.heads)?.state,
    mark: (key: string) => shown.cells.get(key)?.mark,
    verdict: (key: string) => shown.cells.get(key)?.verdict,
  }
}

const online = async (...tablets: readonly { readonly tablet: Tablet }[]): Promise<void> => {
  for (const { tablet } of tablets) {
    tablet.network.up = true
    await tablet.exchanged()
  }
}
const offline = (...tablets: readonly { readonly tablet: Tablet }[]): void => {
  for (const { tablet } of tablets) tablet.network.up = false
}

test('an inspection without a network becomes a finding that the school answers and the inspector closes', async () => {
  const [inspector, principal] = [await tabletOf('inspector'), await tabletOf('principal')]
  const state = findingKey(id, 'state')
  offline(inspector, principal)
  await inspector.step(inspectionKey(id, 'state'), 'underway')
  await inspector.say(itemKey(id, 'gate', 'verdict'), 'unmet')
  await inspector.say(findingKey(id, 'what'), '大门没关')
  await inspector.step(state, 'open')
  await inspector.step(inspectionKey(id, 'state'), 'finished')
  expect(inspector.state(state)).toBe('open')
  expect(principal.state(state)).toBeUndefined()

  await online(inspector, principal)
  expect(principal.state(state)).toBe('open')
  offline(inspector, principal)
  await principal.say(findingKey(id, 'answer'), '已换锁')
  await principal.say(fileKey(findingOwner(id, 'answer'), 'a'.repeat(64)), { name: 'a.jpg', type: 'image/jpeg', size: 9 })
  await principal.step(state, 'claimed')
  await online(principal, inspector)
  expect(inspector.state(state)).toBe('claimed')
  await inspector.step(state, 'open', '照片看不清')
  await online(inspector, principal)
  expect(principal.state(state)).toBe('open')
  await principal.step(state, 'claimed')
  await online(principal, inspector)
  await inspector.step(state, 'closed')
  await online(inspector, principal)
  for (const one of [inspector, principal]) {
    expect(one.state(state)).toBe('closed')
    expect(one.mark(state)).toBe('confirmed')
    expect(one.state(inspectionKey(id, 'state'))).toBe('finished')
    expect((await one.tablet.outbox()).length).toBe(0)
    await one.tablet.close()
  }
})

test('of two steps from one state the first counts, and the other is told that it came too late', async () => {
  const [inspector, principal] = [await tabletOf('inspector'), await tabletOf('principal')]
  const state = findingKey(id, 'state')
  await inspector.step(state, 'open')
  await online(inspector, principal)
  offline(inspector, principal)
  await inspector.step(state, 'withdrawn', '看错了')
  await principal.step(state, 'claimed')
  await online(inspector, principal)
  expect([principal.state(state), principal.mark(state), principal.verdict(state)]).toEqual([
    'withdrawn',
    'rejected',
    'rejected: stale',
  ])
  await principal.tablet.putAside({ stream, key: state })
  expect([principal.state(state), principal.mark(state)]).toEqual(['withdrawn', 'confirmed'])
  await inspector.tablet.close()
  await principal.tablet.close()
})

test('steps of several days without a network are taken one after the other, or none after the first that is not', async () => {
  const [inspector, colleague] = [await tabletOf('inspector'), await tabletOf('inspector')]
  const state = inspectionKey(id, 'state')
  offline(inspector, colleague)
  await inspector.step(state, 'planned')
  await inspector.step(state, 'underway')
  await inspector.step(state, 'finished')
  await colleague.step(state, 'planned')
  await colleague.step(state, 'cancelled')
  await online(colleague, inspector)
  expect([inspector.state(state), inspector.mark(state)]).toEqual(['cancelled', 'rejected'])
  expect(colleague.state(state)).toBe('cancelled')
  await inspector.tablet.close()
  await colleague.tablet.close()
})

test.each<[string, Role, (of: string) => readonly [string, Json, 'step'?]]>([
  ['an inspector writes no value', 'inspector', () => [valueKey('2024', 'goodYouth'), '3']],
  ['a school writes no verdict of a visit', 'principal', (of) => [itemKey(of, 'gate', 'verdict'), 'met']],
  ['a school takes no step of a visit', 'principal', (of) => [inspectionKey(of, 'state'), { state: 'underway' }, 'step']],
  ['a school raises no finding of a visit', 'principal', (of) => [findingKey(of, 'state'), { state: 'open' }, 'step']],
  ['a filler does not speak for the principal', 'filler', (of) => [findingKey(of, 'state'), { state: 'claimed' }, 'step']],
  ['the bureau inspects nothing', 'reviewer', (of) => [itemKey(of, 'gate', 'verdict'), 'met']],
])('%s', async (_name, role, edit) => {
  const one = await tabletOf(role)
  const [key, value, step] = edit(id)
  await one.tablet[step === undefined ? 'commit' : 'move']({ stream, key, value, base: [], pv: 1 })
  await one.tablet.exchanged()
  expect(one.verdict(key)).toBe('rejected: forbidden')
  await one.tablet.close()
})
