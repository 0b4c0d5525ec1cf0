import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import { openDesk, eventually, other, press, queueOf, rowOf, type Desk } from './desk'

let desk: Desk
afterEach(() => desk.close())

const lines = (shown: VueWrapper) => shown.findAll('[data-queue-row]')
const lastQuery = () => Object.fromEntries(desk.server.asked.filter(({ path }) => path === 'reports').at(-1)?.query ?? [])

test('each report says whose it is, what is special about it, and leads to its page', async () => {
  desk = await openDesk({})
  desk.says.queue = () =>
    queueOf([
      rowOf({ errors: 2, comments: 1 }),
      rowOf({ orgUnit: other.code, round: 2, changed: 3 }),
      rowOf({ orgUnit: other.code, dataSet: 'equipment', late: true }),
    ])
  const shown = await desk.show('/review')
  const [first, second, third] = lines(shown).map((line) => line.text())
  for (const words of ['甲小学', '基本情况', '2 项要改正']) expect(first).toContain(words)
  for (const words of ['乙初中', '改后重交 · 3 项变动']) expect(second).toContain(words)
  for (const words of ['设备', '逾期提交']) expect(third).toContain(words)
  expect(lines(shown)[2]?.attributes('href')).toBe('/review/b/2031/equipment')
  expect(shown.get('[role=tab][aria-selected=true]').text()).toBe('待审 3')
})

test('tabs and what narrows the queue are asked of the server', async () => {
  desk = await openDesk({})
  const shown = await desk.show('/review')
  expect(lastQuery()).toEqual({ period: '2032', state: 'submitted,reviewing', sort: 'waiting' })
  await shown.get('.review__pick select').setValue('2031')
  await shown.get('[data-tab=returned]').trigger('click')
  await shown.get('.review__filter').trigger('click')
  const [type, dataSet] = shown.findAll('.review__narrow select')
  await type?.setValue('junior')
  await dataSet?.setValue('equipment')
  await press(shown.get('.review__only'), '逾期')
  await flushPromises()
  const narrow = { period: '2031', state: 'returned,reopened,withdrawn', sort: 'received', type: 'junior', dataSet: 'equipment' }
  expect(lastQuery()).toEqual({ ...narrow, only: 'late' })
  desk.says.queue = () => queueOf([])
  await shown.get('input[type=search]').setValue(' 乙 ')
  await eventually(() => expect(lastQuery()).toEqual({ ...narrow, only: 'late', q: '乙' }))
  await eventually(() => expect(shown.text()).toContain('没有符合条件的报表'))
})

test('what does not fit on one page comes behind the rows that are there', async () => {
  desk = await openDesk({})
  desk.says.queue = (query) =>
    query.get('cursor') === null
      ? queueOf([rowOf()], { total: 3, next: 'behind-1' })
      : queueOf([rowOf({ orgUnit: other.code }), rowOf({ orgUnit: other.code, dataSet: 'equipment' })], { total: 3 })
  const shown = await desk.show('/review')
  await press(shown, '再列 2 份')
  expect(lastQuery()).toMatchObject({ cursor: 'behind-1' })
  expect(lines(shown).map((line) => line.attributes('href'))).toEqual([
    '/review/a/2031/basics',
    '/review/b/2031/basics',
    '/review/b/2031/equipment',
  ])
  expect(shown.text()).not.toContain('再列')
})

test('off the network the rows that were seen stay, and the page says from when they are', async () => {
  desk = await openDesk({})
  const shown = await desk.show('/review')
  expect(lines(shown)).toHaveLength(1)
  desk.server.isAway = true
  await shown.get('.review__filter').trigger('click')
  await press(shown.get('.review__only'), '有提醒')
  await flushPromises()
  expect(shown.text()).toContain('没有网络，队列是')
  expect(lines(shown)).toHaveLength(1)
  desk.server.isAway = false
  await press(shown, '再')
  await eventually(() => expect(shown.text()).not.toContain('没有网络'))
})

test('several are chosen and approved together: one that passes every check, and not one with an error', async () => {
  desk = await openDesk({})
  desk.says.queue = () => queueOf([rowOf(), rowOf({ orgUnit: other.code, errors: 1 })])
  const shown = await desk.show('/review')
  await press(shown, '多选')
  await press(shown, '全选这一页')
  await press(shown, '一起通过 2')
  const dialog = shown.get('dialog')
  expect(desk.stateOf()).toMatchObject({ state: 'submitted' })
  await press(dialog, '核对并通过')
  await eventually(() => expect(dialog.text()).toContain('通过 1 份，留下 1 份'))
  expect(dialog.findAll('.ask__row')[1]?.text()).toContain('有要改正的内容')
  expect(desk.stateOf()).toMatchObject({ state: 'approved' })
})

test('a leader reads the queue, and chooses nothing to approve', async () => {
  desk = await openDesk({}, 'leader')
  const shown = await desk.show('/review')
  expect(lines(shown)).toHaveLength(1)
  expect(shown.text()).not.toContain('多选')
})
