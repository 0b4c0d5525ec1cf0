/** Shapes of what the routes about reports answer, for their description; the same as in `plan/report-wire.ts`. */
import * as v from 'valibot'
import { INSPECTION_KINDS, ITEM_VERDICTS } from '#domain/inspection'
import { ROLES } from '#domain/person'
import { REPORT_STATES } from '#domain/report'
import { ROW_STATES } from './report-queue'

const id = { orgUnit: v.string(), period: v.string(), dataSet: v.string() }
const name = v.optional(v.string())
const count = v.number()
/** Milliseconds since 1970. */
const moment = v.number()

const findingSchema = v.object({
  level: v.picklist(['error', 'warning']),
  kind: v.string(),
  elements: v.array(v.string()),
  fault: v.optional(v.unknown()),
  numbers: v.optional(v.record(v.string(), v.number())),
  answered: v.optional(v.boolean()),
})

const rowSchema = v.object({
  ...id,
  state: v.picklist(ROW_STATES),
  by: v.optional(v.string()),
  name,
  at: v.optional(moment),
  received: v.optional(moment),
  round: count,
  submitted: v.optional(moment),
  late: v.boolean(),
  changed: v.optional(count),
  comments: count,
  photos: count,
  marks: count,
  errors: v.optional(count),
  warnings: v.optional(count),
  unanswered: v.optional(count),
  warning: v.optional(findingSchema),
})

const countsSchema = v.object({
  ...{ open: count, submitted: count, reviewing: count, approved: count },
  ...{ returned: count, withdrawn: count, reopened: count },
})

export const reportsAnswerSchema = v.object({
  now: moment,
  counts: countsSchema,
  total: count,
  rows: v.array(rowSchema),
  next: v.optional(v.string()),
})

const rangeSchema = v.object({ low: v.number(), high: v.number(), units: count })

const fileSchema = v.object({
  sha256: v.string(),
  about: v.unknown(),
  by: v.string(),
  name,
  at: moment,
  hasArrived: v.boolean(),
})

export const reportPageSchema = v.object({
  row: rowSchema,
  digest: v.string(),
  receipt: v.optional(count),
  compared: v.optional(v.object({ by: v.string(), received: moment, receipt: count })),
  elements: v.array(
    v.object({
      element: v.string(),
      isAsked: v.boolean(),
      isOwn: v.boolean(),
      value: v.unknown(),
      conflict: v.optional(v.literal(true)),
      by: v.optional(v.string()),
      name,
      at: v.optional(moment),
      receipt: v.optional(count),
      remark: v.optional(v.string()),
      lastYear: v.unknown(),
      lastRemark: v.optional(v.string()),
      before: v.optional(v.object({ value: v.unknown(), remark: v.optional(v.string()) })),
      range: v.optional(rangeSchema),
      files: v.array(fileSchema),
    }),
  ),
  findings: v.array(findingSchema),
  contradictions: v.array(
    v.object({
      check: v.string(),
      elements: v.array(v.string()),
      reported: v.picklist(['met', 'short', 'notApplicable']),
      verdict: v.picklist(ITEM_VERDICTS),
      of: v.picklist(INSPECTION_KINDS),
      inspection: v.string(),
      item: v.string(),
      at: moment,
    }),
  ),
  comments: v.array(
    v.object({
      id: v.string(),
      element: v.optional(v.string()),
      reply: v.optional(v.string()),
      text: v.string(),
      to: v.array(v.picklist(ROLES)),
      resolved: v.boolean(),
      by: v.string(),
      name,
      role: v.optional(v.picklist(ROLES)),
      at: moment,
    }),
  ),
  steps: v.array(
    v.object({
      state: v.picklist(REPORT_STATES),
      why: v.optional(v.string()),
      marks: v.optional(v.array(v.string())),
      recovered: v.optional(v.literal(true)),
      by: v.string(),
      name,
      role: v.optional(v.picklist(ROLES)),
      at: moment,
      received: moment,
      receipt: count,
    }),
  ),
})

export const peersAnswerSchema = v.object({
  ...id,
  units: count,
  elements: v.array(
    v.object({
      element: v.string(),
      kind: v.picklist(['size', 'ratio', 'value']),
      times: v.optional(v.number()),
      whole: v.optional(v.array(v.string())),
      values: v.optional(v.array(v.number())),
      orgUnits: v.optional(v.array(v.string())),
      own: v.optional(v.nullable(v.number())),
      rank: v.optional(v.nullable(count)),
      better: v.optional(v.picklist(['atLeast', 'atMost', 'above'])),
      target: v.optional(v.nullable(v.number())),
    }),
  ),
})

export const usualRangesSchema = v.object({
  period: v.string(),
  orgUnit: v.string(),
  ranges: v.record(v.string(), rangeSchema),
})

export const newsAnswerSchema = v.object({
  now: moment,
  cursor: v.number(),
  counts: countsSchema,
  mentions: count,
  news: v.array(
    v.object({
      ...id,
      state: v.picklist(REPORT_STATES),
      by: v.string(),
      name,
      at: moment,
      received: moment,
      round: count,
    }),
  ),
  more: v.boolean(),
})
