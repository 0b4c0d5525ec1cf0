/** Files coming in and going out: pieces, cuts, hostile ones, and whose they are. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Role } from '#domain/person'
import { createAccount } from '#server/accounts'
import { faultOfError } from '#server/fault-of-error'
import { folderFileStore, type FileStore } from '#server/files/file-store'
import { openUploads } from '#server/files/uploads'
import { openSession, SESSION_COOKIE } from '#server/sessions'
import { fileKey, itemOwner, recordId, valueKey } from '#sync/protocol'
import { askOf, openDistrict, OTHER_SCHOOL, PASSWORD, SCHOOL, setTo, syncBody, type District } from './district'
import { HTML, jpegHeadOf, pdfOf, pngOf, sha256Of, SVG } from './pictures'

let district: District
let foreign = ''
beforeAll(async () => {
  district = await openDistrict()
  const { db } = district.server()
  await createAccount(
    db,
    { username: 'yuan', name: 'yuan', role: 'principal', orgUnits: [OTHER_SCHOOL], password: PASSWORD },
    district.clock.now,
  )
  foreign = await openSession(db, 'yuan', district.clock.now)
})
afterAll(() => district.close())

const cookieFor = (who: Role | 'yuan') => (who === 'yuan' ? foreign : district.cookieOf(who))
const address = (sha: string, orgUnit = SCHOOL) => `/api/files/${sha}?orgUnit=${orgUnit}`

function ask(who: Role | 'yuan', method: 'HEAD' | 'GET', sha: string, orgUnit = SCHOOL, headers: Record<string, string> = {}) {
  return district.app().inject({ method, url: address(sha, orgUnit), cookies: { [SESSION_COOKIE]: cookieFor(who) }, headers })
}

type Piece = { readonly offset?: number; readonly length?: number; readonly type?: string; readonly orgUnit?: string }
function send(
  who: Role | 'yuan',
  sha: string,
  bytes: Uint8Array,
  { offset = 0, length = bytes.length, type, orgUnit }: Piece = {},
) {
  return district.app().inject({
    method: 'PATCH',
    url: address(sha, orgUnit),
    cookies: { [SESSION_COOKIE]: cookieFor(who) },
    headers: {
      'content-type': 'application/partial-upload',
      'upload-offset': String(offset),
      'upload-length': String(length),
      ...(type === undefined ? {} : { 'upload-type': type }),
    },
    payload: Buffer.from(bytes),
  })
}

const faultOf = (answer: { readonly body: string }): unknown =>
  (JSON.parse(answer.body) as { fault: { kind: unknown } }).fault.kind
const standing = (answer: { readonly headers: Record<string, unknown> }) => [
  answer.headers['upload-offset'],
  answer.headers['upload-complete'],
]
let numbers = 0
/** Each test has its own picture. */
const newPng = (filler = 1000): Buffer => pngOf(40, 30 + ++numbers, { filler })

