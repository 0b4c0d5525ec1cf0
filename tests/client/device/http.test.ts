import { afterEach, describe, expect, test, vi } from 'vitest'
import { makeApi } from '#client/device/api'
import { httpTransport, retryAfter } from '#client/device/http-transport'
import type { SyncRequest } from '#sync/protocol'

const request: SyncRequest = { v: 1, app: 'test', now: 1, asks: [] }
const answering = (body: BodyInit | null, init: ResponseInit = {}) =>
  vi.fn<typeof fetch>(() => Promise.resolve(new Response(body, init)))
const json = (value: unknown, init: ResponseInit = {}) => answering(JSON.stringify(value), init)
afterEach(() => vi.useRealTimers())

const page = { stream: 's/A', epoch: 'e', last: 0, verdicts: [], witnessed: [], rows: [], from: 0, upto: 0, done: true }
const good = { v: 1, now: 5, answers: [page] }

describe('the transport', () => {
  test('asks the route with the cookie, and answers what the server said', async () => {
    const fetch = json(good)
    expect(await httpTransport(fetch, () => 0).exchange(request)).toEqual({ kind: 'answered', answer: good })
    expect(fetch).toHaveBeenCalledWith(
      '/api/sync',
      expect.objectContaining({ method: 'POST', credentials: 'same-origin', body: JSON.stringify(request) }),
    )
  })

  test.each<[string, unknown]>([
    ['no object', 7],
    ['no answers', { v: 1, now: 1 }],
    ['another version', { ...good, v: 2 }],
    ['a row without heads', { ...good, answers: [{ ...page, rows: [['k', { seq: 1 }]] }] }],
    ['a head of nobody', { ...good, answers: [{ ...page, rows: [['k', { seq: 1, heads: [{ value: 1, from: [] }] }]] }] }],
    ['a verdict without its number', { ...good, answers: [{ ...page, verdicts: [['1', 1, 'applied']] }] }],
    ['an answer of no stream', { ...good, answers: [{ ...page, stream: undefined }] }],
    ['a cursor that is no number', { ...good, answers: [{ ...page, upto: -1 }] }],
  ])('takes for unreachable what is no answer: %s', async (_name, body) => {
    expect(await httpTransport(json(body), () => 0).exchange(request)).toEqual({ kind: 'unreachable' })
  })

  test.each<[string, typeof fetch, unknown]>([
    ["a proxy's page", answering('<html>Bad Gateway</html>', { status: 502 }), { kind: 'unreachable' }],
    ["a captive portal's page", answering('<html>Sign in to the network</html>', { status: 200 }), { kind: 'unreachable' }],
    ['half an answer', answering('{"v":1,"now":5,"ans'), { kind: 'unreachable' }],
    ['no network', () => Promise.reject(new TypeError('Failed to fetch')), { kind: 'unreachable' }],
    [
      'a busy server',
      answering('', { status: 429, headers: { 'retry-after': '7' } }),
      { kind: 'unreachable', retryAfterMs: 7000 },
    ],
    ['the end of the session', json({ fault: { kind: 'session.missing' } }, { status: 401 }), { kind: 'signedOut' }],
    [
      'a session that was taken away',
      json({ fault: { kind: 'session.revoked' } }, { status: 401 }),
      { kind: 'signedOut', revoked: true },
    ],
    ["a proxy's own 401", answering('<html>Who are you?</html>', { status: 401 }), { kind: 'signedOut' }],
    ['a body too large', json({}, { status: 413 }), { kind: 'tooLarge' }],
    ['an old app', json({}, { status: 426 }), { kind: 'tooOld' }],
  ])('knows %s', async (_name, fetch, met) => {
    expect(await httpTransport(fetch, () => 0).exchange(request)).toEqual(met)
  })

  test('gives up after thirty seconds, and at once when the device closes', async () => {
    vi.useFakeTimers()
    const never = vi.fn<typeof fetch>(
      (_input, init) =>
        new Promise((_resolve, reject) =>
          init?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
        ),
    )
    const transport = httpTransport(never, () => 0)
    const slow = transport.exchange(request)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await slow).toEqual({ kind: 'unreachable' })
    const closed = transport.exchange(request)
    transport.abort()
    expect(await closed).toEqual({ kind: 'unreachable' })
  })

  test('reads a Retry-After in both forms, and none that is nonsense', () => {
    const now = Date.parse('2026-01-01T00:00:00Z')
    expect(retryAfter('120', now)).toBe(120_000)
    expect(retryAfter('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000)
    expect(retryAfter('Thu, 01 Jan 2099 00:00:00 GMT', now)).toBe(3_600_000)
    for (const odd of [null, '', 'soon', '-5', 'Thu, 01 Jan 2015 00:00:00 GMT']) expect(retryAfter(odd, now)).toBeUndefined()
  })
})

describe('the routes', () => {
  const person = { username: 'li', name: '李', role: 'principal', orgUnits: ['A-1'] }

  test('answer what they are asked for', async () => {
    const fetch = json(person)
    expect(await makeApi(fetch).signIn('li', 'secret')).toEqual({ ok: true, value: person })
    expect(fetch).toHaveBeenCalledWith(
      '/api/session',
      expect.objectContaining({ method: 'POST', body: '{"username":"li","password":"secret"}' }),
    )
    expect(await makeApi(answering(null, { status: 204 })).signOut()).toEqual({ ok: true, value: undefined })
    const units = [{ code: 'A-1', name: '第一小学', type: 'primary', ownership: 'public' }]
    expect(await makeApi(json(units)).fetchOrgUnits()).toEqual({ ok: true, value: units })
    const figures = json({ period: '2024', asOf: 'x', figures: [] })
    expect(await makeApi(figures).fetchFigures('2024', ['A-1', 'B'])).toMatchObject({ ok: true })
    expect(figures).toHaveBeenCalledWith('/api/figures?period=2024&orgUnit=A-1,B', expect.anything())
  })

  test("answer the server's fault, and call everything else unreachable", async () => {
    const fault = { kind: 'session.tooManyAttempts', values: { seconds: 9 } }
    expect(await makeApi(json({ fault, message: {} }, { status: 429 })).signIn('li', 'x')).toEqual({ ok: false, fault })
    const unreachable = { ok: false, fault: { kind: 'unreachable' } }
    expect(await makeApi(json({ fault: { kind: 'server.defect' } }, { status: 500 })).fetchSession()).toEqual(unreachable)
    expect(await makeApi(json({ fault: { kind: 'never.heard' } }, { status: 418 })).fetchSession()).toEqual(unreachable)
    expect(await makeApi(json({ ...person, role: 'wizard' })).fetchSession()).toEqual(unreachable)
    expect(await makeApi(json([{ code: 1 }])).fetchOrgUnits()).toEqual(unreachable)
    expect(await makeApi(answering('<html>', { status: 502 })).fetchPlan()).toEqual(unreachable)
    expect(await makeApi(json({ fault: { kind: 'route.unknown' } }, { status: 404 })).fetchDemoAccounts()).toEqual([])
  })
})
