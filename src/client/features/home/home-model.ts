/** What the home page says, computed from the device's rows and the plan: how far each data set is, what is next, who else worked. */
import type { OrgUnit } from '#domain/org-unit'
import { formOf, isEnteredByUnit, isOpenInForm } from '#plan/applicability'
import type { CheckFinding } from '#plan/check'
import type { Plan } from '#plan/plan'
import type { DataSet } from '#plan/schema'
import { readingOf, type Values } from '#plan/typed'
import { isOfReport, parseKey } from '#sync/protocol'
import type { ReportLife } from '#client/state/report-life'
import type { Draft, ShownCell } from '#client/device/contract'

export type DataSetSummary = {
  readonly dataSet: DataSet
  readonly asked: number
  readonly answered: number
  /** Elements with an error that blocks submitting. */
  readonly errors: readonly string[]
  readonly conflicts: readonly string[]
  readonly refused: readonly string[]
  /** Elements, remarks and marks that wait on this device. */
  readonly onDevice: number
  readonly life: ReportLife
}

export type SummaryInput = {
  readonly plan: Plan
  readonly period: string
  readonly dataSets: readonly DataSet[]
  readonly cells: Iterable<readonly [string, ShownCell]>
  readonly findings: readonly CheckFinding[]
  progressOf(dataSetId: string): { readonly asked: number; readonly answered: number } | undefined
  onDeviceIn(dataSetId: string): number
  lifeOf(dataSetId: string): ReportLife
}

export function summariesOf(input: SummaryInput): readonly DataSetSummary[] {
  const conflicts = new Map<string, string[]>()
  const refused = new Map<string, string[]>()
  for (const [key, cell] of input.cells) {
    if (cell.mark !== 'conflict' && cell.mark !== 'rejected') continue
    const parsed = parseKey(key)
    if (!isOfReport(parsed) || parsed.period !== input.period) continue
    const dataSetId = parsed.kind === 'mark' ? parsed.dataSet : input.plan.elements.get(parsed.element)?.dataSet.id
    if (dataSetId === undefined) continue
    const list = cell.mark === 'conflict' ? conflicts : refused
    list.set(dataSetId, [...(list.get(dataSetId) ?? []), parsed.kind === 'mark' ? '' : parsed.element])
  }
  const errors = new Map<string, string[]>()
  for (const finding of input.findings) {
    const [shownAt] = finding.elements
    if (finding.level !== 'error' || shownAt === undefined) continue
    const dataSetId = input.plan.elements.get(shownAt)?.dataSet.id
    if (dataSetId === undefined) continue
    const list = errors.get(dataSetId) ?? []
    if (!list.includes(shownAt)) errors.set(dataSetId, [...list, shownAt])
  }
  return input.dataSets.map((dataSet) => {
    const { asked, answered } = input.progressOf(dataSet.id) ?? { asked: 0, answered: 0 }
    return {
      dataSet,
      asked,
      answered,
      errors: errors.get(dataSet.id) ?? [],
      conflicts: conflicts.get(dataSet.id) ?? [],
      refused: refused.get(dataSet.id) ?? [],
      onDevice: input.onDeviceIn(dataSet.id),
      life: input.lifeOf(dataSet.id),
    }
  })
}

export type FillState = 'todo' | 'half' | 'full'

export function fillStateOf({ asked, answered }: Pick<DataSetSummary, 'asked' | 'answered'>): FillState {
  if (answered === 0) return 'todo'
  return answered >= asked ? 'full' : 'half'
}

/** Filled, with nothing in the way, and with the school. */
export function isToSubmit(summary: DataSetSummary): boolean {
  const { asked, answered, errors, conflicts, refused, life } = summary
  return asked > 0 && answered >= asked && !life.isLocked && errors.length === 0 && conflicts.length === 0 && refused.length === 0
}

export type NextStep =
  | { readonly kind: 'returned'; readonly summary: DataSetSummary; readonly elements: readonly string[] }
  | { readonly kind: 'stepRefused' | 'submit'; readonly summary: DataSetSummary }
  | { readonly kind: 'refused' | 'conflict' | 'check'; readonly summary: DataSetSummary; readonly elements: readonly string[] }
  | { readonly kind: 'fill' | 'begin'; readonly summary: DataSetSummary; readonly missing: number }
  | { readonly kind: 'done' }

/**
 * One next step: a report that came back, then a submission that was not accepted, what was refused, what is in conflict, what is begun and
 * nearest to done, what blocks submitting, what can be submitted, and last what nobody has begun. What the bureau has asks for nothing.
 * `maySubmit`: for whoever only fills, a filled form is done.
 */
