/** Shapes of what is asked and answered about accounts, sessions, passwords and the log of administration. */
import * as v from 'valibot'
import { importedAccountEntries } from '#domain/account-answers'
import { AUDIT_KINDS } from '#domain/audit'
import { ROLES } from '#domain/person'
import { faultSchema, personSchema, plainText } from './wire'

/** Each costs a good 20 ms of hashing: this many are some ten seconds, which a browser waits for. */
export const ACCOUNTS_MAX = 500

const units = v.pipe(v.array(plainText), v.maxLength(500))
const dataSets = v.pipe(v.array(plainText), v.maxLength(500))

export const newAccountSchema = v.strictObject({
  username: v.pipe(plainText, v.maxLength(100)),
  name: plainText,
  role: v.picklist(ROLES),
  orgUnits: units,
  /** Of a filler who is limited to some. */
  dataSets: v.optional(dataSets),
  /** A one-time password; without it one is made. */
  password: v.optional(v.string()),
})

/** What is left out stays as it is. */
export const accountChangeSchema = v.strictObject({
  name: v.optional(plainText),
  role: v.optional(v.picklist(ROLES)),
  orgUnits: v.optional(units),
  /** `null`: every data set. */
  dataSets: v.optional(v.nullable(dataSets)),
  disabled: v.optional(v.boolean()),
})

/** `disabled`: since when, in milliseconds since 1970. `isOneTime`: its person has set no password yet. */
export const accountSchema = v.object({
  ...personSchema.entries,
  disabled: v.optional(v.number()),
  isOneTime: v.optional(v.literal(true)),
})

/** `password`: one-time, and shown this once. */
export const madeAccountSchema = v.object({ ...personSchema.entries, password: v.optional(v.string()) })

/** `isOneTime`: the session may only set a password. */
export const openedSessionSchema = v.object({ ...personSchema.entries, isOneTime: v.optional(v.literal(true)) })

export const newPasswordSchema = v.strictObject({
  /** The present one; needed by everybody but whoever came with a one-time password. */
  old: v.optional(v.pipe(v.string(), v.maxLength(1000))),
  password: v.pipe(v.string(), v.maxLength(1000)),
  /** Also ends the account's other sessions. */
  endOthers: v.optional(v.boolean()),
})

/**
 * Either `accounts` or `csv`: the same with columns named after the fields, several units or data sets apart by spaces or `;`. `take`: `all`
 * makes them only where none has a fault, `good` those that have none.
 */
export const accountImportSchema = v.strictObject({
  accounts: v.optional(v.pipe(v.array(v.unknown()), v.maxLength(ACCOUNTS_MAX))),
  csv: v.optional(v.pipe(v.string(), v.maxLength(1_000_000))),
  take: v.picklist(['all', 'good']),
  dryRun: v.optional(v.boolean()),
})

/** `row`: the place in `accounts`, from 0, or the line of the table, from 1. */
export const accountImportAnswerSchema = v.object({
  dryRun: v.boolean(),
  made: v.number(),
  refused: v.number(),
  rows: v.array(
    v.object({
      ...importedAccountEntries,
      fault: v.optional(faultSchema.entries.fault),
      message: v.optional(faultSchema.entries.message),
    }),
  ),
})

const AUDIT_ROWS_MAX = 500
const wholeText = v.pipe(v.string(), v.regex(/^\d{1,15}$/))

export const auditQuestionSchema = v.object({
  /** Rows before this one. */
  before: v.optional(wholeText),
  by: v.optional(v.pipe(plainText, v.maxLength(100))),
  kind: v.optional(v.picklist(AUDIT_KINDS)),
  subject: v.optional(v.pipe(plainText, v.maxLength(100))),
  /** Milliseconds since 1970, both included. */
  from: v.optional(wholeText),
  to: v.optional(wholeText),
  limit: v.optional(
    v.pipe(
      wholeText,
      v.check((text) => Number(text) >= 1 && Number(text) <= AUDIT_ROWS_MAX, `1 to ${String(AUDIT_ROWS_MAX)}`),
    ),
  ),
})
