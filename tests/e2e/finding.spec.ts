/**
 * A finding's whole life across three browsers, each off the network for part of it: an inspector finds something wanting, the principal
 * answers, the inspector sends it back and closes it at last, and the bureau sees where it stands.
 */
import type { Browser, Page } from '@playwright/test'
import { expect, test, type Product } from './product'
import { enterDemo } from './steps'

type Screen = { readonly page: Page; readonly home: string; offline(is: boolean): Promise<void> }

async function open(browser: Browser, product: Product, role: string): Promise<Screen> {
  const context = await browser.newContext({
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: { width: 1180, height: 820 },
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  const home = await enterDemo(page, product.url, role)
  // Everything that the tablet may hold is on it.
  if (role !== '审核员') await expect(page.locator('.net')).toContainText('已连网', { timeout: 60_000 })
  return { page, home, offline: (is) => context.setOffline(is) }
}

/** What waits on a tablet has been sent and answered. */
async function isSent({ page }: Screen): Promise<void> {
  await expect(page.locator('.net').first()).toContainText('已连网', { timeout: 60_000 })
  await expect(page.locator('.rail__badge')).toHaveCount(0, { timeout: 60_000 })
}

/** A real JPEG, each of another colour. */
async function photoOf(page: Page, colour: string): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const base64 = await page.evaluate((fill) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 900 })
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('no canvas')
    context.fillStyle = fill
    context.fillRect(0, 0, 1200, 900)
    return canvas.toDataURL('image/jpeg', 0.9).split(',')[1] ?? ''
  }, colour)
  return { name: `${colour}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.from(base64, 'base64') }
}

/** The photo is opened: fetched where it is not on this tablet. */
async function seesPhoto(page: Page, group: string): Promise<void> {
  await page.getByRole('group', { name: group }).getByRole('button').first().click()
  await expect(page.locator('.viewer__img')).toBeVisible({ timeout: 30_000 })
  expect(await page.locator('.viewer__img').evaluate((img: HTMLImageElement) => img.decode().then(() => img.naturalWidth))).toBe(
    1200,
  )
  await page.keyboard.press('Escape')
  await expect(page.locator('.viewer')).toHaveCount(0)
}
/** Files go behind the values. */
async function photosAreSent(page: Page): Promise<void> {
  await expect(page.locator('.photo__tag', { hasText: '区教育局已收到' })).toHaveCount(1, { timeout: 60_000 })
}

const WHAT = '北楼三层两处不合格'

/** Opens the address until it shows the text: what others sent comes with the next exchange. */
async function showsAt(page: Page, address: string, text: string | RegExp): Promise<void> {
  await expect(async () => {
    await page.goto(address)
    await expect(page.getByText(text).first()).toBeVisible({ timeout: 5_000 })
  }).toPass({ timeout: 90_000 })
}

/** The demo has findings of its own: what is said counts in this one's line. */
async function lineShowsAt(page: Page, address: string, text: string | RegExp): Promise<void> {
  await expect(async () => {
    await page.goto(address)
    await expect(page.locator('.findrow', { hasText: WHAT })).toContainText(text, { timeout: 5_000 })
  }).toPass({ timeout: 90_000 })
}

test('a finding is raised, answered, sent back, answered again and closed', async ({ browser, demo }) => {
  test.setTimeout(300_000)
  const inspector = await open(browser, demo, '督学')
  const principal = await open(browser, demo, '校长')
  const bureau = await open(browser, demo, '审核员')
  const [, , unit = '', period = ''] = principal.home.split('/')
  const inspections = `${demo.url}/u/${unit}/${period}/inspections`
  const findings = `${demo.url}/u/${unit}/${period}/findings`

  await test.step('off the network, the inspector goes through a list and finds something wanting', async () => {
    const { page } = inspector
    await page.goto(inspections)
    await expect(page.getByRole('button', { name: '安排检查' })).toBeVisible()
    await inspector.offline(true)
    await page.getByRole('button', { name: '安排检查' }).click()
    await page.getByRole('dialog').getByRole('radio').last().check({ force: true })
    await page.getByRole('button', { name: '现在开始' }).click()
    await expect(page.getByText('离线中，检查照常')).toBeVisible()
    await page.keyboard.press('1')
    await page.keyboard.press('ArrowRight')
    await page.getByRole('button', { name: '不符合', exact: true }).click()
    await page.getByLabel('说明').fill(WHAT)
    await page.locator('input[type=file]').setInputFiles(await photoOf(page, 'brown'))
    await expect(page.locator('.photos .photo__img')).toHaveCount(1)
    await page.getByRole('button', { name: /^3 天/ }).click()
    await expect(page.locator('.find .photo__img')).toHaveCount(1)
    await page.reload()
    await expect(page.locator('.find')).toContainText(WHAT)
    await page.getByRole('button', { name: '完成检查' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '完成检查' }).click()
    await page.waitForURL(inspections)
    await page.goto(findings)
    await expect(page.locator('.findrow', { hasText: WHAT })).toBeVisible()
  })

  await test.step('until then nobody else knows of it', async () => {
    await principal.page.goto(findings)
    await expect(principal.page.locator('h1')).toBeVisible()
    await expect(principal.page.getByText(WHAT)).toHaveCount(0)
  })

  await test.step('back on the network it reaches the school and the bureau', async () => {
    await inspector.offline(false)
    await isSent(inspector)
    await inspector.page.getByText(WHAT).first().click()
    await photosAreSent(inspector.page)
    await showsAt(principal.page, findings, WHAT)
    await principal.page.getByText(WHAT).first().click()
    await seesPhoto(principal.page, '照片和文件：发现时的照片')
    await principal.page.goto(findings)
    await showsAt(bureau.page, `${demo.url}/findings`, WHAT)
    await expect(bureau.page.locator('.findrow', { hasText: WHAT })).toContainText('日前')
  })

  const answerAndClaim = async (answer: string, photo?: string): Promise<void> => {
    const { page } = principal
    await page.getByText(WHAT).first().click()
    await expect(page.getByLabel('整改说明')).toBeVisible()
    await principal.offline(true)
    await page.getByLabel('整改说明').fill(answer)
    if (photo !== undefined) {
      await page.locator('input[type=file]').setInputFiles(await photoOf(page, photo))
      await expect(page.getByText('存在本机').first()).toBeVisible()
    }
    await page.getByRole('button', { name: '已整改，请复核' }).click()
    await expect(page.getByText('学校说已整改').first()).toBeVisible()
    await page.reload()
    await expect(page.getByText(answer)).toBeVisible()
    await expect(page.getByText('学校说已整改').first()).toBeVisible()
  }

  await test.step('off the network, the principal answers and claims', async () => {
    await answerAndClaim('已更换', 'green')
    await bureau.page.goto(`${demo.url}/findings`)
    await expect(bureau.page.locator('.findrow', { hasText: WHAT })).not.toContainText('学校说已整改')
    await principal.offline(false)
    await isSent(principal)
    await lineShowsAt(bureau.page, `${demo.url}/findings`, '学校说已整改')
  })

  await test.step('off the network, the inspector sends it back and says why', async () => {
    const { page } = inspector
    await lineShowsAt(page, findings, '学校说已整改')
    await page.getByText(WHAT).first().click()
    await inspector.offline(true)
    await page.getByRole('button', { name: '退回' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '退回' }).click()
    await expect(page.getByText('请写一句原因')).toBeVisible()
    await page.getByLabel('说明，学校会看到').fill('还有一处没换')
    await page.getByRole('dialog').getByRole('button', { name: '退回' }).click()
    await expect(page.getByText(/还有一处没换/)).toBeVisible()
    await inspector.offline(false)
    await isSent(inspector)
  })

  await test.step('the principal reads it, answers and claims again', async () => {
    await lineShowsAt(principal.page, findings, /日前/)
    await expect(async () => {
      await principal.page.goto(findings)
      await principal.page.getByText(WHAT).first().click()
      await expect(principal.page.getByText(/还有一处没换/)).toBeVisible({ timeout: 5_000 })
    }).toPass({ timeout: 90_000 })
    await principal.page.goto(findings)
    await answerAndClaim('两处都已更换')
    await principal.offline(false)
    await isSent(principal)
  })

  await test.step('the inspector closes it, and all three see that it is over', async () => {
    const { page } = inspector
    await lineShowsAt(page, findings, '学校说已整改')
    await page.getByText(WHAT).first().click()
    await expect(page.getByText('两处都已更换')).toBeVisible()
    await page.getByRole('button', { name: '合格，销号' }).click()
    await expect(page.getByText('已销号').first()).toBeVisible()
    await isSent(inspector)
    const address = page.url()
    await showsAt(principal.page, address, '已销号')
    await showsAt(bureau.page, address, '已销号')
    await seesPhoto(bureau.page, '照片和文件：发现时的照片')
    await seesPhoto(bureau.page, '照片和文件：整改后的照片')
    await bureau.page.locator('summary').click()
    await expect(bureau.page.locator('.history__one')).toHaveCount(5)
    await bureau.page.goto(`${demo.url}/findings`)
    await bureau.page.getByLabel('看哪些').selectOption('closed')
    await expect(bureau.page.locator('.findrow', { hasText: WHAT })).toContainText('已销号')
  })
})
