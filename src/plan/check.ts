/**
 * What stands in the way of submitting a report (errors), and what asks for a remark (warnings). Nothing here ever stops saving.
 *
 * | kind          | level   | when                                                                             |
 * |---------------|---------|----------------------------------------------------------------------------------|
 * | notOfKind     | error   | what is typed is not of the element's kind                                        |
 * | outOfRange    | error   | a number that cannot be true: beyond 100 %, or the plan's largest                  |
 * | partOverWhole | error   | a part is larger than its whole                                                   |
 * | changed       | warning | more than the plan's `changePercent` off last year                                |
 * | zero          | warning | zero where last year was not                                                      |
 * | unusual       | warning | outside the usual range of the district's units of the type, where one is given   |
 *
 * Runs at every keystroke on a slow tablet: what depends on the plan and the kind of unit alone is made once and kept.
 * Elements that the form does not show, or that the bureau enters, are not checked here and do not count in the progress.
 */
import type { Fault } from '#domain/fault'
import type { OrgUnit } from '#domain/org-unit'
import { isEnteredByUnit, isOpen } from './applicability'
import { elementsOfCondition, type AskedElement, type Plan, type RuleInstance } from './plan'
import type { Element } from './schema'
import { largestOf, readTyped, type Values } from './typed'
import { kindOf, onceForKind, type UnitKind } from './unit-kind'
import { readUnit, type UnitReadings } from './unit-readings'
import type { UsualRange } from './usual-range'

export type CheckInput = {
  readonly unit: OrgUnit
  readonly period: string
  readonly values: Values
  readonly lastYear?: Values | undefined
  /** By expanded element id. */
  readonly ranges?: ReadonlyMap<string, UsualRange> | undefined
  /** By expanded element id; a warning with a remark is answered. */
  readonly remarks?: { get(elementId: string): unknown } | undefined
}

export type CheckFinding = {
  readonly level: 'error' | 'warning'
  readonly kind: 'notOfKind' | 'partOverWhole' | 'outOfRange' | 'changed' | 'zero' | 'unusual'
  /** Expanded ids; the first is where it is shown. */
  readonly elements: readonly string[]
  readonly fault?: Fault
  /**
   * outOfRange `now max`; partOverWhole `part whole`; changed `now before percent` (signed); zero `now before`;
   * unusual `now low high units`.
   */
  readonly numbers?: Readonly<Record<string, number>>
  /** Only on warnings. */
  readonly answered?: boolean
}

export type Progress = {
  readonly asked: number
  /** A stated absence is an answer; what is not of its kind, out of range or in conflict is not one yet. */
  readonly answered: number
  readonly bySection: ReadonlyMap<string, { readonly asked: number; readonly answered: number }>
}

/** Findings of one data set, or of all of them, in the form's order; those of rules and the warnings of an element follow each other. */
export function check(plan: Plan, dataSetId: string | undefined, input: CheckInput): readonly CheckFinding[] {
  const kind = kindOf(plan, input.unit)
  const { elements, rules } = scopeOf(plan, kind, dataSetId)
  const readings = readUnit(plan, kind, input.values)
  const before = input.lastYear === undefined ? undefined : readUnit(plan, kind, input.lastYear)
  const findings: CheckFinding[] = []
  for (const asked of elements) {
    if (!isOpen(readings, asked)) continue
    const reading = readings.typed(asked)
    if (reading.kind === 'absent') {
      if (reading.absence === 'invalid') findings.push(invalidFinding(plan, asked, input.values))
    } else if (reading.kind === 'number' && asked.element.quiet === undefined) {
      addWarnings(plan, asked, reading.number, before, input, findings)
    }
  }
  for (const rule of rules) {
    const numbers = readings.broken(rule)
    if (numbers === undefined) continue
    findings.push({ level: 'error', kind: 'partOverWhole', elements: elementsOfRule(rule, dataSetId), numbers })
  }
  return findings
}

/**
 * Expanded ids of all that the errors of a data set follow from: its own elements, what rules compare them with, and what opens either. The
 * same array for every unit of a kind.
 */
export function elementsOfErrors(plan: Plan, dataSetId: string, unit: OrgUnit): readonly string[] {
  const kind = kindOf(plan, unit)
  const scope = scopeOf(plan, kind, dataSetId)
  return onceForKind(kind, scope, () => {
    const needed = new Set([...scope.elements, ...scope.rules.flatMap((rule) => [...rule.part, ...rule.whole])])
    // A set may grow while it is walked: this follows `when` to its end.
    for (const { element } of needed) {
      if (element.when !== undefined) for (const other of elementsOfCondition(plan, element.when)) needed.add(other)
    }
    return [...needed].map(({ id }) => id)
  })
}

/** Whether anything blocks submitting. A warning asks for a remark and blocks nothing. */
export function isBlocked(findings: readonly CheckFinding[]): boolean {
  return findings.some((finding) => finding.level === 'error')
}

