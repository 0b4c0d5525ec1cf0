import * as v from 'valibot'
import { ROLES, type Role } from '#domain/person'
import type { Api } from '../api'
import { answerFault } from '../answer-fault'
import type { Deps } from '../app'

/** Only a demo gives its passwords away. */
export type DemoAccount = {
  readonly username: string
  readonly name: string
  readonly role: Role
  readonly password: string
}

const answerSchema = v.array(v.object({ username: v.string(), name: v.string(), role: v.picklist(ROLES), password: v.string() }))

export function demoRoutes(api: Api, { demoAccounts }: Pick<Deps, 'demoAccounts'>): void {
  api.get(
    '/demo',
    {
      schema: { summary: 'The accounts of the demo; unknown outside of it', response: { 200: answerSchema } },
      config: { faults: ['route.unknown'] },
    },
    (_request, reply) => demoAccounts ?? answerFault(reply, { kind: 'route.unknown', values: { route: 'GET /api/demo' } }),
  )
}
