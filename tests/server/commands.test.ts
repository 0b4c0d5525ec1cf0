/** The commands beside the server, as processes: what they say, how they end; and a server on a disk that is really full. */
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { databaseFile } from '#server/open-server'
import { openSqlite } from '#server/store/sqlite'
import { fileKey, valueKey, type Json } from '#sync/protocol'
import { ADMIN_PASSWORD, bundleServer, startServer, type Bundle, type ServerProcess } from '../kill/server-process'
import { liftGuards } from './guards'
import { askOf, DISTRICT, setTo, syncBody } from './district'
import { pngOf, sha256Of } from './pictures'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let bundle: Bundle
const folder = mkdtempSync(join(tmpdir(), 'youxue-commands-'))
beforeAll(async () => {
  bundle = await bundleServer(['backup/backup', 'backup/restore', 'backup/ledger-verify', 'audit/audit-verify'])
})
afterAll(() => {
  bundle.remove()
  rmSync(folder, { recursive: true, force: true })
})

type Ended = { readonly status: number | null; readonly output: string; readonly errors: string }

function run(
  command: 'backup' | 'restore' | 'ledger-verify' | 'audit-verify',
  data: string,
  ...words: readonly string[]
): Promise<Ended> {
  const child = spawn(process.execPath, [join(bundle.folder, `${command}.js`), ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', DATA_DIR: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, output, errors })))
}

/** A reviewer of the running server, who writes what the district itself answers. */
async function reviewerOf(server: ServerProcess) {
  const send = async (path: string, body: unknown, cookie = '') =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    })
  const signIn = async (username: string, password = ADMIN_PASSWORD) => {
    const answer = await send('/api/session', { username, password })
    return answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
  }
  const own = `${ADMIN_PASSWORD}-own`
  const account = { username: 'reviewer', name: '审核', role: 'reviewer', orgUnits: [], password: ADMIN_PASSWORD }
  const makeReviewer = async (): Promise<string> => {
    await send('/api/accounts', account, await signIn('admin'))
    const session = await signIn('reviewer')
    // What the administrator gave is good for one thing.
    await send('/api/password', { password: own }, session)
    return session
  }
  const known = await signIn('reviewer', own)
  const cookie = known === '' ? await makeReviewer() : known
  const write = (n: number, value: string) => set(n, valueKey('2024', `e${String(n)}`), value)
  const set = (n: number, key: string, value: Json) =>
    send('/api/sync', syncBody(askOf({ orgUnit: DISTRICT, mutations: [setTo(n, key, value)] })), cookie)
  /** The whole of a file, or its first bytes. */
  const bring = (bytes: Buffer, { sent = bytes.length } = {}) =>
    fetch(`${server.url}/api/files/${sha256Of(bytes)}?orgUnit=${DISTRICT}`, {
      method: 'PATCH',
      headers: {
        'content-type': 'application/partial-upload',
        'upload-offset': '0',
        'upload-length': String(bytes.length),
        'upload-type': 'image/png',
        cookie,
      },
      body: new Uint8Array(bytes.subarray(0, sent)),
    })
  const take = async (bytes: Buffer) =>
    fetch(`${server.url}/api/files/${sha256Of(bytes)}?orgUnit=${DISTRICT}`, { headers: { cookie } })
  return Object.assign(write, { set, bring, take })
}

const bothLanguages = (text: string) => {
  expect(text).toMatch(/[\u4e00-\u9fff]/)
  expect(text).toMatch(/[a-z]{4}/)
}