describe('a file in pieces', () => {
  test('arrives, is named by a cell, and is there for whoever may read the school', async () => {
    const png = newPng(5000)
    const sha = sha256Of(png)
    expect(standing(await ask('principal', 'HEAD', sha))).toEqual(['0', '?0'])
    const first = await send('principal', sha, png.subarray(0, 2000), { length: png.length, type: 'image/png' })
    expect([first.statusCode, ...standing(first)]).toEqual([204, '2000', '?0'])
    expect(standing(await ask('principal', 'HEAD', sha))).toEqual(['2000', '?0'])
    const last = await send('principal', sha, png.subarray(2000), { offset: 2000, length: png.length, type: 'image/png' })
    expect([last.statusCode, ...standing(last)]).toEqual([204, String(png.length), '?1'])
    // Nobody's but its bringer's until a cell names it.
    expect((await ask('principal', 'GET', sha)).statusCode).toBe(200)
    expect((await ask('reviewer', 'GET', sha)).statusCode).toBe(404)
    const key = fileKey(valueKey('2024', 'bandwidth'), sha)
    const named = { name: 'x.png', type: 'image/png', size: png.length }
    await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, key, named)] })))
    for (const who of ['filler', 'inspector', 'reviewer', 'leader', 'admin'] as const) {
      const got = await ask(who, 'GET', sha)
      expect([who, got.statusCode]).toEqual([who, 200])
      expect(got.rawPayload.equals(png)).toBe(true)
    }
    expect((await ask('yuan', 'GET', sha)).statusCode).toBe(404)
    // Taken away, it is a part of the history.
    await district.as('principal')(
      'POST',
      '/api/sync',
      syncBody(askOf({ mutations: [setTo(2, key, null, [`tabletaaaaaaa:1`])] })),
    )
    expect((await ask('reviewer', 'GET', sha)).statusCode).toBe(200)
  })

  test('is handed out so that no browser makes a page of it, and asked for again without being sent again', async () => {
    const png = newPng()
    const sha = sha256Of(png)
    await send('filler', sha, png)
    const got = await ask('filler', 'GET', sha)
    expect(got.headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(png.length),
      'x-content-type-options': 'nosniff',
      'content-disposition': 'inline',
      'cache-control': 'private, no-cache',
    })
    expect(got.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/)
    const again = await ask('filler', 'GET', sha, SCHOOL, { 'if-none-match': String(got.headers['etag']) })
    expect([again.statusCode, again.rawPayload.length]).toEqual([304, 0])
    const pdf = pdfOf('/Lang (zh)')
    await send('filler', sha256Of(pdf), pdf, { type: 'application/pdf' })
    const saved = await ask('filler', 'GET', sha256Of(pdf))
    expect(saved.headers['content-type']).toBe('application/pdf')
    expect(saved.headers['content-disposition']).toMatch(/^attachment; /)
  })

  test('is handed out in parts to who asks for one, and whole where the part is of another', async () => {
    const png = newPng(3000)
    const sha = sha256Of(png)
    await send('filler', sha, png)
    const part = await ask('filler', 'GET', sha, SCHOOL, { range: 'bytes=100-199' })
    expect([part.statusCode, part.headers['content-range']]).toEqual([206, `bytes 100-199/${String(png.length)}`])
    expect(part.rawPayload.equals(png.subarray(100, 200))).toBe(true)
    const rest = await ask('filler', 'GET', sha, SCHOOL, { range: 'bytes=2900-', 'if-range': `"${sha}"` })
    expect(rest.rawPayload.equals(png.subarray(2900))).toBe(true)
    const beyond = await ask('filler', 'GET', sha, SCHOOL, { range: `bytes=${String(png.length)}-` })
    expect([beyond.statusCode, beyond.headers['content-range']]).toEqual([416, `bytes */${String(png.length)}`])
    const others: readonly Record<string, string>[] = [
      { range: 'bytes=100-199', 'if-range': '"another"' },
      { range: 'bytes=0-1,5-6' },
      { range: 'rows=0-1' },
      { range: 'none' },
    ]
    for (const headers of others) {
      const whole = await ask('filler', 'GET', sha, SCHOOL, headers)
      expect([whole.statusCode, whole.rawPayload.equals(png)], JSON.stringify(headers)).toEqual([200, true])
    }
  })

  test('that goes on from another place is told where it stands', async () => {
    const png = newPng()
    const sha = sha256Of(png)
    await send('filler', sha, png.subarray(0, 500), { length: png.length })
    for (const offset of [0, 499, 501, png.length]) {
      const refused = await send('filler', sha, png.subarray(offset), { offset, length: png.length })
      expect([refused.statusCode, faultOf(refused), ...standing(refused)]).toEqual([409, 'file.offset', '500', '?0'])
    }
  })

  test('sent once more after it was there is there, and brings nothing', async () => {
    const png = newPng()
    const sha = sha256Of(png)
    await send('filler', sha, png)
    const again = await send('filler', sha, png)
    expect([again.statusCode, ...standing(again)]).toEqual([204, String(png.length), '?1'])
  })

  test('sent by two tablets at once is whole, and stored once', async () => {
    const png = newPng(20_000)
    const sha = sha256Of(png)
    const pieces = async (who: Role) => {
      for (let turn = 0; turn < 60; turn++) {
        const [offset, isComplete] = standing(await ask(who, 'HEAD', sha))
        if (isComplete === '?1') return
        const from = Number(offset)
        await send(who, sha, png.subarray(from, from + 1500), { offset: from, length: png.length })
      }
    }
    await Promise.all([pieces('filler'), pieces('principal')])
    expect((await ask('principal', 'GET', sha)).statusCode === 200 || (await ask('filler', 'GET', sha)).statusCode === 200).toBe(
      true,
    )
    expect(statSync(join(district.folder, 'files', sha.slice(0, 2), sha)).size).toBe(png.length)
  })

  test('that was cut anywhere goes on behind what has arrived, also in another process', async () => {
    const png = newPng(60_000)
    const sha = sha256Of(png)
    let sent = 0
    for (let turn = 0; turn < 200; turn++) {
      if (turn === 3) await district.restart()
      const [offset, isComplete] = standing(await ask('filler', 'HEAD', sha))
      if (isComplete === '?1') break
      const from = Number(offset)
      sent += await sendAndCut(sha, png, from, 1 + ((turn * 7919) % 20_000))
    }
    const got = await ask('filler', 'GET', sha)
    expect(got.rawPayload.equals(png)).toBe(true)
    expect(sent).toBeLessThan(1.5 * png.length)
  })

  test('that nobody went on with for a month is begun anew', async () => {
    const png = newPng()
    const sha = sha256Of(png)
    await send('filler', sha, png.subarray(0, 10), { length: png.length })
    const uploads = join(district.folder, 'files', 'uploads')
    const [part] = readdirSync(uploads).filter((name) => name.includes(sha))
    const old = (district.clock.now - 31 * 86_400_000) / 1000
    utimesSync(join(uploads, part ?? ''), old, old)
    await district.restart()
    await expect.poll(() => existsSync(join(uploads, part ?? ''))).toBe(false)
    expect(standing(await ask('filler', 'HEAD', sha))).toEqual(['0', '?0'])
  })

  test('that no cell named for a month is nobody’s evidence; one that was named stays, taken away or not', async () => {
    const [named, taken, unnamed, elsewhere] = [newPng(), newPng(), newPng(), newPng()]
    for (const png of [named, taken, unnamed, elsewhere]) await send('principal', sha256Of(png), png)
    await send('yuan', sha256Of(elsewhere), elsewhere, { orgUnit: OTHER_SCHOOL })
    const of = (png: Buffer) => fileKey(valueKey('2024', 'bandwidth'), sha256Of(png))
    const about = { name: 'x.png', type: 'image/png', size: 1 }
    const cells = [setTo(1, of(named), about), setTo(2, of(taken), about), setTo(3, of(taken), null, ['tabletmmmmmmm:2'])]
    const body = syncBody(askOf({ device: 'tabletmmmmmmm', mutations: cells }))
    expect((await district.as('principal')('POST', '/api/sync', body)).text).not.toContain('rejected')
    const otherKey = fileKey(valueKey('2024', 'bandwidth'), sha256Of(elsewhere))
    await district.inject({
      method: 'POST',
      url: '/api/sync',
      cookies: { [SESSION_COOKIE]: foreign },
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(
        syncBody(askOf({ orgUnit: OTHER_SCHOOL, device: 'tabletnnnnnnn', mutations: [setTo(1, otherKey, about)] })),
      ),
    })
    const rowsOf = async () => {
      const shas = [named, taken, unnamed, elsewhere].map(sha256Of)
      const rows = await district.server().db.selectFrom('upload').selectAll().where('sha256', 'in', shas).execute()
      return new Set(rows.map(({ org_unit, sha256 }) => `${org_unit} ${String(shas.indexOf(sha256))}`))
    }
    const all = new Set([0, 1, 2, 3].map((at) => `${SCHOOL} ${String(at)}`)).add(`${OTHER_SCHOOL} 3`)
    await district.restart()
    expect(await rowsOf()).toEqual(all)
    // A month later; the sessions of this test are of before.
    district.clock.now += 31 * 86_400_000
    await district.restart()
    const kept = new Set([`${SCHOOL} 0`, `${SCHOOL} 1`, `${OTHER_SCHOOL} 3`])
    await expect.poll(rowsOf).toEqual(kept)
    const isThere = (png: Buffer) => existsSync(join(district.folder, 'files', sha256Of(png).slice(0, 2), sha256Of(png)))
    await expect.poll(() => [named, taken, unnamed, elsewhere].map(isThere)).toEqual([true, true, false, true])
    district.clock.now -= 31 * 86_400_000
    await district.restart()
  })

  test('that finds no room: told so, nothing half said, and it goes on from what arrived', async () => {
    const png = newPng(3000)
    const id = { orgUnit: SCHOOL, sha256: sha256Of(png) }
    const store = folderFileStore(join(district.folder, 'files'))
    let isFull = true
    const files: FileStore = {
      ...store,
      async append(one, body, max) {
        if (!isFull) return store.append(one, body, max)
        await store.append(one, Readable.from([png.subarray(0, 700)]), 700)
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      },
    }
    const uploads = openUploads({ db: district.server().db, files, now: () => district.clock.now, report: () => undefined })
    const piece = { length: png.length, type: 'image/png', by: 'filler' }
    const full = uploads.append(id, { ...piece, offset: 0, body: Readable.from([png]) })
    await expect(full.catch((error: unknown) => faultOfError(error))).resolves.toBe('server.full')
    expect(await uploads.progress(id)).toEqual({ offset: 700, isComplete: false })
    isFull = false
    const done = await uploads.append(id, { ...piece, offset: 700, body: Readable.from([png.subarray(700)]) })
    expect(done).toEqual({ ok: true, value: { offset: png.length, isComplete: true } })
    await uploads.close()
  })

  test('more of them at once than one person can have is put off, and so is what nobody finishes', async () => {
    const files = folderFileStore(join(district.folder, 'other-files'))
    const uploads = openUploads({ db: district.server().db, files, now: () => district.clock.now, report: () => undefined })
    const endings: (() => void)[] = []
    const slow = () => {
      const body = new Readable({ read: () => undefined })
      endings.push(() => body.push(null))
      return body
    }
    const begin = (at: number, by: string, body: Readable) =>
      uploads.append(
        { orgUnit: SCHOOL, sha256: sha256Of(Buffer.from(`${by} ${String(at)}`)) },
        { offset: 0, length: 1000, type: 'image/png', body, by },
      )
    const coming = Array.from({ length: 8 }, (_, at) => begin(at, 'filler', slow()))
    const ninth = await begin(9, 'filler', Readable.from([Buffer.from('x')]))
    expect(ninth).toMatchObject({ ok: false, fault: { kind: 'file.tooMany' } })
    expect(await begin(1, 'principal', Readable.from([Buffer.from('x')]))).toMatchObject({ ok: true })
    await expect.poll(() => files.begun(SCHOOL)).toBe(9)
    for (const end of endings) end()
    await Promise.all(coming)
    expect(await begin(9, 'filler', Readable.from([Buffer.from('x')]))).toMatchObject({ ok: true })

    for (let at = 10; at < 100; at++) await begin(at, 'filler', Readable.from([Buffer.from('x')]))
    expect(await files.begun(SCHOOL)).toBe(100)
    expect(await begin(100, 'filler', Readable.from([Buffer.from('x')]))).toMatchObject({ fault: { kind: 'file.tooMany' } })
    // One that has begun goes on.
    const going = await uploads.append(
      { orgUnit: SCHOOL, sha256: sha256Of(Buffer.from('filler 10')) },
      { offset: 1, length: 1000, type: 'image/png', body: Readable.from([Buffer.from('y')]), by: 'filler' },
    )
    expect(going).toMatchObject({ ok: true, value: { offset: 2 } })
    await uploads.close()
  })

  test('that arrived whole as the server was ended is looked at when an empty piece asks for it', async () => {
    const png = newPng()
    const sha = sha256Of(png)
    mkdirSync(join(district.folder, 'files', 'uploads'), { recursive: true })
    writeFileSync(join(district.folder, 'files', 'uploads', `${SCHOOL}.${sha}`), png)
    expect(standing(await ask('filler', 'HEAD', sha))).toEqual([String(png.length), '?0'])
    expect(await sendAndCut(sha, png, png.length, 0)).toBe(0)
    expect(standing(await ask('filler', 'HEAD', sha))).toEqual([String(png.length), '?1'])
  })

  test('that the folder has lost is asked for once more', async () => {
    const png = newPng()
    const sha = sha256Of(png)
    await send('filler', sha, png)
    writeFileSync(join(district.folder, 'files', sha.slice(0, 2), sha), png.subarray(0, 5))
    expect(standing(await ask('filler', 'HEAD', sha))).toEqual(['0', '?0'])
    await send('filler', sha, png)
    expect((await ask('filler', 'GET', sha)).rawPayload.equals(png)).toBe(true)
  })
})

