/**
 * The built product for real-browser tests: a server process on a free port over a folder of its own, and browser profiles that can be
 * killed and opened again.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, chromium, type BrowserContext, type Page } from '@playwright/test'
import { CHROMIUM_ARGS, findBrowser } from '../../scripts/find-browser.mjs'

export type Product = {
  readonly url: string
  readonly folder: string
  /** Ends the process as an operator would, and waits for it. */
  stop(): Promise<void>
  /** Ends the process at once, and waits for it. */
  kill(): Promise<void>
  /** Starts it again on the same folder and the same port. */
  restart(): Promise<void>
}

export type Tablet = {
  readonly context: BrowserContext
  readonly page: Page
  /** Kills every process of this browser without warning (SIGKILL), as a dead battery would. */
  kill(): Promise<void>
  /** Opens the profile again, off the network if asked, and shows the address. */
  reopen(at: { readonly address: string; readonly offline: boolean }): Promise<Page>
  close(): Promise<void>
}

const READY_MS = 60_000
/** Says where the demo district lies that was made once for all tests. */
const MADE_DEMO = 'YOUXUE_MADE_DEMO'

export async function startProduct(options: {
  readonly entry: 'main' | 'demo'
  readonly env?: Readonly<Record<string, string>>
}): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'youxue-'))
  const made = process.env[MADE_DEMO]
  if (options.entry === 'demo' && made !== undefined) cpSync(made, folder, { recursive: true })
  let child: ChildProcess | undefined
  let port = 0

  async function start(): Promise<string> {
    const started = spawn(process.execPath, [`dist/server/${options.entry}.js`], {
      env: {
        ...process.env,
        NODE_ENV: 'production',
        PORT: String(port),
        HOST: '127.0.0.1',
        DATA_DIR: folder,
        ADMIN_PASSWORD: 'admin-password-1',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    return await new Promise((resolve, reject) => {
      let said = ''
      const timer = setTimeout(() => reject(new Error(`the server did not start:\n${said}`)), READY_MS)
      const listen = (chunk: Buffer) => {
        said += chunk.toString()
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)
        if (found === null) return
        clearTimeout(timer)
        port = Number(found[1])
        resolve(found[0])
      }
      started.stdout.on('data', listen)
      started.stderr.on('data', listen)
      started.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said}`)))
    })
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null) return
    const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()))
    ending.kill(signal)
    await gone
  }

  const url = await start()
  return {
    url,
    folder,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    restart: async () => void (await start()),
  }
}

/** Makes the demo district once: tests that start it begin on a copy. The returned function takes it away. */
export async function makeDemo(): Promise<() => void> {
  const product = await startProduct({ entry: 'demo' })
  await product.stop()
  const { folder } = product
  process.env[MADE_DEMO] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

export async function openTablet(
  options: {
    readonly executablePath?: string
    readonly args?: readonly string[]
    readonly viewport?: { width: number; height: number }
  } = {},
): Promise<Tablet> {
  const profile = mkdtempSync(join(tmpdir(), 'youxue-tablet-'))
  const launch = () =>
    chromium.launchPersistentContext(profile, {
      executablePath: options.executablePath ?? findBrowser(),
      args: [...(options.args ?? CHROMIUM_ARGS)],
      viewport: options.viewport ?? { width: 1180, height: 820 },
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
    })
  let context = await launch()
  let page = context.pages()[0] ?? (await context.newPage())
  return {
    get context() {
      return context
    },
    get page() {
      return page
    },
    async kill() {
      const closed = new Promise<void>((resolve) => context.once('close', () => resolve()))
      killAllOf(profile)
      await closed
    },
    async reopen({ address, offline }) {
      context = await launch()
      await context.setOffline(offline)
      page = context.pages()[0] ?? (await context.newPage())
      await page.goto(address)
      return page
    },
    async close() {
      await context.close().catch(() => undefined)
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** SIGKILL to every process that has the profile in its command line. */
function killAllOf(profile: string): void {
  if (process.platform !== 'linux') {
    spawnSync('pkill', ['-9', '-f', profile])
    return
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profile)) process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

type Fixtures = {
  /** The demo district, freshly made. */
  readonly demo: Product
  readonly tablet: Tablet
}

export const test = base.extend<Fixtures>({
  demo: async ({}, use) => {
    const product = await startProduct({ entry: 'demo' })
    await use(product)
    await product.stop()
    rmSync(product.folder, { recursive: true, force: true })
  },
  tablet: async ({}, use) => {
    const tablet = await openTablet()
    await use(tablet)
    await tablet.close()
  },
})

export { expect } from '@playwright/test'
