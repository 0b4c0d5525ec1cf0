/** Two tabs of one person: what is typed in one is in the other, and one of them sends. */
import type { Page } from '@playwright/test'
import { expect, test } from './product'
import { enterDemo, openForm } from './steps'

/** When an exchange began and ended, by the clock of the machine that all pages share. */
type Span = { readonly from: number; to: number }
declare global {
  interface Window {
    exchanges?: Span[]
  }
}

/**
 * Notes what is sent, and when, over all pages of the browser. The times are taken in the pages: what the browser tells us of them comes
 * late, and one tab may begin before we hear that the other has ended.
 */
async function watchExchanges(pages: readonly Page[]) {
  const seen = { all: 0, mutations: [] as string[] }
  for (const page of pages) {
    await page.evaluate(() => {
      const spans: Span[] = (window.exchanges = [])
      const now = (): number => performance.timeOrigin + performance.now()
      const send = window.fetch.bind(window)
      window.fetch = async (...request) => {
        if (request[0] !== '/api/sync') return send(...request)
        const span: Span = { from: now(), to: Infinity }
        spans.push(span)
        try {
          return await send(...request)
        } finally {
          span.to = now()
        }
      }
    })
    await page.route('**/api/sync', async (route) => {
      seen.all += 1
      const { asks } = route.request().postDataJSON() as { asks: { device: string; mutations: { n: number }[] }[] }
      for (const { device, mutations } of asks) seen.mutations.push(...mutations.map(({ n }) => `${device}:${String(n)}`))
      // Long enough for the other tab to come between, if it could.
      await new Promise((resolve) => setTimeout(resolve, 300))
      await route.continue()
    })
  }
  return seen
}

/** The most exchanges that were under way at the same time. Within a millisecond of one another one has followed the other. */
async function mostAtOnce(pages: readonly Page[]): Promise<number> {
  const spans = (await Promise.all(pages.map((page) => page.evaluate(() => window.exchanges ?? [])))).flat()
  return Math.max(0, ...spans.map(({ from }) => spans.filter((other) => other.from <= from && other.to > from + 1).length))
}

test('two tabs show the same, and only one of them sends at a time', async ({ demo, tablet }) => {
  const { page: one, context } = tablet
  const home = await enterDemo(one, demo.url, '校长')
  const address = `${demo.url}${home}/fill/teachers`
  await openForm(one, address)
  const two = await context.newPage()
  await openForm(two, address)
  const seen = await watchExchanges([one, two])
  const fieldOf = (page: Page, at: number) => page.locator('.frow input[inputmode]').nth(at)
  const rowOf = (page: Page, at: number) =>
    page
      .locator('.frow')
      .filter({ has: page.locator('input[inputmode]') })
      .nth(at)

  // In turn: a value in the one is in the other, without anybody touching that.
  for (const [at, [here, there]] of [
    [one, two],
    [two, one],
    [one, two],
    [two, one],
  ].entries()) {
    if (here === undefined || there === undefined) continue
    await fieldOf(here, at).click()
    await here.keyboard.press('Control+A')
    await here.keyboard.type(String(700 + at))
    await here.keyboard.press('Tab')
    await expect(fieldOf(there, at)).toHaveValue(String(700 + at))
  }
  for (const page of [one, two]) {
    for (const at of [0, 1, 2, 3]) {
      await expect(rowOf(page, at)).not.toContainText('存在本机', { timeout: 30_000 })
      await expect(fieldOf(page, at)).toHaveValue(String(700 + at))
    }
  }
  expect(seen.all).toBeGreaterThan(0)
  expect(await mostAtOnce([one, two])).toBe(1)
  // Nothing was sent twice: the second tab takes what the first one's exchange has brought.
  expect(seen.mutations.length).toBeGreaterThanOrEqual(4)
  expect(new Set(seen.mutations).size).toBe(seen.mutations.length)

  // Without a network both go on, and the same field in both tabs ends with what was typed last, in both.
  await context.setOffline(true)
  await fieldOf(one, 0).click()
  await one.keyboard.press('Control+A')
  await one.keyboard.type('811')
  await one.keyboard.press('Tab')
  await expect(fieldOf(two, 0)).toHaveValue('811')
  await fieldOf(two, 0).click()
  await two.keyboard.press('Control+A')
  await two.keyboard.type('822')
  await two.keyboard.press('Tab')
  await expect(fieldOf(one, 0)).toHaveValue('822')
  // What is still on its way there would end in the middle.
  await one.unrouteAll({ behavior: 'ignoreErrors' })
  await one.close()
  await context.setOffline(false)
  await expect(rowOf(two, 0)).not.toContainText('存在本机', { timeout: 60_000 })
  await expect(fieldOf(two, 0)).toHaveValue('822')
  await expect(rowOf(two, 0)).not.toContainText('有两个值')
  await two.unrouteAll({ behavior: 'ignoreErrors' })
})
