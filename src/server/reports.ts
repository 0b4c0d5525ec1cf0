/**
 * Where every report of the district stands, kept in memory, so that the queue of 3,000 schools is answered without asking the database for
 * each of them.
 *
 * ```
 * a cell changes     -> remarks, files and comments are put; what was worked out of that unit's reports is forgotten
 * a step was taken   -> the unit's steps are read from the log at the next question: only the log says when they were received
 * question           -> what was forgotten of the rows that it is about is worked out again, and kept
 * ```
 *
 * A row compares with **what the bureau saw last**: the last submission before the one that lies there now, without those that were
 * withdrawn before anybody looked. What stood then is read from the log once and kept, for as long as it is that submission.
 *
 * Usual ranges move with every school that types, so warnings about them are those of the moment at which the report itself last changed.
 */
import type { Kysely } from 'kysely'
import { parseCommentAbout, parseMentions, type CommentAbout } from '#domain/comment'
import { isOpenIn, type OrgUnit } from '#domain/org-unit'
import { toPeriod } from '#domain/period'
import type { Role } from '#domain/person'
import { isLocked, isReportState } from '#domain/report'
import { answeredElements, dataSetsOf } from '#plan/applicability'
import { check } from '#plan/check'
import type { Plan } from '#plan/plan'
import type { ReportRow, RowState } from '#plan/report-wire'
import { onceForKind, kindOf } from '#plan/unit-kind'
import { parseKey, remarkKey, reportKey, valueKey, type Cell, type Json } from '#sync/protocol'
import { changedSince, keysOfReport } from '#sync/report-digest'
import type { FigureAnswers } from './figures'
import type { CellListener } from './follow-commits'
import { othersTurn } from './others-turn'
import { readStanding, readSteps, type LoggedStep } from './report-log'
import type { Tables } from './store/tables'
import type { UsualRanges } from './usual-ranges'

/** A row without what is asked for anew at each question: the account's name, and whether its time is over. */
export type KeptRow = Omit<ReportRow, 'late' | 'name'>

export type ReportFilter = {
  readonly unit: (unit: OrgUnit) => boolean
  readonly periods: readonly string[]
  readonly dataSets?: ReadonlySet<string> | undefined
}

export type Reports = CellListener & {
  /** Brings what is not known any more from the log. To be awaited before `rows`, `steps` and `mentions`. */
  refresh(filter: ReportFilter): Promise<void>
  /** Of each report that the plan asks for, also those that nobody has submitted. */
  rows(filter: ReportFilter): Iterable<KeptRow>
  steps(report: { readonly orgUnit: string; readonly period: string; readonly dataSet: string }): readonly LoggedStep[]
  unit(code: string): OrgUnit | undefined
  units(): Iterable<OrgUnit>
  /** Comments that speak to the role, are not settled, and are somebody else's. */
  mentions(filter: ReportFilter, reader: { readonly username: string; readonly role: Role }): number
}

/** Reports that are looked at before others get a turn: some five milliseconds. */
const AT_ONCE = 50

type Comment = { about?: CommentAbout | undefined; to: readonly Role[]; isResolved: boolean; by: string; isSaid: boolean }
type Compared = { readonly seq: number; readonly values: Readonly<Record<string, Json>> }

type UnitMemory = {
  unit: OrgUnit | undefined
  /** By key of the remark. */
  readonly remarks: Map<string, Json>
  /** Keys of files, by key of the report's state. */
  readonly files: Map<string, Set<string>>
  readonly comments: Map<string, Comment>
  steps: ReadonlyMap<string, readonly LoggedStep[]>
  readonly compared: Map<string, Compared>
  /** By key of the state; what is not there is worked out at the next question. */
  readonly rows: Map<string, KeptRow>
}

