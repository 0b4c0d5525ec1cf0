/**
 * Photos as evidence of a value: added without a network, seen large by keyboard, listed in the sync centre, and seen by the bureau. No axe
 * violation in the three themes, nothing on the console, no sideways scrolling.
 */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, startProduct, test, type Product } from './product'
import { enterDemo, openForm } from './steps'

const THEMES = ['light', 'dark', 'outdoor'] as const
const WIDTHS = [1180, 820, 590]

let product: Product
test.beforeAll(async () => {
  product = await startProduct({ entry: 'demo' })
})
test.afterAll(async () => {
  await product.stop()
})

async function jpeg(page: Page, hue: number): Promise<Buffer> {
  const base64 = await page.evaluate(async (hue) => {
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: 3000, height: 2000 })
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('no canvas')
    context.fillStyle = `hsl(${hue} 60% 50%)`
    context.fillRect(0, 0, 3000, 2000)
    context.clearRect(0, 0, 900, 600)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg'))
    return btoa(String.fromCharCode(...new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))))
  }, hue)
  return Buffer.from(base64, 'base64')
}

/** The same picture as a camera held upright writes it: with a place, and to be turned by a quarter. */
function withExif(picture: Buffer): Buffer {
  const entry = (tag: number, type: number, count: number, value: number) => {
    const bytes = Buffer.alloc(12)
    bytes.writeUInt16BE(tag, 0)
    bytes.writeUInt16BE(type, 2)
    bytes.writeUInt32BE(count, 4)
    if (type === 3) bytes.writeUInt16BE(value, 8)
    else bytes.writeUInt32BE(value, 8)
    return bytes
  }
  const SECRET = Buffer.from('30.2741 N 120.1551 E\0')
  const head = Buffer.from('MM\0*\0\0\0\x08', 'latin1')
  const tags = [entry(0x0112, 3, 1, 6), entry(0x010e, 2, SECRET.length, 8 + 2 + 24 + 4)]
  const tiff = Buffer.concat([head, Buffer.from([0, 2]), ...tags, Buffer.alloc(4), SECRET])
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])
  const marker = Buffer.from([0xff, 0xe1, 0, 0])
  marker.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([picture.subarray(0, 2), marker, body, picture.subarray(2)])
}

async function checkThemes(page: Page, what: string): Promise<void> {
  for (const theme of THEMES) {
    await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme)
    await page.waitForTimeout(400)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
      `${what} in ${theme}`,
    ).toEqual([])
    if (process.env['SHOTS'] !== undefined) await page.screenshot({ path: `${process.env['SHOTS']}/${what}-${theme}.png` })
  }
  await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'light'))
}

test('photos of a value: without a network, by keyboard, in the sync centre, and at the bureau', async ({ browser }) => {
  test.setTimeout(240_000)
  const context = await browser.newContext({ viewport: { width: 1180, height: 820 }, locale: 'zh-CN' })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  const home = await enterDemo(page, product.url, '校长')
  const form = `${home}/fill/projects`
  await openForm(page, `${product.url}${form}`)
  const upright = withExif(await jpeg(page, 200))
  const second = await jpeg(page, 20)
  await context.setOffline(true)

  const row = page.locator('.frow').first()
  await row.getByRole('button', { name: /备注/ }).click()
  const strip = row.locator('.photos')
  await strip.locator('input[type=file]').setInputFiles([
    { name: 'IMG_1.jpg', mimeType: 'image/jpeg', buffer: upright },
    { name: 'not-a-photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<html>') },
    { name: 'IMG_2.jpg', mimeType: 'image/jpeg', buffer: second },
  ])
  await expect(strip.locator('.photo__img')).toHaveCount(2)
  await expect(strip.getByRole('alert')).toContainText('“not-a-photo.jpg”不是能打开的照片或 PDF')
  await expect(strip.locator('.photo__tag')).toHaveText(['存在本机', '存在本机'])
  await checkThemes(page, 'strip')

  // By keyboard: open, larger, next, close; the focus is where it was.
  const first = strip.getByRole('button').first()
  await first.focus()
  await page.keyboard.press('Enter')
  const viewer = page.locator('dialog.viewer')
  const large = viewer.locator('img')
  await expect(large).toBeVisible()
  await expect
    .poll(() => large.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight].join()))
    .toBe('1365,2048')
  await checkThemes(page, 'viewer')
  await page.keyboard.press('+')
  await expect(large).toHaveClass(/viewer__img--2/)
  await page.keyboard.press('-')
  await page.keyboard.press('ArrowRight')
  await expect
    .poll(() => large.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight].join()))
    .toBe('2048,1365')
  await page.keyboard.press('Escape')
  await expect(viewer).toHaveCount(0)
  await expect(first).toBeFocused()

  await page.goto(`${product.url}/sync`)
  const card = page.locator('[aria-labelledby=h-files]')
  await expect(card).toContainText('照片和文件：2 个等着')
  await expect(page.locator('[aria-labelledby=h-export]')).toContainText('有 2 个只在这台设备上')
  await checkThemes(page, 'sync')
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 820 })
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(beyond, `sideways at ${String(width)}`).toBeLessThanOrEqual(0)
  }
  await page.setViewportSize({ width: 1180, height: 820 })

  await context.setOffline(false)
  await expect(card).toContainText('照片和文件都送到了', { timeout: 60_000 })
  // Nothing of what the camera wrote beside the picture is in what was sent.
  const kept = await page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('youxue-principal-files')
      opening.onsuccess = () => resolve(opening.result)
    })
    const pieces = await new Promise<{ bytes: ArrayBuffer }[]>((resolve) => {
      const asking = db.transaction('piece').objectStore('piece').getAll()
      asking.onsuccess = () => resolve(asking.result as { bytes: ArrayBuffer }[])
    })
    return pieces.map(({ bytes }) => new TextDecoder('latin1').decode(bytes)).join('')
  })
  expect(kept.length).toBeGreaterThan(1000)
  expect(kept).not.toContain('120.1551')
  expect(kept).not.toContain('Exif')

  const bureau = await (await browser.newContext({ viewport: { width: 1180, height: 820 }, locale: 'zh-CN' })).newPage()
  await enterDemo(bureau, product.url, '审核')
  await openForm(bureau, `${product.url}${form}`)
  const theirs = bureau.locator('.frow').first().locator('.photos')
  await expect(theirs.locator('.photo[aria-haspopup]')).toHaveCount(2)
  await theirs.getByRole('button').first().click()
  await expect(bureau.locator('dialog.viewer img')).toBeVisible()
  await bureau.context().setOffline(true)
  await bureau.keyboard.press('Escape')
  await theirs.getByRole('button').first().click()
  await expect(bureau.locator('dialog.viewer img')).toBeVisible()
  expect(complaints).toEqual([])
})
