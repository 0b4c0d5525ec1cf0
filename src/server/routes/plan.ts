import * as v from 'valibot'
import type { Api } from '../api'
import type { Deps } from '../app'

/** The document's own shape is `plan/schema.ts`; here only what a reader of this route needs to find in it. */
const answerSchema = v.object({ format: v.number(), id: v.string(), version: v.number(), title: v.unknown() })

export function planRoutes(api: Api, { plan }: Pick<Deps, 'plan'>): void {
  api.get(
    '/plan',
    {
      schema: { summary: 'The plan document: forms, rules, indicators, targets', response: { 200: answerSchema, 304: v.null() } },
      config: { access: 'signedIn' },
      // It is compressed once, not for each tablet.
      compress: false,
    },
    (request, reply) => {
      void reply.header('etag', plan.etag).header('cache-control', 'private, no-cache').header('vary', 'accept-encoding')
      const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? []
      if (known.includes(plan.etag)) return reply.code(304).send()
      void reply.type('application/json; charset=utf-8')
      const accepted = request.headers['accept-encoding'] ?? ''
      if (/\bbr\b/.test(accepted)) return reply.header('content-encoding', 'br').send(plan.brotli)
      if (/\bgzip\b/.test(accepted)) return reply.header('content-encoding', 'gzip').send(plan.gzip)
      return reply.send(plan.json)
    },
  )
}
