import type { VueWrapper } from '@vue/test-utils'
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import PeoplePage from '#client/features/accounts/PeoplePage.vue'
import type { Account } from '#client/device/account-api'
import { useAnnouncer } from '#client/state/announcer'
import type { Fault } from '#domain/fault'
import type { Role } from '#domain/person'
import { answeringServer, Refused, type AnsweringServer, type Question } from '../answering-server'
import { field, openAs, press } from './world'

let server: AnsweringServer
let accounts: Account[]
/** What the next change meets. */
let refuses: Fault | undefined
let page: VueWrapper | undefined

const account = (username: string, role: Role, said: Partial<Account> = {}): Account => ({
  ...{ username, name: `${username}老师`, role, orgUnits: role === 'filler' || role === 'principal' ? ['p-0'] : [] },
  ...said,
})
const change = ({ path, body }: Question) => {
  if (refuses !== undefined) return new Refused(refuses)
  const username = path.split('/')[1]
  accounts = accounts.map((each) => {
    if (each.username !== username) return each
    const { disabled, ...said } = body as { readonly disabled?: boolean }
    return { ...each, ...said, disabled: disabled === true ? 1 : undefined }
  })
  return accounts.find((each) => each.username === username)
}

beforeEach(() => {
  refuses = undefined
  accounts = [
    account('li', 'filler', { dataSets: ['basics'] }),
    account('wang', 'principal', { orgUnits: ['p-1'], isOneTime: true }),
    account('zhao', 'reviewer', { disabled: 1 }),
  ]
  server = answeringServer({
    'GET accounts': () => accounts,
    'POST accounts': ({ body }) => {
      if (refuses !== undefined) return new Refused(refuses)
      accounts = [...accounts, { ...(body as Account), isOneTime: true }]
      return { ...(body as Account), password: 'once-only-1' }
    },
    'PATCH accounts/li': change,
    'PATCH accounts/zhao': change,
    'POST accounts/li/password': () => ({ ...accounts[0], password: 'once-only-2' }),
    'POST accounts/import': ({ body }) => {
      const { dryRun } = body as { readonly dryRun: boolean }
      const refusal = { row: 3, username: 'sun', result: 'refused', message: { zh: '这一行没有学校', en: 'no school' } }
      const good = dryRun
        ? { row: 2, username: 'qian', result: 'fits' }
        : { row: 2, username: 'qian', result: 'made', password: 'once-only-3' }
      return { dryRun, made: dryRun ? 0 : 1, refused: 1, rows: [good, refusal] }
    },
  })
})
afterEach(() => {
  page?.unmount()
  server.stop()
})
const open = async (role: Role = 'admin') => (page = await openAs(role, PeoplePage))
const rows = (shown: VueWrapper) => shown.findAll('.people__row').map((row) => row.text())

test('each account says whose it is, for which school, for which forms, and whether it can be used', async () => {
  const shown = await open()
  const [li, wang, zhao] = rows(shown)
  for (const words of ['li老师', '填报员', '甲小学', '只填：基本情况', '可以登录']) expect(li).toContain(words)
  for (const words of ['乙小学', '还没设密码']) expect(wang).toContain(words)
  for (const words of ['区教育局', '已停用']) expect(zhao).toContain(words)
})

test('one is found by name, school and role', async () => {
  const shown = await open()
  await shown.get('input[type=search]').setValue('乙小')
  expect(rows(shown)).toHaveLength(1)
  expect(rows(shown)[0]).toContain('wang老师')
  await shown.get('input[type=search]').setValue('')
  await shown.get('select').setValue('reviewer')
  expect(rows(shown)).toHaveLength(1)
  expect(rows(shown)[0]).toContain('zhao老师')
  await shown.get('input[type=search]').setValue('没有这个人')
  expect(shown.text()).toContain('这里还没有账号')
})

