/** An element in words: its label, the field it needs, a value of it for reading. In the language of the interface. */
import { isStatedAbsence } from '#domain/absence'
import type { OrgUnit } from '#domain/org-unit'
import { asksElement } from '#plan/applicability'
import type { AskedElement, Plan } from '#plan/plan'
import { choicesOf, readingOf } from '#plan/typed'
import { inLanguage, language, t } from '../i18n/i18n'
import { numberText } from '../i18n/number-text'

/** The stage is named where the unit is asked for more than one. */
export function labelOf(plan: Plan, asked: AskedElement, unit: OrgUnit): string {
  const label = inLanguage(asked.element.label)
  const stages = (plan.expansions.get(asked.element.id) ?? []).filter((each) => asksElement(plan, each.id, unit))
  return asked.stage === undefined || stages.length < 2
    ? label
    : t('entry.labelOfStage', { label, stage: stageName(plan, asked.stage) })
}

export function stageName(plan: Plan, stage: string): string {
  const text = Object.entries(plan.document.stages).find(([name]) => name === stage)?.[1]
  return text === undefined ? stage : inLanguage(text)
}

export type AskedField =
  | { readonly kind: 'number'; readonly decimal: boolean; readonly unit?: string | undefined }
  | { readonly kind: 'yesno' | 'text' }
  | { readonly kind: 'choice' | 'choices'; readonly choices: readonly { readonly key: string; readonly label: string }[] }

export function fieldOf(plan: Plan, asked: AskedElement): AskedField {
  const { element } = asked
  switch (element.type) {
    case 'count':
      return { kind: 'number', decimal: false, unit: element.unit && inLanguage(element.unit) }
    case 'decimal':
      return { kind: 'number', decimal: true, unit: element.unit && inLanguage(element.unit) }
    case 'percent':
      return { kind: 'number', decimal: true, unit: '%' }
    case 'yesno':
    case 'text':
      return { kind: element.type }
    case 'choice':
    case 'choices':
      return {
        kind: element.type,
        choices: choicesOf(plan, element).map(({ key, label }) => ({ key, label: inLanguage(label) })),
      }
  }
}

export function unitText(asked: AskedElement): string {
  const { element } = asked
  if (element.type === 'percent') return '%'
  return element.unit === undefined ? '' : inLanguage(element.unit)
}

/** What a field shows of a value: the text itself; nothing for an empty cell or a stated absence. */
export function fieldText(value: unknown): string {
  if (value === undefined || value === null || isStatedAbsence(value)) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A value for reading, without its unit. What is not of the element's kind is shown as it is. */
export function valueText(plan: Plan, asked: AskedElement, value: unknown): string {
  if (value === undefined || value === null || value === '') return '–'
  if (isStatedAbsence(value)) return t(`entry.absence.${value.absence}.because`, { reason: value.reason })
  const reading = readingOf(plan, asked, { value })
  switch (reading.kind) {
    case 'number':
      return numberText(reading.number, language.value)
    case 'yesno':
      return t(reading.yes ? 'entry.yes' : 'entry.no')
    case 'choice':
      return choiceLabel(plan, asked, reading.key)
    case 'choices':
      return reading.keys.map((key) => choiceLabel(plan, asked, key)).join(t('entry.and'))
    case 'text':
      return reading.text
    case 'absent':
      return fieldText(value)
  }
}

export function choiceLabel(plan: Plan, asked: AskedElement, key: string): string {
  const choice = choicesOf(plan, asked.element).find((each) => each.key === key)
  return choice === undefined ? key : inLanguage(choice.label)
}

/** Numbers stand with their unit and a space, per cent without. */
export function withUnit(text: string, unit: string): string {
  return unit === '' || unit === '%' ? `${text}${unit}` : `${text} ${unit}`
}
