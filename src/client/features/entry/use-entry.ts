/**
 * An open form: what every row and section is like now, and what is still to do.
 *
 * Checks and counts are computed after the paint that follows a key press, and handed out by row and by section, so that a
 * key renders the row it was typed in, and others only when something about them changed.
 */
import { computed, shallowReactive, shallowRef, type Ref } from 'vue'
import { check, progressOf, type CheckFinding } from '#plan/check'
import { isOpenInForm, type Form } from '#plan/applicability'
import type { AskedElement, Plan } from '#plan/plan'
import type { OrgUnit } from '#domain/org-unit'
import { effectAfterPaint } from '#client/state/after-paint'
import type { Report } from '#client/state/use-report'
import type { Typist } from '#client/state/typist'
import { valueKey } from '#sync/protocol'
import { isTrouble, rowStateOf, type RowState } from './row-state'

export type SectionState = {
  readonly asked: number
  readonly answered: number
  readonly conflicts: number
  readonly rejected: number
  readonly errors: number
  readonly warnings: number
}

export type OpenThing = { readonly elementId: string; readonly sectionId: string; readonly why: 'trouble' | 'empty' }

export type FormState = {
  readonly asked: number
  readonly answered: number
  /** Values typed here that the server did not take. */
  readonly refused: number
  /** Rows that need somebody, then rows without an answer, each in the form's order. */
  readonly trouble: readonly OpenThing[]
  readonly empty: readonly OpenThing[]
}

const NONE: readonly CheckFinding[] = []
const NOTHING: SectionState = { asked: 0, answered: 0, conflicts: 0, rejected: 0, errors: 0, warnings: 0 }

export type Entry = {
  findingsOf(elementId: string): readonly CheckFinding[]
  sectionOf(sectionId: string): SectionState
  readonly form: Readonly<Ref<FormState | undefined>>
}

export function useEntry(needs: {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly form: Form
  readonly report: Report
  readonly typist: Readonly<Ref<Typist | undefined>>
  readonly focused: Readonly<Ref<string | undefined>>
  mayType(asked: AskedElement): boolean
}): Entry {
  const { plan, unit, form, report } = needs
  const findings = shallowReactive(new Map<string, readonly CheckFinding[]>())
  const sections = shallowReactive(new Map<string, SectionState>())
  const formState = shallowRef<FormState>()

  effectAfterPaint(() => {
    if (!report.ready.value) return
    const found = byRow(
      check(plan, form.dataSet.id, {
        unit,
        period: report.period.value,
        values: report.values,
        lastYear: report.lastYear,
        remarks: report.remarks,
        ranges: report.ranges.value,
      }).filter((finding) => mayShow(finding, findings, needs.focused.value)),
    )
    putChanged(findings, found)
  }, 'later')

  effectAfterPaint(() => {
    if (!report.ready.value) return
    const progress = progressOf(plan, form.dataSet.id, unit, report.values)
    const trouble: OpenThing[] = []
    const empty: OpenThing[] = []
    const states = new Map<string, SectionState>()
    let refused = 0
    for (const { section, elements } of form.sections) {
      const counts = { conflicts: 0, rejected: 0, errors: 0, warnings: 0 }
      for (const asked of elements) {
        if (asked.element.when !== undefined && !isOpenInForm(plan, asked, unit, report.values)) continue
        const state = stateOf(asked)
        count(counts, state)
        if (!needs.mayType(asked)) continue
        if (isTrouble(state)) trouble.push({ elementId: asked.id, sectionId: section.id, why: 'trouble' })
        else if (state === 'empty' || isCleared(asked)) empty.push({ elementId: asked.id, sectionId: section.id, why: 'empty' })
      }
      refused += counts.rejected
      const inSection = progress.bySection.get(section.id)
      states.set(section.id, { asked: inSection?.asked ?? 0, answered: inSection?.answered ?? 0, ...counts })
    }
    putChanged(sections, states)
    const next: FormState = { asked: progress.asked, answered: progress.answered, refused, trouble, empty }
    if (JSON.stringify(next) !== JSON.stringify(formState.value)) formState.value = next
  }, 'later')

  function stateOf(asked: AskedElement): RowState {
    return rowStateOf({
      cell: report.cellOf(asked.id),
      draft: report.draftOf(asked.id),
      findings: findings.get(asked.id) ?? NONE,
      notStored: needs.typist.value?.faults.has(valueKey(report.period.value, asked.id)) === true,
    })
  }

  function isCleared(asked: AskedElement): boolean {
    const value = report.values.get(asked.id)
    return value !== undefined && 'value' in value && (value.value === null || value.value === '')
  }

  return {
    findingsOf: (elementId) => findings.get(elementId) ?? NONE,
    sectionOf: (sectionId) => sections.get(sectionId) ?? NOTHING,
    form: computed(() => formState.value),
  }
}

/**
 * What is found about a field appears on leaving it: half a number is wrong by nature. What is known already stays, so that
 * somebody who came to correct it sees when it is right.
 */
function mayShow(
  finding: CheckFinding,
  shown: ReadonlyMap<string, readonly CheckFinding[]>,
  focused: string | undefined,
): boolean {
  if (focused === undefined || !finding.elements.includes(focused)) return true
  return finding.elements.some((id) => (shown.get(id) ?? NONE).some((each) => each.kind === finding.kind))
}

function byRow(all: readonly CheckFinding[]): Map<string, readonly CheckFinding[]> {
  const rows = new Map<string, CheckFinding[]>()
  for (const finding of all) {
    const [shownAt] = finding.elements
    if (shownAt === undefined) continue
    const row = rows.get(shownAt)
    if (row === undefined) rows.set(shownAt, [finding])
    else row.push(finding)
  }
  return rows
}

/** Touches only the entries that differ, so that only their readers render. */
function putChanged<T>(into: Map<string, T>, next: ReadonlyMap<string, T>): void {
  for (const key of [...into.keys()]) if (!next.has(key)) into.delete(key)
  for (const [key, value] of next) {
    const before = into.get(key)
    if (before === undefined || JSON.stringify(before) !== JSON.stringify(value)) into.set(key, value)
  }
}

function count(counts: { conflicts: number; rejected: number; errors: number; warnings: number }, state: RowState): void {
  if (state === 'conflict') counts.conflicts += 1
  if (state === 'rejected' || state === 'uncounted') counts.rejected += 1
  if (state === 'invalid') counts.errors += 1
  if (state === 'explain') counts.warnings += 1
}
