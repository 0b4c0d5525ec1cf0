/** The checklist in the words and numbers of its cards. */
import { asksElement } from '#plan/applicability'
import type { AskedElement, Plan } from '#plan/plan'
import type { HardwareCheck } from '#plan/schema'
import { readingOf, type Values } from '#plan/typed'
import type { HardwareState } from '#plan/unit-figures'
import type { OrgUnit } from '#domain/org-unit'
import { inLanguage, language, t } from '#client/i18n/i18n'
import { numberText } from '#client/i18n/number-text'
import { unitText, valueText, withUnit } from '#client/state/asked-words'

/** Drawings of the program by the names that a plan may use. */
const ICONS: Readonly<Record<string, string>> = {
  gauge: 'speed',
  wifi: 'wifi',
  utensils: 'canteen',
  pot: 'kitchen',
  shield: 'shield',
  graduation: 'school',
  wrench: 'tools',
  flask: 'flask',
  palette: 'palette',
  hand: 'hand',
  ball: 'ball',
  kindergarten: 'building',
}

export const iconOf = (check: HardwareCheck): string => ICONS[check.icon ?? ''] ?? 'hardware'

export const STATE_ICONS = {
  met: 's-ok',
  short: 's-bad',
  notReported: 's-todo',
  notApplicable: 's-na',
  invalid: 's-error',
} as const satisfies Record<HardwareState['state'], string>

/** The elements of a check that the unit is asked, the measured one first. */
export function elementsOf(plan: Plan, unit: OrgUnit, check: HardwareCheck): readonly AskedElement[] {
  return check.elements.flatMap((id) => (plan.expansions.get(id) ?? []).filter((asked) => asksElement(plan, asked.id, unit)))
}

export type Measured = { readonly value: string; readonly unit: string; readonly outOf?: string | undefined }

/** "1.0 Gbps", "64 / 68 个", "4A", "是". `undefined`: nothing is reported. */
export function measuredOf(plan: Plan, unit: OrgUnit, check: HardwareCheck, values: Values): Measured | undefined {
  const [first, second] = elementsOf(plan, unit, check)
  if (first === undefined) return undefined
  const cell = values.get(first.id)
  const value = cell !== undefined && 'value' in cell ? cell.value : undefined
  if (value === undefined || value === null || value === '') return undefined
  // Only where the check compares the two: other checks may list elements that stand side by side.
  const whole = second === undefined || !('equal' in check.meets) ? undefined : readingOf(plan, second, values.get(second.id))
  return {
    value: valueText(plan, first, value),
    unit: unitText(first),
    outOf: whole?.kind === 'number' ? t('hardware.outOf', { whole: numberText(whole.number, language.value) }) : undefined,
  }
}

export function gapWords(state: HardwareState): string {
  if (state.state === 'invalid') return t('hardware.toCheck')
  if (state.state === 'notReported') return t('hardware.notReported')
  if (state.gap === undefined) return t('hardware.gapNone')
  if (state.gap.kind === 'grade') return t('hardware.gapSteps', { steps: state.gap.steps })
  const unit = state.gap.unit === undefined ? '' : inLanguage(state.gap.unit)
  return t('hardware.gap', { gap: withUnit(numberText(state.gap.number, language.value), unit) })
}

/** Numbers of the checklist's data set that no check judges, each with its share per pupil where pupils are known. */
export function recordedWords(at: { readonly plan: Plan; readonly unit: OrgUnit; readonly values: Values }): readonly string[] {
  const { plan, unit, values } = at
  const { hardware } = plan.document
  if (hardware === undefined) return []
  const judged = new Set(hardware.checks.flatMap((check) => check.elements))
  const pupils = pupilsOf(plan, unit, values)
  return plan.elementList.flatMap((asked) => {
    if (asked.dataSet.id !== hardware.dataSet || judged.has(asked.element.id) || !asksElement(plan, asked.id, unit)) return []
    const reading = readingOf(plan, asked, values.get(asked.id))
    if (reading.kind !== 'number') return []
    const label = inLanguage(asked.element.short ?? asked.element.label)
    const value = withUnit(numberText(reading.number, language.value), unitText(asked))
    if (pupils === undefined) return [t('hardware.recorded', { label, value })]
    const per = withUnit(numberText(reading.number / pupils, language.value, 1), unitText(asked))
    return [t('hardware.recordedPerPupil', { label, value, per })]
  })
}

/** All pupils of the unit; `undefined` while a stage is missing. */
function pupilsOf(plan: Plan, unit: OrgUnit, values: Values): number | undefined {
  const pupils = plan.document.balance?.pupils
  const asked = (pupils === undefined ? [] : (plan.expansions.get(pupils) ?? [])).filter((each) =>
    asksElement(plan, each.id, unit),
  )
  let sum = 0
  for (const each of asked) {
    const reading = readingOf(plan, each, values.get(each.id))
    if (reading.kind !== 'number') return undefined
    sum += reading.number
  }
  return sum > 0 ? sum : undefined
}
