/** Requests that a browser never makes, over a real connection where it matters: each is answered as a fault, like any other. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SESSION_COOKIE } from '#server/sessions'
import { openDistrict, OTHER_SCHOOL, SCHOOL, type Answer, type District } from './district'

const client = mkdtempSync(join(tmpdir(), 'youxue-client-'))
let district: District
let port: number
beforeAll(async () => {
  mkdirSync(join(client, 'assets'))
  writeFileSync(join(client, 'index.html'), '<!doctype html>')
  writeFileSync(join(client, 'assets', 'a-1.js'), 'x'.repeat(4000))
  district = await openDistrict({ clientFolder: client })
  await district.app().listen({ port: 0, host: '127.0.0.1' })
  const address = district.app().server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(async () => {
  await district.close()
  rmSync(client, { recursive: true, force: true })
})

function expectFault({ status, body }: Pick<Answer, 'status' | 'body'>, expected: number, kind: string) {
  const message = { zh: expect.stringMatching(/[\u4e00-\u9fff]/), en: expect.stringMatching(/[a-z]/) }
  expect(body).toMatchObject({ fault: { kind }, message })
  expect(status).toBe(expected)
}

describe('an address or a file that cannot be', () => {
  test.each(['/%ff', '/api/figures/%E0%A4/contributions?period=2024', '/%00', '/assets/%00.js', `/${'y'.repeat(5000)}.js`])(
    '%.40s is unknown',
    async (url) => {
      const answer = await district.inject({ method: 'GET', url })
      expectFault(answer, 404, 'route.unknown')
    },
  )

  test('a part of a file that it does not have', async () => {
    const ask = (headers: Record<string, string>) => district.inject({ method: 'GET', url: '/assets/a-1.js', headers })
    expectFault(await ask({ range: 'bytes=99999-' }), 416, 'query.invalid')
    expectFault(await ask({ 'if-match': '"other"' }), 412, 'query.invalid')
    expect((await ask({ range: 'bytes=0-9' })).status).toBe(206)
  })
})

/** What comes back for these bytes, until the server closes. */
const send = (bytes: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(received))
    socket.write(bytes)
  })

test.each([
  ['what is no HTTP', 'GARBAGE\r\n\r\n', 400],
  ['headers without end', `GET /api/health HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
])('%s', async (_what, bytes, status) => {
  const [head = '', body = ''] = (await send(bytes)).split('\r\n\r\n')
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expectFault({ status, body: JSON.parse(body) }, status, 'body.invalid')
})

test('who sends far too much still reads why it was refused', async () => {
  const mega = 1024 * 1024
  const sendBody = (chunked: boolean) =>
    new Promise<{ status: number; body: unknown }>((resolve, reject) => {
      const request = httpRequest(
        {
          port,
          host: '127.0.0.1',
          path: '/api/session',
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(chunked ? {} : { 'content-length': String(20 * mega) }) },
        },
        (response) => {
          let text = ''
          response.on('data', (chunk: Buffer) => (text += chunk.toString()))
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }))
        },
      )
      request.on('error', reject)
      let sent = 0
      const more = () => {
        while (sent < 20) {
          sent += 1
          if (!request.write('x'.repeat(mega))) {
            request.once('drain', more)
            return
          }
        }
        request.end()
      }
      more()
    })
  for (const chunked of [false, true]) {
    for (let time = 0; time < 5; time++) expectFault(await sendBody(chunked), 413, 'body.tooLarge')
  }
})

describe('the same question in another form', () => {
  const get = (url: string) => district.as('leader')('GET', url)

  test('org units by commas and by repetition', async () => {
    for (const path of ['/api/dataValueSets?period=2024', '/api/figures?period=2024']) {
      const repeated = await get(`${path}&orgUnit=${SCHOOL}&orgUnit=${OTHER_SCHOOL}`)
      expect(repeated.status).toBe(200)
      expect(repeated.body).toEqual((await get(`${path}&orgUnit=${SCHOOL},${OTHER_SCHOOL}`)).body)
    }
    expectFault(await get(`/api/dataValueSets?period=2024&orgUnit=${SCHOOL}&orgUnit=nowhere`), 404, 'orgUnit.unknown')
  })

  const put = (query: string, body: object) => district.as('reviewer')('POST', `/api/dataValueSets${query}`, body)
  const row = (value: unknown) => ({ dataElement: 'goodYouth', period: '2024', orgUnit: SCHOOL, value })

  test.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('dryRun=%s', async (text, dryRun) => {
    expect((await put(`?dryRun=${text}`, { dataValues: [] })).body).toMatchObject({ dryRun })
  })

  test('null clears, as an empty text does', async () => {
    await put('', { dataValues: [row('3')] })
    expect((await put('', { dataValues: [row(null)] })).body).toMatchObject({ counts: { deleted: 1, refused: 0 } })
  })

  test('a data set that the plan does not have, named for all rows', async () => {
    expectFault(await put('', { dataSet: 'nope', dataValues: [row('4')] }), 404, 'dataSet.unknown')
    expect((await put('', { dataSet: 'students', dataValues: [] })).status).toBe(200)
  })
})

describe('what is wrong is said in both languages', () => {
  const unit = { code: 'a', name: 'b', type: 'primary', ownership: 'public' }
  const account = { username: 'new', name: 'x', role: 'leader', orgUnits: [] }
  const cases: readonly [string, string, unknown, RegExp, RegExp][] = [
    ['one code twice', '/api/orgUnits', [unit, unit], /a.*两次/, /a: .*twice/],
    ['no name', '/api/orgUnits', { ...unit, name: ' ' }, /名称/, /name/],
    ['a second district', '/api/orgUnits', { ...unit, type: 'district' }, /只有一个/, /one district/],
    ['a day that is none', '/api/orgUnits', { ...unit, opened: '2023-02-30' }, /日历/, /calendar/],
    ['closed before opened', '/api/orgUnits', { ...unit, opened: '2023-02-03', closed: '2022-01-01' }, /早于/, /before/],
    ['a short password', '/api/accounts', { ...account, password: '1234567' }, /8 个字符以上/, /at least 8/],
    ['a user name of signs', '/api/accounts', { ...account, username: '../x' }, /用户名/, /user name/],
    ['no name of a person', '/api/accounts', { ...account, name: '' }, /姓名/, /name/],
    ['units of the bureau', '/api/accounts', { ...account, orgUnits: [SCHOOL] }, /不用列/, /list no/],
    ['no unit of a school', '/api/accounts', { ...account, role: 'filler' }, /至少/, /at least one/],
  ]
  test.each(cases)('%s', async (_what, url, body, zh, en) => {
    const answer = await district.inject({
      method: 'POST',
      url,
      cookies: { [SESSION_COOKIE]: district.cookieOf('admin') },
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    })
    expect(answer.status).toBe(400)
    const { message } = answer.body as { message: { zh: string; en: string } }
    expect(message.zh).toMatch(zh)
    expect(message.en).toMatch(en)
  })

  test('what does not fit its form is named by its place, without English in the Chinese sentence', async () => {
    const answer = await district.as('admin')('POST', '/api/orgUnits', { ...unit, opened: '2024' })
    const { message } = answer.body as { message: { zh: string; en: string } }
    expect(message.zh).toBe('请核对发来的内容里的 opened。')
    expect(message.en).toContain('at opened: ')
  })
})
