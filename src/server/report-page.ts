/** One report with all that is said about it, for whoever reviews it: out of the ledger as it is at this moment, in one reading. */
import type { Kysely } from 'kysely'
import { parseCommentAbout, parseMentions, type CommentField } from '#domain/comment'
import { isItemVerdict, isInspectionState, parseInspectionAbout } from '#domain/inspection'
import type { OrgUnit } from '#domain/org-unit'
import type { Role } from '#domain/person'
import { isReportState } from '#domain/report'
import { answeredElements, formOf, isEnteredByUnit, isOpenInForm } from '#plan/applicability'
import { check } from '#plan/check'
import { summarizeInspections } from '#plan/inspection-summary'
import type { Said } from '#plan/inspection'
import type { Plan } from '#plan/plan'
import type {
  ReportComment,
  ReportContradiction,
  ReportElement,
  ReportFile,
  ReportHistoryStep,
  ReportId,
  ReportPage,
} from '#plan/report-wire'
import type { CellValue, Values } from '#plan/typed'
import { commentKey, inspectionKey, parseKey, remarkKey, reportKey, streamOf, valueKey, type Cell } from '#sync/protocol'
import { changedSince, keysOfReport, reportDigest } from '#sync/report-digest'
import { stateOf } from '#sync/rights'
import { headsToValue } from './figures'
import { readNames, type Named } from './names'
import { readStanding, readSteps, type LoggedStep } from './report-log'
import { lastSubmission, seenLast } from './reports'
import { toCell } from './store/stored-cell'
import type { Tables } from './store/tables'
import { inTransaction } from './store/transaction'
import type { UsualRanges } from './usual-ranges'

export async function readReportPage(
  { db, plan, ranges }: { readonly db: Kysely<Tables>; readonly plan: Plan; readonly ranges: UsualRanges },
  { unit, period, dataSet }: { readonly unit: OrgUnit; readonly period: string; readonly dataSet: string },
): Promise<Omit<ReportPage, 'row'>> {
  return inTransaction(db, 'read', async (trx) => {
    const cells = await readCells(trx, unit.code, [period, before(period)])
    const state = reportKey(period, dataSet)
    const steps = (await readSteps(trx, [unit.code])).get(unit.code)?.get(state) ?? []
    const authors = await readNames(trx, [...steps.map(({ by }) => by), ...authorsOf(cells)])
    const named = (by: string) => ({ by, ...nameOf(authors.get(by)) })
    const signed = (by: string) => ({ by, ...authors.get(by) })

    const values = valuesOf(cells, period)
    const lastYear = valuesOf(cells, before(period))
    const usual = ranges.of(period, unit.type)
    const keys = keysOfReport(period, answeredElements(plan, dataSet, unit))
    const valueAt = (key: string) => cells.get(key)?.heads[0]?.value
    const seen = seenLast(steps)
    const standing = seen === undefined ? undefined : await readStanding(trx, { orgUnit: unit.code, keys, seq: seen.seq })
    const files = await filesOf(trx, unit.code, { cells, period, named })

    const elements = formOf(plan, dataSet, unit).sections.flatMap(({ elements }) =>
      elements.map((asked): ReportElement => {
        const [key, remark] = [valueKey(period, asked.id), remarkKey(period, asked.id)]
        const cell = cells.get(key)
        const from = cell?.heads.at(-1)?.from.at(-1)
        const isChanged = standing !== undefined && changedSince(standing, [key, remark], valueAt).length > 0
        const range = usual.get(asked.id)
        return {
          element: asked.id,
          isAsked: isOpenInForm(plan, asked, unit, values),
          isOwn: isEnteredByUnit(asked, unit),
          value: valueAt(key) ?? null,
          ...(cell !== undefined && cell.heads.length > 1 ? { conflict: true } : {}),
          ...(from === undefined || cell === undefined ? {} : { ...named(from.by), at: from.at, receipt: cell.seq }),
          ...textAt('remark', valueAt(remark)),
          lastYear: valueAt(valueKey(before(period), asked.id)) ?? null,
          ...textAt('lastRemark', valueAt(remarkKey(before(period), asked.id))),
          ...(isChanged && isEnteredByUnit(asked, unit)
            ? { before: { value: standing[key] ?? null, ...textAt('remark', standing[remark]) } }
            : {}),
          ...(range === undefined ? {} : { range }),
          files: files.get(asked.id) ?? [],
        }
      }),
    )
    return {
      digest: reportDigest(keys, valueAt),
      ...receiptOf(steps),
      ...(seen === undefined ? {} : { compared: { by: seen.by, received: seen.received, receipt: seen.seq } }),
      elements,
      findings: check(plan, dataSet, {
        ...{ unit, period, values, lastYear, ranges: usual },
        remarks: { get: (element) => valueAt(remarkKey(period, element)) },
      }),
      contradictions: contradictionsOf(plan, { unit, period, dataSet, cells, values }),
      comments: commentsOf(cells, { period, dataSet }, signed),
      steps: steps.flatMap((step) => toHistoryStep(step, signed)),
    }
  })
}

