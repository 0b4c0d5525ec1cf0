/**
 * Every screen, with real data: no axe violation in light, dark and outdoor, nothing on the console (the strict content policy speaks there),
 * and no sideways scrolling at the sizes of tablets and at 200 % zoom.
 */
import AxeBuilder from '@axe-core/playwright'
import type { BrowserContext, Page } from '@playwright/test'
import { expect, startProduct, test, type Product } from './product'
import { KINDS_OF_TABLETS, sayAs } from './said-tablets'
import { enterDemo } from './steps'

const SIZES = [
  { name: 'landscape', width: 1180, height: 820 },
  { name: 'portrait', width: 820, height: 1180 },
  { name: '200 % zoom', width: 590, height: 820 },
]
const THEMES = ['light', 'dark', 'outdoor'] as const
/** What fades in or changes its colours has done so. */
const SETTLED_MS = 500

let product: Product
test.beforeAll(async () => {
  product = await startProduct({ entry: 'demo' })
  for (const said of KINDS_OF_TABLETS) await sayAs(product.url, said)
})
test.afterAll(async () => {
  await product.stop()
})

type Complaints = string[]

function listen(page: Page): Complaints {
  const complaints: Complaints = []
  page.on('console', (message) => {
    // A refused request is the browser's own line, not the policy's and not the program's.
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}

async function inspect(page: Page, path: string, complaints: Complaints): Promise<void> {
  for (const { name, width, height } of SIZES) {
    await page.setViewportSize({ width, height })
    await page.goto(`${product.url}${path}`)
    await expect(page.locator('h1').first()).toBeVisible()
    await page.waitForTimeout(SETTLED_MS)
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(beyond, `${path} scrolls sideways at ${name}`).toBeLessThanOrEqual(0)
  }
  await page.setViewportSize({ width: 1180, height: 820 })
  for (const theme of THEMES) {
    await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme)
    await page.waitForTimeout(SETTLED_MS)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
      `${path} in ${theme}`,
    ).toEqual([])
  }
  expect(complaints, path).toEqual([])
}

async function signedIn(context: BrowserContext, role: string): Promise<{ page: Page; home: string; complaints: Complaints }> {
  const page = await context.newPage()
  const complaints = listen(page)
  const home = await enterDemo(page, product.url, role)
  return { page, home, complaints }
}

test('the sign-in page', async ({ context }) => {
  const page = await context.newPage()
  await inspect(page, '/sign-in', listen(page))
})

for (const tail of ['', '/fill', '/fill/students', '/fill/hardware', '/fill/projects', '/hardware']) {
  test(`a school's ${tail === '' ? 'home' : tail}`, async ({ context }) => {
    const { page, home, complaints } = await signedIn(context, '校长')
    await inspect(page, `${home}${tail}`, complaints)
  })
}

test('two values of a school side by side, and their history', async ({ context }) => {
  const { page, home, complaints } = await signedIn(context, '校长')
  // Another tablet of the school has typed without having seen what is there.
  const before = home.replace(/\d{4}$/, (year) => String(Number(year) - 1))
  const [, , unit = '', period = ''] = before.split('/')
  const typed = (n: number, key: string, value: string) => ({ n, kind: 'set', key, value, base: [], at: Date.now(), pv: 1 })
  const element = `v/${period}/graduatesGood.primary`
  for (const device of ['conflictaaaaa', 'conflictbbbbb']) {
    const others = device.endsWith('b') ? '2 名借读生不计入' : '按教务系统导出'
    const mutations = [typed(1, element, device.endsWith('b') ? '101' : '102'), typed(2, `${element}/remark`, others)]
    const none = '0000000000000000'
    const ask = { stream: `s/${unit}`, device, cursor: 0, acked: 0, chain: none, floor: 1, floorChain: none, mutations }
    const answer = await page.request.post(`${product.url}/api/sync`, {
      data: { v: 1, app: 'test', now: Date.now(), asks: [ask] },
    })
    expect(await answer.text()).toContain('conflict')
  }
  await page.goto(`${product.url}${before}/fill/students`)
  await expect(page.locator('.frow', { hasText: '有两个值' }).first()).toBeVisible({ timeout: 60_000 })
  await inspect(page, `${before}/conflict/graduatesGood.primary`, complaints)
  await expect(page.locator('.side-card').nth(2)).toBeVisible()

  await page.locator('.story-all summary').click()
  await expect(page.locator('.history__one').nth(3)).toBeVisible()
  await page.goto(`${product.url}${before}/fill/students`)
  await page.getByRole('button', { name: '这一项的经过' }).first().click()
  await expect(page.getByRole('dialog').locator('.history__one').nth(3)).toBeVisible()
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([])
  expect(complaints).toEqual([])
})

for (const path of ['/sync', '/settings', '/tablets', '/account', '/people']) {
  test(`a school's ${path}`, async ({ context }) => {
    const { page, complaints } = await signedIn(context, '校长')
    await inspect(page, path, complaints)
  })
}

for (const path of [
  '/overview',
  '/overview/3',
  '/overview/17.primary',
  '/overview/h.bandwidth',
  '/schools',
  '/review',
  '/findings/inspections',
]) {
  test(`the bureau's ${path}`, async ({ context }) => {
    const { page, complaints } = await signedIn(context, '审核员')
    await inspect(page, path, complaints)
  })
}

