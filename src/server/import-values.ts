/**
 * Import: rows of another system become mutations of the server's own device and go through the same judge and ledger as a
 * tablet's. So they are in the history, with their author; an import of what is there already changes nothing; and a value that a
 * school typed at the same moment is not replaced unseen but in conflict.
 *
 * Each row is judged by itself: the good ones are taken, the refused ones are listed.
 */
import type { Kysely } from 'kysely'
import { assertNever } from '#domain/assert-never'
import { failed, ok, type Fault, type Result } from '#domain/fault'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import { asksElement } from '#plan/applicability'
import type { Plan } from '#plan/plan'
import { readTyped, TEXT_CHARACTERS_MAX } from '#plan/typed'
import { headIds } from '#sync/cell'
import { exchange } from '#sync/exchange'
import { isInLocked, type ReportRules } from '#sync/judge'
import { EMPTY_CHAIN, sameJson } from '#sync/hash'
import type { Ledger } from '#sync/ports'
import {
  BASE_MAX,
  isRejected,
  remarkKey,
  streamOf,
  valueKey,
  type Cell,
  type Head,
  type Id,
  type Json,
  type Mutation,
} from '#sync/protocol'
import { faultOfError } from './fault-of-error'
import { listOrgUnits } from './org-units'
import { reportRules } from './report-rules'
import { othersTurn } from './others-turn'
import type { Tables } from './store/tables'

/** Thirteen letters, as every device has; tablets draw theirs by chance. */
export const IMPORT_DEVICE = 'serverimports'

/** Mutations in one transaction: large enough to be quick, small enough that a tablet's exchange need not wait for long. */
const BATCH_MAX = 500
/** Each time, another process has written under the import's name in between. */
const ATTEMPTS_MAX = 5

/** Rows that are looked at before others get a turn: some two milliseconds. */
const ROWS_AT_ONCE = 2000

export type ImportCounts = {
  readonly imported: number
  readonly updated: number
  readonly deleted: number
  /** What was there already. */
  readonly ignored: number
  readonly refused: number
}

export type RefusedRow = { readonly index: number; readonly fault: Fault }

export type ImportReport = { readonly counts: ImportCounts; readonly refused: readonly RefusedRow[] }

/** What a data value set says for all of its rows. */
export type RowDefaults = { readonly period?: string | undefined; readonly orgUnit?: string | undefined }

type Edit = { readonly key: string; readonly value: Json }
type ReadRow = { readonly index: number; readonly orgUnit: string; readonly value: Edit; readonly remark?: Edit }
/** `locked`: its report is with the bureau. */
type Outcome = 'imported' | 'updated' | 'deleted' | 'ignored' | 'locked'

export type ImportValues = (order: {
  readonly rows: readonly unknown[]
  readonly defaults?: RowDefaults
  readonly person: Pick<Person, 'username'>
  /** Says what would become of each row, and writes nothing. */
  readonly dryRun: boolean
}) => Promise<ImportReport>

export function createImport(wiring: {
  readonly db: Kysely<Tables>
  readonly ledger: Ledger
  readonly plan: Plan
  readonly now: () => number
  /** A defect that cost some rows, and not the whole import. */
  readonly report: (defect: unknown) => void
}): ImportValues {
  const { db, ledger, plan, now, report } = wiring
  /** Two imports at once would draw the same numbers; the second waits. */
  let queue: Promise<unknown> = Promise.resolve()

  const importNow: ImportValues = async ({ rows, defaults = {}, person, dryRun }) => {
    const units = new Map((await listOrgUnits(db)).map((unit) => [unit.code, unit]))
    const refused: RefusedRow[] = []
    const rowsByUnit = new Map<string, ReadRow[]>()
    for (const [index, row] of rows.entries()) {
      if (index % ROWS_AT_ONCE === 0) await othersTurn()
      const read = readRow({ plan, units, row, defaults, index })
      if (!read.ok) {
        refused.push({ index, fault: read.fault })
        continue
      }
      const ofUnit = rowsByUnit.get(read.value.orgUnit)
      if (ofUnit === undefined) rowsByUnit.set(read.value.orgUnit, [read.value])
      else ofUnit.push(read.value)
    }
    const counts = { imported: 0, updated: 0, deleted: 0, ignored: 0, refused: 0 }
    for (const [orgUnit, ofUnit] of rowsByUnit) {
      for (let start = 0; start < ofUnit.length; start += BATCH_MAX) {
        const batch = ofUnit.slice(start, start + BATCH_MAX)
        await othersTurn()
        try {
          const unit = units.get(orgUnit)
          const reports = unit === undefined ? undefined : reportRules(plan, unit)
          const outcomes = await importBatch({
            ...{ ledger, plan, reports, stream: streamOf(orgUnit), rows: batch },
            ...{ person, at: now(), dryRun },
          })
          for (const [at, outcome] of outcomes.entries()) {
            if (outcome !== 'locked') counts[outcome] += 1
            else
              refused.push({
                index: batch[at]?.index ?? 0,
                fault: { kind: 'report.locked', path: pathOf(batch[at]?.index ?? 0) },
              })
          }
        } catch (defect) {
          // Other units are written already and must be told of: these rows are refused, with the defect as the reason.
          report(defect)
          for (const { index } of batch) refused.push({ index, fault: { kind: faultOfError(defect), path: pathOf(index) } })
        }
      }
    }
    refused.sort((one, other) => one.index - other.index)
    return { counts: { ...counts, refused: refused.length }, refused }
  }

  return (order) => {
    if (order.dryRun) return importNow(order)
    const turn = queue.then(() => importNow(order))
    queue = turn.catch(() => undefined)
    return turn
  }
}

