/** Takes the README's pictures of the demo: `node scripts/pictures.mjs`, after a build. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { build } from './build.mjs'
import { CHROMIUM_ARGS, findBrowser } from './find-browser.mjs'

const OUT = 'docs/pictures'

build()
mkdirSync(OUT, { recursive: true })
const folder = mkdtempSync(join(tmpdir(), 'youxue-pictures-'))
const server = spawn(process.execPath, ['dist/server/demo.js'], {
  env: { ...process.env, NODE_ENV: 'production', PORT: '0', HOST: '127.0.0.1', DATA_DIR: folder },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const url = await new Promise((resolve) => {
  let said = ''
  server.stdout.on('data', (chunk) => {
    said += chunk
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
    if (found) resolve(found[0])
  })
})
const browser = await chromium.launch({ executablePath: findBrowser(), args: CHROMIUM_ARGS })
const settings = { locale: 'zh-CN', timezoneId: 'Asia/Shanghai', colorScheme: 'light' }

async function enter(role, viewport) {
  const context = await browser.newContext({ ...settings, viewport })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByRole('button', { name: new RegExp(`^${role}`) }).click()
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'))
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await page.waitForTimeout(1500)
  return { context, page, home: page.url() }
}

async function shoot(page, name) {
  await page.waitForTimeout(900)
  await page.screenshot({ path: join(OUT, `${name}.png`) })
}

async function fill(page, row, text) {
  await page.locator(`[id="row-${row}"] input`).first().fill(text)
  await page.keyboard.press('Tab')
}

const school = await enter('校长', { width: 1180, height: 820 })
await school.context.setOffline(true)
const { page, home } = school
await page.goto(`${home}/fill/hardware`)
for (const [row, text] of [
  ['bandwidth', '1.0'],
  ['teachingPlaces', '68'],
  ['wirelessPlaces', '64'],
  ['canteens', '1'],
  ['canteensA', '1'],
  ['smartKitchens', '1'],
  ['scienceRooms', '3'],
  ['artRooms', '4'],
  ['practiceRooms', '2'],
  ['sportsVenues', '2'],
  ['libraryBooks', '42156'],
])
  await fill(page, row, text)
await page.locator('[id="row-safeCampus"] .answer', { hasText: '4A' }).click()
for (const row of ['modernHardware', 'equipmentComplete']) await page.locator(`[id="row-${row}"] .answer`).first().click()
await page.waitForTimeout(2000)
await page.goto(`${home}/hardware`)
await shoot(page, 'hardware')
await page.goto(`${home}/fill/students`)
await fill(page, 'goodYouth', '１６２')
await fill(page, 'fitnessPassed', '1412')
await page.waitForTimeout(2500)
await shoot(page, 'entry')
await page.goto(`${url}/sync`)
await shoot(page, 'sync-centre')
await page.goto(home)
await shoot(page, 'home')
await school.context.close()
const bureau = await enter('审核员', { width: 1440, height: 900 })
await shoot(bureau.page, 'overview')
await browser.close()
server.kill()
rmSync(folder, { recursive: true, force: true })
