import * as v from 'valibot'
import { may } from '#domain/may'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { personOf } from '../access'
import { createAccount, listAccounts } from '../accounts'
import { madeAccountSchema, namedPersonSchema, newAccountSchema, personSchema } from '../wire'

export function accountRoutes(api: Api, { db, now }: Pick<Deps, 'db' | 'now'>): void {
  api.get(
    '/people',
    {
      schema: {
        summary: 'How the people are called whose typing the person may see: colleagues of the same org units, and the reviewers',
        response: { 200: v.array(namedPersonSchema) },
      },
      config: { access: 'signedIn' },
    },
    async (request) => {
      const person = personOf(request)
      const people = await listAccounts(db)
      return people
        .filter(
          ({ role, orgUnits }) => role === 'reviewer' || orgUnits.some((code) => may(person, { do: 'read', orgUnit: code })),
        )
        .map(({ username, name, role }) => ({ username, name, role }))
    },
  )

  api.get(
    '/accounts',
    {
      schema: { summary: 'All accounts, without their secrets', response: { 200: v.array(personSchema) } },
      config: { access: 'signedIn', faults: ['right.missing'] },
    },
    async (request, reply) => {
      if (!may(personOf(request), { do: 'administer' })) return answerFault(reply, { kind: 'right.missing' })
      return listAccounts(db)
    },
  )

  api.post(
    '/accounts',
    {
      schema: {
        summary: 'Makes an account; without a password one is made and answered, this once',
        body: newAccountSchema,
        response: { 201: madeAccountSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'account.exists', 'account.invalid', 'orgUnit.unknown'] },
    },
    async (request, reply) => {
      if (!may(personOf(request), { do: 'administer' })) return answerFault(reply, { kind: 'right.missing' })
      const made = await createAccount(db, request.body, now())
      if (!made.ok) return answerFault(reply, made.fault)
      return reply.code(201).header('cache-control', 'no-store').send(made.value)
    },
  )
}
