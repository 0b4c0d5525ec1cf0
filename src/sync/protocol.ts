/**
 * The wire of `POST /api/sync`: mutations up, verdicts and changed cells down.
 *
 * A **stream** is what one audience shares about one org unit (`s/<code>`). A stream has **cells**; a cell has **heads**, the
 * values that nobody has replaced yet. A device appends **mutations** to its own numbered row of a stream; each names in `base`
 * the heads its author saw when the field got the focus, and replaces exactly those.
 */
import * as v from 'valibot'
import { COMMENT_FIELDS, type CommentField } from '#domain/comment'
import type { InspectionKind } from '#domain/inspection'
import { isOrgUnitCode } from '#domain/org-unit'
import { isPlainText } from '#domain/text'

export const PROTOCOL_VERSION = 1

/** Limits, each checked by the server and kept by the device. Raising one costs memory per request on the server. */
export const MUTATIONS_MAX = 200
export const ASKS_MAX = 30
/** Ids that an edit names as replaced. A cell has one for each head, and one more for each who typed the same. */
export const BASE_MAX = 100
/** Arrays and objects in one another. A form's values have two; without a limit one could be deeper than the stack. */
export const VALUE_DEPTH_MAX = 8
export const VALUE_BYTES_MAX = 64 * 1024
export const ROWS_MAX = 500
export const ROWS_BYTES_MAX = 256 * 1024
export const BODY_BYTES_MAX = 1024 * 1024

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The author of what the server says itself. No account is called so. */
export const SERVER = '~server'

/** Device name (64 random bits, base32) and its n-th mutation in this stream, joined by a colon. */
export type Id = string

/** `1e999` in a body reads as Infinity, which JSON cannot write again. */
const finite = v.pipe(v.number(), v.finite())
/**
 * What `JSON.parse` made is JSON, but for a number too large for the machine. Not a schema that names itself: its union would try each
 * array as a record too, and so read what lies deep in it once more for each level.
 */
export function isJson(value: unknown, depthMax = VALUE_DEPTH_MAX): value is Json {
  if (typeof value === 'string' || value === null || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value === 'object' && depthMax > 0 && Object.values(value).every((each) => isJson(each, depthMax - 1))
}
export const deviceSchema = v.pipe(v.string(), v.regex(/^[a-z2-7]{13}$/))
const id = v.pipe(v.string(), v.regex(/^[a-z2-7]{13}:[1-9]\d{0,15}$/))
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/))
/** Names of streams, kinds and keys are made by programs, of printable ASCII: any other text may come back from a database as another one. */
const ascii = v.pipe(v.string(), v.regex(/^[\x20-\x7e]*$/))
const stream = v.pipe(ascii, v.maxLength(80))
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

const mutationEntries = {
  /** 1, 2, 3 ... without gaps, per (stream, device). */
  n: v.pipe(whole, v.minValue(1)),
  /** `set` a cell, `move` a state. Unknown kinds are stored and rejected, never an error. */
  kind: v.pipe(ascii, v.maxLength(16)),
  /** What it is the name of: see `parseKey`. */
  key: v.pipe(ascii, v.minLength(1), v.maxLength(200)),
  value: v.custom<Json>((value) => isJson(value), 'not JSON, or too deep'),
  base: v.pipe(v.array(id), v.maxLength(BASE_MAX)),
  /** The device's clock, for people only: never compared. Milliseconds since 1970. */
  at: finite,
  /** Version of the plan document from which the form came. */
  pv: whole,
  /** Was acknowledged before a rewind. */
  again: v.optional(v.literal(true)),
}
const mutation = v.object(mutationEntries)
/** Whether a server can read it at all. */
export const isMutation = (value: unknown): boolean => v.is(mutation, value)
export type Mutation = v.InferOutput<typeof mutation>

const witness = v.object({ ...mutationEntries, id, by: v.pipe(v.string(), v.check(isPlainText), v.maxLength(100)) })
export type Witness = v.InferOutput<typeof witness>

export function isAscending(mutations: readonly { readonly n: number }[]): boolean {
  return mutations.every(({ n }, at) => n > (mutations[at - 1]?.n ?? 0))
}

export const askSchema = v.object({
  stream,
  device: deviceSchema,
  epoch: v.optional(v.string()),
  cursor: whole,
  /** My last acknowledged mutation and my chain up to it. */
  acked: whole,
  chain: hash,
  /** The lowest mutation that I still hold and the chain before it. */
  floor: whole,
  floorChain: hash,
  /** Unsent, in ascending order, from the first unsent one. */
  mutations: v.pipe(
    v.array(mutation),
    v.maxLength(MUTATIONS_MAX),
    v.check((all) => isAscending(all), 'not ascending'),
  ),
  /** Evidence, only after a rewind or fork. */
  witnesses: v.optional(v.pipe(v.array(witness), v.maxLength(MUTATIONS_MAX))),
})
export type Ask = v.InferOutput<typeof askSchema>

