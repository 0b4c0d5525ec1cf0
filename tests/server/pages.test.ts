/** What is served besides the API's answers: the plan, the description, the client, the headers. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describe as describeSchema } from '#server/describe'
import { SESSION_COOKIE } from '#server/sessions'
import { openDistrict, plan, type District } from './district'

const clientFolder = mkdtempSync(join(tmpdir(), 'youxue-client-'))
let district: District
beforeAll(async () => {
  mkdirSync(join(clientFolder, 'assets'))
  writeFileSync(join(clientFolder, 'index.html'), '<!doctype html><title>优学填报</title>')
  writeFileSync(join(clientFolder, 'sw.js'), 'self')
  writeFileSync(join(clientFolder, 'assets', 'entry-abc.js'), `export const x = '${'x'.repeat(5000)}'`)
  district = await openDistrict({ clientFolder })
})
afterAll(async () => {
  await district.close()
  rmSync(clientFolder, { recursive: true, force: true })
})

describe('the plan', () => {
  const ask = (headers: Record<string, string>) =>
    district
      .app()
      .inject({ method: 'GET', url: '/api/plan', headers, cookies: { [SESSION_COOKIE]: district.cookieOf('filler') } })

  test('is the document, whichever way it is packed', async () => {
    const plain = await ask({})
    expect(plain.json()).toEqual(JSON.parse(JSON.stringify(plan.document)))
    const brotli = await ask({ 'accept-encoding': 'gzip, deflate, br' })
    expect(brotli.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(brotli.rawPayload).toString()).toBe(plain.body)
    const gzip = await ask({ 'accept-encoding': 'gzip' })
    expect(gunzipSync(gzip.rawPayload).toString()).toBe(plain.body)
  })

  test('is not sent again to who has it', async () => {
    const { etag } = (await ask({})).headers
    expect(etag).toBe(`"${plan.document.id}-${plan.document.version}"`)
    const again = await ask({ 'if-none-match': `W/${String(etag)}, "other"` })
    expect(again.statusCode).toBe(304)
    expect(again.body).toBe('')
    expect((await ask({ 'if-none-match': '"other"' })).statusCode).toBe(200)
  })
})

test('health says that it is alive, its version and its plan', async () => {
  const { body } = await district.as(undefined)('GET', '/api/health')
  expect(body).toEqual({ status: 'ok', version: '1.2.3', plan: plan.document.id })
})

describe('the description of the API', () => {
  type Operation = {
    readonly summary?: string
    readonly security?: readonly unknown[]
    readonly requestBody?: unknown
    readonly responses: Record<string, unknown>
  }
  const operations = async () => {
    const { body } = await district.as(undefined)('GET', '/api/openapi.json')
    const { openapi, paths } = body as { openapi: string; paths: Record<string, Record<string, Operation>> }
    expect(openapi).toBe('3.1.0')
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
    )
  }

  test('lists every route, with its answer and its faults', async () => {
    const described = await operations()
    const registered = district.app().printRoutes({ commonPrefix: false }).split('\n')
    expect(described.map(({ name }) => name).sort()).toEqual(
      [
        'GET /api/health',
        'POST /api/session',
        'GET /api/session',
        'DELETE /api/session',
        'GET /api/plan',
        'POST /api/sync',
        'GET /api/orgUnits',
        'POST /api/orgUnits',
        'GET /api/accounts',
        'GET /api/people',
        'POST /api/accounts',
        'POST /api/accounts/import',
        'POST /api/accounts/{username}/password',
        'GET /api/audit',
        'POST /api/password',
        'GET /api/sessions',
        'DELETE /api/sessions/{id}',
        'PATCH /api/accounts/{username}',
        'GET /api/dataValueSets',
        'POST /api/dataValueSets',
        'POST /api/deposits',
        'POST /api/deposits/seal',
        'GET /api/files/{sha256}',
        'HEAD /api/files/{sha256}',
        'PATCH /api/files/{sha256}',
        'GET /api/figures',
        'GET /api/figures/{id}/contributions',
        'GET /api/findings',
        'GET /api/history',
        'GET /api/inspections',
        'GET /api/reports',
        'GET /api/reports/{orgUnit}/{period}/{dataSet}',
        'GET /api/peers',
        'GET /api/usual-ranges',
        'GET /api/news',
        'GET /api/tablets',
        'GET /api/windows',
        'PUT /api/windows',
        'GET /api/webhooks',
        'PUT /api/webhooks',
        'POST /api/webhooks/test',
        'POST /api/tablets/{id}/revoke',
        'GET /api/demo',
      ].sort(),
    )
    // The tree of routes names each path once: nothing under /api but the description itself is left out of it.
    const api = registered.filter((line) => line.includes('(') && !line.includes('(OPTIONS')).join('\n')
    expect(api).toContain('openapi.json')
    for (const { operation, name } of described) {
      expect(operation.summary, name).toMatch(/./)
      expect(
        Object.keys(operation.responses).some((status) => status.startsWith('2')),
        name,
      ).toBe(true)
    }
  })

  test('says which routes need a session, and what they refuse', async () => {
    for (const { name, operation } of await operations()) {
      const isOpen = ['GET /api/health', 'POST /api/session', 'DELETE /api/session', 'GET /api/demo'].includes(name)
      expect(operation.security === undefined, name).toBe(isOpen)
      expect('401' in operation.responses, name).toBe(!isOpen || name === 'POST /api/session')
      expect('413' in operation.responses, name).toBe(operation.requestBody !== undefined)
    }
  })

  test('is made from the schemas that are checked', () => {
    const schema = v.strictObject({
      name: v.pipe(v.string(), v.minLength(1), v.maxLength(5), v.regex(/^a/)),
      kind: v.optional(v.picklist(['x', 'y'])),
      pair: v.tuple([v.number(), v.nullable(v.boolean())]),
    })
    expect(describeSchema(schema)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 5, pattern: '^a' },
        kind: { enum: ['x', 'y'] },
        pair: { type: 'array', prefixItems: [{ type: 'number' }, { anyOf: [{ type: 'boolean' }, { type: 'null' }] }] },
      },
      required: ['name', 'pair'],
      additionalProperties: false,
    })
    expect(() => describeSchema(v.date())).toThrow('date')
  })
})

describe('the client', () => {
  test('is one page, at every address of a screen', async () => {
    for (const url of ['/', '/index.html', '/report/2024/hardware', '/sign-in?next=/', '/overview/2.senior']) {
      const answer = await district.inject({ method: 'GET', url })
      expect(answer.status, url).toBe(200)
      expect(answer.text).toContain('优学填报')
      expect(answer.headers['cache-control']).toBe('no-cache')
    }
  })

  test('keeps its named-by-content files for ever and asks anew for the rest', async () => {
    const asset = await district.inject({ method: 'GET', url: '/assets/entry-abc.js', headers: { 'accept-encoding': 'br' } })
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(asset.headers['content-encoding']).toBe('br')
    expect((await district.inject({ method: 'GET', url: '/sw.js' })).headers['cache-control']).toBe('no-cache')
  })

  test('a file that is not there is not the page', async () => {
    for (const url of ['/assets/entry-old.js', '/icons/none.png', '/api', '/api/none']) {
      const answer = await district.inject({ method: 'GET', url })
      expect(answer.status, url).toBe(404)
      expect(answer.body).toMatchObject({ fault: { kind: 'route.unknown' } })
    }
    expect((await district.inject({ method: 'GET', url: '/../package.json' })).text).not.toContain('youxue-server')
  })

  test('may load nothing from elsewhere and run nothing inline', async () => {
    const { headers } = await district.inject({ method: 'GET', url: '/' })
    const policy = String(headers['content-security-policy'])
    for (const directive of [
      "default-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob: data:",
      "object-src 'none'",
      'trusted-types vue youxue youxue-drafts youxue-photos',
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy.split(';').map((each) => each.trim())).toContain(directive)
    }
    expect(policy).not.toContain('upgrade-insecure-requests')
    expect(policy).not.toContain('unsafe')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('same-origin')
    expect(headers['permissions-policy']).toContain('camera=(self)')
    expect(headers['strict-transport-security']).toBeUndefined()
  })

  test('answers of the API are kept by no proxy', async () => {
    expect((await district.as('leader')('GET', '/api/orgUnits')).headers['cache-control']).toBe('no-store')
  })
})

test('the tests look at the document that is shipped', () => {
  const folder = new URL('../../public/plans/', import.meta.url)
  expect(JSON.parse(readFileSync(new URL(`${plan.document.id}.json`, folder), 'utf8'))).toMatchObject({ id: plan.document.id })
})
