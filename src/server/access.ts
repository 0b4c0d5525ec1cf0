/** Who asks. A route says in its `config` whether it wants to know; what the person may do is `may`'s word, in the route. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import type { FaultKind } from '#domain/fault'
import { PERSON_HEADER, type Person } from '#domain/person'
import type { Actor } from './accounts'
import { answerFault } from './answer-fault'
import { BROWSER_COOKIE, BROWSER_MS } from './known-browsers'
import { findSession, SESSION_COOKIE, SESSION_MS, type Session } from './sessions'
import type { Tables } from './store/tables'

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly access?: 'anyone' | 'signedIn'
    /** Also for an account that was disabled lately: what its tablets still have is taken, see `sessions.ts`. */
    readonly disabledToo?: true
    /** Also for a session that was opened with a one-time password. */
    readonly oneTimeToo?: true
    /** The faults this route can answer besides those that every route can; for its description. */
    readonly faults?: readonly FaultKind[]
  }
  interface FastifyRequest {
    person: Person | undefined
    session: Session | undefined
  }
}

export function askWhoItIs(app: FastifyInstance, wiring: { readonly db: Kysely<Tables>; readonly now: () => number }): void {
  const { db, now } = wiring
  app.decorateRequest('person', undefined)
  app.decorateRequest('session', undefined)
  app.addHook('onRequest', async (request, reply) => {
    const { access, disabledToo, oneTimeToo } = request.routeOptions.config
    if (isWrite(request) && isFromElsewhere(request)) return answerFault(reply, { kind: 'origin.foreign' })
    if (access !== 'signedIn') return
    const token = request.cookies[SESSION_COOKIE]
    const found = token === undefined ? undefined : await findSession(db, token, now())
    if (token === undefined || found === undefined) return answerFault(reply, { kind: 'session.missing' })
    if (found === 'revoked') return answerFault(reply, { kind: 'session.revoked' })
    if (isMeantForAnother(request, found.person)) return answerFault(reply, { kind: 'session.other' })
    if (found.session.isDisabled && disabledToo !== true) return answerFault(reply, { kind: 'account.disabled' })
    if (found.session.isOneTime && oneTimeToo !== true) return answerFault(reply, { kind: 'password.oneTime' })
    request.person = found.person
    request.session = found.session
    if (found.renewed) setSessionCookie(request, reply, token)
  })
}

/**
 * All tabs of a browser share one cookie, and somebody else may have signed in in another of them. Whose work a request carries it says
 * itself, so that it is never taken as another's.
 */
export function isMeantForAnother(request: FastifyRequest, person: Person): boolean {
  const said = request.headers[PERSON_HEADER]
  return said !== undefined && said !== encodeURIComponent(person.username)
}

/** The person who asks, in a route with `access: 'signedIn'`. */
export function personOf(request: FastifyRequest): Person {
  if (request.person === undefined) throw new Error('a route that needs a person does not ask for one')
  return request.person
}

/** Who does something, for the log of administration. */
export function actorOf(request: FastifyRequest): Actor {
  return { username: personOf(request).username, address: request.ip }
}

/** The session by which the person asks. */
export function sessionOf(request: FastifyRequest): Session {
  if (request.session === undefined) throw new Error('a route that needs a session does not ask for one')
  return request.session
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  void reply.setCookie(SESSION_COOKIE, token, { ...cookieOptions(request), path: '/', maxAge: SESSION_MS / 1000 })
}

/** Sent with sign-ins only. */
export function setBrowserCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  void reply.setCookie(BROWSER_COOKIE, token, { ...cookieOptions(request), path: '/api/session', maxAge: BROWSER_MS / 1000 })
}

/** No script reads them, and no other site sends them. */
function cookieOptions(request: FastifyRequest) {
  return { httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' } as const
}

const isWrite = (request: FastifyRequest): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(request.method)

/**
 * A page of another site must not write here with our user's cookie. `SameSite=Strict` says so to browsers already; this is the
 * second lock. A program (curl, another system) sends neither header and needs none: it has no foreign cookie to misuse.
 */
function isFromElsewhere(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin } = request.headers
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== request.host
}
