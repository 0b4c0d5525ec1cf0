/** The program as a process: what it says, what it writes, how it ends. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { build } from 'vite'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'youxue-start-'))
/** Beside the project's own files, which the program looks for upwards from itself. */
const built = join(ROOT, '.cache', `start-test-${String(process.pid)}`)

beforeAll(async () => {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    publicDir: false,
    build: {
      ssr: true,
      outDir: built,
      target: 'node20',
      emptyOutDir: true,
      rolldownOptions: { input: { main: 'src/server/main.ts', demo: 'src/server/demo/main.ts' } },
    },
  })
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  rmSync(built, { recursive: true, force: true })
})

let folders = 0
const freshFolder = () => join(folder, `data-${folders++}`)

type Run = {
  readonly output: () => string
  readonly errors: () => string
  readonly address: Promise<string>
  readonly end: Promise<number | null>
  stop(): void
}

function start(env: Record<string, string>, program: 'main' | 'demo' = 'main'): Run {
  const child = spawn(process.execPath, [join(built, `${program}.js`)], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  const address = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /http:\/\/[^\s]+/.exec(output)
      if (found !== null) resolve(found[0])
    })
    child.once('exit', () => reject(new Error(`ended before it listened: ${errors}`)))
  })
  // A program that is meant to end at once has no address.
  address.catch(() => undefined)
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const end = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return { output: () => output, errors: () => errors, address, end, stop: () => void child.kill('SIGTERM') }
}

const isRoot = process.getuid?.() === 0

describe('a wrong configuration is one sentence in both languages, ends with 1 and writes nothing', () => {
  const soundPlan = { format: 1 }
  const cases: readonly [string, (data: string) => Record<string, string>, RegExp][] = [
    ['a port that is none', () => ({ PORT: 'eighty' }), /PORT/],
    ['a port beyond all ports', () => ({ PORT: '70000' }), /PORT/],
    ['no host', () => ({ HOST: ' ' }), /HOST/],
    ['a host that is not here', () => ({ HOST: '203.0.113.1' }), /203\.0\.113\.1/],
    ['a short password for admin', () => ({ ADMIN_PASSWORD: 'short' }), /ADMIN_PASSWORD/],
    ['a setting for robots that is neither on nor off', () => ({ WEBHOOK_ALLOW_PRIVATE: 'yes' }), /WEBHOOK_ALLOW_PRIVATE/],
    ['a plan that is not there', (data) => ({ PLAN: `${data}.json` }), /\.json/],
    [
      'a plan that is none',
      (data) => {
        writeFileSync(`${data}.json`, JSON.stringify(soundPlan))
        return { PLAN: `${data}.json` }
      },
      /\.json/,
    ],
    ['a data folder where nothing can be made', () => ({ DATA_DIR: '/proc/youxue' }), /DATA_DIR/],
    ['an empty data folder', () => ({ DATA_DIR: '' }), /DATA_DIR/],
    [
      'a file in place of the data folder',
      (data) => {
        writeFileSync(`${data}-file`, '')
        return { DATA_DIR: join(`${data}-file`, 'inside') }
      },
      /DATA_DIR/,
    ],
  ]

  test.each(cases)('%s', async (_what, envOf, words) => {
    const data = freshFolder()
    const env = { DATA_DIR: data, ...envOf(data) }
    const before = readdirSync(folder).sort()
    const run = start(env)
    expect(await run.end).toBe(1)
    const lines = run.errors().trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/[\u4e00-\u9fff]/)
    expect(lines[1]).toMatch(/^[\x20-\x7e\u2018-\u201d]*$|configuration/)
    for (const line of lines) expect(line).toMatch(words)
    expect(run.output()).toBe('')
    expect(existsSync(data)).toBe(false)
    expect(readdirSync(folder).sort()).toEqual(before)
  })

  test.skipIf(isRoot)('a folder that may not be written to', async () => {
    const data = freshFolder()
    mkdirSync(data)
    chmodSync(data, 0o500)
    const run = start({ DATA_DIR: join(data, 'inside') })
    expect(await run.end).toBe(1)
    expect(run.errors()).toMatch(/DATA_DIR/)
    chmodSync(data, 0o700)
  })

  test('a port that another program has', async () => {
    const taken = createServer()
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    const data = freshFolder()
    const run = start({ DATA_DIR: data, PORT: String(port) })
    expect(await run.end).toBe(1)
    expect(run.errors()).toContain(String(port))
    expect(existsSync(data)).toBe(false)
    await new Promise((resolve) => taken.close(resolve))
  })
})

