import * as v from 'valibot'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { isMeantForAnother, personOf, setSessionCookie } from '../access'
import { findByPassword, foldUsername } from '../accounts'
import { createAttempts } from '../attempts'
import { closeSession, findSession, openSession, SESSION_COOKIE } from '../sessions'
import { personSchema, plainText } from '../wire'

const bodySchema = v.object({
  username: v.pipe(plainText, v.maxLength(100)),
  password: v.pipe(v.string(), v.maxLength(1000)),
})

export function sessionRoutes(api: Api, { db, now }: Pick<Deps, 'db' | 'now'>): void {
  const attempts = createAttempts()

  api.post(
    '/session',
    {
      schema: {
        summary: 'Signs in: sets the session cookie and answers who it is',
        body: bodySchema,
        response: { 200: personSchema },
      },
      config: { faults: ['session.wrongPassword', 'session.tooManyAttempts', 'account.disabled'] },
    },
    async (request, reply) => {
      const { username, password } = request.body
      const folded = foldUsername(username)
      const pauseMs = attempts.pauseMs(folded, request.ip, now())
      if (pauseMs > 0) {
        const seconds = Math.ceil(pauseMs / 1000)
        void reply.header('retry-after', seconds)
        return answerFault(reply, { kind: 'session.tooManyAttempts', values: { seconds } })
      }
      attempts.begin(folded, request.ip, now())
      const found = await findByPassword(db, username, password)
      if (found === undefined) {
        return answerFault(reply, { kind: 'session.wrongPassword' })
      }
      attempts.right(folded, request.ip)
      // Said to whoever knows the password, and to nobody else.
      if (found.isDisabled) return answerFault(reply, { kind: 'account.disabled' })
      setSessionCookie(request, reply, await openSession(db, found.account, now()))
      return found.person
    },
  )

  api.get(
    '/session',
    { schema: { summary: 'Who is signed in', response: { 200: personSchema } }, config: { access: 'signedIn' } },
    (request) => personOf(request),
  )

  api.delete(
    '/session',
    { schema: { summary: 'Signs out on this device', response: { 204: v.null() } } },
    async (request, reply) => {
      const token = request.cookies[SESSION_COOKIE]
      const found = token === undefined ? undefined : await findSession(db, token, now())
      // Somebody else has signed in meanwhile, in another tab: theirs is not this one's to end.
      if (found !== undefined && found !== 'revoked' && isMeantForAnother(request, found.person)) return reply.code(204).send()
      if (token !== undefined) await closeSession(db, token)
      return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send()
    },
  )
}