test('a backup while the server runs, and the way back with it', async () => {
  const data = join(folder, 'data')
  const backups = join(folder, 'backups')
  const server = await startServer(bundle, { DATA_DIR: data })
  const write = await reviewerOf(server)
  expect((await write(1, 'before')).status).toBe(200)

  const backup = await run('backup', data, backups)
  expect(backup).toMatchObject({ status: 0, errors: '' })
  bothLanguages(backup.output)
  expect(backup.output).toContain('Keep this newest one')
  // One that is lost together with the database is no reason for a tablet to drop anything.
  expect((await run('backup', data)).output).toMatch(/lies in the data folder[^]*npm run backup -- FOLDER/)
  expect(readdirSync(join(data, 'backups'))).not.toEqual([])
  const [name = ''] = readdirSync(backups).filter((each) => each.endsWith('.sqlite'))
  const file = join(backups, name)
  expect(backup.output).toContain(file)
  expect((await write(2, 'after')).status).toBe(200)

  const tooEarly = await run('restore', data, file)
  expect(tooEarly).toMatchObject({ status: 1, output: '' })
  bothLanguages(tooEarly.errors)
  const second = startServer(bundle, { DATA_DIR: data })
  await expect(second).rejects.toThrow(/in use/)

  server.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  const restored = await run('restore', data, file)
  expect(restored).toMatchObject({ status: 0, errors: '' })
  bothLanguages(restored.output)
  expect(readdirSync(data).filter((each) => each.startsWith('before-restore-'))).toHaveLength(1)

  const again = await startServer(bundle, { DATA_DIR: data })
  const rewrite = await reviewerOf(again)
  expect(await (await rewrite(2, 'after')).json()).toMatchObject({ answers: [{ last: 2, verdicts: [[2, 2, 'applied']] }] })
  const verified = await run('ledger-verify', data)
  expect(verified).toMatchObject({ status: 0, errors: '' })
  bothLanguages(verified.output)
  again.kill('SIGTERM')
  await again.ended

  const db = openSqlite(databaseFile(data))
  await sql`update stream set digest = '0000000000000001'`.execute(db)
  await db.destroy()
  const differs = await run('ledger-verify', data)
  expect(differs.status).toBe(1)
  expect(differs.errors).toMatch(/digest s\/330114: 0000000000000001 ≠/)
  const unsound = await run('backup', data, backups)
  expect(unsound).toMatchObject({ status: 1, output: '' })
})

test('files are a part of a backup, come back with it, and are looked at every night', async () => {
  const data = join(folder, 'with-files')
  const backups = join(folder, 'backups-with-files')
  const [one, two, awaited] = [pngOf(20, 20, { filler: 300 }), pngOf(20, 21, { filler: 300 }), pngOf(20, 22)]
  const places = (root: string, bytes: Buffer) => join(root, 'files', sha256Of(bytes).slice(0, 2), sha256Of(bytes))
  const server = await startServer(bundle, { DATA_DIR: data })
  const reviewer = await reviewerOf(server)
  const of = (bytes: Buffer) => fileKey(valueKey('2024', 'e1'), sha256Of(bytes))
  const about = { name: 'a.png', type: 'image/png', size: 1 }
  for (const [at, bytes] of [one, two, awaited].entries()) await reviewer.set(at + 1, of(bytes), about)
  await reviewer.bring(one)
  expect((await run('backup', data, backups)).output).toMatch(/1 copied, 0 there before/)
  expect((await reviewer.bring(two)).headers.get('upload-complete')).toBe('?1')
  const again = await run('backup', data, backups)
  expect(again).toMatchObject({ status: 0, errors: '' })
  expect(again.output).toMatch(/1 copied, 1 there before/)
  bothLanguages(again.output)
  const verified = await run('ledger-verify', data)
  expect(verified).toMatchObject({ status: 0, errors: '' })
  expect(verified.output).toContain(`s/${DISTRICT} ${of(awaited)}`)
  expect(verified.output).not.toContain(of(one))
  server.kill('SIGTERM')
  await server.ended

  // One is damaged on the disk: named every night, and by the next backup; but that one's copy is sound.
  writeFileSync(places(data, one), Buffer.alloc(one.length))
  rmSync(places(data, two))
  const differs = await run('ledger-verify', data)
  expect(differs.status).toBe(1)
  expect(differs.errors).toContain(`${sha256Of(one)} damaged`)
  expect(differs.errors).toContain(`${sha256Of(two)} missing`)
  const elsewhere = join(folder, 'backups-elsewhere')
  const lacking = await run('backup', data, elsewhere)
  expect(lacking.status).toBe(1)
  bothLanguages(lacking.errors)
  for (const bytes of [one, two]) {
    expect(lacking.errors).toContain(sha256Of(bytes))
    expect(existsSync(places(elsewhere, bytes))).toBe(false)
  }

  const newest =
    readdirSync(backups)
      .filter((name) => name.endsWith('.sqlite'))
      .sort((a, b) => a.localeCompare(b))
      .at(-1) ?? ''
  const sound = await run('ledger-verify', data, join(backups, newest))
  expect(sound).toMatchObject({ status: 0, errors: '' })
  // The machine is lost, and all that was on it.
  rmSync(data, { recursive: true })
  const restored = await run('restore', data, join(backups, newest))
  expect(restored).toMatchObject({ status: 0, errors: '' })
  expect(restored.output).toMatch(/2 copied, 0 there before/)
  expect(await run('ledger-verify', data)).toMatchObject({ status: 0, errors: '' })
  const back = await startServer(bundle, { DATA_DIR: data })
  const asker = await reviewerOf(back)
  for (const bytes of [one, two]) expect(Buffer.from(await (await asker.take(bytes)).arrayBuffer()).equals(bytes)).toBe(true)
  back.kill('SIGTERM')
  await back.ended
})