const pathOf = (index: number): string => `dataValues.${String(index)}`

async function importBatch(batch: {
  readonly ledger: Ledger
  readonly plan: Plan
  readonly reports: ReportRules | undefined
  readonly stream: string
  readonly rows: readonly ReadRow[]
  readonly person: Pick<Person, 'username'>
  readonly at: number
  readonly dryRun: boolean
}): Promise<readonly Outcome[]> {
  const { ledger, plan, reports, stream, rows, person, at, dryRun } = batch
  const keys = new Set(rows.flatMap((row) => [row.value.key, ...(row.remark === undefined ? [] : [row.remark.key])]))
  const states = new Set([...keys].map((key) => reports?.stateOf(key)).filter((key) => key !== undefined))
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { peer, last, cells } = await ledger.read(stream, async (tx) => {
      const peer = (await tx.peer(IMPORT_DEVICE)) ?? { last: 0, chain: EMPTY_CHAIN }
      // Numbers above our own last one, told by somebody else, are taken: the next free one is behind them.
      const told = await tx.logRows(IMPORT_DEVICE, peer.last + 1, Number.MAX_SAFE_INTEGER)
      return { peer, last: told.at(-1)?.n ?? peer.last, cells: await tx.cells([...keys, ...states]) }
    })
    const isLocked = (key: string): boolean => isInLocked(key, reports, (each) => cells.get(each))
    const { outcomes, mutations } = toMutations({ rows, cells, isLocked, last, at, pv: plan.document.version })
    if (dryRun || mutations.length === 0) return outcomes
    const answer = await exchange({
      ledger,
      ask: {
        stream,
        device: IMPORT_DEVICE,
        // It keeps no rows, so it wants none back.
        cursor: Number.MAX_SAFE_INTEGER,
        acked: peer.last,
        chain: peer.chain,
        floor: last + 1,
        floorChain: peer.chain,
        mutations,
      },
      person,
      right: 'write',
      reports,
      now: at,
      skew: 0,
    })
    if ('fork' in answer) continue
    if (!('verdicts' in answer)) throw new Error(`the import was not taken: ${JSON.stringify(answer)}`)
    const rejected = answer.verdicts.find(([, , verdict]) => isRejected(verdict))
    // Submitted in this very moment: looked at once more.
    if (rejected?.[2] === 'rejected: locked') continue
    if (rejected !== undefined || answer.verdicts.length !== mutations.length) {
      throw new Error(`the import was not taken in full: ${JSON.stringify(rejected ?? answer.last)}`)
    }
    return outcomes
  }
  throw new Error('another process imports into the same org unit without a pause')
}

/** Only what differs from the present heads, each naming them; two rows for one cell follow one another. */
function toMutations(question: {
  readonly rows: readonly ReadRow[]
  readonly cells: ReadonlyMap<string, Cell>
  readonly isLocked: (key: string) => boolean
  readonly last: number
  readonly at: number
  readonly pv: number
}): { readonly outcomes: readonly Outcome[]; readonly mutations: Mutation[] } {
  const { rows, cells, isLocked, last, at, pv } = question
  const now = new Map<string, { readonly values: readonly Json[]; readonly ids: readonly Id[] }>()
  for (const [key, { heads }] of cells) {
    now.set(key, { values: heads.map((head) => head.value), ids: baseOf(heads) })
  }
  const mutations: Mutation[] = []
  const put = ({ key, value }: Edit): Outcome => {
    const { values, ids } = now.get(key) ?? { values: [null], ids: [] }
    const [only = null] = values
    if (values.length < 2 && sameJson(only, value)) return 'ignored'
    const n = last + mutations.length + 1
    mutations.push({ n, kind: 'set', key, value, base: [...ids], at, pv })
    now.set(key, { values: [value], ids: [`${IMPORT_DEVICE}:${String(n)}`] })
    if (value === null) return 'deleted'
    return values.length < 2 && only === null ? 'imported' : 'updated'
  }
  const outcomes = rows.map((row): Outcome => {
    if (isLocked(row.value.key)) return 'locked'
    const outcome = put(row.value)
    const remark = row.remark === undefined ? 'ignored' : put(row.remark)
    return outcome === 'ignored' && remark !== 'ignored' ? 'updated' : outcome
  })
  return { outcomes, mutations }
}