const before = (period: string): string => String(Number(period) - 1)
const nameOf = (named: Named | undefined) => (named === undefined ? {} : { name: named.name })

function* authorsOf(cells: Cells): Iterable<string> {
  for (const { heads } of cells.values()) for (const { from } of heads) for (const { by } of from) yield by
}

/** Only what is text and says something. */
function textAt<Field extends string>(field: Field, value: unknown): Partial<Record<Field, string>> {
  const said: Partial<Record<Field, string>> = {}
  if (typeof value === 'string' && value.trim() !== '') said[field] = value
  return said
}

type Cells = ReadonlyMap<string, Cell>

async function readCells(db: Kysely<Tables>, orgUnit: string, periods: readonly string[]): Promise<Cells> {
  const [present = ''] = periods
  const starts = [...periods.map((period) => `v/${period}/`), `a/v/${present}/`, 'c/', 'i/']
  const rows = await db
    .selectFrom('cell')
    .innerJoin('stream', 'stream.id', 'cell.stream')
    .select(['cell.key', 'cell.seq', 'cell.heads', 'cell.missing'])
    .where('stream.name', '=', streamOf(orgUnit))
    .where((cell) =>
      cell.or(starts.map((first) => cell.and([cell('cell.key', '>=', first), cell('cell.key', '<', `${first.slice(0, -1)}0`)]))),
    )
    .execute()
  return new Map(rows.map((row) => [row.key, toCell(row)]))
}

function valuesOf(cells: Cells, period: string): Values {
  return {
    get: (element): CellValue | undefined => headsToValue(cells.get(valueKey(period, element))?.heads ?? []),
  }
}

/** Of each element, in the order in which they were added; what was taken away is none. */
async function filesOf(
  db: Kysely<Tables>,
  orgUnit: string,
  {
    cells,
    period,
    named,
  }: {
    readonly cells: Cells
    readonly period: string
    readonly named: (by: string) => { readonly by: string; readonly name?: string }
  },
): Promise<ReadonlyMap<string, readonly ReportFile[]>> {
  const uploads = await db.selectFrom('upload').select('sha256').where('org_unit', '=', orgUnit).execute()
  const arrived = new Set(uploads.map(({ sha256 }) => sha256))
  const files = new Map<string, ReportFile[]>()
  for (const [key, { heads }] of cells) {
    const parsed = parseKey(key)
    if (parsed.kind !== 'file' || parsed.ownerKey.kind !== 'value' || parsed.ownerKey.period !== period) continue
    const head = heads.at(-1)
    const from = head?.from.at(-1)
    if (head === undefined || head.value === null || from === undefined) continue
    const { element } = parsed.ownerKey
    const file = { sha256: parsed.sha, about: head.value, ...named(from.by), at: from.at, hasArrived: arrived.has(parsed.sha) }
    files.set(
      element,
      [...(files.get(element) ?? []), file].sort((one, other) => one.at - other.at),
    )
  }
  return files
}