/** The database keeps counts in 32 bits. No tablet comes near it. */
const count = v.pipe(whole, v.maxValue(1_000_000_000))

const tabletEntries = {
  /** One for each person on each tablet, for good: 65 random bits, as in `device`. */
  id: deviceSchema,
  /** Values that wait and are not in this request, and when the oldest of them was typed, by the device's clock. */
  unsent: count,
  oldest: v.optional(finite),
  /** Values refused by the server about which nobody has decided, and cells with two heads. */
  refused: count,
  conflicts: count,
  /** Photos that wait. */
  files: count,
  /** Fields with text that is not a value yet. */
  drafts: count,
  /** Version of the plan document it works with. */
  plan: v.optional(count),
  /** In bytes; `persisted`: the browser has promised to keep it. A browser may say any part of this, or none. */
  storage: v.optional(v.object({ used: v.optional(whole), quota: v.optional(whole), persisted: v.optional(v.boolean()) })),
}
export const tabletStateSchema = v.object(tabletEntries)
/** What a tablet says of itself with each exchange, for those who look after the tablets. Nothing in the exchange depends on it. */
export type TabletState = v.InferOutput<typeof tabletStateSchema>

export const syncRequestSchema = v.object({
  v: v.number(),
  /** Version of the app. */
  app: v.pipe(v.string(), v.maxLength(40)),
  /** The device's clock, milliseconds since 1970. */
  now: finite,
  asks: v.pipe(v.array(askSchema), v.maxLength(ASKS_MAX)),
  /** What cannot be read is as good as not said: a school's values never wait for it. */
  tablet: v.fallback(v.optional(tabletStateSchema), undefined),
})
export type SyncRequest = v.InferOutput<typeof syncRequestSchema>

/**
 * | rejected: …     | means                                                                                        |
 * |-----------------|----------------------------------------------------------------------------------------------|
 * | locked          | the report is with the bureau, and takes no changes                                          |
 * | forbidden       | not theirs to write, or to take this step                                                    |
 * | stale           | the step does not exist from where the state stands now                                      |
 * | changed         | the report's values are not those that its author vouches for                                |
 * | conflicts       | a value of the report has two heads                                                          |
 * | unready         | errors block it                                                                              |
 * | closed          | the report's window is not open                                                              |
 * | missing photos  | a file that the report names has not arrived                                                 |
 * | invalid         | nobody understands it                                                                        |
 */
export const REJECTIONS = [
  'locked',
  'forbidden',
  'stale',
  'changed',
  'conflicts',
  'unready',
  'closed',
  'missing photos',
  'invalid',
] as const
export type Rejection = (typeof REJECTIONS)[number]
export type Verdict = 'applied' | 'merged' | 'conflict' | `rejected: ${Rejection}`

export function isRejected(verdict: Verdict): boolean {
  return verdict.startsWith('rejected')
}

export type From = { readonly id: Id; readonly base: readonly Id[]; readonly by: string; readonly at: number }
export type Head = { readonly value: Json; readonly from: readonly From[] }
export type Cell = { readonly seq: number; readonly heads: readonly Head[]; readonly missing?: readonly Id[] }

export type VerdictRow = readonly [n: number, seq: number, verdict: Verdict]

export type Answer =
  | { readonly stream: string; readonly forbidden: true }
  | { readonly stream: string; readonly rewind: true; readonly epoch: string }
  | { readonly stream: string; readonly fork: true; readonly verdicts: readonly VerdictRow[] }
  | {
      readonly stream: string
      readonly epoch: string
      readonly gone: true
      readonly last: number
      readonly verdicts: readonly VerdictRow[]
      readonly witnessed: readonly Id[]
    }
  | {
      readonly stream: string
      readonly epoch: string
      /** The device's last mutation that the server has in this stream. */
      readonly last: number
      readonly verdicts: readonly VerdictRow[]
      readonly witnessed: readonly Id[]
      readonly rows: readonly (readonly [key: string, cell: Cell])[]
      /** The cursor asked from, and the one that is true after these rows. */
      readonly from: number
      readonly upto: number
      readonly done: boolean
      /** When done: of the whole stream. */
      readonly digest?: string
      /** What the newest verified backup holds of this device's mutations. */
      readonly safe?: { readonly last: number; readonly chain: string }
    }

export type SyncAnswer = { readonly v: number; readonly now: number; readonly answers: readonly Answer[] }

