/**
 * A report's whole life in two browsers, the school's off the network whenever it works: typed, checked, submitted, returned with two values
 * and words, revised as a list, submitted again, returned once more, approved, and opened again with a reason.
 */
import type { Browser, Page } from '@playwright/test'
import { expect, test, type Product } from './product'
import { enterDemo, openForm } from './steps'

const DATA_SET = 'students'

async function open(browser: Browser, product: Product, role: string) {
  const context = await browser.newContext({
    ...{ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1180, height: 820 } },
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  const home = await enterDemo(page, product.url, role)
  return { page, home, offline: (is: boolean) => context.setOffline(is) }
}

/** What waits on the tablet has been sent and answered. */
async function isSent(page: Page): Promise<void> {
  await expect(page.locator('.net').first()).toContainText('已连网', { timeout: 60_000 })
}

/** The reviewer's desk with this report open. */
function deskOf(page: Page, address: string) {
  const table = page.getByRole('region', { name: '填报值' })
  const facts = page.locator('.review__facts')
  const isSent = () => expect(page.getByText('存在本机，连上网络后送出')).toBeHidden({ timeout: 60_000 })
  const row = (element: string) => table.locator(`.rrow[data-element="${element}"]`)

  return {
    row,
    facts,
    /** Until what the school sent is there. */
    async open(state: string): Promise<void> {
      await expect(async () => {
        await page.goto(address)
        await expect(facts).toContainText(state, { timeout: 5_000 })
      }).toPass({ timeout: 90_000 })
    },
    async comment(element: string, words: string): Promise<void> {
      await row(element).focus()
      await page.keyboard.press('Enter')
      await page.keyboard.press('c')
      await page.keyboard.type(words)
      await page.keyboard.press('Control+Enter')
      await expect(page.locator('.thread__text').last()).toHaveText(words)
    },
    async returnIt(from: string, why: string): Promise<void> {
      await row(from).focus()
      await page.keyboard.press('r')
      const asked = page.getByRole('dialog', { name: '退回修改' })
      await asked.getByRole('textbox').fill(why)
      await asked.getByRole('button', { name: '退回修改' }).click()
      await expect(facts).toContainText('退回')
      await isSent()
    },
    async approve(from: string): Promise<void> {
      await row(from).focus()
      await page.keyboard.press('a')
      // Comments that nobody has settled are asked about.
      await page.getByRole('dialog', { name: '通过前请看一眼' }).getByRole('button', { name: '仍然通过' }).click()
      await expect(facts).toContainText('已通过')
      await isSent()
    },
    async reopen(why: string): Promise<void> {
      await page.getByRole('button', { name: '重新打开' }).click()
      const asked = page.getByRole('dialog')
      await asked.getByRole('textbox').fill(why)
      await asked.getByRole('button', { name: '重新打开' }).click()
      await expect(facts).toContainText('重新打开')
      await isSent()
    },
  }
}

async function type(page: Page, row: string, value: string): Promise<void> {
  const field = page.locator(`[id="${row}"] .frow__field input`)
  await field.fill(value)
  await field.blur()
  await expect(page.locator(`[id="${row}"] .frow__state`)).toContainText(/存在本机|请说明|已同步/)
}

/** What others sent comes with the next exchange. */
async function showsAt(page: Page, address: string, text: string | RegExp): Promise<void> {
  await expect(async () => {
    await page.goto(address)
    await expect(page.getByText(text).first()).toBeVisible({ timeout: 5_000 })
  }).toPass({ timeout: 90_000 })
}

test('a report is submitted, returned twice, approved and opened again', async ({ browser, demo }) => {
  test.setTimeout(300_000)
  const school = await open(browser, demo, '校长')
  const { page } = school
  const reviewer = await open(browser, demo, '审核员')
  const [, , unit = '', period = ''] = school.home.split('/')
  const desk = deskOf(reviewer.page, `${demo.url}/review/${unit}/${period}/${DATA_SET}`)
  const form = `${demo.url}${school.home}/fill/${DATA_SET}`
  const check = `${demo.url}${school.home}/${DATA_SET}/submit`
  await isSent(page)
  await openForm(page, form)
  const rows = await page.locator('.frow:has(.frow__field input[inputmode])').evaluateAll((all) => all.map(({ id }) => id))
  const [first = '', second = ''] = [rows[0], rows.at(-1)]
  const elements = [first, second].map((id) => id.replace(/^row-/, ''))
  const submitted = page.locator('.chip', { hasText: '已提交' })

  await test.step('off the network: typed, checked, explained, submitted', async () => {
    await school.offline(true)
    await type(page, first, '9999')
    await page.getByRole('link', { name: '检查并提交' }).click()
    await expect(page.getByRole('heading', { name: /请说明 \d+ 处/ })).toBeVisible()
    for (const remark of await page.locator('.submit__warning textarea, .submit__warning input').all())
      await remark.fill('按名册重新统计')
    await expect(page.getByRole('heading', { name: '都已说明' })).toBeVisible()
    await page.getByRole('button', { name: '提交', exact: true }).click()
    await expect(submitted).toBeVisible()
    await expect(page.getByText('存在本机，连上网络后自动送出').first()).toBeVisible()
    await page.goto(form)
    await expect(page.locator('.frow').first()).toBeVisible()
    expect(await page.locator('.frow__field input').count()).toBe(0)
  })

  await test.step('back on the network the bureau has it, with the remark', async () => {
    await school.offline(false)
    await page.goto(check)
    await expect(page.getByText(/区教育局已收到 · 回执 \d+/)).toBeVisible({ timeout: 60_000 })
    await desk.open('已提交')
    await desk.row(elements[0] ?? '').click()
    await expect(reviewer.page.getByText('按名册重新统计').first()).toBeVisible()
  })

  await test.step('the reviewer returns two values, with words', async () => {
    for (const [index, element] of elements.entries()) await desk.comment(element, `请核对第 ${index + 1} 个数`)
    await desk.returnIt(elements[0] ?? '', '两个数与系统不同')
  })

  await test.step('the school hears of it, and works through it off the network', async () => {
    await showsAt(page, `${demo.url}${school.home}`, /退回的 2 项/)
    await expect(page.locator('.rail__item', { hasText: '消息' }).locator('.rail__badge')).toContainText('3')
    await page.locator('.rail__item', { hasText: '消息' }).click()
    await expect(page.getByText('请核对第 1 个数')).toBeVisible()
    await expect(page.locator('.rail__item', { hasText: '消息' }).locator('.rail__badge')).toHaveCount(0)
    await page.goto(`${demo.url}${school.home}`)
    await school.offline(true)
    await page.getByRole('link', { name: '去修改' }).click()
    await expect(page.getByText('两个数与系统不同').first()).toBeVisible()
    await page.getByRole('button', { name: '逐项处理' }).click()
    await expect(page.locator(`[id="${first}"] input`)).toBeFocused()
    await expect(page.locator(`[id="${first}"]`)).toContainText('请核对第 1 个数')
    await type(page, first, '170')
    await page.getByRole('button', { name: '后一项' }).click()
    await expect(page.locator(`[id="${second}"] input`)).toBeFocused()
    await type(page, second, '7')
    await expect(page.getByText('已改 2 / 2')).toBeVisible()
    await page.getByRole('link', { name: '再次提交' }).click()
    for (const remark of await page.locator('.submit__warning textarea, .submit__warning input').all())
      await remark.fill('已与系统核对')
    await page.getByRole('button', { name: '再次提交' }).click()
    await expect(submitted).toBeVisible()
    await school.offline(false)
    await expect(page.getByText(/区教育局已收到 · 回执 \d+/)).toBeVisible({ timeout: 60_000 })
  })

  await test.step('the reviewer sees what is new, and returns it once more', async () => {
    await desk.open('已提交')
    await expect(reviewer.page.getByRole('button', { name: /只看变化（2 项）/ })).toHaveAttribute('aria-pressed', 'true')
    await expect(desk.row(elements[0] ?? '')).toContainText('170')
    await desk.returnIt(elements[1] ?? '', '还差一点')
  })

  await test.step('revised once more, withdrawn in time, and handed in', async () => {
    await showsAt(page, form, '还差一点')
    await school.offline(true)
    await type(page, second, '8')
    await page.getByRole('link', { name: '再次提交' }).click()
    await page.getByRole('button', { name: '再次提交' }).click()
    await expect(submitted).toBeVisible()
    await page.getByRole('button', { name: '撤回' }).click()
    await expect(page.locator('.chip', { hasText: '已撤回' })).toBeVisible()
    await page.getByRole('button', { name: '再次提交' }).click()
    await expect(submitted).toBeVisible()
    await school.offline(false)
    await expect(page.getByText(/区教育局已收到 · 回执 \d+/)).toBeVisible({ timeout: 60_000 })
  })

  await test.step('approved, and opened again with a reason', async () => {
    await desk.open('已提交')
    await desk.approve(elements[1] ?? '')
    await showsAt(page, check, '区教育局已通过')
    await expect(page.getByRole('button', { name: /提交/ })).toHaveCount(0)
    await desk.reopen('统计口径有变')
    await showsAt(page, form, '统计口径有变')
    await expect(page.locator('.frow__field input').first()).toBeVisible()
  })
})
