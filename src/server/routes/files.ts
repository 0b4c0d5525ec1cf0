/**
 * Files in pieces, after the IETF's draft of resumable uploads; the address is the digest. `HEAD` says where it stands, `PATCH` goes on from
 * there, and what arrived before a cut is kept. Any tablet, any number of times.
 */
import { Readable } from 'node:stream'
import parseRange from 'range-parser'
import * as v from 'valibot'
import { isOrgUnitCode } from '#domain/org-unit'
import { may, mayBringFiles } from '#domain/may'
import { isSha256 } from '#sync/protocol'
import { personOf } from '../access'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import { drain } from '../drain'
import { FILE_BYTES_MAX } from '../files/check-file'
import { PIECE_BYTES_MAX, type Progress, type Uploads } from '../files/uploads'

const params = v.object({ sha256: v.pipe(v.string(), v.check(isSha256, 'not a SHA-256')) })
const querystring = v.object({ orgUnit: v.pipe(v.string(), v.check(isOrgUnitCode, 'not a code')) })
const wholeNumber = v.pipe(v.string(), v.regex(/^\d{1,12}$/), v.transform(Number))
const pieceHeaders = v.looseObject({
  'upload-offset': wholeNumber,
  /** Of the whole file. */
  'upload-length': wholeNumber,
  /** What the file is, as its sender thinks; another content is refused. */
  'upload-type': v.optional(v.pipe(v.string(), v.maxLength(100))),
})

const headersOf = ({ offset, isComplete }: Progress) => ({
  'upload-offset': String(offset),
  'upload-complete': isComplete ? '?1' : '?0',
})

/** A page made of it could do nothing, and no browser takes it for anything else. */
const POLICY = "sandbox; default-src 'none'"

export function fileRoutes(api: Api, { uploads }: { readonly uploads: Uploads }): void {
  // As it comes: it is written while it arrives, so that nothing is lost when the connection is.
  api.addContentTypeParser('application/partial-upload', (_request, payload, done) => done(null, payload))

  api.head(
    '/files/:sha256',
    {
      schema: {
        summary: 'How much of a file has arrived for this org unit',
        description: 'Answers Upload-Offset and Upload-Complete.',
        params,
        querystring,
        response: { 200: v.null() },
      },
      config: { access: 'signedIn', faults: ['right.missing'], swagger: { exposeHeadRoute: true } },
    },
    async (request, reply) => {
      const { orgUnit } = request.query
      const person = personOf(request)
      if (!mayBringFiles(person, orgUnit)) return answerFault(reply, { kind: 'right.missing' })
      const progress = await uploads.progress({ orgUnit, sha256: request.params.sha256 })
      return reply.code(200).headers(headersOf(progress)).send()
    },
  )

  api.patch(
    '/files/:sha256',
    {
      schema: {
        summary: 'Puts a piece behind what has arrived of a file; with the last one it is checked and kept',
        description: `Upload-Offset, Upload-Length (at most ${String(FILE_BYTES_MAX)}), Upload-Type; body of type application/partial-upload, at most ${String(PIECE_BYTES_MAX)} bytes. Answers Upload-Offset and Upload-Complete.`,
        consumes: ['application/partial-upload'],
        params,
        querystring,
        headers: pieceHeaders,
        response: { 204: v.null() },
      },
      bodyLimit: PIECE_BYTES_MAX,
      config: {
        access: 'signedIn',
        faults: [
          'right.missing',
          'file.offset',
          'file.content',
          'file.tooLarge',
          'file.dimensions',
          'file.active',
          'file.digest',
          'file.tooMany',
          'server.full',
        ],
      },
    },
    async (request, reply) => {
      const { orgUnit } = request.query
      const person = personOf(request)
      const id = { orgUnit, sha256: request.params.sha256 }
      const { body } = request
      // An empty piece asks to look at what has arrived, where the server was ended before it did.
      const isPiece = body === undefined || body === null || (body as unknown) instanceof Readable
      if (!isPiece) return answerFault(reply, { kind: 'body.invalid' })
      if (!mayBringFiles(person, orgUnit)) {
        await drain(request.raw)
        return answerFault(reply, { kind: 'right.missing' })
      }
      const { 'upload-offset': offset, 'upload-length': length, 'upload-type': type } = request.headers
      const pieces = body instanceof Readable ? body : Readable.from([])
      const appended = await uploads
        .append(id, { offset, length, type, body: pieces, by: person.username })
        // What nobody wanted of the body is read all the same: otherwise the answer is lost with the connection.
        .finally(() => drain(request.raw))
      if (appended.ok) return reply.code(204).headers(headersOf(appended.value)).send()
      if (appended.fault.kind === 'file.tooMany') void reply.header('retry-after', appended.fault.values?.['seconds'] ?? 5)
      if (appended.fault.kind === 'file.offset') void reply.headers(headersOf(await uploads.progress(id)))
      return answerFault(reply, appended.fault)
    },
  )

  api.get(
    '/files/:sha256',
    {
      schema: {
        summary: 'A file that a cell of the org unit names',
        params,
        querystring,
        response: { 200: v.any(), 206: v.any(), 304: v.null() },
      },
      exposeHeadRoute: false,
      config: { access: 'signedIn', faults: ['file.unknown'] },
    },
    async (request, reply) => {
      const { orgUnit } = request.query
      const { sha256 } = request.params
      const person = personOf(request)
      const file = may(person, { do: 'read', orgUnit }) ? await uploads.find({ orgUnit, sha256 }, person) : undefined
      if (file === undefined) return answerFault(reply, { kind: 'file.unknown' })
      const tag = `"${sha256}"`
      void reply.headers({
        // The right to see it is asked for each time; what a browser has kept needs no second copy.
        'cache-control': 'private, no-cache',
        etag: tag,
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
        'content-disposition': file.type === 'application/pdf' ? `attachment; filename="${sha256.slice(0, 12)}.pdf"` : 'inline',
      })
      if (request.headers['if-none-match'] === tag) return reply.code(304).send()
      void reply.header('accept-ranges', 'bytes')
      const { range, 'if-range': ifRange } = request.headers
      const parts = range === undefined || (ifRange !== undefined && ifRange !== tag) ? undefined : parseRange(file.size, range)
      if (parts === -1) {
        void reply.header('content-range', `bytes */${String(file.size)}`)
        return answerFault(reply, { kind: 'query.invalid' }, 416)
      }
      // Several parts at once are not worth an answer of their own kind: all of it is a right answer, too.
      const [part, ...more] = Array.isArray(parts) && parts.type === 'bytes' ? parts : []
      if (part === undefined || more.length > 0)
        return reply.type(file.type).header('content-length', file.size).send(file.stream())
      const { start, end } = part
      return reply
        .code(206)
        .type(file.type)
        .headers({
          'content-range': `bytes ${String(start)}-${String(end)}/${String(file.size)}`,
          'content-length': end - start + 1,
        })
        .send(file.stream({ start, end }))
    },
  )
}
