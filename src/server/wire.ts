/** Shapes of the routes' answers and inputs, besides the exchange's (`sync/protocol.ts`). */
import * as v from 'valibot'
import { ABSENCES } from '#domain/absence'
import { FINDING_STATES } from '#domain/finding'
import { INSPECTION_KINDS, INSPECTION_STATES, ITEM_VERDICTS } from '#domain/inspection'
import { ORG_UNIT_TYPES, OWNERSHIPS, type OrgUnitType } from '#domain/org-unit'
import { ROLES } from '#domain/person'
import { isPlainText } from '#domain/text'

const [firstType, ...otherTypes] = ORG_UNIT_TYPES
const types: readonly [OrgUnitType, ...OrgUnitType[]] = [firstType ?? 'district', ...otherTypes]

export const textSchema = v.object({ zh: v.string(), en: v.string() })

export const faultSchema = v.object({
  fault: v.object({
    kind: v.string(),
    path: v.optional(v.string()),
    values: v.optional(v.record(v.string(), v.union([v.string(), v.number()]))),
  }),
  message: textSchema,
})

export const personSchema = v.object({
  username: v.string(),
  name: v.string(),
  role: v.picklist(ROLES),
  orgUnits: v.array(v.string()),
  /** Of a filler who was given some; without it all. */
  dataSets: v.optional(v.array(v.string())),
})

/** How a person is called, for those who see what the person typed. */
export const namedPersonSchema = v.object({ username: v.string(), name: v.string(), role: v.picklist(ROLES) })

/** What becomes a column of its own, and a name for people. */
export const plainText = v.pipe(v.string(), v.check(isPlainText, 'not plain text'))
const shortText = v.pipe(plainText, v.maxLength(100))
const day = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/))

/** Without unknown fields: a misspelt `ownerShip` must not be dropped in silence. */
export const orgUnitSchema = v.strictObject({
  code: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/)),
  name: v.pipe(plainText, v.minLength(1), v.maxLength(100)),
  type: v.picklist(types),
  ownership: v.picklist(OWNERSHIPS),
  group: v.optional(shortText),
  community: v.optional(shortText),
  subdistrict: v.optional(shortText),
  opened: v.optional(day),
  closed: v.optional(day),
})

/** What the program needs of a unit to work with it. */
export const storedOrgUnitSchema = v.object({
  code: v.string(),
  name: v.string(),
  type: v.picklist(types),
  ownership: v.picklist(OWNERSHIPS),
  group: v.optional(v.string()),
  community: v.optional(v.string()),
  subdistrict: v.optional(v.string()),
  opened: v.optional(v.string()),
  closed: v.optional(v.string()),
})

/** One person on one tablet, as it last said. Moments are milliseconds since 1970 by the server's clock, but for `oldest`. */
export const tabletSchema = v.object({
  id: v.string(),
  username: v.string(),
  name: v.string(),
  role: v.picklist(ROLES),
  /** Those that the asker may read. */
  orgUnits: v.array(v.string()),
  firstContact: v.number(),
  lastContact: v.number(),
  /** How far the tablet's clock is ahead, in milliseconds. */
  clockAhead: v.number(),
  app: v.string(),
  plan: v.optional(v.number()),
  unsent: v.number(),
  /** When the oldest unsent value was typed, by the tablet's clock. */
  oldest: v.optional(v.number()),
  refused: v.number(),
  conflicts: v.number(),
  files: v.number(),
  drafts: v.number(),
  /** Bytes. */
  storage: v.object({ used: v.optional(v.number()), quota: v.optional(v.number()), persisted: v.optional(v.boolean()) }),
  /** `told`: when the tablet heard of it. */
  revoked: v.optional(v.object({ at: v.number(), by: v.string(), told: v.optional(v.number()) })),
  mayRevoke: v.boolean(),
})
export const tabletsAnswerSchema = v.object({
  now: v.number(),
  /** The versions that a tablet should have. */
  app: v.string(),
  plan: v.number(),
  tablets: v.array(tabletSchema),
})

export const figuresAnswerSchema = v.object({
  period: v.string(),
  asOf: v.string(),
  figures: v.array(
    v.object({
      id: v.string(),
      value: v.union([v.number(), v.string(), v.null()]),
      absence: v.optional(v.picklist(ABSENCES)),
      target: v.union([v.number(), v.string(), v.null()]),
      met: v.nullable(v.boolean()),
      coverage: v.object({ expected: v.number(), counted: v.number(), incomplete: v.array(v.string()) }),
      detail: v.optional(
        v.object({
          combined: v.nullable(v.number()),
          indexes: v.array(v.object({ id: v.string(), stage: v.string(), value: v.nullable(v.number()) })),
        }),
      ),
    }),
  ),
})

export const contributionSchema = v.object({
  orgUnit: v.string(),
  counted: v.boolean(),
  part: v.union([v.number(), v.string(), v.null()]),
  whole: v.nullable(v.number()),
  absence: v.optional(v.picklist(ABSENCES)),
  missing: v.optional(v.array(v.string())),
})

export const findingRowSchema = v.object({
  id: v.string(),
  orgUnit: v.string(),
  of: v.picklist(INSPECTION_KINDS),
  inspection: v.string(),
  item: v.string(),
  period: v.string(),
  what: v.string(),
  /** `YYYY-MM-DD` */
  due: v.optional(v.string()),
  who: v.string(),
  answer: v.string(),
  state: v.picklist(FINDING_STATES),
  why: v.optional(v.string()),
  by: v.string(),
  at: v.number(),
  photos: v.object({ found: v.number(), answer: v.number() }),
})

const countsSchema = v.object({ met: v.number(), unmet: v.number(), notApplicable: v.number(), unchecked: v.number() })

export const inspectionsAnswerSchema = v.object({
  period: v.string(),
  inspections: v.array(
    v.object({
      id: v.string(),
      orgUnit: v.string(),
      of: v.picklist(INSPECTION_KINDS),
      template: v.string(),
      /** `YYYY-MM-DD` */
      planned: v.string(),
      state: v.picklist(INSPECTION_STATES),
      why: v.optional(v.string()),
      by: v.string(),
      at: v.number(),
      counts: countsSchema,
    }),
  ),
  groups: v.array(v.object({ template: v.string(), group: v.string(), counts: countsSchema })),
  contradictions: v.array(
    v.object({
      orgUnit: v.string(),
      check: v.string(),
      reported: v.picklist(['met', 'short', 'notApplicable']),
      verdict: v.picklist(ITEM_VERDICTS),
      of: v.picklist(INSPECTION_KINDS),
      inspection: v.string(),
      item: v.string(),
      at: v.number(),
    }),
  ),
})
export type InspectionsAnswer = v.InferOutput<typeof inspectionsAnswerSchema>

/** `YYYY-MM-DDTHH:mm`; whether there is such a time is the domain's word. */
const localTime = v.pipe(v.string(), v.regex(/^[12]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}$/))
const times = { due: v.optional(localTime), closes: v.optional(localTime) }
const windowSchema = v.strictObject({
  period: v.pipe(plainText, v.maxLength(10)),
  dataSet: v.pipe(plainText, v.maxLength(80)),
  opens: v.optional(localTime),
  ...times,
  extensions: v.pipe(v.array(v.strictObject({ orgUnit: v.pipe(plainText, v.maxLength(64)), ...times })), v.maxLength(5000)),
})
export const newWindowsSchema = v.strictObject({ windows: v.pipe(v.array(windowSchema), v.maxLength(1000)) })
export const windowsSchema = v.object({ timeZone: v.string(), windows: v.array(windowSchema) })
