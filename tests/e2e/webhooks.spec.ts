/**
 * Robots of chat groups in a real browser, against a receiver on this machine: set by keys, tried out, and told of a returned report by the
 * real program, which is killed in between. No axe violation in three themes, nothing on the console, no sideways scrolling.
 */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import type { Answer, Cell, SyncAnswer } from '#sync/protocol'
import { isSigned, KEY, openRobot, refused, SECRET, type RobotServer } from '../server/robot'
import { expect, startProduct, test, type Product } from './product'
import { enterDemo } from './steps'

let product: Product
let robot: RobotServer
test.beforeAll(async () => {
  robot = await openRobot()
  product = await startProduct({ entry: 'demo', env: { WEBHOOK_ALLOW_PRIVATE: '1' } })
})
test.afterAll(async () => {
  await product.stop()
  await robot.close()
})

async function inspect(page: Page, where: string): Promise<void> {
  for (const theme of ['light', 'dark', 'outdoor']) {
    await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme)
    await page.waitForTimeout(500)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
      `${where} in ${theme}`,
    ).toEqual([])
  }
}

const NONE = '0000000000000000'

/** Gives back the first report that waits, as the reviewer's app does it. Answers the school's name. */
async function giveBack(page: Page): Promise<string> {
  const get = async (path: string): Promise<unknown> => (await page.request.get(`${product.url}/api/${path}`)).json()
  const period = ((await get('plan')) as { periods: readonly string[] }).periods.at(-1) ?? ''
  const queue = (await get(`reports?period=${period}&state=submitted&limit=1`)) as {
    rows: readonly { orgUnit: string; dataSet: string }[]
  }
  const [row] = queue.rows
  if (row === undefined) throw new Error('the demo has no report to review')

  async function exchange(more: object): Promise<Extract<Answer, { rows: unknown }>> {
    const device = { device: 'reviewaaaaaaa', acked: 0, chain: NONE, floor: 1, floorChain: NONE }
    const ask = { stream: `s/${row?.orgUnit ?? ''}`, ...device, mutations: [], ...more }
    const data = { v: 1, app: 'test', now: Date.now(), asks: [ask] }
    const answer = await page.request.post(`${product.url}/api/sync`, { data })
    const [first] = ((await answer.json()) as SyncAnswer).answers
    if (first === undefined || !('rows' in first)) throw new Error(await answer.text())
    return first
  }
  const cells = new Map<string, Cell>()
  for (let cursor = 0, done = false; !done;) {
    const answer = await exchange({ cursor })
    for (const [key, cell] of answer.rows) cells.set(key, cell)
    ;({ upto: cursor, done } = answer)
  }
  const key = `w/${period}/${row.dataSet}`
  const base = (cells.get(key)?.heads ?? []).flatMap(({ from }) => from.map(({ id }) => id))
  const value = { state: 'returned', why: '请核对后重新提交' }
  const move = { n: 1, kind: 'move', key, value, base, at: Date.now(), pv: 1 }
  const { verdicts } = await exchange({ cursor: Number.MAX_SAFE_INTEGER, mutations: [move] })
  expect(JSON.stringify(verdicts)).toContain('applied')
  const units = (await get('orgUnits')) as readonly { code: string; name: string }[]
  return units.find(({ code }) => code === row.orgUnit)?.name ?? ''
}

test('a robot is set and tried out by keys, and told of a returned report although the server is killed', async ({ browser }) => {
  test.setTimeout(300_000)
  const desk = await (await browser.newContext()).newPage()
  const complaints: string[] = []
  desk.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  desk.on('pageerror', (error) => complaints.push(error.message))
  await enterDemo(desk, product.url, '管理员')
  await desk.goto(`${product.url}/windows`)
  const section = desk.getByRole('region', { name: '群机器人' })
  await expect(section.getByText('什么也不往外发')).toBeVisible()
  await inspect(desk, 'without a robot')

  await section.getByRole('button', { name: '添加机器人' }).press('Enter')
  const dialog = desk.getByRole('dialog', { name: '添加群机器人' })
  await dialog.getByLabel('名字').pressSequentially('校长群')
  await desk.keyboard.press('Tab')
  await desk.keyboard.press('Tab')
  await expect(dialog.getByLabel('Webhook 地址')).toBeFocused()
  await dialog.getByRole('button', { name: '保存' }).press('Enter')
  await expect(dialog.getByRole('alert')).toContainText('Webhook 地址')
  await inspect(desk, 'the dialog')
  await dialog.getByLabel('Webhook 地址').fill(robot.url('dingtalk'))
  await dialog.getByLabel('加签密钥').fill(SECRET)
  await desk.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  const row = section.getByRole('listitem')
  await expect(row).toContainText(`127.0.0.1:${String(robot.port)}`)

  await row.getByRole('button', { name: /测试/ }).press('Enter')
  await expect(row.getByRole('status')).toContainText('它说：ok')
  const [tested] = robot.heard
  expect(tested !== undefined && isSigned(tested, SECRET, Date.now())).toBe(true)
  robot.replies.push(refused(310_000, 'sign not match'))
  await row.getByRole('button', { name: /测试/ }).press('Enter')
  await expect(row.getByRole('status')).toContainText('sign not match')
  await inspect(desk, 'a robot')
  await desk.evaluate(() => document.documentElement.setAttribute('data-theme', 'light'))
  for (const width of [1180, 820, 590]) {
    await desk.setViewportSize({ width, height: 820 })
    const beyond = await desk.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(beyond, `sideways at ${String(width)}`).toBeLessThanOrEqual(0)
    for (const key of await row.getByRole('button').all()) expect((await key.boundingBox())?.height).toBeGreaterThanOrEqual(44)
  }
  expect(await desk.content()).not.toContain(KEY)
  expect(await desk.content()).not.toContain(SECRET)

  const reviewer = await (await browser.newContext()).newPage()
  await enterDemo(reviewer, product.url, '审核员')
  const name = await giveBack(reviewer)
  await product.kill()
  await product.restart()
  await expect.poll(() => robot.heard.length, { timeout: 120_000 }).toBe(3)
  expect(robot.heard[2]?.content).toContain(`有 1 所学校的报表被退回：${name}。`)
  await desk.setViewportSize({ width: 1180, height: 820 })
  await desk.reload()
  await expect(row).toContainText('上次发出')
  await row.getByRole('switch').press('Space')
  await expect(row.getByRole('switch')).not.toBeChecked()
  await row.getByRole('button', { name: /移除/ }).press('Enter')
  await desk.getByRole('dialog').getByRole('button', { name: '移除' }).press('Enter')
  await expect(section.getByText('什么也不往外发')).toBeVisible()
  await expect(section.getByRole('button', { name: '添加机器人' })).toBeFocused()
  expect(complaints).toEqual([])
})
