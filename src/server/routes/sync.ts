import * as v from 'valibot'
import { may } from '#domain/may'
import { isBureauRole, type Person } from '#domain/person'
import { isEnteredByUnit } from '#plan/applicability'
import { exchange, type Right } from '#sync/exchange'
import type { PeerRow } from '#sync/ports'
import {
  BODY_BYTES_MAX,
  orgUnitOf,
  parseKey,
  PROTOCOL_VERSION,
  syncRequestSchema,
  type Answer,
  type Ask,
  type SyncAnswer,
} from '#sync/protocol'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { personOf, sessionOf } from '../access'
import { couldRead } from '../accounts'
import type { SafeRegister } from '../backup/safe-register'
import { acceptsWitnesses } from '../backup/witness-time'
import { checkSyncRequest } from '../check-sync-request'
import { IMPORT_DEVICE } from '../import-values'
import { findOrgUnit } from '../org-units'
import type { Session } from '../sessions'
import type { TabletWatch } from '../tablets'

const answerSchema = v.object({ v: v.number(), now: v.number(), answers: v.array(v.object({ stream: v.string() })) })

export function syncRoutes(
  api: Api,
  deps: Pick<Deps, 'db' | 'ledger' | 'plan' | 'now' | 'restoredAt' | 'safe'> & { readonly tablets: TabletWatch },
): void {
  const { ledger, now } = deps

  api.post(
    '/sync',
    {
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        summary: 'The exchange: mutations up, verdicts and changed cells down, one answer for each stream asked for',
        body: syncRequestSchema,
        response: { 200: answerSchema },
      },
      validatorCompiler: () => checkSyncRequest,
      config: { access: 'signedIn', disabledToo: true, faults: ['protocol.tooOld', 'server.full'] },
    },
    async (request, reply) => {
      const { body } = request
      if (body.v !== PROTOCOL_VERSION) {
        return answerFault(reply, { kind: 'protocol.tooOld', path: 'v', values: { version: PROTOCOL_VERSION } })
      }
      // The server's own name: two writers with one name would look like a copied device. Asked before anything is taken.
      const reserved = body.asks.findIndex((ask) => ask.device === IMPORT_DEVICE)
      if (reserved >= 0) {
        return answerFault(reply, {
          kind: 'body.invalid',
          path: `asks.${String(reserved)}.device`,
          values: { problem: 'reserved' },
        })
      }
      const person = personOf(request)
      const received = now()
      const answers: Answer[] = []
      for (const ask of body.asks) {
        const { right, mayWrite } = await rightTo(deps, { person, session: sessionOf(request) }, ask.stream)
        answers.push(
          await exchange({
            ledger,
            ask,
            person,
            right,
            mayWrite,
            now: received,
            skew: received - body.now,
            acceptsWitnesses: acceptsWitnesses(deps.restoredAt, received),
            safe: await safeFor(deps.safe, ask),
            reservedDevice: IMPORT_DEVICE,
          }),
        )
      }
      if (body.tablet !== undefined) {
        deps.tablets.note({
          state: body.tablet,
          app: body.app,
          person,
          session: sessionOf(request),
          received,
          skew: received - body.now,
        })
      }
      const answer: SyncAnswer = { v: PROTOCOL_VERSION, now: received, answers }
      return answer
    },
  )
}

/** Not named to a device that has dropped it already. */
async function safeFor(register: SafeRegister, ask: Ask): Promise<PeerRow | undefined> {
  const held = await register.of(ask.stream, ask.device)
  return held !== undefined && held.last >= ask.floor ? held : undefined
}

/**
 * A school's people write what their own unit answers. What a third party measured, and what the bureau itself keeps, is the
 * reviewer's, also where it speaks of their school. An element that the plan does not know is stored: a newer tablet may know it.
 */
async function rightTo(
  { db, plan: { plan } }: Pick<Deps, 'db' | 'plan'>,
  { person, session }: { readonly person: Person; readonly session: Session },
  stream: string,
): Promise<{ readonly right?: Right; readonly mayWrite?: (key: string) => boolean }> {
  const orgUnit = orgUnitOf(stream)
  if (orgUnit === undefined) return {}
  const mayRead = may(person, { do: 'read', orgUnit })
  if (!mayRead && !(await couldRead(db, { username: person.username, orgUnit }))) return {}
  const unit = await findOrgUnit(db, orgUnit)
  if (unit === undefined) return {}
  if (!mayRead || session.isDisabled) return { right: 'gone' }
  if (!may(person, { do: 'write', orgUnit })) return { right: 'read' }
  if (isBureauRole(person.role)) return { right: 'write' }
  return {
    right: 'write',
    mayWrite: (key) => {
      const parsed = parseKey(key)
      if (parsed.kind !== 'value' && parsed.kind !== 'remark') return true
      const asked = plan.elements.get(parsed.element)
      return asked === undefined || isEnteredByUnit(asked, unit)
    },
  }
}
