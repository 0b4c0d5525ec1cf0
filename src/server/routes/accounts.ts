import * as v from 'valibot'
import { ok, type Fault } from '#domain/fault'
import { faultText } from '#domain/fault-messages'
import { may } from '#domain/may'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { actorOf, personOf } from '../access'
import { importAccounts, rowsOfTable } from '../account-import'
import {
  accountChangeSchema,
  accountImportAnswerSchema,
  accountImportSchema,
  accountSchema,
  madeAccountSchema,
  newAccountSchema,
} from '../account-wire'
import { changeAccount, createAccount, listAccounts, listAuthors, resetPassword } from '../accounts'
import { namedPersonSchema, plainText } from '../wire'

export function accountRoutes(api: Api, { db, now, plan: { plan } }: Pick<Deps, 'db' | 'now' | 'plan'>): void {
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
      schema: {
        summary:
          'The accounts that the person looks after, without their secrets: every one for an admin, the fillers of own schools for a principal',
        response: { 200: v.array(accountSchema) },
      },
      config: { access: 'signedIn', faults: ['right.missing'] },
    },
    async (request, reply) => {
      const asker = personOf(request)
      if (!may(asker, { do: 'manageAccounts' })) return answerFault(reply, { kind: 'right.missing' })
      return listAccounts(db, asker)
    },
  )

  api.post(
    '/accounts',
    {
      schema: {
        summary:
          'Makes an account; its password is a one-time one: the given one, or one that is made and answered, this once. A principal makes fillers of own schools',
        body: newAccountSchema,
        response: { 201: madeAccountSchema },
      },
      config: {
        access: 'signedIn',
        faults: ['right.missing', 'account.exists', 'account.invalid', 'orgUnit.unknown', 'dataSet.unknown'],
      },
    },
    async (request, reply) => {
      const { role, orgUnits, dataSets } = request.body
      if (!may(personOf(request), { do: 'manageAccount', of: { role, orgUnits } })) {
        return answerFault(reply, { kind: 'right.missing' })
      }
      const unknown = unknownDataSet(dataSets)
      if (unknown !== undefined) return answerFault(reply, unknown)
      const made = await createAccount(db, { ...request.body, isOneTime: true }, now(), actorOf(request))
      return made.ok ? reply.code(201).send(made.value) : answerFault(reply, made.fault)
    },
  )

  api.post(
    '/accounts/import',
    {
      schema: {
        summary:
          'Makes many accounts, from JSON or from a table as CSV: every row is looked at before any is made, and with dryRun none is',
        body: accountImportSchema,
        response: { 200: accountImportAnswerSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'account.csv'] },
    },
    async (request, reply) => {
      if (!may(personOf(request), { do: 'administer' })) return answerFault(reply, { kind: 'right.missing' })
      const { accounts, csv, take, dryRun = false } = request.body
      const rows = csv === undefined ? ok((accounts ?? []).map((account, row) => ({ row, account }))) : rowsOfTable(csv)
      if (!rows.ok) return answerFault(reply, rows.fault)
      const hasDataSet = (dataSet: string) => plan.dataSets.has(dataSet)
      const question = { rows: rows.value, take, dryRun, now: now(), actor: actorOf(request), hasDataSet }
      const done = await importAccounts(db, question)
      const count = (result: string) => done.filter((row) => row.result === result).length
      return {
        dryRun,
        made: count('made'),
        refused: count('refused'),
        rows: done.map((row) => (row.result === 'refused' ? { ...row, message: faultText(row.fault) } : row)),
      }
    },
  )

  const usernameSchema = v.object({ username: v.pipe(plainText, v.maxLength(100)) })

  api.patch(
    '/accounts/:username',
    {
      schema: {
        summary:
          'Changes an account: name, role, org units, data sets, or whether it is disabled. Rights that are taken away end with the next ' +
          'request; what a tablet of the person still has unsent is then logged as refused, and what it holds of the unit leaves it',
        params: usernameSchema,
        body: accountChangeSchema,
        response: { 200: accountSchema },
      },
      config: {
        access: 'signedIn',
        faults: ['right.missing', 'account.unknown', 'account.invalid', 'orgUnit.unknown', 'dataSet.unknown'],
      },
    },
    async (request, reply) => {
      const asker = personOf(request)
      if (!may(asker, { do: 'manageAccounts' })) return answerFault(reply, { kind: 'right.missing' })
      const unknown = unknownDataSet(request.body.dataSets ?? undefined)
      if (unknown !== undefined) return answerFault(reply, unknown)
      const { username } = request.params
      const changed = await changeAccount(db, { username, change: request.body, now: now(), asker, address: request.ip })
      return changed.ok ? changed.value : answerFault(reply, changed.fault)
    },
  )

  api.post(
    '/accounts/:username/password',
    {
      schema: {
        summary: 'Gives the account a new one-time password, answered this once; its sessions go on',
        params: usernameSchema,
        response: { 200: madeAccountSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'account.unknown'] },
    },
    async (request, reply) => {
      const asker = personOf(request)
      if (!may(asker, { do: 'manageAccounts' })) return answerFault(reply, { kind: 'right.missing' })
      const { username } = request.params
      const reset = await resetPassword(db, { username, now: now(), asker, address: request.ip })
      return reset.ok ? reset.value : answerFault(reply, reset.fault)
    },
  )

  function unknownDataSet(dataSets: readonly string[] | undefined): Fault | undefined {
    const dataSet = dataSets?.find((one) => !plan.dataSets.has(one))
    return dataSet === undefined ? undefined : { kind: 'dataSet.unknown', path: 'dataSets', values: { dataSet } }
  }
}