export function createReports(wiring: {
  readonly db: Kysely<Tables>
  readonly plan: Plan
  readonly units: readonly OrgUnit[]
  readonly figures: Pick<FigureAnswers, 'values'>
  readonly ranges: UsualRanges
}): Reports {
  const { db, plan, figures, ranges } = wiring
  const memories = new Map<string, UnitMemory>()
  /** Units whose steps are to be read; `undefined`: all, until they were read once. */
  let stale: Set<string> | undefined

  const memoryOf = (code: string): UnitMemory => {
    let memory = memories.get(code)
    if (memory === undefined) memories.set(code, (memory = emptyMemory()))
    return memory
  }
  const putUnit = (unit: OrgUnit): void => {
    const memory = memoryOf(unit.code)
    memory.unit = unit
    memory.rows.clear()
    memory.compared.clear()
  }
  for (const unit of wiring.units) putUnit(unit)

  function putCell(code: string, key: string, heads: Cell['heads']): void {
    const parsed = parseKey(key)
    const memory = memoryOf(code)
    const value = heads.at(-1)?.value ?? null
    if (parsed.kind === 'report') {
      stale?.add(code)
      memory.rows.delete(key)
      return
    }
    if (parsed.kind === 'remark') putOrDelete(memory.remarks, key, value)
    else if (parsed.kind === 'comment') {
      putComment(memory.comments, parsed, heads)
    } else if (parsed.kind === 'file' && parsed.ownerKey.kind === 'value') {
      const { period, element } = parsed.ownerKey
      const dataSet = plan.elements.get(element)?.dataSet.id
      if (dataSet === undefined) return
      const report = reportKey(period, dataSet)
      const files = memory.files.get(report) ?? new Set()
      if (value === null) files.delete(key)
      else files.add(key)
      memory.files.set(report, files)
    } else if (parsed.kind !== 'value') return
    // A rule may compare with another data set, and the next year with this one.
    memory.rows.clear()
  }

  async function readStale(): Promise<void> {
    const wanted = stale
    if (wanted?.size === 0) return
    const later = new Set<string>()
    stale = later
    try {
      const read = await readSteps(db, wanted === undefined ? undefined : [...wanted])
      for (const code of wanted ?? read.keys()) {
        const memory = memoryOf(code)
        memory.steps = read.get(code) ?? new Map()
        memory.rows.clear()
      }
    } catch (error) {
      stale = wanted === undefined ? undefined : new Set([...wanted, ...later])
      throw error
    }
  }

  /** The same text each time: a question is about tens of thousands of them. */
  const stateKeys = new Map<string, Map<string, string>>()
  function stateKeyOf(period: string, dataSet: string): string {
    let keys = stateKeys.get(period)
    if (keys === undefined) stateKeys.set(period, (keys = new Map()))
    let key = keys.get(dataSet)
    if (key === undefined) keys.set(dataSet, (key = reportKey(period, dataSet)))
    return key
  }

  function* asked({ unit: isAsked, periods, dataSets }: ReportFilter) {
    for (const memory of memories.values()) {
      const { unit } = memory
      if (unit === undefined || unit.type === 'district' || !isAsked(unit)) continue
      for (const period of periods) {
        if (!isOpenIn(unit, toPeriod(period))) continue
        for (const dataSet of reportsOf(plan, unit)) {
          if (dataSets === undefined || dataSets.has(dataSet))
            yield { memory, unit, period, dataSet, key: stateKeyOf(period, dataSet) }
        }
      }
    }
  }

  async function refresh(filter: ReportFilter): Promise<void> {
    await readStale()
    let looked = 0
    for (const one of asked(filter)) {
      const steps = one.memory.steps.get(one.key)
      if (steps === undefined || one.memory.rows.has(one.key)) continue
      const seen = seenLast(steps)
      if (seen !== undefined && one.memory.compared.get(one.key)?.seq !== seen.seq) {
        const keys = keysOfReport(one.period, answeredElements(plan, one.dataSet, one.unit))
        const values = await readStanding(db, { orgUnit: one.unit.code, keys, seq: seen.seq })
        one.memory.compared.set(one.key, { seq: seen.seq, values })
      }
      one.memory.rows.set(one.key, rowOf(one))
      looked += 1
      if (looked % AT_ONCE === 0) await othersTurn()
    }
  }

  type Asked = ReturnType<typeof asked> extends Generator<infer One> ? One : never

  function rowOf({ memory, unit, period, dataSet, key }: Asked): KeptRow {
    const steps = memory.steps.get(key) ?? []
    const last = steps.at(-1)
    const row = {
      ...{ orgUnit: unit.code, period, dataSet },
      state: stateOf(last),
      round: roundsOf(steps),
      comments: countOpen(memory.comments, { period, dataSet }),
      photos: memory.files.get(key)?.size ?? 0,
      marks: last?.marks?.length ?? 0,
    }
    if (last === undefined) return row
    const values = figures.values(unit.code, period)
    const remarkAt = (element: string) => memory.remarks.get(remarkKey(period, element))
    const findings = check(plan, dataSet, {
      ...{ unit, period, values },
      lastYear: figures.values(unit.code, String(Number(period) - 1)),
      ranges: ranges.of(period, unit.type),
      remarks: { get: remarkAt },
    })
    const warnings = findings.filter(({ level }) => level === 'warning')
    const unanswered = warnings.filter(({ answered }) => answered !== true)
    const first = unanswered[0] ?? warnings[0]
    const submitted = lastSubmission(steps)
    const compared = memory.compared.get(key)
    const valueAt = (at: string): Json | undefined => {
      const parsed = parseKey(at)
      if (parsed.kind === 'remark') return memory.remarks.get(at)
      const cell = parsed.kind === 'value' ? values.get(parsed.element) : undefined
      // Two heads are another thing than any one value.
      return cell === undefined ? undefined : 'conflict' in cell ? { conflict: true } : (cell.value as Json)
    }
    return {
      ...row,
      ...{ by: last.by, at: last.at, received: last.received },
      ...(submitted === undefined ? {} : { submitted: submitted.received }),
      ...(compared === undefined ? {} : { changed: countElements(plan, { unit, period, dataSet }, compared.values, valueAt) }),
      errors: findings.length - warnings.length,
      warnings: warnings.length,
      unanswered: unanswered.length,
      ...(first === undefined ? {} : { warning: first }),
    }
  }

  return {
    putUnit,
    putCell,
    refresh,
    *rows(filter) {
      for (const one of asked(filter)) {
        const known = one.memory.rows.get(one.key)
        const row = known ?? rowOf(one)
        // One that has a state is kept by `refresh`, which knows what the bureau saw last.
        if (known === undefined && !one.memory.steps.has(one.key)) one.memory.rows.set(one.key, row)
        yield row
      }
    },
    steps: ({ orgUnit, period, dataSet }) => memories.get(orgUnit)?.steps.get(reportKey(period, dataSet)) ?? [],
    unit: (code) => memories.get(code)?.unit,
    *units() {
      for (const { unit } of memories.values()) if (unit !== undefined) yield unit
    },
    mentions(filter, { username, role }) {
      let count = 0
      for (const { unit, comments } of memories.values()) {
        if (unit === undefined || !filter.unit(unit)) continue
        for (const { about, to, isResolved, by, isSaid } of comments.values()) {
          if (about === undefined || !filter.periods.includes(about.period)) continue
          if (isSaid && !isResolved && by !== username && to.includes(role)) count += 1
        }
      }
      return count
    },
  }
}