export function nextStepOf(all: readonly DataSetSummary[], maySubmit: boolean): NextStep {
  const returned = all.find(({ life }) => life.state === 'returned')
  if (returned !== undefined) return { kind: 'returned', summary: returned, elements: returned.life.marks }
  // What the bureau has was handed in, whatever became of a later step.
  const stepRefused = all.find(({ life }) => life.refused?.wanted === 'submitted' && !life.isLocked)
  if (maySubmit && stepRefused !== undefined) return { kind: 'stepRefused', summary: stepRefused }
  const summaries = all.filter(({ life }) => !life.isLocked)
  const refused = most(summaries, (summary) => summary.refused.length)
  if (refused !== undefined) return { kind: 'refused', summary: refused, elements: refused.refused }
  const conflict = most(summaries, (summary) => summary.conflicts.length)
  if (conflict !== undefined) return { kind: 'conflict', summary: conflict, elements: conflict.conflicts }
  const nearest = nearestToDone(summaries)
  if (nearest !== undefined && nearest.answered > 0)
    return { kind: 'fill', summary: nearest, missing: nearest.asked - nearest.answered }
  const check = most(summaries, (summary) => summary.errors.length)
  if (check !== undefined) return { kind: 'check', summary: check, elements: check.errors }
  const full = maySubmit ? summaries.find(isToSubmit) : undefined
  if (full !== undefined) return { kind: 'submit', summary: full }
  if (nearest !== undefined) return { kind: 'begin', summary: nearest, missing: nearest.asked }
  return { kind: 'done' }
}

function most(summaries: readonly DataSetSummary[], count: (summary: DataSetSummary) => number): DataSetSummary | undefined {
  let found: DataSetSummary | undefined
  for (const summary of summaries) {
    if (count(summary) > 0 && (found === undefined || count(summary) > count(found))) found = summary
  }
  return found
}

/** The fewest values to go; a data set that was begun comes before one that was not. */
function nearestToDone(summaries: readonly DataSetSummary[]): DataSetSummary | undefined {
  const open = summaries.filter(({ asked, answered }) => answered < asked)
  const begun = open.filter(({ answered }) => answered > 0)
  const candidates = begun.length > 0 ? begun : open
  return candidates.reduce<DataSetSummary | undefined>((best, summary) => {
    if (best === undefined) return summary
    return summary.asked - summary.answered < best.asked - best.answered ? summary : best
  }, undefined)
}

/** Exactly the elements that `progressOf` counts as answered: asked now, by this unit itself, with a value or a stated absence. */
export function answeredElements(input: {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly dataSets: readonly DataSet[]
  readonly values: Values
}): ReadonlySet<string> {
  const { plan, unit, dataSets, values } = input
  const answered = new Set<string>()
  for (const dataSet of dataSets) {
    for (const { elements } of formOf(plan, dataSet.id, unit).sections) {
      for (const asked of elements) {
        if (!isEnteredByUnit(asked, unit) || !isOpenInForm(plan, asked, unit, values)) continue
        const reading = readingOf(plan, asked, values.get(asked.id))
        const isStated = reading.kind === 'absent' && (reading.absence === 'notApplicable' || reading.absence === 'notAvailable')
        if (reading.kind !== 'absent' || isStated) answered.add(asked.id)
      }
    }
  }
  return answered
}

/** When each answered element of the period was last written, milliseconds since 1970, in no order. */
export function answerTimes(input: {
  readonly period: string
  readonly cells: Iterable<readonly [string, ShownCell]>
  readonly drafts: Iterable<readonly [string, Draft]>
  isAnswered(elementId: string): boolean
}): readonly number[] {
  const times = new Map<string, number>()
  const take = (key: string, at: number) => {
    const parsed = parseKey(key)
    if (parsed.kind === 'value' && parsed.period === input.period && input.isAnswered(parsed.element)) {
      times.set(parsed.element, at)
    }
  }
  for (const [key, cell] of input.cells) take(key, cell.at)
  for (const [key, draft] of input.drafts) take(key, draft.at)
  return [...times.values()]
}

export type ColleagueChange = {
  readonly by: string
  readonly dataSet: DataSet
  readonly count: number
  /** Of the latest one. */
  readonly at: number
  /** Elements of this data set where their value stands beside mine. */
  readonly conflicts: number
}

/** What others wrote in the period, by person, data set and day, newest first. */
export function changesByOthers(input: {
  readonly plan: Plan
  readonly period: string
  readonly username: string
  readonly cells: Iterable<readonly [string, ShownCell]>
  dayOf(at: number): number
}): readonly ColleagueChange[] {
  const changes = new Map<string, ColleagueChange>()
  for (const [key, cell] of input.cells) {
    const parsed = parseKey(key)
    if (parsed.kind !== 'value' || parsed.period !== input.period) continue
    const dataSet = input.plan.elements.get(parsed.element)?.dataSet
    if (dataSet === undefined) continue
    const isConflict = cell.mark === 'conflict'
    const authors = isConflict ? cell.heads : cell.mark === 'confirmed' ? [cell] : []
    for (const { by, at } of authors) {
      if (by === input.username) continue
      const name = JSON.stringify([by, dataSet.id, input.dayOf(at)])
      const before = changes.get(name)
      changes.set(name, {
        by,
        dataSet,
        count: (before?.count ?? 0) + 1,
        at: Math.max(before?.at ?? 0, at),
        conflicts: (before?.conflicts ?? 0) + (isConflict ? 1 : 0),
      })
    }
  }
  return [...changes.values()].sort((a, b) => b.at - a.at)
}
