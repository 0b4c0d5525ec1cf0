import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import { useAnnouncer } from '#client/state/announcer'
import { valueKey } from '#sync/protocol'
import { AWARDS, eventually, openDesk, press, rowOf, type Desk } from './desk'

let desk: Desk
afterEach(() => desk.close())

const ADDRESS = '/review/a/2031/basics'
const rowFor = (shown: VueWrapper, element: string) => shown.get(`[data-element="${element}"]`)
async function open(values: Parameters<typeof openDesk>[0], page: Desk['says']['page'] = {}): Promise<VueWrapper> {
  desk = await openDesk(values)
  desk.says.page = page
  const shown = await desk.show(ADDRESS)
  await eventually(() => expect(desk.stateOf()).toBeDefined())
  await eventually(() => expect(rowFor(shown, 'awards').text()).toContain('31'))
  return shown
}
const key = async (name: string): Promise<void> => {
  window.dispatchEvent(new KeyboardEvent('keydown', { key: name, cancelable: true }))
  await flushPromises()
}

test('each value stands beside last year’s; what is late, and what the school wrote, is said', async () => {
  const shown = await open(
    { [AWARDS]: '31', [valueKey('2030', 'awards')]: '28', [`${AWARDS}/remark`]: '承办了比赛' },
    { row: rowOf({ late: true }) },
  )
  expect(shown.get('h1').text()).toBe('甲小学 · 基本情况')
  expect(rowFor(shown, 'awards').get('.rrow__last').text()).toContain('28')
  expect(rowFor(shown, 'awards').get('.rrow__delta').text()).toContain('3')
  await eventually(() => expect(shown.get('.review__facts').text()).toContain('逾期提交'))
  await rowFor(shown, 'awards').trigger('click')
  expect(shown.get('.review__side').text()).toContain('承办了比赛')
})

test('a report is given back with the values that were marked, and not without a reason', async () => {
  const shown = await open({ [AWARDS]: '31' })
  await rowFor(shown, 'awards').trigger('click')
  await key('m')
  await eventually(() => expect(desk.stateOf()).toMatchObject({ state: 'reviewing' }))
  expect(rowFor(shown, 'awards').text()).toContain('要退回')
  await key('r')
  const dialog = shown.get('dialog')
  await press(dialog, '退回修改')
  expect(dialog.get('[role=alert]').text()).toContain('请写明原因')
  expect(desk.stateOf()).toMatchObject({ state: 'reviewing' })
  await dialog.get('textarea').setValue('获奖人次请核对')
  await press(dialog, '退回修改')
  await eventually(() => expect(desk.stateOf()).toEqual({ state: 'returned', why: '获奖人次请核对', marks: ['awards'] }))
  expect(shown.get('.review__facts').text()).toContain('退回 1 项')
  expect(useAnnouncer().sentence).toContain('已退回')
})

test('an approval vouches for what is on the screen, off the network too', async () => {
  const shown = await open({ [AWARDS]: '31' })
  desk.network.up = false
  await eventually(() => expect(shown.findAll('.review__dock .btn--primary')).toHaveLength(1))
  await press(shown.get('.review__dock'), '审核通过')
  await eventually(() => expect(desk.stateOf()).toMatchObject({ state: 'approved' }))
  const [vouched] = (await desk.device.outbox()).filter(({ value }) => (value as { state?: string }).state === 'approved')
  expect((vouched?.value as { seen?: string }).seen).toMatch(/^[0-9a-f]+$/)
  expect(shown.text()).toContain('存在本机，连上网络后送出')
})

test('where the server has other values than this device, nothing is approved', async () => {
  const shown = await open({ [AWARDS]: '31' }, { digest: '0'.repeat(16) })
  await eventually(() => expect(shown.get('.review__dock').find('.btn--waiting').exists()).toBe(true))
  await press(shown.get('.review__dock'), '审核通过')
  expect(desk.stateOf()).toMatchObject({ state: 'submitted' })
  expect(useAnnouncer().sentence).toContain('还没全取到本机')
})

test('what an approval would pass over is asked about first', async () => {
  // Three times last year’s, and no remark.
  const shown = await open({ [AWARDS]: '31', [valueKey('2030', 'awards')]: '10' })
  await eventually(() => expect(shown.get('.review__facts').text()).toContain('1 项提醒'))
  await eventually(() => expect(shown.get('.review__dock').find('.btn--waiting').exists()).toBe(false))
  await key('a')
  const dialog = shown.get('dialog')
  expect(dialog.text()).toContain('还有 1 项提醒，学校没有说明')
  expect(desk.stateOf()).toMatchObject({ state: 'submitted' })
  await press(dialog, '仍然通过')
  await eventually(() => expect(desk.stateOf()).toMatchObject({ state: 'approved' }))
})
