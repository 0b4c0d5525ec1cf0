import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import AccountPage from '#client/features/accounts/AccountPage.vue'
import type { OwnSession } from '#client/device/account-api'
import { useSession } from '#client/state/session'
import type { Fault } from '#domain/fault'
import { answeringServer, Refused, type AnsweringServer } from '../answering-server'
import { field, openAs, press } from './world'

const CHROME = 'Mozilla/5.0 (Linux; Android 12; Pad) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36'
let server: AnsweringServer
let sessions: OwnSession[]
let refuses: Fault | undefined
let remembered: string[]
let page: VueWrapper | undefined

const one = (id: string, said: Partial<OwnSession> = {}): OwnSession => ({
  ...{ id, created: Date.now() - 86_400_000, seen: Date.now(), agent: CHROME, isThis: false, tablet: `tablet-${id}` },
  ...said,
})
beforeEach(() => {
  refuses = undefined
  remembered = []
  sessions = [one('a', { isThis: true }), one('b'), one('c', { agent: '' })]
  const end = (id: string) => () => {
    if (refuses !== undefined) return new Refused(refuses)
    sessions = sessions.filter((each) => each.id !== id)
  }
  server = answeringServer({
    'GET sessions': () => sessions,
    'DELETE sessions/b': end('b'),
    'POST password': () => (refuses === undefined ? undefined : new Refused(refuses)),
  })
})
afterEach(() => {
  page?.unmount()
  server.stop()
})
async function open(): Promise<VueWrapper> {
  page = await openAs('filler', AccountPage)
  useSession().passwordChanged = (password) => {
    remembered.push(password)
    return Promise.resolve()
  }
  return page
}
async function change(shown: VueWrapper, [old, fresh, again]: readonly [string, string, string]): Promise<void> {
  await field(shown, '原密码').setValue(old)
  await field(shown, '新密码').setValue(fresh)
  await field(shown, '再输一次').setValue(again)
  await shown.get('form').trigger('submit')
  await flushPromises()
}

test('two new passwords that differ are not sent', async () => {
  const shown = await open()
  await change(shown, ['old-password', 'new-password-1', 'new-password-2'])
  expect(shown.get('form [role=alert]').text()).toContain('两次输入的不一样')
  expect(server.bodiesOf('POST', 'password')).toEqual([])
})

test('a changed password opens this tablet off the network too, and nothing typed stays in the fields', async () => {
  const shown = await open()
  await field(shown, '同时退出其他设备').setValue(true)
  await change(shown, ['old-password', 'new-password-1', 'new-password-1'])
  expect(server.bodiesOf('POST', 'password')).toEqual([{ old: 'old-password', password: 'new-password-1', endOthers: true }])
  expect(remembered).toEqual(['new-password-1'])
  expect(shown.get('form [role=status]').text()).toContain('新密码已经生效')
  for (const input of shown.findAll<HTMLInputElement>('.password__input')) expect(input.element.value).toBe('')
})

test('a password that is refused is said, stays to be put right, and does not open this tablet', async () => {
  const shown = await open()
  refuses = { kind: 'account.invalid', values: { problem: 'passwordOld' } }
  await change(shown, ['old-password', 'old-password', 'old-password'])
  expect(shown.get('form [role=alert]').text()).toContain('新密码请和原来的不一样')
  expect(remembered).toEqual([])
  expect((field(shown, '新密码').element as HTMLInputElement).value).toBe('old-password')
})

test('the devices are listed, this one without a key, and another is signed out', async () => {
  const shown = await open()
  const lines = () => shown.findAll('.account__session').map((line) => line.text())
  expect(lines()).toHaveLength(3)
  expect(lines()[0]).toContain('这台设备')
  expect(shown.findAll('.account__session')[0]?.find('button').exists()).toBe(false)
  expect(lines()[2]).toContain('不知名的设备')
  await shown.findAll('.account__session')[1]?.get('button').trigger('click')
  await flushPromises()
  expect(lines()).toHaveLength(2)
  expect(lines().join()).not.toContain('tablet-b')
})

test('a device that cannot be signed out stays in the list, with the reason; without a network the list is asked for again', async () => {
  const shown = await open()
  refuses = { kind: 'right.missing' }
  await shown.findAll('.account__session')[1]?.get('button').trigger('click')
  await flushPromises()
  expect(shown.findAll('.account__session')).toHaveLength(3)
  expect(shown.findAll('[role=alert]').at(-1)?.text()).not.toBe('')
  page?.unmount()
  server.isAway = true
  const later = await open()
  expect(later.text()).toContain('连不上服务器')
  server.isAway = false
  await press(later, '再取一次')
  expect(later.findAll('.account__session')).toHaveLength(3)
})
