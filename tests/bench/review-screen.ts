/**
 * The reviewer's desk in Chromium at 4x CPU throttle, from the service worker: from the navigation to the frame in which the first row of the
 * queue, or of one report, is drawn.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext } from '@playwright/test'
import { CHROMIUM_ARGS, findBrowser } from '../../scripts/find-browser.mjs'
import { inMs, median, type Line } from './report'

const THROTTLE = 4
const STARTS = 5
const SETTLE_MS = 700
const WAIT_MS = 6000

export async function benchReviewScreen(of: {
  readonly url: string
  readonly username: string
  readonly password: string
  /** Paths of reports with values. */
  readonly reports: readonly string[]
}): Promise<readonly Line[]> {
  const profile = mkdtempSync(join(tmpdir(), 'youxue-review-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowser(),
    args: CHROMIUM_ARGS,
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
  })
  try {
    await signIn(context, of)
    const queue = await starts(context, '.qitem__what', () => `${of.url}/review`)
    const report = await starts(context, '.rrow', (at) => `${of.url}${of.reports[at % of.reports.length] ?? ''}`)
    return [
      {
        what: `the queue on the screen, Chromium at ${String(THROTTLE)}x throttle, median of ${String(STARTS)}`,
        value: inMs(median(queue)),
      },
      { what: `one report on the screen, likewise`, value: inMs(median(report)) },
    ]
  } finally {
    await context.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function signIn(
  context: BrowserContext,
  { url, username, password }: { readonly url: string; readonly username: string; readonly password: string },
): Promise<void> {
  const page = context.pages()[0] ?? (await context.newPage())
  await page.goto(`${url}/sign-in`)
  await page.fill('[name=username]', username)
  await page.fill('[name=password]', password)
  await page.press('[name=password]', 'Enter')
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'))
  await page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true))
  // What a reviewer has looked at once is on the device.
  await page.goto(`${url}/review`)
  await page.locator('.qitem__what').first().waitFor()
  await page.goto('about:blank')
}

async function starts(context: BrowserContext, row: string, addressAt: (at: number) => string): Promise<readonly number[]> {
  const measured: number[] = []
  for (let time = 0; time <= STARTS; time++) {
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE })
    await page.addInitScript({ content: markWhenDrawn(row) })
    await page.waitForTimeout(SETTLE_MS)
    await cdp.send('Page.navigate', { url: addressAt(time) })
    await page.waitForTimeout(WAIT_MS)
    await page.waitForFunction(() => performance.getEntriesByName('row:drawn').length > 0, undefined, { timeout: 60_000 })
    const ms = await page.evaluate(() => performance.getEntriesByName('row:drawn')[0]?.startTime)
    // The first one warms the machine.
    if (time > 0 && ms !== undefined) measured.push(ms)
    await page.close()
  }
  return measured
}

/** As text: what is compiled for Node names its functions in a way that a page does not know. */
function markWhenDrawn(row: string): string {
  return `requestAnimationFrame(function look() {
    if (document.querySelector(${JSON.stringify(row)}) === null) requestAnimationFrame(look)
    else requestAnimationFrame(() => performance.mark('row:drawn'))
  })`
}