/** All ids of the heads, or, where they are more than an edit may name, one of each head: naming one replaces the head. */
function baseOf(heads: readonly Head[]): readonly Id[] {
  const ids = headIds(heads)
  return ids.length <= BASE_MAX ? ids : heads.flatMap((head) => head.from.slice(0, 1).map(({ id }) => id)).slice(-BASE_MAX)
}

const ROW_FIELDS: ReadonlySet<string> = new Set([
  'dataElement',
  'period',
  'orgUnit',
  'value',
  'comment',
  'absence',
  'reason',
  // What DHIS2 writes besides, and what has no meaning here.
  'categoryOptionCombo',
  'attributeOptionCombo',
  'storedBy',
  'created',
  'lastUpdated',
  'followup',
  'followUp',
])

/**
 * One row -> the cells it means. `value` may be text, a number or true / false; an empty text or `null` clears. In its place `absence` with
 * a `reason` states why there is none. `comment` is the remark.
 */
function readRow(question: {
  readonly plan: Plan
  readonly units: ReadonlyMap<string, OrgUnit>
  readonly row: unknown
  readonly defaults: RowDefaults
  readonly index: number
}): Result<ReadRow> {
  const { plan, units, row, defaults, index } = question
  const path = pathOf(index)
  const at = (field: string) => `${path}.${field}`
  const invalid = (field: string, problem: string) =>
    failed({ kind: 'body.invalid', path: at(field), values: { problem } } as const)
  if (!isRecord(row)) return failed({ kind: 'body.invalid', path, values: { problem: 'not an object' } })
  for (const field in row) if (!ROW_FIELDS.has(field)) return invalid(field, 'unknown field')

  const { dataElement, period = defaults.period, orgUnit = defaults.orgUnit, comment } = row
  if (typeof dataElement !== 'string') return invalid('dataElement', 'not a text')
  if (typeof period !== 'string') return invalid('period', 'not a text')
  if (typeof orgUnit !== 'string') return invalid('orgUnit', 'not a text')
  if (comment !== undefined && typeof comment !== 'string') return invalid('comment', 'not a text')

  const asked = plan.elements.get(dataElement)
  if (asked === undefined) {
    return failed({ kind: 'element.unknown', path: at('dataElement'), values: { element: dataElement } })
  }
  if (!plan.document.periods.includes(period)) {
    return failed({ kind: 'period.unknown', path: at('period'), values: { period } })
  }
  const unit = units.get(orgUnit)
  if (unit === undefined) return failed({ kind: 'orgUnit.unknown', path: at('orgUnit'), values: { orgUnit } })
  if (!asksElement(plan, dataElement, unit)) {
    return failed({
      kind: 'element.notAsked',
      path: at('dataElement'),
      values: { element: dataElement, orgUnit, label: asked.element.label.zh },
    })
  }

  const value = readValue(row)
  if (!value.ok) return invalid(value.fault.field, value.fault.problem)
  let wire: Json
  switch (value.value.kind) {
    case 'absence':
      wire = { absence: value.value.absence, reason: value.value.reason }
      break
    case 'typed': {
      const read = readTyped(plan, asked, value.value.typed)
      if (!read.ok) return failed({ ...read.fault, path: at('value') })
      wire = read.value === '' ? null : read.value
      break
    }
    default:
      return assertNever(value.value)
  }
  if (comment !== undefined && comment.length > TEXT_CHARACTERS_MAX) {
    return failed({ kind: 'value.tooLong', path: at('comment'), values: { max: TEXT_CHARACTERS_MAX, length: comment.length } })
  }
  return ok({
    index,
    orgUnit,
    value: { key: valueKey(period, dataElement), value: wire },
    ...(comment === undefined ? {} : { remark: { key: remarkKey(period, dataElement), value: comment === '' ? null : comment } }),
  })
}

type RowValue =
  | { readonly kind: 'typed'; readonly typed: string }
  | { readonly kind: 'absence'; readonly absence: 'notApplicable' | 'notAvailable'; readonly reason: string }

function readValue(row: Record<string, unknown>): Result<RowValue, { readonly field: string; readonly problem: string }> {
  const { value, absence, reason } = row
  if (absence !== undefined) {
    if (value !== undefined) return failed({ field: 'value', problem: 'a value and an absence' })
    if (absence !== 'notApplicable' && absence !== 'notAvailable') return failed({ field: 'absence', problem: 'unknown' })
    if (typeof reason !== 'string' || reason.trim() === '' || reason.length > TEXT_CHARACTERS_MAX) {
      return failed({ field: 'reason', problem: 'no reason' })
    }
    return ok({ kind: 'absence', absence, reason })
  }
  if (reason !== undefined) return failed({ field: 'reason', problem: 'a reason without an absence' })
  // A number or truth value of JSON has one text only, so nothing is guessed.
  if (typeof value === 'string') return ok({ kind: 'typed', typed: value })
  if (value === null) return ok({ kind: 'typed', typed: '' })
  if (typeof value === 'number' || typeof value === 'boolean') return ok({ kind: 'typed', typed: String(value) })
  return failed({ field: 'value', problem: value === undefined ? 'missing' : 'not a text' })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
