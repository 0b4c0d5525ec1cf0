/** What people do, as steps that several tests share. */
import { expect, type Page } from '@playwright/test'

export const DEMO_PASSWORD = 'youxue-demo'

/** Signs in by the demo's one-touch buttons and waits until the app can open without a network. */
export async function enterDemo(page: Page, url: string, role: string): Promise<string> {
  await page.goto(url)
  await page.getByRole('button', { name: new RegExp(`^${role}`) }).click()
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'))
  await expect(page.locator('h1')).toBeVisible()
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  return new URL(page.url()).pathname
}

/** Waits until every row of the form stands: a long form mounts its later sections after the first ones can be used. */
export async function openForm(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await expect(page.locator('.frow').first()).toBeVisible()
  let before = -1
  await expect(async () => {
    const now = await page.locator('.frow').count()
    const isSteady = now === before
    before = now
    expect(isSteady).toBe(true)
  }).toPass({ intervals: [300] })
}

/** Answers everything in the open form that has no answer yet, again and again, since an answer can open further rows. */
export async function fillForm(page: Page): Promise<void> {
  for (let round = 0; round < 4; round++) {
    const open = await page.evaluate(() => {
      const found: { row: string; kind: string }[] = []
      for (const row of document.querySelectorAll('.frow')) {
        const input = row.querySelector('input, textarea, select')
        if (input === null || row.id === '') continue
        if (input instanceof HTMLInputElement && (input.type === 'radio' || input.type === 'checkbox')) {
          if (row.querySelector('input:checked') === null) found.push({ row: row.id, kind: 'pick' })
        } else if (input instanceof HTMLSelectElement) {
          if (input.value === '') found.push({ row: row.id, kind: 'list' })
        } else if ((input as HTMLInputElement).value === '') {
          found.push({ row: row.id, kind: input.getAttribute('inputmode') === null ? 'text' : 'number' })
        }
      }
      return found
    })
    if (open.length === 0) break
    for (const [index, { row, kind }] of open.entries()) {
      const field = page.locator(`[id="${row}"]`)
      // The last choice of a list of states is the one that opens the most rows.
      if (kind === 'pick') await field.locator('.answer').last().click()
      else if (kind === 'list') await field.locator('select').selectOption({ index: 1 })
      else if (kind === 'text')
        await field
          .locator('textarea, input')
          .first()
          .fill(`离线填写 ${index + 1}`)
      else
        await field
          .locator('input')
          .first()
          .fill(String((index % 9) + 1))
    }
    await page.keyboard.press('Tab')
  }
  await waitUntilStored(page)
}

/** The promise is about what the screen shows as stored: no row with an answer may still say that it has none. */
export async function waitUntilStored(page: Page): Promise<void> {
  await expect(async () => {
    const answers = await answersOf(page)
    const silent = await page.evaluate(() =>
      [...document.querySelectorAll('.frow')]
        .filter((row) => (row.querySelector('.state')?.textContent ?? '').trim() === '未填')
        .map((row) => row.id),
    )
    expect(silent.filter((row) => (answers[row] ?? '') !== '')).toEqual([])
  }).toPass({ intervals: [50, 100, 200] })
}

/** All answers on the screen, by row. */
export async function answersOf(page: Page): Promise<Readonly<Record<string, string>>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('.frow')].map((row) => {
        const checked = [...row.querySelectorAll<HTMLInputElement>('input:checked')].map(({ value }) => value)
        const typed = [
          ...row.querySelectorAll<HTMLInputElement>('input:not([type=radio]):not([type=checkbox]), textarea, select'),
        ].map(({ value }) => value)
        return [row.id, [...checked, ...typed].join('|')]
      }),
    ),
  )
}

/** How many rows show each state, by its words. */
export async function marksOf(page: Page): Promise<Readonly<Record<string, number>>> {
  return page.evaluate(() => {
    const counts: Record<string, number> = {}
    for (const mark of document.querySelectorAll('.frow .state')) {
      const words = (mark.textContent ?? '').trim()
      counts[words] = (counts[words] ?? 0) + 1
    }
    return counts
  })
}
