/**
 * Finds a Chromium for the real-browser tests and the bench; with `--install`, brings one.
 *
 * Order: CHROMIUM_PATH / CHROME_PATH, Playwright's own download, the usual names on PATH, the usual places of macOS and Windows.
 * On Debian as root, `--install` takes Chromium and a Chinese font from apt; elsewhere it asks Playwright for its build.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from '@playwright/test'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge']
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function findBrowser() {
  for (const path of [process.env.CHROMIUM_PATH, process.env.CHROME_PATH]) {
    if (path && existsSync(path)) return path
  }
  const own = chromium.executablePath()
  if (own && existsSync(own)) return own
  for (const name of NAMES) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name)
      if (isProgram(path)) return path
    }
  }
  return PLACES.find((path) => existsSync(path))
}

const hasApt = () => process.platform === 'linux' && existsSync('/usr/bin/apt-get') && process.getuid?.() === 0

function run(command, args) {
  console.log(`$ ${command} ${args.join(' ')}`)
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  return status === 0
}

export function installBrowser() {
  if (hasApt()) {
    const lock = ['-o', 'DPkg::Lock::Timeout=300']
    run('apt-get', [...lock, 'update'])
    if (run('apt-get', [...lock, 'install', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'])) return findBrowser()
  }
  run(process.execPath, [join('node_modules', '@playwright', 'test', 'cli.js'), 'install', 'chromium'])
  return findBrowser()
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = findBrowser() ?? (process.argv.includes('--install') ? installBrowser() : undefined)
  if (path === undefined) {
    console.error('No Chromium found. Run `npm run browser`, or set CHROMIUM_PATH.')
    process.exit(1)
  }
  console.log(path)
}
