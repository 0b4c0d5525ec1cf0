/** Faults and defects as answers: `{fault: {kind, path?, values?}, message: {zh, en}}`, always, with the status of the kind. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Fault } from '#domain/fault'
import { faultText } from '#domain/fault-messages'
import { STATUS_BY_FAULT } from './fault-status'
import { drain } from './drain'
import { faultOfError } from './fault-of-error'
import { InputError } from './read-input'
import type { Room } from './room'

/**
 * When to try again. A database that starts again is back within some seconds; tablets spread what they do by themselves. For want of
 * room somebody has to do something first: until then trying does no good, and a minute more no harm.
 */
const RETRY_SECONDS: Readonly<Partial<Record<Fault['kind'], number>>> = { 'server.busy': 5, 'server.full': 60 }

/** `status`: where HTTP has a closer one than the kind. */
export function answerFault(reply: FastifyReply, fault: Fault, status = STATUS_BY_FAULT[fault.kind]): FastifyReply {
  return reply.code(status).send({ fault, message: faultText(fault) })
}

/** Fastify's own codes for a body that cannot be read. */
const FAULT_BY_CODE: Readonly<Record<string, Fault['kind']>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'body.notJson',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body.notJson',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'body.notJson',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body.notJson',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body.tooLarge',
}

/** What a plugin refuses with a status of its own: for a file, a range that it does not have, or a name that cannot be one. */
function answerRefusal(request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply {
  if (request.method !== 'GET' && request.method !== 'HEAD') return answerFault(reply, { kind: 'body.invalid' })
  if (status !== 412 && status !== 416) return answerFault(reply, unknownRoute(request))
  return answerFault(reply, { kind: 'query.invalid' }, status)
}

export const unknownRoute = ({ method, url }: Pick<FastifyRequest, 'method' | 'url'>): Fault => ({
  kind: 'route.unknown',
  values: { route: `${method} ${url.split('?')[0] ?? ''}`.slice(0, 200) },
})

/** An address that is none: no route and no hook sees it. */
export function answerBadAddress(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  void answerFault(reply.header('x-content-type-options', 'nosniff'), unknownRoute(request))
}

/** What is no HTTP, or not all of it: there is no request yet, only a connection. */
export function answerNoRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
  const fault = { kind: 'body.invalid' } as const
  const body = JSON.stringify({ fault, message: faultText(fault) })
  const headers = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Connection: close',
  ]
  if (socket.writable) socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`)
  socket.destroy(error)
}

export function answerErrorsAsFaults(app: FastifyInstance, room: Room): void {
  app.setErrorHandler(async (error: FastifyError | InputError | SyntaxError, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof InputError) {
      const kind = error.validationContext === 'body' ? 'body.invalid' : 'query.invalid'
      return answerFault(reply, { kind, path: error.path, values: { problem: error.problem } })
    }
    // A parser's SyntaxError carries the status that Fastify gave it.
    if (error instanceof SyntaxError && 'statusCode' in error && error.statusCode === 400) {
      return answerFault(reply, { kind: 'body.notJson' })
    }
    const kind = 'code' in error && typeof error.code === 'string' ? FAULT_BY_CODE[error.code] : undefined
    if (kind === 'body.tooLarge') {
      await drain(request.raw)
      return answerFault(reply, { kind, values: { limitBytes: request.routeOptions.bodyLimit ?? 0 } })
    }
    if (kind !== undefined) return answerFault(reply, { kind })
    if ('statusCode' in error && typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500) {
      return answerRefusal(request, reply, error.statusCode)
    }
    request.log.error(error)
    const defect = faultOfError(error)
    if (defect === 'server.full') room.full()
    const retrySeconds = RETRY_SECONDS[defect]
    if (retrySeconds !== undefined) void reply.header('retry-after', retrySeconds)
    return answerFault(reply, { kind: defect })
  })
}
