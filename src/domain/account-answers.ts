/** Answers about sessions and the log of administration, as the server writes and the client reads them. */
import * as v from 'valibot'
import { AUDIT_KINDS } from './audit'

/** Moments are milliseconds since 1970. `seen`: to the day. */
export const ownSessionSchema = v.object({
  id: v.string(),
  created: v.number(),
  seen: v.number(),
  tablet: v.optional(v.string()),
  agent: v.string(),
  isThis: v.boolean(),
})
export type OwnSession = v.InferOutput<typeof ownSessionSchema>

export const auditPageSchema = v.object({
  rows: v.array(
    v.object({
      id: v.number(),
      at: v.number(),
      by: v.string(),
      kind: v.picklist(AUDIT_KINDS),
      subject: v.string(),
      details: v.record(v.string(), v.unknown()),
      address: v.string(),
      digest: v.string(),
    }),
  ),
  /** There are more, before the last of these. */
  more: v.boolean(),
})

/** What became of one row of an import of accounts. `password`: one-time, and shown this once. */
export const importedAccountEntries = {
  row: v.number(),
  username: v.string(),
  result: v.picklist(['made', 'fits', 'refused']),
  password: v.optional(v.string()),
}
