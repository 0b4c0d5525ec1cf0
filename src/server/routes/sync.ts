import * as v from 'valibot'
import { exchange } from '#sync/exchange'
import type { PeerRow } from '#sync/ports'
import { BODY_BYTES_MAX, PROTOCOL_VERSION, syncRequestSchema, type Answer, type Ask, type SyncAnswer } from '#sync/protocol'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { personOf, sessionOf } from '../access'
import type { SafeRegister } from '../backup/safe-register'
import { acceptsWitnesses } from '../backup/witness-time'
import { checkSyncRequest } from '../check-sync-request'
import { IMPORT_DEVICE } from '../import-values'
import { rightTo } from '../right-to-stream'
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
        const brought = [...ask.mutations, ...(ask.witnesses ?? [])]
        const rights = await rightTo(deps, { person, isDisabled: sessionOf(request).isDisabled }, ask.stream, brought)
        answers.push(
          await exchange({
            ledger,
            ask,
            person,
            right: undefined,
            ...rights,
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
