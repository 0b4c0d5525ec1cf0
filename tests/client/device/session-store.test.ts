import { afterEach, expect, test } from 'vitest'
import { reactive } from 'vue'
import { openSessionStore, type SessionStore, type StoredSession } from '#client/device/session-store'

const open: SessionStore[] = []
const make = (): SessionStore => {
  const store = openSessionStore()
  open.push(store)
  return store
}
afterEach(() => {
  for (const store of open.splice(0)) store.close()
})

const session = (username: string, since: number, plan = 'p-1'): StoredSession => ({
  person: { username, name: '李', role: 'principal', orgUnits: ['A-1'] },
  orgUnits: [{ code: 'A-1', name: '第一小学', type: 'primary', ownership: 'public' }],
  plan,
  since,
})

test('the tablet remembers who was signed in, what they saw, and who was there before', async () => {
  const store = make()
  expect(await store.readSession()).toBeUndefined()
  await store.writeSession(reactive(session('li', 1)))
  await store.writeSession(session('wang', 2))
  const again = make()
  expect(await again.readSession()).toMatchObject(session('wang', 2))
  expect((await again.people()).map(({ username }) => username)).toEqual(['wang', 'li'])
  await again.clearSession()
  expect(await again.readSession()).toBeUndefined()
  expect(await again.readSessionOf('li')).toMatchObject(session('li', 1))
})

test('a plan is kept verbatim for as long as a session names it', async () => {
  const store = make()
  const document = { format: 1, odd: [{ 优: null }] }
  await store.writePlan('p-1', document)
  await store.writeSession(session('li', 1, 'p-1'))
  await store.writePlan('p-2', { format: 2 })
  expect(await store.readPlan('p-1')).toEqual(document)
  await store.writeSession(session('li', 2, 'p-2'))
  await store.writeSession(session('wang', 3, 'p-2'))
  await store.writePlan('p-2', { format: 2 })
  expect(await store.readPlan('p-1')).toBeUndefined()
  expect(await store.readPlan('p-2')).toEqual({ format: 2 })
})

test('a password is proven without a network, and is not kept', async () => {
  const store = make()
  expect(await store.checkPassword({ username: 'zhao', password: 'x' })).toBe('unknown')
  await store.rememberPassword({ username: 'zhao', password: '密码 1' })
  expect(await store.checkPassword({ username: 'zhao', password: '密码 1' })).toBe('right')
  expect(await store.checkPassword({ username: 'zhao', password: '密码 2' })).toBe('wrong')
  expect(await store.checkPassword({ username: 'li', password: '密码 1' })).toBe('unknown')
})
