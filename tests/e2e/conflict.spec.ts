/**
 * Two people of one school, on two tablets without a network, in the same report. What they typed in different fields merges; where both
 * changed the same value both tablets show both values, with who, when and where, and a third value that one of them types reaches the other.
 */
import type { Page } from '@playwright/test'
import { expect, openTablet, test } from './product'
import { enterDemo, openForm } from './steps'

const BOTH = 'graduatesGood.primary'
const ONE = 'fitnessTested'
const OTHER = 'studentEntries'

const row = (page: Page, id: string) => page.locator(`[id="row-${id}"]`)
const field = (page: Page, id: string) => row(page, id).locator('.frow__field input')
const state = (page: Page, id: string) => row(page, id).locator('.frow__state .state')

/** A field that has the focus keeps what stands in it: nothing comes in under somebody's hands. */
const leave = (page: Page) => page.locator('h1').focus()

async function type(page: Page, id: string, value: string): Promise<void> {
  await field(page, id).fill(value)
  await leave(page)
}

async function remark(page: Page, id: string, text: string): Promise<void> {
  await row(page, id).getByRole('button', { name: /备注/ }).click()
  await row(page, id).locator('.remark textarea').fill(text)
  await leave(page)
}

/** Somebody takes the tablet up again, which is when the app looks for news without waiting for its next round. */
const takeUp = (page: Page) => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))

test('two tablets that were offline: other values merge, the same one is decided on one of them and reaches the other', async ({
  demo,
  tablet,
}) => {
  test.setTimeout(240_000)
  const second = await openTablet()
  const address = `${demo.url}${await enterDemo(tablet.page, demo.url, '校长')}`
  await enterDemo(second.page, demo.url, '填报员')
  const [a, b] = [tablet.page, second.page]
  const form = `${address}/fill/students`
  await openForm(a, form)
  await openForm(b, form)
  const before = await field(a, BOTH).inputValue()
  await expect(field(b, BOTH)).toHaveValue(before)
  await expect(state(b, BOTH)).toHaveText('已同步')

  await tablet.context.setOffline(true)
  await second.context.setOffline(true)
  await type(a, ONE, '1400')
  await type(a, BOTH, '113')
  await remark(a, BOTH, '2 名借读生不计入')
  await type(b, OTHER, '190')
  await type(b, BOTH, '115')
  await remark(b, BOTH, '按教务系统导出')
  await expect(state(a, BOTH)).toHaveText('存在本机')
  await expect(state(b, BOTH)).toHaveText('存在本机')

  await tablet.context.setOffline(false)
  await second.context.setOffline(false)
  await expect(async () => {
    for (const page of [a, b]) {
      await takeUp(page)
      await expect(state(page, BOTH)).toHaveText('有两个值', { timeout: 2000 })
    }
  }).toPass({ timeout: 90_000 })
  // Fields that only one of them touched have merged without a word.
  await expect(field(a, OTHER)).toHaveValue('190')
  await expect(field(b, ONE)).toHaveValue('1400')

  for (const page of [a, b]) {
    await row(page, BOTH)
      .getByRole('link', { name: /并排看/ })
      .click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('有 2 个值，请选一个')
    const cards = page.locator('.side-card')
    await expect(cards).toHaveCount(2)
    // One's own stands first.
    const [own, others] = page === a ? ['113', '115'] : ['115', '113']
    await expect(cards.nth(0)).toContainText('我填的')
    await expect(cards.nth(0)).toContainText('这台平板')
    await expect(cards.nth(0).locator('.side-card__value b')).toHaveText(own)
    await expect(cards.nth(1)).toContainText(page === a ? '填报员填的' : '校长填的')
    await expect(cards.nth(1)).toContainText(/平板 [A-Z2-7]{4}/)
    await expect(cards.nth(1)).toContainText(/刚刚|今天/)
    await expect(cards.nth(1).locator('.side-card__value b')).toHaveText(others)
    await expect(page.locator('.story')).toContainText(before)
  }

  // Decided without a network: a third value, and the two remarks in one.
  await second.context.setOffline(true)
  await b.keyboard.press('3')
  const third = b.locator('.third input[type=text]')
  await expect(third).toBeFocused()
  await third.fill('114')
  await expect(b.getByRole('button', { name: '用新的 114' })).toBeVisible()
  await b.getByRole('button', { name: '用新的 114' }).click()
  await expect(b.getByRole('heading', { level: 1 })).toHaveText('都选好了')
  await openForm(b, form)
  await expect(field(b, BOTH)).toHaveValue('114')
  await expect(state(b, BOTH)).toHaveText('存在本机')
  await second.context.setOffline(false)

  // The other tablet still shows the question, and hears the answer by itself.
  await expect(async () => {
    await takeUp(a)
    await expect(a.locator('main')).toContainText('已经选好', { timeout: 2000 })
  }).toPass({ timeout: 90_000 })
  await expect(a.locator('main')).toContainText('现在是 114')
  await openForm(a, form)
  await expect(field(a, BOTH)).toHaveValue('114')
  await row(a, BOTH).getByRole('button', { name: /备注/ }).click()
  await expect(row(a, BOTH).locator('.remark textarea')).toHaveValue(/2 名借读生不计入/)
  await expect(row(a, BOTH).locator('.remark textarea')).toHaveValue(/按教务系统导出/)

  // Nothing is gone: the history has both, and the one before.
  await row(a, BOTH).getByRole('button', { name: '这一项的经过' }).click()
  const history = a.getByRole('dialog')
  await expect(history.locator('.history__one--now', { hasText: '114' })).toContainText(/代替了 (113 人、115 人|115 人、113 人)/)
  for (const value of ['113', '115', before]) await expect(history).toContainText(value)
  await expect(history).toContainText('和别人填的不一样，两个都留着')
  await second.close()
})