test('an account is made with its rights, and its password is shown this once', async () => {
  const shown = await open()
  await press(shown, '新账号')
  const dialog = shown.get('dialog')
  await field(dialog, '用户名').setValue('chen')
  await field(dialog, '姓名').setValue('陈老师')
  await field(dialog, '身份').setValue('filler')
  await dialog.get('.answer__input').setValue(true)
  await field(dialog, '只填指定的报表').setValue(true)
  await dialog.findAll('.answers')[1]?.findAll('input')[1]?.setValue(true)
  await dialog.get('form').trigger('submit')
  await flushPromises()
  expect(server.bodiesOf('POST', 'accounts')).toEqual([
    { username: 'chen', name: '陈老师', role: 'filler', orgUnits: ['p-0'], dataSets: ['equipment'] },
  ])
  expect(shown.get('dialog[open] .shown').text()).toContain('once-only-1')
  expect(rows(shown)).toHaveLength(4)
  await press(shown.get('dialog[open]'), '记好了')
  expect(shown.text()).not.toContain('once-only-1')
})

test('what the server finds wrong is said in the question, and what was typed stays', async () => {
  const shown = await open()
  await press(shown, '新账号')
  refuses = { kind: 'account.invalid', values: { problem: 'nameLength' } }
  await field(shown.get('dialog'), '用户名').setValue('chen')
  await shown.get('dialog form').trigger('submit')
  await flushPromises()
  expect(shown.get('dialog [role=alert]').text()).toContain('姓名请写 1 到 100 个字')
  expect((field(shown.get('dialog'), '用户名').element as HTMLInputElement).value).toBe('chen')
  expect(rows(shown)).toHaveLength(3)
})

test('a password is made anew only after the question, and then shown', async () => {
  const shown = await open()
  await press(shown, '重设li老师的密码')
  expect(server.bodiesOf('POST', 'accounts/li/password')).toHaveLength(0)
  await press(shown.get('dialog[open]'), '取消')
  await press(shown, '重设li老师的密码')
  await press(shown.get('dialog[open]'), '重设密码')
  expect(server.bodiesOf('POST', 'accounts/li/password')).toHaveLength(1)
  expect(shown.get('dialog[open] .shown').text()).toContain('once-only-2')
})

test('an account is closed and opened again; where that may not be, it is said and nothing changes', async () => {
  const shown = await open()
  await press(shown, '停用li老师的账号')
  expect(server.bodiesOf('PATCH', 'accounts/li')).toEqual([{ disabled: true }])
  expect(rows(shown)[0]).toContain('已停用')
  expect(useAnnouncer().sentence).toBe('li老师的账号已停用')
  refuses = { kind: 'account.invalid', values: { problem: 'lastAdmin' } }
  await press(shown, '启用zhao老师的账号')
  expect(shown.get('[role=alert]').text()).toContain('至少要保留一个可用的管理员账号')
  expect(rows(shown)[2]).toContain('已停用')
})

test('a table is tried first, names the line that does not fit, and only then makes the others', async () => {
  const shown = await open()
  const card = shown.get('.import')
  await card.get('textarea').setValue('username,name\nqian,钱\nsun,孙')
  await press(card, '先试一遍')
  expect(card.text()).toContain('1 行没有问题，1 行要改；还没有建')
  expect(card.text()).toContain('这一行没有学校')
  await press(card, '建 1 个没有问题的')
  expect(server.bodiesOf('POST', 'accounts/import')).toEqual([
    { csv: 'username,name\nqian,钱\nsun,孙', take: 'all', dryRun: true },
    { csv: 'username,name\nqian,钱\nsun,孙', take: 'good', dryRun: false },
  ])
  expect(shown.get('dialog[open] .shown').text()).toContain('once-only-3')
})

test('a principal makes fillers of the own school only, and imports nothing', async () => {
  const shown = await open('principal')
  expect(shown.find('.import').exists()).toBe(false)
  expect(shown.find('select').exists()).toBe(false)
  await press(shown, '新账号')
  const dialog = shown.get('dialog')
  expect(dialog.find('select').exists()).toBe(false)
  expect(dialog.text()).not.toContain('乙小学')
  await field(dialog, '用户名').setValue('chen')
  await dialog.get('form').trigger('submit')
  await flushPromises()
  expect(server.bodiesOf('POST', 'accounts')).toMatchObject([{ role: 'filler', orgUnits: ['p-0'] }])
})

test('without a network the page says so, and asks again', async () => {
  server.isAway = true
  const shown = await open()
  expect(shown.text()).toContain('连不上服务器')
  server.isAway = false
  await press(shown, '再取一次')
  expect(rows(shown)).toHaveLength(3)
})