const emptyMemory = (): UnitMemory => ({
  unit: undefined,
  remarks: new Map(),
  files: new Map(),
  comments: new Map(),
  steps: new Map(),
  compared: new Map(),
  rows: new Map(),
})

/** The data sets of which the unit answers anything itself, in the plan's order. */
export function reportsOf(plan: Plan, unit: OrgUnit): readonly string[] {
  return onceForKind(kindOf(plan, unit), createReports, () =>
    dataSetsOf(plan, unit)
      .map(({ id }) => id)
      .filter((id) => answeredElements(plan, id, unit).length > 0),
  )
}

export function stateOf(last: LoggedStep | undefined): RowState {
  return last !== undefined && isReportState(last.state) ? last.state : 'open'
}

export function lastSubmission(steps: readonly LoggedStep[]): LoggedStep | undefined {
  return steps.filter(({ state }) => state === 'submitted').at(-1)
}

/** Submissions, without those that were withdrawn before anybody looked. */
function answeredSubmissions(steps: readonly LoggedStep[]): readonly LoggedStep[] {
  return steps.filter(({ state }, at) => state === 'submitted' && steps[at + 1]?.state !== 'withdrawn')
}

const roundsOf = (steps: readonly LoggedStep[]): number => answeredSubmissions(steps).length

/** The submission that the bureau saw last, besides the one that lies there now. */
export function seenLast(steps: readonly LoggedStep[]): LoggedStep | undefined {
  return answeredSubmissions(steps).at(isLocked(steps.at(-1)?.state) ? -2 : -1)
}

function countElements(
  plan: Plan,
  { unit, period, dataSet }: { readonly unit: OrgUnit; readonly period: string; readonly dataSet: string },
  before: Readonly<Record<string, Json>>,
  valueAt: (key: string) => Json | undefined,
): number {
  return answeredElements(plan, dataSet, unit).filter(
    (element) => changedSince(before, [valueKey(period, element), remarkKey(period, element)], valueAt).length > 0,
  ).length
}

function putComment(
  comments: Map<string, Comment>,
  { id, field }: { readonly id: string; readonly field: string },
  heads: Cell['heads'],
): void {
  const comment = comments.get(id) ?? { to: [], isResolved: false, by: '', isSaid: false }
  const value = heads.at(-1)?.value ?? null
  if (field === 'about') comment.about = parseCommentAbout(value)
  else if (field === 'to') comment.to = parseMentions(value)
  else if (field === 'resolved') comment.isResolved = value === true
  else {
    comment.isSaid = typeof value === 'string' && value.trim() !== ''
    comment.by = heads.at(-1)?.from.at(-1)?.by ?? ''
  }
  comments.set(id, comment)
}

/** A conversation counts once, however often it was answered: it is the first comment that is settled. */
function countOpen(
  comments: ReadonlyMap<string, Comment>,
  report: { readonly period: string; readonly dataSet: string },
): number {
  let count = 0
  for (const { about, isResolved, isSaid } of comments.values()) {
    const isOf = about?.period === report.period && about.dataSet === report.dataSet
    if (isOf && isSaid && !isResolved && about.reply === undefined) count += 1
  }
  return count
}

function putOrDelete(map: Map<string, Json>, key: string, value: Json): void {
  if (value === null) map.delete(key)
  else map.set(key, value)
}
