import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import AuditPage from '#client/features/accounts/AuditPage.vue'
import type { AuditRow } from '#domain/audit'
import { answeringServer, type AnsweringServer } from '../answering-server'
import { openAs, press } from './world'

const row = (id: number, said: Partial<AuditRow> = {}): AuditRow => ({
  ...{ id, at: Date.now() - id * 60_000, by: 'admin', kind: 'session.opened', subject: '', details: {} },
  ...{ address: '10.0.0.7', digest: 'd', ...said },
})
const ROWS = [
  row(5, { kind: 'windows.put', subject: '2024', details: { windows: 10 } }),
  row(4, { by: '', kind: 'ledger.checked' }),
  row(3, { by: 'li' }),
  row(2),
]
let server: AnsweringServer
let page: VueWrapper | undefined
beforeEach(() => {
  server = answeringServer({
    'GET audit': ({ query }) => {
      const before = Number(query.get('before') ?? Infinity)
      const found = ROWS.filter(
        ({ id, by, kind }) => id < before && (query.get('by') ?? by) === by && (query.get('kind') ?? kind) === kind,
      )
      return { rows: found.slice(0, 2), more: found.length > 2 }
    },
  })
})
afterEach(() => {
  page?.unmount()
  server.stop()
})
const open = async () => (page = await openAs('admin', AuditPage))
const rows = (shown: VueWrapper) => shown.findAll('.audit__row').map((line) => line.text())

test('each row says what was done, to what, by whom, from where, and all that was written down', async () => {
  const shown = await open()
  const [windows, checked] = rows(shown)
  for (const words of ['5', '改填报时间', '2024', 'admin', '10.0.0.7', '"windows": 10']) expect(windows).toContain(words)
  expect(checked).toContain('程序')
  expect(checked).not.toContain('详情')
})

test('older rows come behind those that are there, until there are no more', async () => {
  const shown = await open()
  await press(shown, '更早的')
  expect(rows(shown)).toHaveLength(4)
  expect(server.asked.at(-1)?.query.get('before')).toBe('4')
  expect(shown.findAll('button').map((each) => each.text())).not.toContain('更早的')
})

test('one kind, or one person, is looked for from the newest on', async () => {
  const shown = await open()
  await press(shown, '更早的')
  await shown.get('select').setValue('session.opened')
  await flushPromises()
  expect(rows(shown)).toHaveLength(2)
  await shown.get('input[type=search]').setValue(' li ')
  await shown.get('form').trigger('submit')
  await flushPromises()
  expect(rows(shown)).toHaveLength(1)
  const { query } = server.asked.at(-1) ?? { query: new URLSearchParams() }
  expect([...query]).toEqual([
    ['by', 'li'],
    ['kind', 'session.opened'],
  ])
  await shown.get('select').setValue('windows.put')
  await flushPromises()
  expect(shown.text()).toContain('没有这样的记录')
})

test('without a network the page says so, and asks again', async () => {
  server.isAway = true
  const shown = await open()
  expect(shown.text()).toContain('连不上服务器')
  server.isAway = false
  await press(shown, '再取一次')
  expect(rows(shown)).toHaveLength(2)
})