test('the logs are sound while the server runs, and a row that was changed behind it is found, as is a line that was noted', async () => {
  const data = join(folder, 'audited')
  const server = await startServer(bundle, { DATA_DIR: data })
  const write = await reviewerOf(server)
  expect((await write(1, 'first')).status).toBe(200)
  const sound = await run('audit-verify', data)
  expect(sound).toMatchObject({ status: 0, errors: '' })
  bothLanguages(sound.output)
  const [, id = '', digest = ''] = /(\d+) ([0-9a-f]{64})/.exec(sound.output) ?? []
  expect(Number(id)).toBeGreaterThan(0)
  expect((await write(2, 'second')).status).toBe(200)
  expect(await run('audit-verify', data, id, digest)).toMatchObject({ status: 0, errors: '' })
  expect(
    await run(
      'audit-verify',
      data,
      id,
      digest.replace(/./, (first) => (first === '0' ? '1' : '0')),
    ),
  ).toMatchObject({
    status: 1,
    output: '',
  })
  server.kill('SIGTERM')
  expect(await server.ended).toBe(0)

  const db = openSqlite(databaseFile(data))
  await liftGuards(db)
  await sql`update audit set "by" = 'somebody' where id = 1`.execute(db)
  await db.destroy()
  const changed = await run('audit-verify', data)
  expect(changed).toMatchObject({ status: 1, output: '' })
  bothLanguages(changed.errors)
  expect(changed.errors).toMatch(/in 1 places/)

  const misused = await run('audit-verify', data, 'what')
  expect(misused).toMatchObject({ status: 1, output: '' })
  bothLanguages(misused.errors)
})

test('what is missing is said, and nothing is made', async () => {
  const data = join(folder, 'nowhere')
  for (const ended of [
    await run('backup', data),
    await run('ledger-verify', data),
    await run('audit-verify', data),
    await run('restore', data),
    await run('restore', data, join(folder, 'no-file')),
  ]) {
    expect(ended).toMatchObject({ status: 1, output: '' })
    bothLanguages(ended.errors)
    expect(ended.errors.trim().split('\n')).toHaveLength(2)
  }
  expect(existsSync(data)).toBe(false)
})

/** A file system of its own, which needs root on Linux. */
const mounted = (() => {
  const place = join(folder, 'small')
  mkdirSync(place)
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', place])
  return status === 0 ? place : undefined
})()
afterAll(() => {
  if (mounted !== undefined) spawnSync('umount', [mounted])
})

describe.skipIf(mounted === undefined)('on a disk that is full', () => {
  test('the server says so, keeps what it has, and goes on once there is room', async () => {
    const place = mounted ?? ''
    const ballast = join(place, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1024 * 1024))
    const data = join(place, 'data')
    const server = await startServer(bundle, { DATA_DIR: data })
    const write = await reviewerOf(server)
    const health = async () => (await fetch(`${server.url}/api/health`)).json()
    let n = 0
    let answer: Response
    do {
      n += 1
      answer = await write(n, 'x'.repeat(40_000))
    } while (answer.status === 200 && n < 1000)
    expect(answer.status).toBe(507)
    expect(answer.headers.get('retry-after')).toBe('60')
    expect(await answer.json()).toMatchObject({ fault: { kind: 'server.full' } })
    expect(n).toBeGreaterThan(5)
    expect(await health()).toMatchObject({ status: 'full' })
    expect((await write(n, 'x'.repeat(40_000))).status).toBe(507)

    // A file, too: what found room is kept, and it goes on from there.
    const photo = pngOf(30, 30, { filler: 3_000_000 })
    const full = await write.bring(photo, { sent: 900_000 })
    expect([full.status, full.headers.get('retry-after')]).toEqual([507, '60'])
    expect(await full.json()).toMatchObject({ fault: { kind: 'server.full' } })

    rmSync(ballast)
    expect(await (await write(n, 'x'.repeat(40_000))).json()).toMatchObject({ answers: [{ last: n }] })
    expect(await health()).toMatchObject({ status: 'ok' })
    server.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect((await run('ledger-verify', data)).status).toBe(0)
    // Not there: a file that is open holds the whole file system.
    const copy = join(folder, 'copy.sqlite')
    copyFileSync(databaseFile(data), copy)
    if (existsSync(`${databaseFile(data)}-wal`)) copyFileSync(`${databaseFile(data)}-wal`, `${copy}-wal`)
    const db = openSqlite(copy)
    expect((await db.selectFrom('log').select('n').execute()).length).toBe(n)
    await db.destroy()
  })
})
