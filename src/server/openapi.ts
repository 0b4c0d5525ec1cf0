/** The description of the routes at `/api/openapi.json`, made from what each route says of itself and checks its input by. */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { GenericSchema } from 'valibot'
import { FAULT_KINDS, type FaultKind } from '#domain/fault'
import { describe, type JsonSchema } from './describe'
import { STATUS_BY_FAULT } from './fault-status'
import { SESSION_COOKIE } from './sessions'
import { faultSchema } from './wire'

export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    convertConstToEnum: false,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Youxue 优学填报',
        version,
        description:
          'Every fault is answered as {fault: {kind, path?, values?}, message: {zh, en}}. ' +
          'Sign in with POST /api/session; the cookie that it sets signs every further request.',
      },
      components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE } } },
      tags: [],
    },
    transform: ({ schema, url, route }) => {
      const { access, oneTimeToo, faults = [] } = route.config ?? {}
      const kinds: FaultKind[] = [...faults]
      if (access === 'signedIn') kinds.push('session.missing', 'session.revoked', 'account.disabled')
      if (access === 'signedIn' && oneTimeToo !== true) kinds.push('password.oneTime')
      if (schema.body !== undefined) kinds.push('body.notJson', 'body.invalid', 'body.tooLarge')
      if (schema.querystring !== undefined) kinds.push('query.invalid')
      if (route.method !== 'GET' && route.method !== 'HEAD') kinds.push('origin.foreign')
      return {
        url,
        schema: {
          ...schema,
          ...described('body', schema.body),
          ...described('querystring', schema.querystring),
          ...described('params', schema.params),
          ...described('headers', schema.headers),
          ...described('headers', schema.headers),
          response: { ...describeAnswers(schema.response), ...describeFaults(kinds) },
          ...(access === 'signedIn' ? { security: [{ session: [] }] } : {}),
        },
      }
    },
  })
}

function described(part: string, schema: unknown): { readonly [part: string]: JsonSchema } {
  return schema === undefined ? {} : { [part]: describe(schema as GenericSchema) }
}

function describeAnswers(response: unknown): Record<string, JsonSchema> {
  const answers: Record<string, JsonSchema> = {}
  for (const [status, schema] of Object.entries(response ?? {})) {
    answers[status] = { description: status === '204' ? 'Done' : 'The answer', ...describe(schema as GenericSchema) }
  }
  return answers
}

function describeFaults(kinds: readonly FaultKind[]): Record<string, JsonSchema> {
  const answers: Record<string, JsonSchema> = {}
  for (const status of new Set(kinds.map((kind) => STATUS_BY_FAULT[kind]))) {
    const ofStatus = FAULT_KINDS.filter((kind) => kinds.includes(kind) && STATUS_BY_FAULT[kind] === status)
    answers[String(status)] = { description: `Faults: ${ofStatus.join(', ')}`, ...describe(faultSchema) }
  }
  return answers
}
