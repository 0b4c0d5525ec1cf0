/**
 * Twelve photos of an inspection: taken without a network, the app killed in the middle, finished after it was opened again, and sent over a
 * network that ends every connection.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { startCuttingProxy } from './cutting-proxy'
import { expect, openTablet, startProduct, test } from './product'
import { enterDemo } from './steps'

const PHOTOS = 12
const COOKIES_ON_DISK_MS = 35_000

/** Real JPEGs of a camera's size: noise over a drawing, so that they are heavy and each is another one. */
async function takePhotos(page: Page, folder: string): Promise<readonly string[]> {
  const names: string[] = []
  for (let n = 0; n < PHOTOS; n++) {
    const base64 = await page.evaluate(async (seed) => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width: 4032, height: 3024 })
      const context = canvas.getContext('2d')
      if (context === null) throw new Error('no canvas')
      context.fillStyle = `hsl(${String(seed * 29)} 60% 50%)`
      context.fillRect(0, 0, 4032, 3024)
      const tile = new ImageData(512, 512)
      let state = seed * 7919 + 1
      for (let at = 0; at < tile.data.length; at += 4) {
        state = (state * 1664525 + 1013904223) >>> 0
        tile.data[at] = state >>> 24
        tile.data[at + 1] = (state >>> 16) & 255
        tile.data[at + 2] = (state >>> 8) & 255
        tile.data[at + 3] = 255
      }
      for (let x = 0; x < 4032; x += 768) for (let y = 0; y < 3024; y += 640) context.putImageData(tile, x, y)
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.72))
      const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))
      let text = ''
      for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768))
      return btoa(text)
    }, n + 1)
    const name = join(folder, `photo-${String(n + 1)}.jpg`)
    writeFileSync(name, Buffer.from(base64, 'base64'))
    names.push(name)
  }
  return names
}

test('twelve photos of an inspection survive a killed app and a network that cuts every connection', async () => {
  test.setTimeout(420_000)
  const folder = mkdtempSync(join(tmpdir(), 'youxue-photos-'))
  const product = await startProduct({ entry: 'demo' })
  const proxy = await startCuttingProxy(product.url, { most: 900_000 })
  const tablet = await openTablet({ viewport: { width: 820, height: 1180 } })
  try {
    const photos = await takePhotos(tablet.page, folder)
    for (const photo of photos) expect(statSync(photo).size).toBeGreaterThan(3_000_000)

    const home = await enterDemo(tablet.page, proxy.url, '校长')
    const signedIn = Date.now()
    await expect(tablet.page.locator('.net').first()).toContainText('已连网', { timeout: 60_000 })
    await tablet.page.goto(`${proxy.url}${home}/inspections`)
    await expect(tablet.page.locator('h1')).toBeVisible()
    await tablet.context.setOffline(true)
    await tablet.page
      .getByRole('button', { name: /自查|安排检查/ })
      .first()
      .click()
    await tablet.page.getByRole('dialog').getByRole('radio').last().check({ force: true })
    await tablet.page.getByRole('button', { name: '现在开始' }).click()
    await expect(tablet.page.locator('#ask')).toBeVisible()
    const address = tablet.page.url()

    const add = async (page: Page, some: readonly string[], until: number) => {
      await page.locator('input[type=file]').setInputFiles([...some])
      await expect(page.locator('.photos .photo__tag')).toHaveCount(until, { timeout: 120_000 })
    }
    await add(tablet.page, photos.slice(0, 5), 5)
    await tablet.page.waitForTimeout(Math.max(0, signedIn + COOKIES_ON_DISK_MS - Date.now()))
    // Killed while the sixth and seventh are being made small.
    await tablet.page.locator('input[type=file]').setInputFiles([...photos.slice(5, 7)])
    await tablet.page.waitForTimeout(400)
    const shown = await tablet.page.locator('.photos .photo__tag').count()
    await tablet.kill()
    const page = await tablet.reopen({ address, offline: true })
    await expect(page.locator('.photos .photo__tag').first()).toBeVisible({ timeout: 60_000 })
    await expect.poll(() => page.locator('.photos .photo__tag').count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(shown)
    const kept = await page.locator('.photos .photo__tag').count()
    await add(page, photos.slice(kept), PHOTOS)
    await expect(page.locator('.photos .photo__img')).toHaveCount(PHOTOS, { timeout: 60_000 })
    await expect(page.locator('.photo__tag--confirmed')).toHaveCount(0)

    proxy.isCutting = true
    await tablet.context.setOffline(false)
    await expect(page.locator('.photo__tag--confirmed')).toHaveCount(PHOTOS, { timeout: 240_000 })

    const sent = Math.round(proxy.bytesUp)

    const files = join(product.folder, 'files')
    const whole = readdirSync(files)
      .filter((name) => name.length === 2)
      .flatMap((name) => readdirSync(join(files, name)).map((file) => ({ file, path: join(files, name, file) })))
    const bytes = await page.evaluate(async (name) => {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(new Error('not opened'))
      })
      const rows = await new Promise<{ sha: string; size: number }[]>((resolve) => {
        const asking = db.transaction('file').objectStore('file').getAll()
        asking.onsuccess = () => resolve(asking.result as { sha: string; size: number }[])
      })
      return rows.map(({ sha, size }) => ({ sha, size }))
    }, 'youxue-principal-files')
    expect(bytes).toHaveLength(PHOTOS)
    for (const { sha } of bytes) {
      const found = whole.find(({ file }) => file === sha)
      expect(found, sha).toBeDefined()
      expect(
        createHash('sha256')
          .update(readFileSync(found?.path ?? ''))
          .digest('hex'),
      ).toBe(sha)
    }
    const toSend = bytes.reduce((sum, { size }) => sum + size, 0)
    console.log(
      `${PHOTOS} photos, ${toSend} bytes to send, ${sent} sent: ${(sent / toSend).toFixed(2)}; ${proxy.cuts} connections cut`,
    )
    expect(proxy.cuts).toBeGreaterThan(0)
    expect(sent / toSend).toBeLessThan(1.3)
  } finally {
    await tablet.close()
    await proxy.close()
    await product.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