describe('what is refused, each with its fault, and nothing of it stays', () => {
  const noise = () => Buffer.concat([Buffer.from([0x89]), randomBytes(200)])
  const cases: readonly (readonly [name: string, bytes: () => Buffer, type: string | undefined, fault: string])[] = [
    ['a PDF called a photo', () => pdfOf('/A 1'), 'image/jpeg', 'file.content'],
    ['a PNG called a JPEG', () => newPng(), 'image/jpeg', 'file.content'],
    ['an SVG with script, called so', () => SVG, 'image/svg+xml', 'file.content'],
    ['an SVG with script, called a PNG', () => Buffer.concat([SVG, Buffer.from(' ')]), 'image/png', 'file.content'],
    ['an SVG that says nothing', () => Buffer.concat([SVG, Buffer.from('  ')]), undefined, 'file.content'],
    ['a page with script', () => HTML, 'text/html', 'file.content'],
    ['a page with script, called a WebP', () => Buffer.concat([HTML, Buffer.from(' ')]), 'image/webp', 'file.content'],
    ['noise', noise, 'image/png', 'file.content'],
    ['a PNG that unpacks to 40,000 x 40,000', () => pngOf(40_000, 40_000), 'image/png', 'file.dimensions'],
    ['a PNG of 11,000 x 11,000', () => pngOf(11_000, 11_000), 'image/png', 'file.dimensions'],
    ['a JPEG that says 60,000 x 60,000', () => jpegHeadOf(60_000, 60_000), 'image/jpeg', 'file.dimensions'],
    [
      'a PDF with a script',
      () => pdfOf('/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>'),
      'application/pdf',
      'file.active',
    ],
    ['a PDF that hides its script', () => pdfOf('/OpenAction << /S /J#61vaScript >>'), 'application/pdf', 'file.active'],
    ['a PDF that starts a program', () => pdfOf('/OpenAction << /S /Launch >>'), 'application/pdf', 'file.active'],
    ['a PDF with a file in it', () => pdfOf('/EF << /F /EmbeddedFile >>'), 'application/pdf', 'file.active'],
    ['half a PDF', () => pdfOf('/B 2').subarray(0, 40), 'application/pdf', 'file.content'],
  ]
  test.each(cases)('%s', async (_name, make, type, fault) => {
    const bytes = make()
    const sha = sha256Of(bytes)
    const refused = await send('principal', sha, bytes, type === undefined ? {} : { type })
    expect([refused.statusCode, faultOf(refused)]).toEqual([422, fault])
    expect(standing(await ask('principal', 'HEAD', sha))).toEqual(['0', '?0'])
    expect((await ask('principal', 'GET', sha)).statusCode).toBe(404)
    expect(existsSync(join(district.folder, 'files', sha.slice(0, 2), sha))).toBe(false)
  })

  test('21 MB, before a byte of it is taken', async () => {
    const refused = await send('principal', 'b'.repeat(64), Buffer.alloc(1000), { length: 21 * 1024 * 1024 })
    expect([refused.statusCode, faultOf(refused)]).toEqual([422, 'file.tooLarge'])
    expect(standing(await ask('principal', 'HEAD', 'b'.repeat(64)))).toEqual(['0', '?0'])
  })

  test('more than was said', async () => {
    const png = newPng()
    const sha = sha256Of(png)
    const refused = await send('principal', sha, png, { length: png.length - 10 })
    expect([refused.statusCode, faultOf(refused)]).toEqual([422, 'file.digest'])
    expect(standing(await ask('principal', 'HEAD', sha))).toEqual(['0', '?0'])
  })

  test('a digest that does not match: it begins again, and may come right', async () => {
    const png = newPng()
    const sha = sha256Of(png)
    const wrong = Buffer.from(png)
    wrong[wrong.length - 20] = (wrong[wrong.length - 20] ?? 0) ^ 1
    const refused = await send('principal', sha, wrong)
    expect([refused.statusCode, faultOf(refused)]).toEqual([422, 'file.digest'])
    expect((await send('principal', sha, png)).statusCode).toBe(204)
  })

  test('addresses, lengths and kinds of body that are none', async () => {
    const png = newPng()
    for (const sha of ['x', 'A'.repeat(64), `${'a'.repeat(63)}/`, '..%2f..%2fyouxue.sqlite']) {
      expect((await ask('principal', 'GET', sha)).statusCode, sha).toBeGreaterThanOrEqual(400)
      expect((await send('principal', sha, png)).statusCode, sha).toBeGreaterThanOrEqual(400)
    }
    for (const orgUnit of ['..', '../x', '', 'a/b']) {
      const odd = await ask('reviewer', 'GET', 'a'.repeat(64), encodeURIComponent(orgUnit))
      expect(odd.statusCode, orgUnit).toBe(400)
    }
    const json = await district.as('principal')('PATCH', address('a'.repeat(64)), { offset: 0 })
    expect(json.status).toBe(400)
    const headless = await district.app().inject({
      method: 'PATCH',
      url: address('a'.repeat(64)),
      cookies: { [SESSION_COOKIE]: cookieFor('principal') },
      headers: { 'content-type': 'application/partial-upload', 'upload-offset': '-1', 'upload-length': '1e3' },
      payload: png,
    })
    expect([headless.statusCode, faultOf(headless)]).toEqual([400, 'query.invalid'])
  })
})

