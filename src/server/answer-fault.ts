/** Faults and defects as answers: `{fault: {kind, path?, values?}, message: {zh, en}}`, always, with the status of the kind. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Fault } from '#domain/fault'
import { faultText } from '#domain/fault-messages'
import { STATUS_BY_FAULT } from './fault-status'
import { InputError } from './read-input'

export function answerFault(reply: FastifyReply, fault: Fault): FastifyReply {
  return reply.code(STATUS_BY_FAULT[fault.kind]).send({ fault, message: faultText(fault) })
}

/** Fastify's own codes for a body that cannot be read. */
const FAULT_BY_CODE: Readonly<Record<string, Fault['kind']>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'body.notJson',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body.notJson',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'body.notJson',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body.notJson',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body.tooLarge',
}

export function answerErrorsAsFaults(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | InputError | SyntaxError, request: FastifyRequest, reply: FastifyReply) => {
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
      return answerFault(reply, { kind, values: { limitBytes: request.routeOptions.bodyLimit ?? 0 } })
    }
    if (kind !== undefined) return answerFault(reply, { kind })
    if ('statusCode' in error && typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500) {
      return answerFault(reply, { kind: 'body.invalid', values: { problem: error.message } })
    }
    request.log.error(error)
    return answerFault(reply, { kind: 'server.defect' })
  })
}
