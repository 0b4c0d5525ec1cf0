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

type Row = readonly [
  key: string,
  cell: { readonly heads: readonly { readonly value: unknown; readonly from: readonly { id: string }[] }[] },
]

/** The bureau's side, over the routes that its screens use: each time a device of its own. */
function bureauOf(page: Page, product: Product, unit: string) {
  const name = (): string =>
    Array.from({ length: 13 }, () => 'abcdefghijklmnopqrstuvwxyz'[Math.floor(Math.random() * 26)]).join('')

  async function exchange(device: string, cursor: number, mutations: readonly object[]) {
    const none = '0000000000000000'
    const ask = { stream: `s/${unit}`, device, cursor, acked: 0, chain: none, floor: 1, floorChain: none, mutations }
    const answer = await page.request.post(`${product.url}/api/sync`, {
      data: { v: 1, app: 'test', now: Date.now(), asks: [ask] },
    })
    const [first] = ((await answer.json()) as { answers: { rows: Row[]; upto: number; done: boolean; verdicts: unknown[] }[] })
      .answers
    if (first === undefined) throw new Error('no answer')
    return first
  }
  async function cells(): Promise<ReadonlyMap<string, Row[1]>> {
    const all = new Map<string, Row[1]>()
    const device = name()
    for (let cursor = 0; ;) {
      const { rows, upto, done } = await exchange(device, cursor, [])
      for (const [key, cell] of rows) all.set(key, cell)
      if (done) return all
      cursor = upto
    }
  }
  return {
    cells,
    async write(
      edits: readonly { readonly kind: 'set' | 'move'; readonly key: string; readonly value: unknown }[],
    ): Promise<void> {
      const known = await cells()
      const mutations = edits.map(({ kind, key, value }, index) => ({
        ...{ n: index + 1, kind, key, value, at: Date.now(), pv: 1 },
        base: known.get(key)?.heads.flatMap(({ from }) => from.map(({ id }) => id)) ?? [],
      }))
      const { verdicts } = await exchange(name(), 0, mutations)
      expect(JSON.stringify(verdicts)).not.toContain('rejected')
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
  const bureau = bureauOf(reviewer.page, demo, unit)
  const form = `${demo.url}${school.home}/fill/${DATA_SET}`
  const check = `${demo.url}${school.home}/${DATA_SET}/submit`
  const state = `w/${period}/${DATA_SET}`
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
    const cells = await bureau.cells()
    expect(cells.get(`v/${period}/${elements[0] ?? ''}/remark`)?.heads[0]?.value).toBe('按名册重新统计')
    expect(cells.get(state)?.heads[0]?.value).toMatchObject({ state: 'submitted' })
  })

  await test.step('the reviewer returns two values, with words', async () => {
    const about = (element: string) => ({ period, dataSet: DATA_SET, element })
    await bureau.write([
      { kind: 'move', key: state, value: { state: 'reviewing' } },
      ...elements.flatMap((element, index) => {
        const id = `c-${'abcdefghijklm'.slice(index)}${'n'.repeat(index)}`
        return [
          { kind: 'set' as const, key: `c/${id}/about`, value: about(element) },
          { kind: 'set' as const, key: `c/${id}/text`, value: `请核对第 ${index + 1} 个数` },
        ]
      }),
    ])
    await bureau.write([{ kind: 'move', key: state, value: { state: 'returned', why: '两个数与系统不同', marks: elements } }])
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
    const cells = await bureau.cells()
    expect(cells.get(`v/${period}/${elements[0] ?? ''}`)?.heads.map(({ value }) => value)).toEqual(['170'])
    expect(cells.get(`v/${period}/${elements[1] ?? ''}`)?.heads.map(({ value }) => value)).toEqual(['7'])
    await bureau.write([{ kind: 'move', key: state, value: { state: 'returned', why: '还差一点', marks: elements.slice(1) } }])
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
    const { seen } = (await bureau.cells()).get(state)?.heads[0]?.value as { seen: string }
    await bureau.write([{ kind: 'move', key: state, value: { state: 'approved', seen } }])
    await showsAt(page, check, '区教育局已通过')
    await expect(page.getByRole('button', { name: /提交/ })).toHaveCount(0)
    await bureau.write([{ kind: 'move', key: state, value: { state: 'reopened', why: '统计口径有变' } }])
    await showsAt(page, form, '统计口径有变')
    await expect(page.locator('.frow__field input').first()).toBeVisible()
  })
})
