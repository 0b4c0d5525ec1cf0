import * as v from 'valibot'
import { may } from '#domain/may'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { personOf } from '../access'
import { changeAccount, createAccount, listAccounts, listAuthors } from '../accounts'
import { accountChangeSchema, accountSchema, madeAccountSchema, namedPersonSchema, newAccountSchema, plainText } from '../wire'

export function accountRoutes(api: Api, { db, now }: Pick<Deps, 'db' | 'now'>): void {
  api.get(
    '/people',
    {
      schema: {
        summary:
          'How the people are called whose typing the person may see: colleagues of the same org units, also former ones, and the reviewers',
        response: { 200: v.array(namedPersonSchema) },
      },
      config: { access: 'signedIn' },
    },
    async (request) => {
      const person = personOf(request)
      const people = await listAuthors(db)
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
      schema: { summary: 'All accounts, without their secrets', response: { 200: v.array(accountSchema) } },
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

  api.patch(
    '/accounts/:username',
    {
      schema: {
        summary:
          'Changes an account: name, role, org units, or whether it is disabled. Rights that are taken away end with the next request; ' +
          'what a tablet of the person still has unsent is then logged as refused, and what it holds of the unit leaves it',
        params: v.object({ username: v.pipe(plainText, v.maxLength(100)) }),
        body: accountChangeSchema,
        response: { 200: accountSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'account.unknown', 'account.invalid', 'orgUnit.unknown'] },
    },
    async (request, reply) => {
      if (!may(personOf(request), { do: 'administer' })) return answerFault(reply, { kind: 'right.missing' })
      const { username } = request.params
      const changed = await changeAccount(db, { username, change: request.body, now: now() })
      return changed.ok ? changed.value : answerFault(reply, changed.fault)
    },
  )
}
