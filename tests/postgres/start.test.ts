/** The program as a process on PostgreSQL: what it says when the database is not there, and that it is the same after a restart. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freshDatabase, type FreshDatabase } from './fresh-database'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'youxue-start-'))
let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase({ isNew: true })
})
afterAll(async () => {
  await database.release()
  rmSync(folder, { recursive: true, force: true })
})

type Run = {
  readonly output: () => string
  readonly errors: () => string
  readonly address: Promise<string>
  readonly end: Promise<number | null>
  stop(): void
}

function start(env: Record<string, string>): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'src/server/main.ts')], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', DATA_DIR: join(folder, 'data'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
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
  const end = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return { output: () => output, errors: () => errors, address, end, stop: () => void child.kill('SIGTERM') }
}

describe('a database that cannot be used is one sentence in both languages and status 1', () => {
  const withPassword = (url: string, password: string) => url.replace(/:[0-9a-f]+@/, `:${password}@`)
  const cases: readonly [string, () => string | Promise<string>, RegExp][] = [
    ['an address that is none', () => 'mysql://somebody@localhost/youxue', /DATABASE_URL/],
    ['an address without anything', () => 'postgres', /DATABASE_URL/],
    [
      'nobody listens there',
      () => 'postgres://somebody:secret-of-ours@127.0.0.1:1/youxue',
      /127\.0\.0\.1:1\/youxue.*ECONNREFUSED/,
    ],
    ['no such host', () => 'postgres://somebody:secret-of-ours@no-such-host.invalid/youxue', /no-such-host\.invalid/],
    ['a wrong password', () => withPassword(database.tcpUrl, 'secret-of-ours'), /password authentication failed/],
    [
      'a database that does not exist',
      () => database.tcpUrl.replace(/[^/]+$/, 'no_such_database'),
      /no_such_database.*does not exist/,
    ],
    [
      'a user who may not make tables',
      async () => {
        await database.run(`revoke create on schema public from public`)
        await database.run(`create user ${database.name}_guest password 'secret-of-ours'`)
        return database.tcpUrl.replace(/\/\/[^@]+@/, `//${database.name}_guest:secret-of-ours@`)
      },
      /permission denied/,
    ],
    [
      'a database in another encoding',
      async () => {
        await database.runOutside(`create database ${database.name}_latin template template0 encoding 'LATIN1' locale 'C'`)
        return `${database.tcpUrl}_latin`
      },
      /LATIN1.*UTF8/,
    ],
  ]
  afterAll(async () => {
    await database.runOutside(`drop database if exists ${database.name}_latin with (force)`)
    await database.runOutside(`drop user if exists ${database.name}_guest`)
  })

  test.concurrent.each(cases)('%s', async (_what, urlOf, words) => {
    const run = start({ DATABASE_URL: await urlOf() })
    expect(await run.end).toBe(1)
    const lines = run.errors().trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/[\u4e00-\u9fff]/)
    expect(lines[1]).toMatch(/^[\x20-\x7e]*$/)
    for (const line of lines) {
      expect(line).toMatch(words)
      expect(line).not.toContain('secret-of-ours')
    }
    expect(run.output()).toBe('')
  })
})

test('the district is made once, in the database and nowhere else, and is there after a restart', async () => {
  const signIn = (url: string, password: string) =>
    fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password }),
    })
  const first = start({ DATABASE_URL: database.tcpUrl, ADMIN_PASSWORD: 'chosen-by-hand' })
  expect((await signIn(await first.address, 'chosen-by-hand')).status).toBe(200)
  first.stop()
  expect(await first.end).toBe(0)
  expect(first.errors()).toBe('')

  // By the socket, and both at once.
  const again = [start({ DATABASE_URL: database.url }), start({ DATABASE_URL: database.tcpUrl, ADMIN_PASSWORD: 'another-one' })]
  for (const run of again) {
    expect((await signIn(await run.address, 'chosen-by-hand')).status).toBe(200)
    expect(run.output()).not.toContain('admin')
  }
  for (const run of again) run.stop()
  expect(await Promise.all(again.map(({ end }) => end))).toEqual([0, 0])
  expect(existsSync(join(folder, 'data'))).toBe(false)
  expect(readdirSync(folder)).toEqual([])
})