function receiptOf(steps: readonly LoggedStep[]): { readonly receipt?: number } {
  const submitted = lastSubmission(steps)
  return submitted === undefined ? {} : { receipt: submitted.seq }
}

type Signed = (by: string) => { readonly by: string; readonly name?: string; readonly role?: Role }

function toHistoryStep(step: LoggedStep, signed: Signed): readonly ReportHistoryStep[] {
  const { state, why, marks, recovered, by, at, received, seq } = step
  if (!isReportState(state)) return []
  return [
    {
      state,
      ...(why === undefined ? {} : { why }),
      ...(marks === undefined ? {} : { marks }),
      ...(recovered === undefined ? {} : { recovered }),
      ...{ ...signed(by), at, received, receipt: seq },
    },
  ]
}

/** Whoever first wrote the words made the comment. Oldest first, by their tablets' clocks. */
function commentsOf(cells: Cells, report: Pick<ReportId, 'period' | 'dataSet'>, signed: Signed): readonly ReportComment[] {
  const comments: ReportComment[] = []
  for (const key of cells.keys()) {
    const parsed = parseKey(key)
    if (parsed.kind !== 'comment' || parsed.field !== 'about') continue
    const valueOf = (field: CommentField) => cells.get(commentKey(parsed.id, field))?.heads.at(-1)
    const about = parseCommentAbout(valueOf('about')?.value)
    const text = valueOf('text')
    const from = text?.from[0]
    if (about === undefined || about.period !== report.period || about.dataSet !== report.dataSet) continue
    if (typeof text?.value !== 'string' || from === undefined) continue
    comments.push({
      id: parsed.id,
      ...(about.element === undefined ? {} : { element: about.element }),
      ...(about.reply === undefined ? {} : { reply: about.reply }),
      text: text.value,
      to: parseMentions(valueOf('to')?.value),
      resolved: valueOf('resolved')?.value === true,
      ...{ ...signed(from.by), at: from.at },
    })
  }
  return comments.sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1))
}

/** What inspections of the period say otherwise than the values of this report do. */
function contradictionsOf(
  plan: Plan,
  {
    unit,
    period,
    dataSet,
    cells,
    values,
  }: ReportScope & { readonly unit: OrgUnit; readonly cells: Cells; readonly values: Values },
): readonly ReportContradiction[] {
  const { contradictions } = summarizeInspections(plan, [{ unit, values, said: wordsOf(cells, period) }])
  return contradictions.flatMap(({ check: id, reported, said }) => {
    const elements = (plan.document.hardware?.checks.find((one) => one.id === id)?.elements ?? [])
      .flatMap((element) => plan.expansions.get(element) ?? [])
      .filter((asked) => asked.dataSet.id === dataSet)
      .map((asked) => asked.id)
    return elements.length === 0 ? [] : [{ check: id, elements, reported, ...said }]
  })
}

type ReportScope = { readonly period: string; readonly dataSet: string }

function wordsOf(cells: Cells, period: string): readonly Said[] {
  const words: Said[] = []
  for (const [key, { heads }] of cells) {
    const parsed = parseKey(key)
    if (parsed.kind !== 'item' || parsed.field !== 'verdict') continue
    const about = parseInspectionAbout(cells.get(inspectionKey(parsed.id, 'about'))?.heads.at(-1)?.value)
    const state = stateOf(cells.get(inspectionKey(parsed.id, 'state'))?.heads)?.state
    if (about?.period !== period || state === undefined || !isInspectionState(state)) continue
    const head = heads.at(-1)
    const at = head?.from.at(-1)?.at
    if ((state !== 'underway' && state !== 'finished') || head === undefined || at === undefined) continue
    if (isItemVerdict(head.value))
      words.push({ item: parsed.item, verdict: head.value, of: parsed.of, inspection: parsed.id, at })
  }
  return words
}
