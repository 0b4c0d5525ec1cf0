/** Windows in a real browser: the administrator sets them by keys, one school gets more time, and each principal's home says what holds there. */
import type { Browser, Page } from '@playwright/test'
import { expect, startProduct, test, type Product } from './product'
import { enterDemo } from './steps'

let product: Product
test.beforeAll(async () => {
  product = await startProduct({ entry: 'demo' })
})
test.afterAll(async () => {
  await product.stop()
})

const open = async (browser: Browser, timezoneId: string): Promise<Page> => (await browser.newContext({ timezoneId })).newPage()

/** So many days from now, as it is read off the district's clocks. */
function localIn(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000 + 8 * 3_600_000)
  return `${at.toISOString().slice(0, 10)}T23:59`
}

test('a due date for all and an extension for one school are set, survive a loss of the network, and stand on the home page', async ({
  browser,
}) => {
  const school = await open(browser, 'Asia/Shanghai')
  const home = await enterDemo(school, product.url, '校长')
  const [, , , period = ''] = home.split('/')
  const name = (await school.locator('h1').textContent()) ?? ''

  // Whoever sets them may be anywhere: what is typed is the district's time.
  const desk = await open(browser, 'America/New_York')
  await enterDemo(desk, product.url, '管理员')
  await desk.getByRole('link', { name: '填报时间' }).click()
  await desk.getByRole('combobox', { name: '年度' }).selectOption(period)
  await expect(desk.getByText('Asia/Shanghai')).toBeVisible()
  const all = desk.getByRole('region', { name: '一次设定' })
  await all.getByLabel('截止').fill(localIn(5))
  await all.getByRole('button', { name: /^用到/ }).press('Enter')

  const row = desk.locator('.windows__row').first()
  await row.getByRole('button', { name: /延期/ }).press('Enter')
  await row.getByRole('searchbox').fill(name)
  await row.getByRole('button', { name: new RegExp(`^${name}（`) }).press('Enter')
  const extension = row.getByRole('group', { name })
  await expect(extension.getByLabel('截止')).toBeFocused()
  await desk.keyboard.press('Tab')
  await extension.getByLabel('截止').fill(localIn(4))
  await extension.getByLabel('关闭').fill(localIn(3))
  await desk.getByRole('button', { name: '保存' }).press('Enter')
  await expect(extension.getByLabel('关闭')).toBeFocused()
  await expect(extension).toContainText('关闭早于截止')
  await extension.getByLabel('关闭').fill('')
  await extension.getByLabel('截止').fill(localIn(2))

  await desk.context().setOffline(true)
  await desk.getByRole('button', { name: '保存' }).press('Enter')
  await expect(desk.getByRole('alert').filter({ hasText: '还没有保存' })).toBeVisible()
  await desk.getByRole('link', { name: '一屏知' }).click()
  await desk.getByRole('dialog').getByRole('button', { name: '留在这里' }).click()
  await desk.context().setOffline(false)
  await desk.getByRole('button', { name: '保存' }).press('Enter')
  await expect(desk.getByText('填报时间已保存')).toBeVisible()
  await expect(extension.getByText('开放')).toBeVisible()

  // Nine forms are due in five days, this school's first one in two.
  await school.reload()
  await expect(school.locator('.hero__deadline')).toContainText('还剩 2 天')
  await expect(school.locator('.hero__deadline')).toContainText('1 张表')

  // What is kept on the device is read off the network, and not changed there.
  await desk.context().setOffline(true)
  await desk.reload()
  await expect(desk.getByText('这是上次取到的，只能看')).toBeVisible()
  await expect(desk.locator('.windows input')).toHaveCount(0)
  await desk.context().setOffline(false)
  await expect(desk.locator('.windows__row').first().getByLabel('截止')).toHaveValue(localIn(5))
})

test('what was handed in behind its time is called late on the school’s tablet, off the network too', async ({ browser }) => {
  const school = await open(browser, 'Asia/Shanghai')
  const home = await enterDemo(school, product.url, '校长')
  const [, , , period = ''] = home.split('/')
  const desk = await open(browser, 'Asia/Shanghai')
  await enterDemo(desk, product.url, '管理员')
  const windows = [{ period, dataSet: 'profile', due: localIn(-2), extensions: [] }]
  const put = await desk.request.put(`${product.url}/api/windows`, { data: { windows }, headers: { origin: product.url } })
  expect(put.status()).toBe(200)

  await school.goto(`${product.url}${home}/profile/submit`)
  await expect(school.getByText('还可以提交，会标为逾期')).toBeVisible()
  await school.getByRole('button', { name: '提交', exact: true }).click()
  await expect(school.getByText('逾期提交：区教育局')).toBeVisible()
  await school.goto(`${product.url}${home}/fill/profile`)
  await expect(school.locator('.band').getByText('逾期提交：区教育局')).toBeVisible()
  await school.context().setOffline(true)
  await school.reload()
  await expect(school.locator('.band').getByText('逾期提交：区教育局')).toBeVisible()
})
