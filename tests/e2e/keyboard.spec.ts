/** The main job without a pointer. */
import { expect, test } from './product'
import { waitUntilStored } from './steps'

test('signing in, opening a form, typing and going back work by keyboard alone', async ({ demo, page }) => {
  const focus = () =>
    page.evaluate(() => {
      const at = document.activeElement
      return `${at?.tagName.toLowerCase() ?? ''} ${at?.getAttribute('name') ?? at?.getAttribute('aria-label') ?? ''} ${(at?.textContent ?? '').trim().slice(0, 40)}`
    })
  /** Tabs until the focus is on what the pattern says; every stop on the way must be visible. */
  async function tabTo(pattern: RegExp): Promise<void> {
    for (let stops = 0; stops < 120; stops++) {
      await page.keyboard.press('Tab')
      const at = await focus()
      if (pattern.test(at)) {
        const isRinged = await page.evaluate(() => {
          const element = document.activeElement
          if (element === null) return false
          const own = getComputedStyle(element)
          const around = element.closest('label, .field')
          return [own, ...(around === null ? [] : [getComputedStyle(around)])].some(
            (style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none',
          )
        })
        expect(isRinged, `focus is not visible on ${at}`).toBe(true)
        return
      }
    }
    throw new Error(`no way by Tab to ${String(pattern)}`)
  }

  await page.goto(demo.url)
  await expect(page.locator('[name=username]')).toBeVisible()
  await tabTo(/^input username/)
  await page.keyboard.type('principal')
  await page.keyboard.press('Tab')
  await page.keyboard.type('youxue-demo')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/u\/[^/]+\/\d{4}$/)
  await expect(page.locator('h1')).toBeVisible()

  await tabTo(/^a .*好教师/)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/fill\/teachers$/)
  const fields = page.locator('.frow .field__input')
  await expect(fields.first()).toBeVisible()
  await tabTo(/^input/)
  await page.keyboard.type('7')
  // Enter goes on to the next field.
  await page.keyboard.press('Enter')
  await page.keyboard.type('3')
  await page.keyboard.press('Enter')
  await waitUntilStored(page)
  const values = await fields.evaluateAll((inputs) => inputs.slice(0, 6).map((input) => (input as HTMLInputElement).value))
  expect(values.join(',')).toContain('7,3')

  await tabTo(/返回/).catch(async () => page.keyboard.press('Shift+Tab'))
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/fill$/)
})
