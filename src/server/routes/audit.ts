import { auditPageSchema } from '#domain/account-answers'
import { may } from '#domain/may'
import { personOf } from '../access'
import { auditQuestionSchema } from '../account-wire'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { readAudit } from '../audit/audit'

const PAGE = 50

export function auditLogRoutes(api: Api, { db }: Pick<Deps, 'db'>): void {
  api.get(
    '/audit',
    {
      schema: {
        summary:
          'The log of administration, the newest first: sign-ins, accounts and rights, exports, imports, windows, revoked tablets, restores',
        querystring: auditQuestionSchema,
        response: { 200: auditPageSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing'] },
    },
    async (request, reply) => {
      if (!may(personOf(request), { do: 'administer' })) return answerFault(reply, { kind: 'right.missing' })
      const { before, from, to, limit, by, kind, subject } = request.query
      const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text))
      const size = numberOf(limit) ?? PAGE
      const question = { before: numberOf(before), from: numberOf(from), to: numberOf(to), by, kind, subject }
      const rows = await readAudit(db, { ...question, limit: size + 1 })
      return { rows: rows.slice(0, size), more: rows.length > size }
    },
  )
}
