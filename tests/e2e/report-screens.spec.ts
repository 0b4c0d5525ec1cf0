/** The school's screens of a report's way: no axe violation in three themes, nothing on the console, no sideways scrolling. */
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './product'
import { enterDemo } from './steps'

const THEMES = ['light', 'dark', 'outdoor'] as const
const WIDTHS = [1180, 820, 590]

test('checking, handed in, with the bureau, and news', async ({ context, demo }) => {
  test.setTimeout(240_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  const home = await enterDemo(page, demo.url, '校长')
  await expect(page.locator('.net')).toContainText('已连网', { timeout: 60_000 })

  async function inspect(what: string): Promise<void> {
    for (const theme of THEMES) {
      await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme)
      await page.waitForTimeout(400)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
        `${what} in ${theme}`,
      ).toEqual([])
    }
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 820 })
      await page.waitForTimeout(200)
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(beyond, `${what} scrolls sideways at ${width}`).toBeLessThanOrEqual(0)
    }
    await page.setViewportSize({ width: 1180, height: 820 })
  }

  await page.goto(`${demo.url}${home}/students/submit`)
  await expect(page.getByRole('button', { name: '提交', exact: true })).toBeVisible()
  await inspect('checking')
  await page.getByRole('button', { name: '提交', exact: true }).click()
  await expect(page.getByText(/区教育局已收到 · 回执 \d+/)).toBeVisible({ timeout: 60_000 })
  await inspect('handed in')
  await page.goto(`${demo.url}${home}/fill/students`)
  await expect(page.locator('.band')).toBeVisible()
  await inspect('with the bureau')
  await page.goto(`${demo.url}${home}/news`)
  await expect(page.locator('h1')).toBeVisible()
  await inspect('news')
  expect(complaints).toEqual([])
})