for (const tail of ['/inspections', '/findings']) {
  test(`a school's ${tail}`, async ({ context }) => {
    const { page, home, complaints } = await signedIn(context, '校长')
    await inspect(page, `${home}${tail}`, complaints)
  })
}

for (const path of ['/inspections', '/findings', '/prepare']) {
  test(`an inspector's ${path}`, async ({ context }) => {
    const { page, complaints } = await signedIn(context, '督学')
    await inspect(page, path, complaints)
  })
}

for (const tail of ['/filing', '/filing/profile']) {
  test(`the papers of a school's ${tail}`, async ({ context }) => {
    const { page, home, complaints } = await signedIn(context, '校长')
    await inspect(page, `${home}${tail}`, complaints)
  })
}

test("the reviewer's page of a report", async ({ context, browser }) => {
  const school = await signedIn(await browser.newContext(), '校长')
  const { page, complaints } = await signedIn(context, '审核员')
  const [, , unit = '', period = ''] = school.home.split('/')
  await inspect(page, `/review/${unit}/${period}/profile`, complaints)
})

test("the bureau's /findings", async ({ context }) => {
  const { page, complaints } = await signedIn(context, '审核员')
  await inspect(page, '/findings', complaints)
})

test('an inspection, its dialogs, what it finds, and where that stands beside the reported value', async ({ context }) => {
  test.setTimeout(240_000)
  const { page, complaints } = await signedIn(context, '督学')
  const dialogIsClean = async (): Promise<void> => {
    await expect(page.getByRole('dialog')).toBeVisible()
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([])
  }
  await page.getByRole('button', { name: '安排检查' }).click()
  await dialogIsClean()
  // The list that verifies what is reported: each of its items stands at a line of the hardware checklist.
  await page.getByRole('dialog').getByRole('radio').first().check({ force: true })
  await page.getByRole('button', { name: '现在开始' }).click()
  await page.waitForURL(/inspections\/v-/)
  await page.keyboard.press('2')
  await page.getByRole('button', { name: /另选/ }).click()
  await dialogIsClean()
  await page.getByRole('button', { name: '就这一天' }).click()
  await expect(page.locator('.find')).toHaveCount(1)
  await page.getByRole('button', { name: '完成检查' }).click()
  await dialogIsClean()
  await page.getByRole('button', { name: '继续检查' }).click()
  const path = new URL(page.url()).pathname
  const [, , unit = '', period = ''] = path.split('/')
  await inspect(page, path, complaints)
  await page.goto(`${product.url}${path}`)
  await page.locator('.find').click()
  await page.getByRole('link', { name: '看这个问题的经过' }).click()
  await page.waitForURL(/findings\/v-/)
  await page.getByRole('button', { name: '撤销问题' }).click()
  await dialogIsClean()
  await page.keyboard.press('Escape')
  await inspect(page, new URL(page.url()).pathname, complaints)
  await page.goto(`${product.url}/u/${unit}/${period}/hardware`)
  await expect(page.getByText(/检查结论：不符合/).first()).toBeVisible()
  await inspect(page, `/u/${unit}/${period}/hardware`, complaints)
  await page.goto(`${product.url}/u/${unit}/${period}/fill/hardware`)
  await expect(page.getByText(/检查结论：不符合/).first()).toBeVisible({ timeout: 30_000 })
  await inspect(page, `/u/${unit}/${period}/fill/hardware`, complaints)
})

for (const path of ['/account', '/people', '/audit']) {
  test(`the admin's ${path}`, async ({ context }) => {
    const { page, complaints } = await signedIn(context, '管理员')
    await inspect(page, path, complaints)
  })
}

test("the admin's /tablets, and the question before one is stopped", async ({ context }) => {
  const { page, complaints } = await signedIn(context, '管理员')
  await inspect(page, '/tablets', complaints)
  await page.getByRole('button', { name: /^停用/ }).first().click()
  await expect(page.getByRole('dialog')).toBeVisible()
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id }) => id)).toEqual([])
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  expect(complaints).toEqual([])
})

test("the admin's /windows, with a school that has more time", async ({ context }) => {
  const { page, complaints } = await signedIn(context, '管理员')
  await inspect(page, '/windows', complaints)
  const row = page.locator('.windows__row').first()
  await row.getByRole('button', { name: /延期/ }).click()
  await row.getByRole('searchbox').fill('小学')
  await row.locator('.extensions__found button').first().click()
  await page.getByRole('button', { name: '保存' }).click()
  await expect(row.getByText('延期请写新的截止或关闭时间')).toBeVisible()
  for (const width of [820, 590]) {
    await page.setViewportSize({ width, height: 820 })
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(beyond, `at ${width}`).toBeLessThanOrEqual(0)
  }
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([])
  expect(complaints).toEqual([])
})

test('in English', async ({ context }) => {
  const { page, home, complaints } = await signedIn(context, '校长')
  await page.goto(`${product.url}/settings`)
  await page.getByRole('radio', { name: 'English' }).check({ force: true })
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  for (const path of [home, `${home}/fill/students`, '/sync']) {
    await page.goto(`${product.url}${path}`)
    await expect(page.locator('h1').first()).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', 'en')
    await page.waitForTimeout(500)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map(({ id }) => id),
      path,
    ).toEqual([])
  }
  expect(complaints).toEqual([])
})
