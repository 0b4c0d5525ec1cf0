/** A principal makes an account, its person sets a password and works, and both see where they are signed in; all of it by keyboard. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, openTablet, test } from './product'
import { enterDemo } from './steps'

async function isClean(page: Page): Promise<void> {
  for (const theme of ['light', 'dark', 'outdoor']) {
    await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([])
  }
}

test('an account from its making to its first password, and the devices on which it is signed in', async ({ demo, tablet }) => {
  test.setTimeout(240_000)
  const { page } = tablet
  await enterDemo(page, demo.url, '校长')
  await page.goto(`${demo.url}/settings`)
  await page.getByRole('link', { name: '账号', exact: true }).click()
  await expect(page.getByRole('heading', { name: '账号', exact: true })).toBeVisible()

  await page.getByRole('button', { name: '新账号' }).press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('用户名').fill('li.si')
  await dialog.getByLabel('姓名').fill('李四')
  await dialog.getByLabel('只填指定的报表').press('Space')
  await dialog.getByRole('checkbox', { name: /教师/ }).first().press('Space')
  await isClean(page)
  await dialog.getByRole('button', { name: '建账号' }).press('Enter')
  await expect(dialog.getByText('一次性密码')).toBeVisible()
  const password = await dialog.locator('.shown dd').innerText()
  expect(password).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){2}$/)
  await isClean(page)
  await dialog.getByRole('button', { name: '记好了' }).press('Enter')
  const row = page.locator('.people__row', { hasText: 'li.si' })
  await expect(row).toContainText('还没设密码')
  await expect(row).toContainText('只填')

  const theirs = await openTablet({ viewport: { width: 1180, height: 820 } })
  await theirs.page.goto(`${demo.url}/sign-in`)
  await theirs.page.getByLabel('用户名').fill('li.si')
  await theirs.page.getByLabel('密码', { exact: true }).fill(password)
  await theirs.page.keyboard.press('Enter')
  await expect(theirs.page.getByLabel('新密码', { exact: true })).toBeFocused()
  await theirs.page.keyboard.type('short')
  await theirs.page.getByLabel('再输一次').fill('short')
  await theirs.page.keyboard.press('Enter')
  await expect(theirs.page.getByRole('alert')).toContainText('8 个字符以上')
  await isClean(theirs.page)
  await theirs.page.getByLabel('新密码', { exact: true }).fill('a-song-of-the-tide')
  await theirs.page.getByLabel('再输一次').fill('a-song-of-the-tide')
  await theirs.page.keyboard.press('Enter')
  await theirs.page.waitForURL((address) => !address.pathname.startsWith('/sign-in'))

  // What was not given stays unwritten.
  const home = new URL(theirs.page.url()).pathname
  await theirs.page.goto(`${demo.url}${home}/fill/students`)
  await expect(theirs.page.locator('.frow').first()).toBeVisible()
  await expect(theirs.page.locator('.frow input[inputmode]:not([readonly]):not([disabled])')).toHaveCount(0)
  await theirs.page.goto(`${demo.url}${home}/fill/teachers`)
  await expect(theirs.page.locator('.frow input[inputmode]:not([readonly]):not([disabled])').first()).toBeVisible()

  // A second device, ended from the first.
  const second = await openTablet({ viewport: { width: 820, height: 1180 } })
  await second.page.goto(`${demo.url}/sign-in`)
  await second.page.getByLabel('用户名').fill('li.si')
  await second.page.getByLabel('密码', { exact: true }).fill('a-song-of-the-tide')
  await second.page.keyboard.press('Enter')
  await second.page.waitForURL((address) => !address.pathname.startsWith('/sign-in'))
  await theirs.page.goto(`${demo.url}/account`)
  await expect(theirs.page.locator('.account__session')).toHaveCount(2)
  await theirs.page.getByRole('button', { name: /^退出 / }).press('Enter')
  await expect(theirs.page.locator('.account__session')).toHaveCount(1)
  await second.page.reload()
  await expect(second.page).toHaveURL(/sign-in/, { timeout: 30_000 })

  // Reset by the principal: the tablet goes on.
  await page.reload()
  await expect(row).toContainText('可以登录')
  await row.getByRole('button', { name: /重设/ }).press('Enter')
  await dialog.getByRole('button', { name: '重设密码' }).press('Enter')
  await expect(dialog.locator('.shown dd')).not.toHaveText(password)
  await dialog.getByRole('button', { name: '记好了' }).press('Enter')
  await theirs.page.reload()
  await expect(theirs.page.locator('.account__session')).toHaveCount(1)

  await theirs.close()
  await second.close()
})