export const streamOf = (orgUnit: string): string => `s/${orgUnit}`
export function orgUnitOf(streamName: string): string | undefined {
  if (!streamName.startsWith('s/')) return undefined
  const code = streamName.slice(2)
  return isOrgUnitCode(code) ? code : undefined
}

export const valueKey = (period: string, element: string): string => `v/${period}/${element}`
export const remarkKey = (period: string, element: string): string => `v/${period}/${element}/remark`
export const markKey = (period: string, dataSet: string): string => `m/${period}/${dataSet}`
export const reportKey = (period: string, dataSet: string): string => `w/${period}/${dataSet}`

/**
 * | key                           | holds                                                                                |
 * |-------------------------------|--------------------------------------------------------------------------------------|
 * | `v/<period>/<element>`        | a value; with `/remark` behind it its remark                                         |
 * | `m/<period>/<dataSet>`        | a data set marked as filled                                                          |
 * | `w/<period>/<dataSet>`        | how far a report is between school and bureau; changed by `move` only                |
 * | `c/<id>/<field>`              | a comment: what it is `about`, its `text`, whom it speaks `to`, whether `resolved`   |
 * | `i/<id>/about`, `/state`      | an inspection: which list, when, by whom; how far it is, changed by `move` only      |
 * | `i/<id>/<item>/<field>`       | what was found at an item: `verdict`, `measured`, `note`                             |
 * | `f/<id>/about`, `/what`, ...  | a finding: where it was found, what, `due`, `who` answers, the school's `answer`; its `state` by `move` only |
 * | `a/<owner>/<sha256>`          | a file as evidence of a value, an item, or of a finding as it was `found` or `answer`ed; null: taken away |
 *
 * An id begins with `v-` (a visit), `s-` (a self-inspection) or `c-` (a comment), so that rights follow from the key alone; the rest is random.
 */
export type ParsedKey =
  | { readonly kind: 'value' | 'remark'; readonly period: string; readonly element: string }
  | { readonly kind: 'mark'; readonly period: string; readonly dataSet: string }
  | { readonly kind: 'report'; readonly period: string; readonly dataSet: string }
  | { readonly kind: 'comment'; readonly id: string; readonly field: CommentField }
  | { readonly kind: 'inspection'; readonly id: string; readonly of: InspectionKind; readonly field: InspectionField }
  | { readonly kind: 'item'; readonly id: string; readonly of: InspectionKind; readonly item: string; readonly field: ItemField }
  | { readonly kind: 'finding'; readonly id: string; readonly of: InspectionKind; readonly field: FindingField }
  | { readonly kind: 'file'; readonly sha: string; readonly owner: string; readonly ownerKey: FileOwner }
  | { readonly kind: 'unknown' }

export const INSPECTION_FIELDS = ['about', 'state'] as const
export type InspectionField = (typeof INSPECTION_FIELDS)[number]
export const ITEM_FIELDS = ['verdict', 'measured', 'note'] as const
export type ItemField = (typeof ITEM_FIELDS)[number]
export const FINDING_FIELDS = ['about', 'what', 'due', 'who', 'answer', 'state'] as const
export type FindingField = (typeof FINDING_FIELDS)[number]
/** Photos of a finding are of what was found, or of what was done about it. */
export const FINDING_SIDES = ['found', 'answer'] as const
export type FindingSide = (typeof FINDING_SIDES)[number]

/** What a file is evidence of. */
export type FileOwner =
  | { readonly kind: 'value'; readonly period: string; readonly element: string }
  | { readonly kind: 'item'; readonly id: string; readonly of: InspectionKind; readonly item: string }
  | { readonly kind: 'finding'; readonly id: string; readonly of: InspectionKind; readonly side: FindingSide }

/** `random`: thirteen characters of base32, as of a device's name. */
export const recordId = (of: InspectionKind, random: string): string => `${of === 'visit' ? 'v' : 's'}-${random}`
export const commentId = (random: string): string => `c-${random}`
export const commentKey = (id: string, field: CommentField): string => `c/${id}/${field}`
/** Of what somebody said, all that is theirs alone; nothing for any other key, and for whether it is settled. */
export function keysOfSaid(key: string): readonly string[] {
  const parsed = parseKey(key)
  if (parsed.kind !== 'comment' || parsed.field === 'resolved') return []
  return COMMENT_FIELDS.filter((field) => field !== 'resolved').map((field) => commentKey(parsed.id, field))
}
export const inspectionKey = (id: string, field: InspectionField): string => `i/${id}/${field}`
export const itemKey = (id: string, item: string, field: ItemField): string => `i/${id}/${item}/${field}`
export const findingKey = (id: string, field: FindingField): string => `f/${id}/${field}`
/** What files at an item, or of a finding, belong to; those of a value belong to its key. */
export const itemOwner = (id: string, item: string): string => `i/${id}/${item}`
export const findingOwner = (id: string, side: FindingSide): string => `f/${id}/${side}`
export const fileKey = (owner: string, sha: string): string => `a/${owner}/${sha}`

