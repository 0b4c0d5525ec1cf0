import * as v from 'valibot'
import { DEPOSIT_BYTES_MAX, depositFileSchema } from '#sync/deposit'
import { deviceSchema } from '#sync/protocol'
import { personOf, sessionOf } from '../access'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { handIn } from '../deposits'
import { giveSealKey, isTabletOfAnother } from '../seals'

const answerSchema = v.object({
  author: v.object({ username: v.string(), name: v.string() }),
  values: v.number(),
  taken: v.number(),
  streams: v.array(
    v.object({
      stream: v.string(),
      device: v.string(),
      verdicts: v.array(v.tuple([v.number(), v.number(), v.string()])),
      outcome: v.picklist(['taken', 'forbidden', 'copied']),
    }),
  ),
  before: v.optional(v.object({ name: v.string(), at: v.number() })),
})

export function depositRoutes(api: Api, deps: Pick<Deps, 'db' | 'ledger' | 'plan' | 'now' | 'restoredAt'>): void {
  api.post(
    '/deposits',
    {
      // The content is a text within the body, with each of its quotes escaped.
      bodyLimit: 2 * DEPOSIT_BYTES_MAX,
      schema: {
        summary: 'Hands in the unsent work of a tablet that does not get through, as the file that it wrote',
        description:
          'What is in the file is taken as its author\'s, with the author\'s right, under the tablet\'s own numbers: a file that is handed in twice changes nothing, and the tablet itself, once it gets through, hears the same verdicts. The file\'s seal shows who wrote it; without one it is taken from its author only. "verdicts" are number, revision and verdict of each mutation that the log now has; "taken" counts those that came with this request.',
        body: depositFileSchema,
        response: { 200: answerSchema },
      },
      config: {
        access: 'signedIn',
        faults: [
          'deposit.unknown',
          'deposit.damaged',
          'deposit.forged',
          'deposit.unsealed',
          'deposit.revoked',
          'account.unknown',
          'right.missing',
          'server.full',
        ],
      },
    },
    async (request, reply) => {
      const handed = await handIn(deps, { file: request.body, bearer: personOf(request) })
      if (!handed.ok) return answerFault(reply, handed.fault)
      const { author, values, taken, streams, before } = handed.value
      return {
        ...{ author, values, taken },
        streams: streams.map(({ verdicts, ...stream }) => ({
          ...stream,
          verdicts: verdicts.map(([n, seq, verdict]): [number, number, string] => [n, seq, verdict]),
        })),
        ...(before === undefined ? {} : { before }),
      }
    },
  )

  api.post(
    '/deposits/seal',
    {
      schema: {
        summary: 'A key with which this tablet seals its files of unsent work',
        body: v.object({ tablet: deviceSchema }),
        response: { 200: v.object({ id: v.string(), key: v.string() }) },
      },
      config: { access: 'signedIn', faults: ['right.missing'] },
    },
    async (request, reply) => {
      const { username } = personOf(request)
      const { tablet } = request.body
      const session = sessionOf(request).tablet
      if (await isTabletOfAnother(deps.db, { username, tablet, session })) return answerFault(reply, { kind: 'right.missing' })
      const { id, key } = await giveSealKey(deps.db, { username, tablet, now: deps.now() })
      return { id, key }
    },
  )
}
