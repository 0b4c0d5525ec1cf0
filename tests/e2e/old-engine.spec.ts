/**
 * Tablets in schools are seldom new: signing in, typing without a network, syncing and a photo in a Chromium 92.
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

test('signing in, typing without a network, syncing and photos work in Chromium 92', async ({ demo }) => {
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

  // A photo held upright, as a camera writes it: lying on its side, and marked so.
  await page.evaluate(() => document.querySelector<HTMLElement>('button[aria-label*="备注"]')?.click())
  await waitFor(page, '.photos .photo--add')
  await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 800 })
    canvas.getContext('2d')?.fillRect(0, 0, 1200, 800)
    const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg'))
    const bytes = new Uint8Array((await picture?.arrayBuffer()) ?? new ArrayBuffer(0))
    const exif = [
      0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6,
    ]
    const parts = [bytes.subarray(0, 2), Uint8Array.from([...exif, 0, 0, 0, 0, 0, 0]), bytes.subarray(2)]
    const chosen = new DataTransfer()
    chosen.items.add(new File(parts, 'gate.jpg', { type: 'image/jpeg' }))
    const input = document.querySelector<HTMLInputElement>('.photos input[type=file]')
    if (input === null) throw new Error('no place for photos')
    input.files = chosen.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
  })
  await waitFor(page, '.photo__tag', '区教育局已收到')
  await page.waitForFunction(() => (document.querySelector<HTMLImageElement>('.photo__img')?.naturalWidth ?? 0) > 0)
  expect(
    await page.evaluate(() => {
      const { naturalWidth = 0, naturalHeight = 0 } = document.querySelector<HTMLImageElement>('.photo__img') ?? {}
      return naturalHeight > naturalWidth
    }),
  ).toBe(true)
  expect(complaints).toEqual([])
  await tablet.close()
})