describe('on an empty folder', () => {
  test('the district and its admin are made, the password is printed once and never again', async () => {
    const data = freshFolder()
    const first = start({ DATA_DIR: data })
    const url = await first.address
    const password = /admin.*?([a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5})/.exec(first.output())?.[1]
    expect(password).toBeDefined()
    const signedIn = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password }),
    })
    expect(signedIn.status).toBe(200)
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    // Whoever reads the print knows it too: first another one is set.
    expect((await fetch(`${url}/api/orgUnits`, { headers: { cookie } })).status).toBe(403)
    const set = await fetch(`${url}/api/password`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ password: 'chosen-at-the-first-sign-in' }),
    })
    expect(set.status).toBe(204)
    const units: unknown = await (await fetch(`${url}/api/orgUnits`, { headers: { cookie } })).json()
    expect(units).toMatchObject([{ type: 'district' }])
    first.stop()
    expect(await first.end).toBe(0)

    const second = start({ DATA_DIR: data, ADMIN_PASSWORD: 'another-password' })
    const again = await second.address
    expect(second.output()).not.toMatch(/[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}/)
    // The session outlives the restart, and so does the password that was set.
    expect((await fetch(`${again}/api/session`, { headers: { cookie } })).status).toBe(200)
    second.stop()
    expect(await second.end).toBe(0)
  })

  test('ADMIN_PASSWORD is the password of admin, and is not printed', async () => {
    const run = start({ DATA_DIR: freshFolder(), ADMIN_PASSWORD: 'chosen-by-hand' })
    const url = await run.address
    const signedIn = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: 'chosen-by-hand' }),
    })
    expect(signedIn.status).toBe(200)
    expect(run.output()).not.toContain('chosen-by-hand')
    // Demo accounts are a demo's.
    expect((await fetch(`${url}/api/demo`)).status).toBe(404)
    run.stop()
    expect(await run.end).toBe(0)
    expect(run.errors()).toBe('')
  })
})

describe('the demo', () => {
  test('has twenty-four units, two years of values and an account for every role, once', async () => {
    const data = freshFolder()
    const first = start({ DATA_DIR: data }, 'demo')
    const url = await first.address
    const accounts = (await (await fetch(`${url}/api/demo`)).json()) as { username: string; role: string; password: string }[]
    expect(accounts.map((account) => account.username)).toEqual([
      'principal',
      'filler',
      'inspector',
      'reviewer',
      'leader',
      'admin',
    ])
    const ask = async (username: string, path: string): Promise<unknown> => {
      const password = accounts.find((account) => account.username === username)?.password
      const signedIn = await fetch(`${url}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password }),
      })
      expect(signedIn.status).toBe(200)
      const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      return (await fetch(`${url}${path}`, { headers: { cookie } })).json()
    }
    const units = (await ask('leader', '/api/orgUnits')) as { type: string; name: string }[]
    expect(units).toHaveLength(25)
    expect(new Set(units.map((unit) => unit.type)).size).toBe(12)
    const [school] = (await ask('principal', '/api/orgUnits')) as { type: string; name: string }[]
    expect(school).toMatchObject({ type: 'primary', name: expect.stringMatching(/^演示.*小学$/) })
    expect(await ask('filler', '/api/orgUnits')).toEqual([school])
    const count = async (period: string) =>
      ((await ask('principal', `/api/dataValueSets?period=${period}`)) as { dataValues: unknown[] }).dataValues.length
    const { periods } = (await ask('leader', '/api/plan')) as { periods: string[] }
    const [lastYear = '', thisYear = ''] = periods.slice(-2)
    expect(await count(lastYear)).toBeGreaterThan(100)
    const typed = await count(thisYear)
    expect(typed).toBeGreaterThan(5)
    expect(typed).toBeLessThan(40)
    first.stop()
    expect(await first.end).toBe(0)
    for (const { username } of accounts) expect(first.output()).toContain(username)

    const second = start({ DATA_DIR: data }, 'demo')
    await second.address
    expect(second.output()).not.toContain('Making up')
    second.stop()
    expect(await second.end).toBe(0)
  })
})
