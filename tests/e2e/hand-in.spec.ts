/**
 * A tablet that never gets through: its unsent work goes as a file to the bureau, and the tablet, back on the network, finds it taken. And
 * several people on one tablet: nobody's work is lost by signing out, or sent under another's name.
 */
import AxeBuilder from '@axe-core/playwright'
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expect, openTablet, test } from './product'
import { DEMO_PASSWORD, enterDemo, openForm } from './steps'

const fieldOf = (page: Page, at: number) => page.locator('.frow input[inputmode]').nth(at)

const rowOf = (page: Page, at: number) =>
  page
    .locator('.frow')
    .filter({ has: page.locator('input[inputmode]') })
    .nth(at)

async function type(page: Page, at: number, text: string): Promise<void> {
  await fieldOf(page, at).click()
  await page.keyboard.press('Control+A')
  await page.keyboard.type(text)
  await page.keyboard.press('Tab')
  // What the row does not show as stored yet may be lost with the page; what it does show may not.
  const row = fieldOf(page, at).locator('xpath=ancestor::div[@role="group"][1]')
  await expect(row.locator('.frow__state')).toContainText(/存在本机|已同步/)
}

async function inspect(page: Page): Promise<void> {
  for (const theme of ['light', 'dark', 'outdoor']) {
    await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
      theme,
    ).toEqual([])
  }
  await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'light'))
}

test('unsent work goes through the bureau as a file, once or twice, and the tablet finds it taken', async ({ demo, tablet }) => {
  const { page, context } = tablet
  const home = await enterDemo(page, demo.url, '校长')
  await page.goto(`${demo.url}/sync`)
  await expect(page.getByText('1 所学校的报表都在本机')).toBeVisible()
  await openForm(page, `${demo.url}${home}/fill/teachers`)
  await context.setOffline(true)
  await type(page, 0, '611')
  await type(page, 1, '612')
  await expect(rowOf(page, 1)).toContainText('存在本机')
  await page.goto(`${demo.url}/sync`)
  await expect(page.getByRole('heading', { name: '等待发送 2 项' })).toBeVisible()
  // By keyboard: the group opens to its values.
  await page.locator('summary').first().focus()
  await page.keyboard.press('Enter')
  await expect(page.locator('.qvalue')).toHaveCount(2)
  await inspect(page)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出' }).click()])
  expect(download.suggestedFilename()).toMatch(/\.youxue$/)
  const path = await download.path()
  expect(readFileSync(path, 'utf8')).toContain('"seal"')

  const bureau = await openTablet()
  try {
    await enterDemo(bureau.page, demo.url, '审核员')
    await bureau.page.goto(`${demo.url}/sync`)
    const row = bureau.page.locator('.qrow').filter({ hasText: '2 个数值' })
    await bureau.page.locator('input[type=file]').setInputFiles(path)
    await expect(row).toContainText('区教育局收到 2 个')
    await inspect(bureau.page)
    await bureau.page.locator('input[type=file]').setInputFiles(path)
    await expect(row).toContainText('另有 2 个先前已收到')
    const damaged = readFileSync(path, 'utf8').replace('611', '911')
    await bureau.page
      .locator('input[type=file]')
      .setInputFiles({ name: 'damaged.youxue', mimeType: 'application/json', buffer: Buffer.from(damaged) })
    await expect(bureau.page.getByRole('alert')).toContainText('在路上变了样')
  } finally {
    await bureau.close()
  }

  await context.setOffline(false)
  await expect(page.getByRole('heading', { name: '都送到了' })).toBeVisible({ timeout: 30_000 })
  await openForm(page, `${demo.url}${home}/fill/teachers`)
  await expect(fieldOf(page, 0)).toHaveValue('611')
  await expect(page.locator('.frow').filter({ hasText: '有两个值' })).toHaveCount(0)
})

test('who signs out leaves unsent work behind under their name, and it goes out when they are back', async ({ demo, tablet }) => {
  const { page, context } = tablet
  const home = await enterDemo(page, demo.url, '填报员')
  await openForm(page, `${demo.url}${home}/fill/teachers`)
  await context.setOffline(true)
  await type(page, 2, '731')
  await page.goto(`${demo.url}/settings`)
  await page.getByRole('button', { name: '退出登录' }).click()
  await expect(page.getByRole('dialog')).toContainText('1 项')
  await page.getByRole('dialog').getByRole('button', { name: '退出登录' }).click()
  await expect(page.locator('.gate__people')).toContainText('1 项没送出')
  await inspect(page)

  await context.setOffline(false)
  await page.reload()
  const bodies: string[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/api/sync')) bodies.push(request.postData() ?? '')
  })
  await enterDemo(page, demo.url, '校长')
  await expect(page.locator('h1')).toBeVisible()
  await page.goto(`${demo.url}/sync`)
  await expect(page.getByRole('heading', { name: '都送到了' })).toBeVisible({ timeout: 30_000 })
  expect(bodies.filter((body) => body.includes('731'))).toEqual([])

  await page.goto(`${demo.url}/settings`)
  await page.getByRole('button', { name: '退出登录' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '退出登录' }).click()
  await page.locator('.gate__people .quick').filter({ hasText: '没送出' }).click()
  await page.locator('input[name=password]').fill(DEMO_PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'))
  await page.goto(`${demo.url}/sync`)
  await expect(page.getByRole('heading', { name: '都送到了' })).toBeVisible({ timeout: 30_000 })
  await openForm(page, `${demo.url}${home}/fill/teachers`)
  await expect(fieldOf(page, 2)).toHaveValue('731')
})

test('a tab whose person was replaced in another tab sends nothing, says so, and keeps its place', async ({ demo, tablet }) => {
  const { page, context } = tablet
  const home = await enterDemo(page, demo.url, '校长')
  const address = `${demo.url}${home}/fill/teachers`
  await openForm(page, address)
  // Somebody else signs in beside: the cookie is the browser's.
  const answer = await context.request.post(`${demo.url}/api/session`, {
    data: { username: 'reviewer', password: DEMO_PASSWORD },
  })
  expect(answer.ok()).toBe(true)
  await type(page, 3, '841')
  const banner = page.locator('.banner').filter({ hasText: '登录过期' })
  await expect(banner).toBeVisible({ timeout: 30_000 })
  await type(page, 4, '842')
  await banner.getByRole('link').click()
  await expect(page.locator('input[name=username]')).toHaveValue('principal')
  await page.locator('input[name=password]').fill(DEMO_PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL(address)
  await expect(banner).toHaveCount(0)
  const history = async (): Promise<string> => {
    const said = await context.request.get(`${demo.url}/api/session`)
    return ((await said.json()) as { username: string }).username
  }
  expect(await history()).toBe('principal')
  await openForm(page, address)
  await expect(fieldOf(page, 3)).toHaveValue('841')
  await page.goto(`${demo.url}/sync`)
  await expect(page.getByRole('heading', { name: '都送到了' })).toBeVisible({ timeout: 30_000 })
})
