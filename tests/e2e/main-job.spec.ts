/**
 * The main job, in a real browser: a principal types a school's whole report without a network, the browser is killed and opened again,
 * everything is there; back on the network it arrives by itself and becomes the district's figures on another browser.
 */
import type { Page } from '@playwright/test'
import { answersOf, enterDemo, fillForm, marksOf, openForm } from './steps'
import { expect, openTablet, test } from './product'

const OTHER_DATA_SETS = [
  'profile',
  'students',
  'teachers',
  'school',
  'service',
  'environment',
  'balance',
  'projects',
  'assessment',
]

/** Half a minute, and what the disk takes. */
const COOKIES_ON_DISK_MS = 35_000

type Figure = { id: string; value: number | null; coverage: { expected: number; counted: number } }

async function figuresOf(page: Page): Promise<ReadonlyMap<string, Figure>> {
  const answer = await page.request.get('/api/figures?period=2024'.replace(/^/, new URL(page.url()).origin))
  const { figures } = (await answer.json()) as { figures: Figure[] }
  return new Map(figures.map((figure) => [figure.id, figure]))
}

async function answerCheck(page: Page, label: string, answers: Readonly<Record<string, string>>): Promise<void> {
  await page
    .locator('li, article, tr', { hasText: label })
    .filter({ has: page.getByRole('button') })
    .first()
    .getByRole('button')
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  for (const [field, answer] of Object.entries(answers)) {
    const group = dialog.getByRole('group', { name: field, exact: true })
    const choice = group.locator('.answer', { hasText: answer })
    if ((await choice.count()) > 0) await choice.first().click()
    else await group.locator('input').first().fill(answer)
  }
  await dialog.getByRole('button', { name: '好了' }).click()
  await expect(dialog).toBeHidden()
}

test('a report typed offline survives a killed browser, arrives by itself and becomes the figures', async ({ demo, tablet }) => {
  test.setTimeout(300_000)
  const bureau = await openTablet({ viewport: { width: 1440, height: 900 } })
  await enterDemo(bureau.page, demo.url, '审核员')
  const before = await figuresOf(bureau.page)

  const home = await enterDemo(tablet.page, demo.url, '校长')
  const signedIn = Date.now()
  await tablet.context.setOffline(true)

  // The hardware checklist first, as its own screen has it.
  await tablet.page.getByRole('link', { name: '硬件' }).first().click()
  await expect(tablet.page.getByRole('heading', { name: '硬件清单' })).toBeVisible()
  await answerCheck(tablet.page, '校园网出口带宽', { 校园网出口带宽: '２。５' })
  await answerCheck(tablet.page, '教学场所无线覆盖', { 教学场所数: '68', 无线网络覆盖的教学场所数: '64' })
  await answerCheck(tablet.page, 'A 级食堂', { 食堂数: '1', 'A 级食堂数': '1' })
  await answerCheck(tablet.page, '平安校园等级', { 平安校园等级: '5A' })
  await expect(tablet.page.locator('body')).toContainText('还差 4')

  // Every other data set, all rows.
  const typed: Record<string, Readonly<Record<string, string>>> = {}
  for (const dataSet of [...OTHER_DATA_SETS, 'hardware']) {
    await openForm(tablet.page, `${demo.url}${home}/fill/${dataSet}`)
    if (dataSet !== 'hardware') await fillForm(tablet.page)
    typed[dataSet] = await answersOf(tablet.page)
    expect(Object.keys(typed[dataSet]).length, dataSet).toBeGreaterThan(0)
  }
  // Chromium writes its cookies to disk every half minute; a browser killed sooner asks to sign in again before it sends.
  await tablet.page.waitForTimeout(Math.max(0, signedIn + COOKIES_ON_DISK_MS - Date.now()))
  // The last keys are not followed by anything: no blur, no pause.
  await openForm(tablet.page, `${demo.url}${home}/fill/hardware`)
  const books = tablet.page.getByRole('group', { name: '图书册数' }).locator('input')
  await books.click()
  await books.pressSequentially('42156', { delay: 40 })
  await expect(books).toHaveValue('42156')
  expect(tablet.page.workers().map((worker) => worker.url())).toContainEqual(expect.stringContaining('draft-worker'))
  await tablet.page.waitForTimeout(100)

  await tablet.kill()
  const page = await tablet.reopen({ address: `${demo.url}${home}/fill/hardware`, offline: true })
  await expect(page.getByRole('group', { name: '图书册数' }).locator('input')).toHaveValue('42156')
  for (const [dataSet, answers] of Object.entries(typed)) {
    await openForm(page, `${demo.url}${home}/fill/${dataSet}`)
    const found = await answersOf(page)
    for (const [row, answer] of Object.entries(answers)) {
      if (!row.endsWith('libraryBooks')) expect(found[row], `${dataSet} ${row}`).toBe(answer)
    }
    const marks = await marksOf(page)
    if (dataSet === 'balance') expect(marks['存在本机'], dataSet).toBeGreaterThan(0)
  }

  // Back on the network: nobody touches anything.
  await openForm(page, `${demo.url}${home}/fill/balance`)
  expect((await marksOf(page))['已同步'] ?? 0).toBe(0)
  await tablet.context.setOffline(false)
  await expect(async () => expect((await marksOf(page))['存在本机'] ?? 0).toBe(0)).toPass({ timeout: 60_000 })
  expect((await marksOf(page))['已同步']).toBeGreaterThan(0)

  // The bureau's own screen moves, and so do the figures behind it.
  await expect(async () => {
    const after = await figuresOf(bureau.page)
    for (const id of ['h.bandwidth', 'h.wireless', 'h.canteenA', 'h.safeCampus', '10', '26', '27']) {
      expect(after.get(id)?.coverage.counted, id).toBe((before.get(id)?.coverage.counted ?? 0) + 1)
    }
    expect(after.get('h.canteenA')?.value).toBe((before.get('h.canteenA')?.value ?? 0) + 1)
  }).toPass({ timeout: 60_000 })
  const shown = before.get('h.bandwidth')?.coverage
  await bureau.page.goto(`${demo.url}/overview`)
  await expect(bureau.page.locator('body')).toContainText(`${(shown?.counted ?? 0) + 1}/${shown?.expected ?? 0}`)
  await bureau.close()
})
