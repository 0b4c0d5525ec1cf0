/**
 * A photo of 12 megapixels in the form, in Chromium at 4x CPU throttle: from choosing it to its small picture on the screen, which is shown
 * only once it is stored; and what a key takes meanwhile, beside keys at rest on the same page.
 *
 * The browser's throttle slows the page's own thread. The worker that draws is not slowed by it, so the same is measured once more where
 * the browser cannot draw in a worker and the page does all of it: the slowest that it can be.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { CHROMIUM_ARGS, findBrowser } from '../../scripts/find-browser.mjs'
import { inMs, median, quantile, section } from './report'
import { startServer } from './server'

const THROTTLE = 4
const PHOTOS = 7
const REST_MS = 15_000
const KEY_EVERY_MS = 120
const KEYS_AT_REST = 60

type Measured = { readonly shutter: readonly number[]; readonly rest: readonly number[]; readonly meanwhile: readonly number[] }

export async function benchPhotos(): Promise<void> {
  const server = await startServer('demo')
  const folder = mkdtempSync(join(tmpdir(), 'youxue-photos-'))
  const browser = await chromium.launch({ executablePath: findBrowser(), args: CHROMIUM_ARGS })
  try {
    const inWorker = await browser.newContext({ viewport: { width: 1180, height: 820 }, locale: 'zh-CN' })
    const photos = await takePhotos(inWorker, folder)
    const worker = await measure(inWorker, server.url, photos)
    await inWorker.close()
    const onPage = await browser.newContext({ viewport: { width: 1180, height: 820 }, locale: 'zh-CN' })
    await onPage.addInitScript(() => Reflect.deleteProperty(window, 'OffscreenCanvas'))
    const page = await measure(onPage, server.url, photos)
    const megabytes = photos.map((photo) => statSync(photo).size / 1e6)
    const keys = (times: readonly number[]) => `${inMs(quantile(times, 0.5))} / ${inMs(quantile(times, 0.95))} of ${times.length}`
    section(`Photos of 12 megapixels (${median(megabytes).toFixed(1)} MB), Chromium at ${THROTTLE}x throttle`, [
      {
        what: `choosing to stored and shown, median of ${worker.shutter.length} (slowest)`,
        value: `${inMs(median(worker.shutter))} (${inMs(Math.max(...worker.shutter))})`,
        beside: `${inMs(median(page.shutter))} (${inMs(Math.max(...page.shutter))}) drawn on the page, all of it throttled`,
      },
      {
        what: 'key to the first task after its frame while a photo is made small, p50 / p95',
        value: keys(worker.meanwhile),
        beside: `${keys(worker.rest)} at rest`,
      },
      {
        what: 'the same where the page draws',
        value: keys(page.meanwhile),
        beside: `${keys(page.rest)} at rest`,
      },
    ])
  } finally {
    await browser.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Each another one, heavy as a camera's: a drawing under noise. */
async function takePhotos(context: BrowserContext, folder: string): Promise<readonly string[]> {
  const page = await context.newPage()
  const names: string[] = []
  for (let n = 0; n < PHOTOS; n++) {
    const base64 = await page.evaluate(async (seed) => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width: 4032, height: 3024 })
      const context = canvas.getContext('2d')
      if (context === null) throw new Error('no canvas')
      context.fillStyle = `hsl(${seed * 47} 60% 50%)`
      context.fillRect(0, 0, 4032, 3024)
      const tile = new ImageData(512, 512)
      let state = seed * 7919 + 1
      for (let at = 0; at < tile.data.length; at++) {
        state = (state * 1664525 + 1013904223) >>> 0
        tile.data[at] = at % 4 === 3 ? 255 : state >>> 24
      }
      for (let x = 0; x < 4032; x += 768) for (let y = 0; y < 3024; y += 640) context.putImageData(tile, x, y)
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.72))
      const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))
      let text = ''
      for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768))
      return btoa(text)
    }, n + 1)
    const name = join(folder, `photo-${n + 1}.jpg`)
    writeFileSync(name, Buffer.from(base64, 'base64'))
    names.push(name)
  }
  await page.close()
  return names
}

async function measure(context: BrowserContext, url: string, photos: readonly string[]): Promise<Measured> {
  const page = await context.newPage()
  await openStrip(page, url)
  const cdp = await context.newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE })
  await watch(page)
  // The first brings the code for it, too.
  await add(page, photos[0] ?? '', 1)
  await page.waitForTimeout(REST_MS)
  await typeUntil(page, async () => page.waitForTimeout(KEYS_AT_REST * KEY_EVERY_MS))
  const rest = await takeTimes(page)
  const shutter: number[] = []
  for (const [at, photo] of photos.slice(1).entries()) {
    await typeUntil(page, async () => shutter.push(await add(page, photo, at + 2)))
    await page.waitForTimeout(2000)
  }
  const meanwhile = await takeTimes(page)
  await page.close()
  return { shutter, rest, meanwhile }
}

/** The form of the demo's principal, with the place for photos open at its first number. */
async function openStrip(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await page.fill('[name=username]', 'principal')
  await page.fill('[name=password]', 'youxue-demo')
  await page.press('[name=password]', 'Enter')
  await page.waitForURL(/\/u\/[^/]+\/\d{4}$/)
  await page.goto(`${page.url()}/fill/projects`)
  await page.waitForFunction(() => performance.getEntriesByName('entry:usable').length > 0)
  await page.getByRole('button', { name: /备注/ }).first().click()
  await page.locator('input[type=file]').first().waitFor({ state: 'attached' })
}

async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times = { chosen: 0, shown: [] as number[], keys: [] as number[] }
    Object.assign(window, { times })
    addEventListener(
      'change',
      ({ target, timeStamp }) => {
        if (target instanceof HTMLInputElement && target.type === 'file') times.chosen = timeStamp
      },
      { capture: true },
    )
    // Those of pictures never come to the window.
    document.addEventListener(
      'load',
      ({ target }) => {
        if (target instanceof HTMLImageElement) times.shown.push(performance.now() - times.chosen)
      },
      { capture: true },
    )
    addEventListener(
      'keydown',
      ({ key, timeStamp }) => {
        if (key.length !== 1) return
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => times.keys.push(performance.now() - timeStamp)
          port2.postMessage(undefined)
        })
      },
      { capture: true },
    )
  })
}

type Times = { readonly shown: number[]; readonly keys: number[] }

async function add(page: Page, photo: string, count: number): Promise<number> {
  await page.locator('input[type=file]').first().setInputFiles(photo)
  await page.waitForFunction((count) => (window as unknown as { times: Times }).times.shown.length >= count, count)
  return page.evaluate(() => (window as unknown as { times: Times }).times.shown.at(-1) ?? NaN)
}

async function typeUntil(page: Page, work: () => Promise<unknown>): Promise<void> {
  let isOver = false
  const working = work().finally(() => (isOver = true))
  const field = page.locator('.frow .field__input[inputmode]').nth(3)
  await field.focus()
  for (let key = 0; !isOver; key++) {
    await page.keyboard.press(String(key % 10))
    if (key % 8 === 7) await field.fill('')
    await page.waitForTimeout(KEY_EVERY_MS)
  }
  await working
}

const takeTimes = (page: Page): Promise<readonly number[]> =>
  page.evaluate(() => (window as unknown as { times: Times }).times.keys.splice(0))
