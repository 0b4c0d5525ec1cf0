/**
 * Tablets in schools are seldom new: signing in, typing without a network and syncing in a Chromium 92.
 *
 * The test's driver is newer than the engine and cannot ask it whether something is visible, so this test clicks and reads in the page itself and
 * types through the engine's own input events.
 */
import type { Page } from '@playwright/test'
import { CHROMIUM_ARGS } from '../../scripts/find-browser.mjs'
import { oldChromium } from './old-chromium'
import { expect, openTablet, test } from './product'

const FIELD = '.frow .field__input'

async function waitFor(page: Page, selector: string, text = ''): Promise<void> {
  await page.waitForFunction(
    ([find, words]) =>
      [...document.querySelectorAll(find ?? '')].some((element) => (element.textContent ?? '').includes(words ?? '')),
    [selector, text],
    { timeout: 60_000 },
  )
}

const valueOf = (page: Page): Promise<string> =>
  page.evaluate((selector) => document.querySelector<HTMLInputElement>(selector)?.value ?? '', FIELD)

test('signing in, typing without a network and syncing work in Chromium 92', async ({ demo }) => {
  const engine = await oldChromium()
  test.skip('none' in engine, 'none' in engine ? engine.none : '')
  if ('none' in engine) return
  const tablet = await openTablet({ executablePath: engine.path, args: ['--headless', ...CHROMIUM_ARGS] })
  const { page } = tablet
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  expect(await page.evaluate(() => navigator.userAgent)).toContain('Chrome/92.')

  await page.goto(`${demo.url}/sign-in`)
  await waitFor(page, 'h1')
  await page.evaluate(() => document.querySelector<HTMLInputElement>('[name=username]')?.focus())
  await page.keyboard.type('principal')
  await page.evaluate(() => document.querySelector<HTMLInputElement>('[name=password]')?.focus())
  await page.keyboard.type('youxue-demo')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => /\/u\/[^/]+\/\d{4}$/.test(location.pathname), undefined, { timeout: 60_000 })
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  const form = `${page.url()}/fill/teachers`

  await tablet.context.setOffline(true)
  await page.goto(form)
  await waitFor(page, FIELD)
  await page.evaluate((selector) => document.querySelector<HTMLInputElement>(selector)?.focus(), FIELD)
  // Full-width digits, as an input method writes them.
  await page.keyboard.insertText('１２')
  await page.keyboard.press('Tab')
  await waitFor(page, '.dock', '存到本机')
  await page.waitForFunction((selector) => document.querySelector<HTMLInputElement>(selector)?.value === '12', FIELD)
  await page.screenshot({ path: 'test-results/chromium-92.png' })

  await page.goto(form)
  await waitFor(page, FIELD)
  expect(await valueOf(page)).toBe('12')
  await tablet.context.setOffline(false)
  await waitFor(page, '.dock', '区教育局都已收到')
  expect(complaints).toEqual([])
  await tablet.close()
})