describe('whose a file is', () => {
  test('somebody else’s cannot be had by its digest, nor by naming it, nor by claiming to have it', async () => {
    const png = newPng()
    const sha = sha256Of(png)
    await send('principal', sha, png)
    expect((await ask('yuan', 'GET', sha)).statusCode).toBe(404)
    expect((await ask('yuan', 'GET', sha, OTHER_SCHOOL)).statusCode).toBe(404)
    // Alike for one that is nowhere.
    const nowhere = await ask('yuan', 'GET', 'c'.repeat(64), OTHER_SCHOOL)
    const there = await ask('yuan', 'GET', sha, OTHER_SCHOOL)
    expect(there.body).toBe(nowhere.body)
    expect(standing(await ask('yuan', 'HEAD', sha, OTHER_SCHOOL))).toEqual(['0', '?0'])
    const named = setTo(1, fileKey(valueKey('2024', 'bandwidth'), sha), { name: 'mine', type: 'image/png', size: png.length })
    const body = syncBody(askOf({ orgUnit: OTHER_SCHOOL, device: 'tabletbbbbbbb', mutations: [named] }))
    const synced = await district.inject({
      method: 'POST',
      url: '/api/sync',
      cookies: { [SESSION_COOKIE]: foreign },
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    })
    expect(synced.text).toContain('applied')
    expect((await ask('yuan', 'GET', sha, OTHER_SCHOOL)).statusCode).toBe(404)
    const claimed = await send('yuan', sha, Buffer.alloc(0), { offset: png.length, length: png.length, orgUnit: OTHER_SCHOOL })
    expect([claimed.statusCode, ...standing(claimed)]).toEqual([409, '0', '?0'])
    expect((await ask('yuan', 'GET', sha, OTHER_SCHOOL)).statusCode).toBe(404)
    // Who really has it brings it whole, for their own school.
    expect((await send('yuan', sha, png, { orgUnit: OTHER_SCHOOL })).statusCode).toBe(204)
    expect((await ask('yuan', 'GET', sha, OTHER_SCHOOL)).statusCode).toBe(200)
  })

  test('who writes nothing of the school brings nothing', async () => {
    const png = newPng()
    for (const [who, orgUnit, status] of [
      ['leader', SCHOOL, 403],
      ['admin', SCHOOL, 403],
      ['yuan', SCHOOL, 403],
      ['inspector', OTHER_SCHOOL, 403],
      ['inspector', SCHOOL, 204],
      ['reviewer', OTHER_SCHOOL, 204],
    ] as const) {
      expect([who, (await send(who, sha256Of(png), png, { orgUnit })).statusCode]).toEqual([who, status])
    }
    const anonymous = await district.inject({ method: 'GET', url: address(sha256Of(png)) })
    expect(anonymous.status).toBe(401)
    const elsewhere = await district.inject({
      method: 'PATCH',
      url: address(sha256Of(png)),
      cookies: { [SESSION_COOKIE]: cookieFor('principal') },
      headers: { 'content-type': 'application/partial-upload', origin: 'https://evil.example' },
      payload: png,
    })
    expect(elsewhere.status).toBe(403)
  })

  test('an inspector’s photo is seen by the school', async () => {
    const png = newPng()
    const sha = sha256Of(png)
    await send('inspector', sha, png)
    const key = fileKey(itemOwner(recordId('visit', 'abcdefghijklm'), 's5.fire.extinguisher'), sha)
    const mutation = setTo(1, key, { name: 'a.png', type: 'image/png', size: png.length })
    const synced = await district.as('inspector')(
      'POST',
      '/api/sync',
      syncBody(askOf({ device: 'tabletccccccc', mutations: [mutation] })),
    )
    expect(synced.text).toContain('applied')
    expect((await ask('principal', 'GET', sha)).statusCode).toBe(200)
  })
})

let port: number | undefined
/** Over a real connection that ends after so many bytes; how many were sent. */
async function sendAndCut(sha: string, bytes: Buffer, offset: number, after: number): Promise<number> {
  const app = district.app()
  if (!app.server.listening) {
    await app.listen({ port: 0, host: '127.0.0.1' })
    port = (app.server.address() as AddressInfo).port
  }
  const piece = bytes.subarray(offset, offset + 16_384)
  const part = piece.subarray(0, after)
  return new Promise((resolve) => {
    const asking = httpRequest({
      port,
      method: 'PATCH',
      path: address(sha),
      headers: {
        cookie: `${SESSION_COOKIE}=${cookieFor('filler')}`,
        'content-type': 'application/partial-upload',
        'content-length': String(piece.length),
        'upload-offset': String(offset),
        'upload-length': String(bytes.length),
      },
    })
    const done = () => resolve(part.length)
    asking.on('response', (answer) => answer.resume().on('end', done))
    asking.on('error', done)
    asking.write(part, () => {
      if (part.length < piece.length) setTimeout(() => asking.destroy(), 100)
      else asking.end()
    })
  })
}
