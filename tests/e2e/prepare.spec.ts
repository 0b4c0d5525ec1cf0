/** An inspector takes thirty schools along in the morning, and works in each of them without a network. */
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './product'
import { DEMO_PASSWORD } from './steps'

const SCHOOLS = 30
const INSPECTOR = { username: 'manyschools', password: 'thirty-schools-1' }
const OWN_PASSWORD = 'a-walk-through-thirty'

async function signedIn(url: string, username: string): Promise<(path: string, body?: unknown) => Promise<unknown>> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ username, password: DEMO_PASSWORD })
  const answer = await fetch(`${url}/api/session`, { method: 'POST', headers, body })
  const cookie = answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
  return async (path, sent) => {
    const got = await fetch(`${url}/api/${path}`, {
      method: sent === undefined ? 'GET' : 'POST',
      headers: { ...headers, cookie },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    })
    if (!got.ok) throw new Error(`${path}: ${String(got.status)} ${await got.text()}`)
    return got.json()
  }
}

test('thirty schools come along with one touch, and open without a network', async ({ demo, tablet }) => {
  test.setTimeout(240_000)
  const admin = await signedIn(demo.url, 'admin')
  const made = (await admin('orgUnits')) as readonly { readonly code: string; readonly type: string }[]
  const schools = made.filter(({ type }) => type !== 'district')
  const more = Array.from({ length: Math.max(0, SCHOOLS - schools.length) }, (_, at) => ({
    code: `more-${String(at + 1)}`,
    name: `增加的第${String(at + 1)}小学`,
    type: 'primary',
    ownership: 'public',
  }))
  if (more.length > 0) await admin('orgUnits', more)
  const orgUnits = [...schools, ...more].map(({ code }) => code).slice(0, SCHOOLS)
  expect(orgUnits).toHaveLength(SCHOOLS)
  await admin('accounts', { ...INSPECTOR, name: '督学', role: 'inspector', orgUnits })

  const { page, context } = tablet
  await page.goto(demo.url)
  await page.getByLabel('用户名').fill(INSPECTOR.username)
  await page.getByRole('textbox', { name: '密码' }).fill(INSPECTOR.password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByLabel('新密码', { exact: true }).fill(OWN_PASSWORD)
  await page.getByLabel('再输一次').fill(OWN_PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/inspections$/)
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)

  await page.goto(`${demo.url}/prepare`)
  await page.getByRole('button', { name: '全选' }).click()
  const began = Date.now()
  await page.getByRole('button', { name: `带上 ${String(SCHOOLS)} 所学校` }).click()
  await expect(page.getByText(`${String(SCHOOLS)} 所学校都带上了`)).toBeVisible({ timeout: 120_000 })
  console.log(`${String(SCHOOLS)} schools were complete after ${String(Date.now() - began)} ms`)
  await expect(page.locator('.along__one .state--ok')).toHaveCount(SCHOOLS)
  await expect(page.getByText(/在这台平板上用了/)).toBeVisible()

  // The demo's schools have inspections of their own.
  await page.goto(`${demo.url}/inspections`)
  await expect(page.locator('.irow').first()).toBeVisible()
  const before = await page.locator('.irow').count()
  await page.goto(`${demo.url}/prepare`)
  await expect(page.locator('.along__one .state--ok')).toHaveCount(SCHOOLS)

  await context.setOffline(true)
  await page.reload()
  await expect(page.locator('.along__one .state--ok')).toHaveCount(SCHOOLS)
  await expect(page.locator('.along__box:checked')).toHaveCount(SCHOOLS)
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id }) => id)).toEqual([])
  const [, , period = ''] = (await page.locator('.rail__item[href^="/u/"]').getAttribute('href'))?.split('/').slice(1) ?? []
  for (const code of [orgUnits[0], orgUnits[SCHOOLS - 1]]) {
    await page.goto(`${demo.url}/u/${code ?? ''}/${period}/inspections`)
    await page.getByRole('button', { name: '安排检查' }).click()
    await page.getByRole('button', { name: '现在开始' }).click()
    await page.getByRole('button', { name: '符合', exact: true }).click()
    await expect(page.locator('.inspect__progress')).toContainText('1 /')
  }
  await context.setOffline(false)
  await page.goto(`${demo.url}/inspections`)
  await expect(page.locator('.irow')).toHaveCount(before + 2)
  await expect(page.locator('.rail__badge')).toHaveCount(0, { timeout: 60_000 })
})
