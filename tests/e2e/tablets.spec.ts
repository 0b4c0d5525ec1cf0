/** The bureau stops a tablet that is off the network with unsent work on it; it finds out at its next contact, and nothing is lost. */
import { expect, openTablet, test } from './product'
import { DEMO_PASSWORD, enterDemo, openForm } from './steps'

test('a revoked tablet shows and sends nothing until its person signs in again, and then sends what waited', async ({
  demo,
  tablet,
}) => {
  test.setTimeout(240_000)
  const bureau = await openTablet({ viewport: { width: 1440, height: 900 } })
  await enterDemo(bureau.page, demo.url, '管理员')

  const home = await enterDemo(tablet.page, demo.url, '填报员')
  const address = `${demo.url}${home}/fill/teachers`
  await openForm(tablet.page, address)
  const field = tablet.page.locator('.frow input[inputmode]').first()
  await field.click()
  await tablet.page.keyboard.press('Control+A')
  await tablet.page.keyboard.type('41')
  await tablet.page.keyboard.press('Tab')
  await expect(tablet.page.locator('.entry__dock')).toContainText('都已')

  // What it said with that exchange is what the bureau sees.
  await bureau.page.goto(`${demo.url}/tablets`)
  const row = bureau.page.locator('tbody tr', { hasText: '填报员' })
  await expect(row).toContainText('都已送出')
  await expect(row).toContainText('刚刚')

  await tablet.context.setOffline(true)
  await field.click()
  await tablet.page.keyboard.press('Control+A')
  await tablet.page.keyboard.type('42')
  await tablet.page.keyboard.press('Tab')
  await expect(tablet.page.locator('.entry__dock')).toContainText('1 项')

  await row.getByRole('button', { name: /停用/ }).click()
  const dialog = bureau.page.getByRole('dialog')
  await expect(dialog).toContainText('要到下次连上时才生效')
  await dialog.getByRole('button', { name: '停用', exact: true }).click()
  await expect(row).toContainText('下次连上时生效')

  // Off the network it cannot know, and goes on.
  await expect(field).toHaveValue('42')
  await tablet.context.setOffline(false)
  await expect(tablet.page).toHaveURL(/\/sign-in/, { timeout: 60_000 })
  await expect(tablet.page.getByText('这台平板已停用，或账号换了密码')).toBeVisible()
  await bureau.page.reload()
  await expect(row).toContainText('平板已收到')

  // Opened again without a network it shows nothing, and the password alone opens nothing.
  await tablet.context.setOffline(true)
  await tablet.page.goto(address)
  await expect(tablet.page).toHaveURL(/\/sign-in/)
  await expect(tablet.page.locator('.frow')).toHaveCount(0)
  const signIn = async () => {
    await tablet.page.getByLabel('用户名').fill('filler')
    await tablet.page.getByLabel('密码', { exact: true }).fill(DEMO_PASSWORD)
    await tablet.page.getByRole('button', { name: '登录', exact: true }).click()
  }
  await signIn()
  await expect(tablet.page.getByRole('alert')).toContainText('请连上网再试')
  await expect(tablet.page).toHaveURL(/\/sign-in/)

  // Its person signs in on the network: what was sealed is there, and goes.
  await tablet.context.setOffline(false)
  await signIn()
  await expect(tablet.page).not.toHaveURL(/\/sign-in/)
  await openForm(tablet.page, address)
  await expect(field).toHaveValue('42')
  await expect(
    tablet.page
      .locator('.frow')
      .filter({ has: tablet.page.locator('input[inputmode]') })
      .first(),
  ).not.toContainText('存在本机', { timeout: 60_000 })
  await bureau.page.reload()
  await expect(row).not.toContainText('停用，')
  await expect(row).toContainText('都已送出')
  await bureau.close()
})
