/** On PostgreSQL, as commands: files are a part of a backup, come back with it, and are looked at by the check of every night. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SESSION_COOKIE } from '#server/sessions'
import { fileKey, valueKey } from '#sync/protocol'
import { askOf, openDistrict, SCHOOL, setTo, syncBody, type District } from '../server/district'
import { pngOf, sha256Of } from '../server/pictures'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
let district: District
let backups: string
beforeEach(async () => {
  district = await openDistrict()
  backups = mkdtempSync(join(tmpdir(), 'youxue-backups-'))
})
afterEach(async () => {
  await district.close()
  rmSync(backups, { recursive: true, force: true })
})

type Ended = { readonly status: number | null; readonly output: string; readonly errors: string }

function run(command: 'backup' | 'restore' | 'ledger-verify', ...words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, `src/server/backup/${command}.ts`), ...words], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', DATA_DIR: district.folder, DATABASE_URL: district.databaseUrl ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, output, errors })))
}

const bytes = pngOf(30, 20, { filler: 500 })
const sha = sha256Of(bytes)
const place = (root: string) => join(root, 'files', sha.slice(0, 2), sha)
const asPrincipal = (method: 'GET' | 'PATCH', more: object = {}) =>
  district.app().inject({
    method,
    url: `/api/files/${sha}?orgUnit=${SCHOOL}`,
    cookies: { [SESSION_COOKIE]: district.cookieOf('principal') },
    ...more,
  })

test('a photo comes back with the backup after the folder and the database are lost', async () => {
  const headers = {
    'content-type': 'application/partial-upload',
    'upload-offset': '0',
    'upload-length': String(bytes.length),
    'upload-type': 'image/png',
  }
  expect((await asPrincipal('PATCH', { headers, payload: bytes })).headers['upload-complete']).toBe('?1')
  const cell = setTo(1, fileKey(valueKey('2024', 'e1'), sha), { name: 'a.png', type: 'image/png', size: bytes.length })
  await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [cell] })))

  const made = await run('backup', backups)
  expect(made).toMatchObject({ status: 0, errors: '' })
  expect(made.output).toMatch(/1 copied, 0 there before/)
  expect(existsSync(place(backups))).toBe(true)

  rmSync(join(district.folder, 'files'), { recursive: true })
  const differs = await run('ledger-verify')
  expect(differs.status).toBe(1)
  expect(differs.errors).toContain(`${sha} missing`)
  expect((await asPrincipal('GET')).statusCode).toBe(404)

  await district.server().db.deleteFrom('upload').execute()
  const [name = ''] = readdirSync(backups).filter((each) => each !== 'files' && !each.endsWith('.json'))
  let restored: Ended | undefined
  await district.restart(async () => {
    restored = await run('restore', join(backups, name), '--older')
  })
  expect(restored).toMatchObject({ status: 0, errors: '' })
  expect(restored?.output).toMatch(/1 copied, 0 there before/)
  const got = await asPrincipal('GET')
  expect(got.statusCode).toBe(200)
  expect(got.rawPayload.equals(bytes)).toBe(true)
  expect(await run('ledger-verify')).toMatchObject({ status: 0, errors: '' })
})
