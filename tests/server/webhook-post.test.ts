/** One POST to a robot: where it may go, what it does not follow, and what it says of what went wrong; and the texts that go with it. */
import type { LookupAddress } from 'node:dns'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { guardedLookup, post, type Network } from '#server/webhooks/post'
import { isPublicAddress } from '#server/webhooks/public-address'
import { answerOf, requestOf, TEXT_BYTES_MAX } from '#server/webhooks/robot-forms'
import { digestText, testText } from '#server/webhooks/webhook-messages'
import { WEBHOOK_NAME_MAX, WEBHOOK_OCCASIONS } from '#domain/webhook'
import { answers, openRobot, silent, type RobotServer } from './robot'

let robot: RobotServer
beforeAll(async () => {
  robot = await openRobot()
})
beforeEach(() => {
  robot.heard.length = 0
  robot.replies.length = 0
})
afterAll(() => robot.close())

const say = (host: string, network: Network) =>
  post(requestOf({ kind: 'wecom', url: robot.url('wecom', host), secret: undefined }, 'hello', 0), network)
const sayHere = (network: Partial<Network> = {}) => say('127.0.0.1', { allowsPrivate: true, ...network })

/** A name server that says these addresses, and counts how often it was asked. */
function lookupOf(addresses: readonly string[]): { readonly lookup: NonNullable<Network['lookup']>; asked: number } {
  const lookup = (_name: string, _options: object, done: (error: null, found: readonly LookupAddress[]) => void): void => {
    server.asked += 1
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  const server = { lookup: lookup as NonNullable<Network['lookup']>, asked: 0 }
  return server
}

test('an address inside the network is none, in whatever form it is written', () => {
  const inside = [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
    ...['192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:c0a8:1', 'fe80::1%eth0', 'fd12::1'],
    ...['ff02::1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::', 'localhost', ''],
  ]
  for (const address of inside) expect(isPublicAddress(address), address).toBe(false)
  for (const address of ['8.8.8.8', '172.32.0.1', '203.119.1.1', '2400:3200::1', '::ffff:8.8.8.8'])
    expect(isPublicAddress(address), address).toBe(true)
})

test('where a name leads is looked at by the connection itself: asked once, what was looked at is where it goes', async () => {
  for (const addresses of [['127.0.0.1'], ['::1'], ['::ffff:127.0.0.1'], ['8.8.8.8', '10.0.0.1'], []]) {
    const server = lookupOf(addresses)
    const url = new URL(`https://robot.example:${String(robot.port)}/send?key=x`)
    const posted = await post({ url, body: '{}' }, { allowsPrivate: false, lookup: server.lookup })
    expect(posted, addresses.join()).toEqual({ ok: false, fault: { kind: 'private' } })
    expect(server.asked).toBe(1)
  }
  const found: unknown[] = []
  const public6 = '2400:3200::1'
  const guarded = guardedLookup(lookupOf(['8.8.8.8', public6]).lookup)
  for (const all of [true, false]) guarded('robot.example', { all }, (...answer) => found.push(answer))
  expect(found).toEqual([
    [
      null,
      [
        { address: '8.8.8.8', family: 4 },
        { address: public6, family: 6 },
      ],
    ],
    [null, '8.8.8.8', 4],
  ])
})

test('with the setting for trying out the same name is spoken to', async () => {
  expect(await say('robot.example', { allowsPrivate: true, lookup: lookupOf(['127.0.0.1']).lookup })).toMatchObject({ ok: true })
  expect(robot.heard).toHaveLength(1)
})

test('plain http is not spoken without it, nor an address that needs no name', async () => {
  for (const url of [robot.url('wecom'), robot.url('wecom', 'localhost'), 'https://127.0.0.1/?key=x', 'https://[::1]/?key=x'])
    expect(await post({ url: new URL(url), body: '{}' }, { allowsPrivate: false }), url).toEqual({
      ok: false,
      fault: { kind: 'private' },
    })
  expect(robot.heard).toEqual([])
})

test('no redirect is followed', async () => {
  robot.replies.push(answers(302, { location: robot.url('wecom') }))
  const posted = await sayHere()
  expect(posted).toMatchObject({ ok: true, value: { status: 302 } })
  if (posted.ok) expect(answerOf(posted.value)).toEqual({ ok: false, fault: { kind: 'status', status: 302 } })
  expect(robot.heard).toHaveLength(1)
})

test('an answer that is too long, too slow, or none is a fault', async () => {
  robot.replies.push(answers(200, {}, 'x'.repeat(100_000)))
  expect(await sayHere()).toEqual({ ok: false, fault: { kind: 'notItsAnswer' } })
  robot.replies.push(silent)
  expect(await sayHere({ timeoutMs: 100 })).toEqual({ ok: false, fault: { kind: 'timeout' } })
  // It begins to answer and never ends.
  robot.replies.push((response) => {
    response.write('{"errcode"')
  })
  expect(await sayHere({ timeoutMs: 200 })).toEqual({ ok: false, fault: { kind: 'timeout' } })
  robot.replies.push((response) => {
    response.write('{"errcode"', () => response.destroy())
  })
  expect(await sayHere()).toMatchObject({ ok: false, fault: { kind: 'unreachable' } })
  expect(await post({ url: new URL('http://127.0.0.1:1/?key=x'), body: '{}' }, { allowsPrivate: true })).toEqual({
    ok: false,
    fault: { kind: 'unreachable', said: 'ECONNREFUSED' },
  })
})

test('only the code 0 says that a message was taken', () => {
  const answered = (text: string, status = 200) => answerOf({ status, text })
  expect(answered('{"errcode":0,"errmsg":"ok"}')).toEqual({ ok: true, value: 'ok' })
  expect(answered('{"errcode":0}')).toEqual({ ok: true, value: '' })
  expect(answered('{"errcode":0,"errmsg":"ok"}', 500)).toEqual({ ok: false, fault: { kind: 'status', status: 500 } })
  for (const text of ['', 'ok', '[]', '{}', '{"errcode":"0"}', '<html>'])
    expect(answered(text), text).toEqual({ ok: false, fault: { kind: 'notItsAnswer' } })
  const said = answered(JSON.stringify({ errcode: 1, errmsg: '长'.repeat(5000) }))
  expect(said).toEqual({ ok: false, fault: { kind: 'refused', code: 1, said: '长'.repeat(300) } })
})

test('every text fits into what a robot takes, says how many there are, and names at most twenty', () => {
  const name = fc.string({ unit: 'grapheme-composite', minLength: 1, maxLength: 100 }).map((text) => text.slice(0, 100))
  fc.assert(
    fc.property(
      fc.constantFrom(...WEBHOOK_OCCASIONS),
      fc.array(name, { minLength: 1, maxLength: 60 }),
      name,
      (occasion, schools, title) => {
        const text = digestText(occasion, { period: '2024', title: title.repeat(3), schools, due: '2024-12-31T23:59' })
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(TEXT_BYTES_MAX)
        expect(text).toContain(` ${String(schools.length)} 所学校`)
      },
    ),
  )
  const numbered = (count: number) => Array.from({ length: count }, (_, at) => `第${String(at + 1)}小学`)
  const of = (count: number) =>
    digestText('overdue', { period: '2024', title: 'x', schools: numbered(count), due: '2024-01-02T08:05' })
  expect(of(20)).not.toContain('等')
  expect(of(20)).toContain('1 月 2 日 08:05')
  expect(of(21)).toContain('第20小学 等 21 所。')
  expect(of(21)).not.toContain('第21小学')
  expect(Buffer.byteLength(testText('长'.repeat(WEBHOOK_NAME_MAX)))).toBeLessThan(TEXT_BYTES_MAX)
})
