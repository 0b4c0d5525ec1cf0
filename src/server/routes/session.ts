import * as v from 'valibot'
import { ownSessionSchema } from '#domain/account-answers'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { actorOf, isMeantForAnother, personOf, sessionOf, setBrowserCookie, setSessionCookie } from '../access'
import { newPasswordSchema, openedSessionSchema } from '../account-wire'
import { findByPassword, foldUsername } from '../accounts'
import { createAttempts } from '../attempts'
import { audit } from '../audit/audit'
import { createRefusals } from '../audit/refusals'
import { BROWSER_COOKIE, isKnownBrowser, knowBrowser } from '../known-browsers'
import { setOwnPassword } from '../own-password'
import { closeSession, endSession, findSession, listSessions, openSession, replaceSession, SESSION_COOKIE } from '../sessions'
import { plainText } from '../wire'

const bodySchema = v.object({
  username: v.pipe(plainText, v.maxLength(100)),
  password: v.pipe(v.string(), v.maxLength(1000)),
})

export function sessionRoutes(api: Api, { db, now }: Pick<Deps, 'db' | 'now'>): void {
  const attempts = createAttempts()
  const refusals = createRefusals()

  async function noteRefused(username: string, address: string, why: 'password' | 'disabled' | 'tooOften'): Promise<void> {
    const { isWritten, untold } = refusals.note(address, now())
    if (!isWritten) return
    const details = { why, ...(untold === 0 ? {} : { untold }) }
    await audit(db, { at: now(), by: username.trim().slice(0, 40), kind: 'session.refused', address, details })
  }

  api.post(
    '/session',
    {
      schema: {
        summary:
          'Signs in: sets the session cookie and answers who it is. With a one-time password the session may only set another, see POST /api/password',
        body: bodySchema,
        response: { 200: openedSessionSchema },
      },
      config: { faults: ['session.wrongPassword', 'session.tooManyAttempts', 'account.disabled'] },
    },
    async (request, reply) => {
      const { username, password } = request.body
      const folded = foldUsername(username)
      const browser = request.cookies[BROWSER_COOKIE]
      const isKnown = await isKnownBrowser(db, { account: folded, token: browser, now: now() })
      const place = isKnown ? `browser ${String(browser)}` : request.ip
      const pauseMs = attempts.pauseMs(folded, place, now())
      if (pauseMs > 0) {
        const seconds = Math.ceil(pauseMs / 1000)
        void reply.header('retry-after', seconds)
        await noteRefused(username, request.ip, 'tooOften')
        return answerFault(reply, { kind: 'session.tooManyAttempts', values: { seconds } })
      }
      attempts.begin(folded, place, now())
      const found = await findByPassword(db, username, password)
      if (found === undefined) {
        await noteRefused(username, request.ip, 'password')
        return answerFault(reply, { kind: 'session.wrongPassword' })
      }
      attempts.right(folded, place)
      // Said to whoever knows the password, and to nobody else.
      if (found.isDisabled) {
        await noteRefused(username, request.ip, 'disabled')
        return answerFault(reply, { kind: 'account.disabled' })
      }
      const { account, person, isOneTime } = found
      const agent = request.headers['user-agent']
      const before = request.cookies[SESSION_COOKIE]
      if (before !== undefined) await replaceSession(db, { account, token: before })
      setSessionCookie(request, reply, await openSession(db, account, now(), { isOneTime, agent }))
      setBrowserCookie(request, reply, await knowBrowser(db, { account, token: browser, now: now() }))
      const deed = { at: now(), by: person.username, address: request.ip, subject: person.username }
      await audit(db, { ...deed, kind: 'session.opened', details: isOneTime ? { isOneTime } : {} })
      return isOneTime ? { ...person, isOneTime } : person
    },
  )

  api.get(
    '/session',
    {
      schema: { summary: 'Who is signed in', response: { 200: openedSessionSchema } },
      config: { access: 'signedIn', oneTimeToo: true },
    },
    (request) => (sessionOf(request).isOneTime ? { ...personOf(request), isOneTime: true as const } : personOf(request)),
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
      if (found !== undefined && found !== 'revoked') {
        const { username } = found.person
        await audit(db, { at: now(), by: username, kind: 'session.closed', subject: username, address: request.ip })
      }
      return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send()
    },
  )

  api.post(
    '/password',
    {
      schema: {
        summary:
          "Sets the person's own password: with the present one, or in a session that was opened with a one-time password without it",
        body: newPasswordSchema,
        response: { 204: v.null() },
      },
      config: {
        access: 'signedIn',
        oneTimeToo: true,
        faults: ['password.wrong', 'account.invalid', 'session.tooManyAttempts'],
      },
    },
    async (request, reply) => {
      const [actor, session] = [actorOf(request), sessionOf(request)]
      // Whoever found a tablet that is signed in cannot try passwords there without end.
      const folded = foldUsername(actor.username)
      const place = `password ${session.id}`
      const pauseMs = attempts.pauseMs(folded, place, now())
      if (pauseMs > 0) {
        return answerFault(reply, { kind: 'session.tooManyAttempts', values: { seconds: Math.ceil(pauseMs / 1000) } })
      }
      attempts.begin(folded, place, now())
      const set = await setOwnPassword(db, { actor, session, wanted: request.body, now: now() })
      if (set.ok || set.fault.kind !== 'password.wrong') attempts.right(folded, place)
      return set.ok ? reply.code(204).send() : answerFault(reply, set.fault)
    },
  )

  api.get(
    '/sessions',
    {
      schema: {
        summary: 'Where the person is signed in: one session for each device, the last used first',
        response: { 200: v.array(ownSessionSchema) },
      },
      config: { access: 'signedIn' },
    },
    (request) => {
      const account = foldUsername(personOf(request).username)
      return listSessions(db, { account, session: sessionOf(request), now: now() })
    },
  )

  api.delete(
    '/sessions/:id',
    {
      schema: {
        summary:
          "Ends one of the person's own sessions; what is unsent on that device stays there until they sign in on it again",
        params: v.object({ id: v.pipe(plainText, v.maxLength(100)) }),
        response: { 204: v.null() },
      },
      config: { access: 'signedIn', faults: ['session.unknown'] },
    },
    async (request, reply) => {
      const { username } = personOf(request)
      const { id } = request.params
      if (!(await endSession(db, { account: foldUsername(username), id, now: now() }))) {
        return answerFault(reply, { kind: 'session.unknown', path: 'id' })
      }
      await audit(db, { at: now(), by: username, kind: 'session.ended', subject: id, address: request.ip })
      return reply.code(204).send()
    },
  )
}
