/**
 * The record of an inspection on A4, and what all inspections say together at the bureau: 0 axe violations in the three themes, nothing on the
 * console, no sideways scrolling, and a print that is white and complete.
 */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, startProduct, test, type Product } from './product'
import { enterDemo } from './steps'

const THEMES = ['light', 'dark', 'outdoor'] as const
const SIZES = [
  { width: 1180, height: 820 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
]
const A4_PX = { width: 794, height: 1123 }

let product: Product
test.beforeAll(async () => {
  product = await startProduct({ entry: 'demo' })
})
test.afterAll(async () => {
  await product.stop()
})

function listen(page: Page): readonly string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}

async function checkLooks(page: Page, what: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size)
    for (const theme of THEMES) {
      await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme)
      await page.waitForTimeout(300)
      if (size === SIZES[0]) {
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
          `${what} in ${theme}`,
        ).toEqual([])
      }
      const shots = process.env['SHOTS']
      if (shots !== undefined) await page.screenshot({ path: `${shots}/${what}-${String(size.width)}-${theme}.png` })
    }
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      `${what} at ${String(size.width)}`,
    ).toBe(true)
  }
}

test('the record of an inspection is printed on A4, black on white also out of the dark', async ({ browser }) => {
  const context = await browser.newContext({ viewport: SIZES[0], locale: 'zh-CN' })
  const page = await context.newPage()
  const complaints = listen(page)
  await enterDemo(page, product.url, '督学')
  await page.locator('.irow').filter({ hasText: '已完成' }).or(page.locator('[aria-labelledby=h-over] .irow')).first().click()
  await page.getByRole('link', { name: '打印检查记录' }).click()
  await expect(page.locator('.sheet__table tbody tr').first()).toBeVisible()
  await checkLooks(page, 'record')
  await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'dark'))
  const pdf = await page.pdf({
    preferCSSPageSize: true,
    printBackground: true,
    ...(process.env['SHOTS'] === undefined ? {} : { path: `${process.env['SHOTS']}/record.pdf` }),
  })
  expect(pdf.toString('latin1')).toMatch(/\/MediaBox \[0 0 59[45](\.\d+)? 84[12](\.\d+)?\]/)
  expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0).toBeGreaterThan(0)

  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize(A4_PX)
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')))
  await expect(page.locator('.sheetbar')).toBeHidden()
  expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('light')
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  await expect(page.locator('.sheet__sign')).toBeVisible()
  expect(complaints).toEqual([])
  await context.close()
})

test('the bureau sees what all inspections say together, and goes from there to the item that differs', async ({ browser }) => {
  const context = await browser.newContext({ viewport: SIZES[0], locale: 'zh-CN' })
  const page = await context.newPage()
  const complaints = listen(page)
  await enterDemo(page, product.url, '审核')
  await page.goto(`${product.url}/findings`)
  await page.getByRole('link', { name: '检查汇总' }).click()
  await expect(page.locator('.district').first()).toBeVisible()
  await expect(page.locator('[aria-labelledby=h-each] .irow').first()).toBeVisible()
  await checkLooks(page, 'district')
  await page.locator('[aria-labelledby=h-differing] a').first().focus()
  await page.keyboard.press('Enter')
  await expect(page.locator('#ask')).toBeVisible()
  expect(complaints).toEqual([])
  await context.close()
})
