/**
 * The reviewer's desk in a real browser: a report is returned by keys alone, comes back with its difference first, is approved off the
 * network, opened again, and printed for the files.
 */
import type { Page } from '@playwright/test'
import { expect, startProduct, test, type Product } from './product'
import { enterDemo, openForm } from './steps'

let product: Product
test.beforeAll(async () => {
  product = await startProduct({ entry: 'demo' })
})
test.afterAll(async () => {
  await product.stop()
})

async function submit(page: Page, home: string, key: string): Promise<void> {
  await page.goto(`${product.url}${home}/profile/submit`)
  await page.getByRole('button', { name: key, exact: true }).click()
  await expect(page.getByText('已提交，等区教育局审核').first()).toBeVisible()
  await expect(page.getByText('区教育局已收到', { exact: false }).first()).toBeVisible()
}

test('a report is returned by keys, comes back with its difference first, is approved off the network, opened again and printed', async ({
  browser,
}) => {
  const school = await (await browser.newContext()).newPage()
  const home = await enterDemo(school, product.url, '校长')
  await submit(school, home, '提交')

  const bureau = await browser.newContext()
  const desk = await bureau.newPage()
  await enterDemo(desk, product.url, '审核员')
  const [, , unit = '', period = ''] = home.split('/')
  const address = `/review/${unit}/${period}/profile`
  await desk.goto(`${product.url}/review`)
  const row = desk.locator(`[data-queue-row][href="${address}"]`)
  await expect(row).toBeVisible()
  await row.focus()
  await desk.keyboard.press('Enter')
  await expect(desk).toHaveURL(`${product.url}${address}`)
  const table = desk.getByRole('region', { name: '填报值' })
  await expect(table.locator('[aria-current]')).toHaveCount(1)
  const marked = table.locator('.rrow[data-element]').nth(1)
  await marked.focus()
  await desk.keyboard.press('Enter')
  await desk.keyboard.press('c')
  await desk.keyboard.type('请按学籍系统核对')
  await desk.keyboard.press('Control+Enter')
  await expect(desk.locator('.thread__text')).toHaveText('请按学籍系统核对')
  await expect(marked).toContainText('要退回')
  await expect(desk.locator('.review__facts')).toContainText('审核中')

  // Single letters decide nothing while somebody types.
  await desk.keyboard.type('a')
  await expect(desk.locator('dialog[open]')).toHaveCount(0)
  await desk.keyboard.press('Backspace')
  await marked.focus()
  await desk.keyboard.press('r')
  const asked = desk.getByRole('dialog', { name: '退回修改' })
  await expect(asked.getByRole('textbox')).toHaveValue(/请按学籍系统核对$/)
  await asked.getByRole('button', { name: '退回修改' }).click()
  await expect(desk.locator('.review__facts')).toContainText('退回 1 项')
  await expect(row).toHaveCount(0)
  await expect(desk.getByText('存在本机，连上网络后送出')).toBeHidden()

  const element = (await marked.getAttribute('data-element')) ?? ''
  await openForm(school, `${product.url}${home}/fill/profile`)
  await expect(school.getByText('请按学籍系统核对').first()).toBeVisible()
  const field = school.locator(`[id="row-${element}"] input`).first()
  const was = Number(await field.inputValue())
  await field.fill(String(was + 1))
  await field.press('Tab')
  await submit(school, home, '再次提交')

  await desk.goto(`${product.url}${address}`)
  await expect(desk.getByRole('button', { name: '只看变化（1 项）' })).toHaveAttribute('aria-pressed', 'true')
  await expect(table.locator('.rrow[data-element]')).toHaveCount(1)
  await expect(desk.locator('.diff')).toContainText(`${was}${was + 1}`)
  await expect(desk.locator('.review__facts')).toContainText('上次退回 1 项，都改了')
  await desk.getByRole('button', { name: '已解决' }).click()
  await expect(desk.locator('.thread__msg--done')).toHaveCount(1)

  await bureau.setOffline(true)
  await table.locator('.rrow[data-element]').focus()
  await desk.keyboard.press('a')
  await expect(desk.locator('.review__facts')).toContainText('已通过')
  await expect(desk.getByText('存在本机，连上网络后送出')).toBeVisible()
  await bureau.setOffline(false)
  await expect(desk.getByText('存在本机，连上网络后送出')).toBeHidden({ timeout: 60_000 })

  const paper = await bureau.newPage()
  await paper.goto(`${product.url}/u/${unit}/${period}/filing/profile`)
  await expect(paper.locator('.filing__facts').last()).toContainText('已通过')
  const pdf = (await paper.pdf({ preferCSSPageSize: true })).toString('latin1')
  // A4 in points.
  expect(/\/MediaBox \[0 0 (\d+)[.\d]* (\d+)/.exec(pdf)?.slice(1).map(Number)).toEqual([594, 841])
  expect(pdf.match(/\/Type \/Page\b/g)).toHaveLength(1)

  await desk.getByRole('button', { name: '重新打开' }).click()
  const why = desk.getByRole('dialog')
  await why.getByRole('button', { name: '重新打开' }).click()
  await expect(why.getByText('请写明原因')).toBeVisible()
  await why.getByRole('textbox').fill('区里口径有变')
  await why.getByRole('button', { name: '重新打开' }).click()
  await expect(desk.locator('.review__facts')).toContainText('重新打开')
  await expect(desk.getByText('存在本机，连上网络后送出')).toBeHidden()
  await desk.getByRole('button', { name: '经过' }).click()
  await expect(desk.getByRole('dialog').locator('li strong')).toHaveText([
    ...['提交', '开始审核', '退回', '提交', '通过', '重新打开'],
  ])
})