export function progressOf(plan: Plan, dataSetId: string | undefined, unit: OrgUnit, values: Values): Progress {
  const kind = kindOf(plan, unit)
  const readings = readUnit(plan, kind, values)
  const bySection = new Map<string, { asked: number; answered: number }>()
  let asked = 0
  let answered = 0
  for (const one of scopeOf(plan, kind, dataSetId).elements) {
    if (!isOpen(readings, one)) continue
    let ofSection = bySection.get(one.section.id)
    if (ofSection === undefined) bySection.set(one.section.id, (ofSection = { asked: 0, answered: 0 }))
    asked += 1
    ofSection.asked += 1
    if (!isAnswered(readings, one)) continue
    answered += 1
    ofSection.answered += 1
  }
  return { asked, answered, bySection }
}

function isAnswered(readings: UnitReadings, asked: AskedElement): boolean {
  const reading = readings.typed(asked)
  return reading.kind !== 'absent' || reading.absence === 'notApplicable' || reading.absence === 'notAvailable'
}

type Scope = { readonly elements: readonly AskedElement[]; readonly rules: readonly RuleInstance[] }

/** A rule is checked with each data set in which one of its elements stands: it can be broken, and mended, from either. */
function scopeOf(plan: Plan, kind: UnitKind, dataSetId: string | undefined): Scope {
  const scopes = onceForKind(kind, check, () => new Map<string | undefined, Scope>())
  let scope = scopes.get(dataSetId)
  if (scope === undefined) {
    const isIn = (asked: AskedElement) => dataSetId === undefined || asked.dataSet.id === dataSetId
    if (dataSetId !== undefined && !plan.dataSets.has(dataSetId)) throw new Error(`the plan has no data set ${dataSetId}`)
    scope = {
      elements: kind.elements.filter((asked) => isIn(asked) && isEnteredByUnit(asked, kind.of)),
      rules: kind.rules.filter((rule) =>
        [...rule.part, ...rule.whole].some((asked) => isIn(asked) && isEnteredByUnit(asked, kind.of)),
      ),
    }
    scopes.set(dataSetId, scope)
  }
  return scope
}

/** Shown at the part, or at the whole where only that is in the data set on the screen. */
function elementsOfRule(rule: RuleInstance, dataSetId: string | undefined): readonly string[] {
  const all = [...rule.part, ...rule.whole]
  const here = all.filter((asked) => dataSetId === undefined || asked.dataSet.id === dataSetId)
  return [...here, ...all.filter((asked) => !here.includes(asked))].map((asked) => asked.id)
}

function invalidFinding(plan: Plan, asked: AskedElement, values: Values): CheckFinding {
  const elements = [asked.id]
  const cell = values.get(asked.id)
  const value = cell !== undefined && 'value' in cell ? cell.value : undefined
  if (typeof value !== 'string')
    return { level: 'error', kind: 'notOfKind', elements, fault: { kind: faultOfKind(asked.element) } }
  const read = readTyped(plan, asked, value)
  if (!read.ok) {
    const kind = read.fault.kind === 'value.outOfRange' ? 'outOfRange' : 'notOfKind'
    return { level: 'error', kind, elements, fault: read.fault }
  }
  const max = largestOf(asked.element) ?? Number.MAX_SAFE_INTEGER
  const now = Number(read.value)
  return {
    level: 'error',
    kind: 'outOfRange',
    elements,
    fault: { kind: 'value.outOfRange', values: { typed: value, max } },
    numbers: { now, max },
  }
}

function faultOfKind({ type }: Element): Fault['kind'] {
  switch (type) {
    case 'count':
    case 'decimal':
    case 'percent':
      return 'value.notANumber'
    case 'yesno':
      return 'value.notYesNo'
    case 'choice':
    case 'choices':
      return 'value.notAChoice'
    case 'text':
      return 'body.invalid'
  }
}

function addWarnings(
  plan: Plan,
  asked: AskedElement,
  now: number,
  before: UnitReadings | undefined,
  input: CheckInput,
  findings: CheckFinding[],
): void {
  const add = (kind: CheckFinding['kind'], numbers: Readonly<Record<string, number>>) => {
    const remark = input.remarks?.get(asked.id)
    const answered = typeof remark === 'string' && remark.trim() !== ''
    findings.push({ level: 'warning', kind, elements: [asked.id], numbers, answered })
  }
  const last = before?.shown(asked)
  if (last?.kind === 'number' && last.number !== 0) {
    const percent = ((now - last.number) * 100) / last.number
    if (now === 0) add('zero', { now, before: last.number })
    else if (Math.abs(percent) > plan.document.warnings.changePercent) add('changed', { now, before: last.number, percent })
  }
  const range = input.ranges?.get(asked.id)
  if (range !== undefined && (now < range.low || now > range.high)) {
    add('unusual', { now, low: range.low, high: range.high, units: range.units })
  }
}