/** A district has some hundred keys, and each is taken apart for every value that is judged: the answers are kept. */
const parsedKeys = new Map<string, ParsedKey>()
const PARSED_KEYS_MAX = 4096

export function parseKey(key: string): ParsedKey {
  const known = parsedKeys.get(key)
  if (known !== undefined) return known
  const parsed = takeApart(key)
  // Whoever sends ever new keys only empties it.
  if (parsedKeys.size >= PARSED_KEYS_MAX) parsedKeys.clear()
  parsedKeys.set(key, parsed)
  return parsed
}

function takeApart(key: string): ParsedKey {
  const [kind, ...rest] = key.split('/')
  const unknown = { kind: 'unknown' } as const
  switch (kind) {
    case 'v': {
      const [period, element, remark, ...more] = rest
      if (period === undefined || element === undefined || more.length > 0) return unknown
      if (remark === undefined) return { kind: 'value', period, element }
      return remark === 'remark' ? { kind: 'remark', period, element } : unknown
    }
    case 'm':
    case 'w': {
      const [period, dataSet, ...more] = rest
      if (period === undefined || dataSet === undefined || more.length > 0) return unknown
      return { kind: kind === 'm' ? 'mark' : 'report', period, dataSet }
    }
    case 'c': {
      const [id = '', field = '', ...more] = rest
      if (!/^c-[a-z2-7]{13}$/.test(id) || !isOneOf(COMMENT_FIELDS, field) || more.length > 0) return unknown
      return { kind: 'comment', id, field }
    }
    case 'i': {
      const [id = '', one, field, ...more] = rest
      const of = kindOfRecord(id)
      if (of === undefined || one === undefined || more.length > 0) return unknown
      if (field === undefined) return isOneOf(INSPECTION_FIELDS, one) ? { kind: 'inspection', id, of, field: one } : unknown
      return isOneOf(ITEM_FIELDS, field) && isItemName(one) ? { kind: 'item', id, of, item: one, field } : unknown
    }
    case 'f': {
      const [id = '', field, ...more] = rest
      const of = kindOfRecord(id)
      if (of === undefined || field === undefined || more.length > 0) return unknown
      return isOneOf(FINDING_FIELDS, field) ? { kind: 'finding', id, of, field } : unknown
    }
    case 'a': {
      const sha = rest.at(-1) ?? ''
      const owner = rest.slice(0, -1)
      const ownerKey = isSha256(sha) ? takeOwnerApart(owner) : undefined
      return ownerKey === undefined ? unknown : { kind: 'file', sha, owner: owner.join('/'), ownerKey }
    }
    default:
      return unknown
  }
}

function takeOwnerApart([kind, first = '', second = '', ...more]: readonly string[]): FileOwner | undefined {
  if (first === '' || second === '' || more.length > 0) return undefined
  if (kind === 'v') return { kind: 'value', period: first, element: second }
  const of = kindOfRecord(first)
  if (of === undefined) return undefined
  if (kind === 'i') return isItemName(second) ? { kind: 'item', id: first, of, item: second } : undefined
  return kind === 'f' && isOneOf(FINDING_SIDES, second) ? { kind: 'finding', id: first, of, side: second } : undefined
}

function kindOfRecord(id: string): InspectionKind | undefined {
  if (!/^[vs]-[a-z2-7]{13}$/.test(id)) return undefined
  return id.startsWith('v') ? 'visit' : 'self'
}

/** An item is never called like a field of the inspection itself. */
const isItemName = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9.]*$/.test(name) && !isOneOf(INSPECTION_FIELDS, name) && name.length <= 80

export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

function isOneOf<T extends string>(all: readonly T[], text: string): text is T {
  return all.includes(text as T)
}

/** A cell of what a report says: it has a period. */
export type ReportKey = Extract<ParsedKey, { kind: 'value' | 'remark' | 'mark' }>
export const isOfReport = (parsed: ParsedKey): parsed is ReportKey =>
  parsed.kind === 'value' || parsed.kind === 'remark' || parsed.kind === 'mark'

/** A state is entered by `move`, and only by it. */
export function isStateKey(key: string): boolean {
  const parsed = parseKey(key)
  return parsed.kind === 'report' || ((parsed.kind === 'inspection' || parsed.kind === 'finding') && parsed.field === 'state')
}
