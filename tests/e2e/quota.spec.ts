/** The tablet's storage is full: the screen says so, what is typed stays, and it is stored by itself once there is room. */
import type { Page } from '@playwright/test'
import { expect, test } from './product'
import { enterDemo, openForm } from './steps'

/** Sets what the browser allows this site, in bytes; without a number it is as before. The limit lives as long as the answer's session. */
async function limitOf(page: Page, origin: string) {
  const session = await page.context().newCDPSession(page)
  return (quotaSize?: number) =>
    session.send('Storage.overrideQuotaForOrigin', { origin, ...(quotaSize === undefined ? {} : { quotaSize }) })
}

test('a full storage loses nothing that was typed, and heals by itself', async ({ demo, tablet }) => {
  const { page, context } = tablet
  const home = await enterDemo(page, demo.url, '校长')
  await openForm(page, `${demo.url}${home}/fill/teachers`)
  await context.setOffline(true)
  const rows = page.locator('.frow').filter({ has: page.locator('input[inputmode]') })
  const [first, second, third] = [rows.nth(0), rows.nth(1), rows.nth(2)]
  const fieldOf = (row: typeof first) => row.locator('input[inputmode]')

  await fieldOf(first).click()
  await page.keyboard.type('101')
  await expect(first).toContainText('存在本机')

  const allow = await limitOf(page, demo.url)
  await allow(1)
  // The browser looks at the limit anew at most every half minute.
  await expect(async () => {
    await fieldOf(second).click()
    await page.keyboard.press('Control+A')
    await page.keyboard.type('202')
    await expect(second).toContainText('还没存下', { timeout: 2000 })
  }).toPass({ timeout: 90_000, intervals: [2000] })
  await fieldOf(third).click()
  await page.keyboard.type('303')
  await page.keyboard.press('Tab')
  await expect(third).toContainText('还没存下')
  await expect(fieldOf(second)).toHaveValue('202')
  await expect(fieldOf(third)).toHaveValue('303')
  // What was stored before stays stored, and says so.
  await expect(first).toContainText('存在本机')
  await expect(fieldOf(first)).toHaveValue('101')

  await allow()
  await expect(second).toContainText('存在本机', { timeout: 30_000 })
  await expect(third).toContainText('存在本机', { timeout: 30_000 })
  await expect(page.getByText('还没存下')).toHaveCount(0)

  await tablet.kill()
  const again = await tablet.reopen({ address: `${demo.url}${home}/fill/teachers`, offline: true })
  await openForm(again, `${demo.url}${home}/fill/teachers`)
  const fields = again.locator('.frow input[inputmode]')
  for (const [at, text] of ['101', '202', '303'].entries()) await expect(fields.nth(at)).toHaveValue(text)
})
