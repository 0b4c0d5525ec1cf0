/** Findings in sentences: both numbers, the difference, and what to do. */
import type { CheckFinding } from '#plan/check'
import type { AskedElement, Plan, RuleInstance } from '#plan/plan'
import { inLanguage, language, t } from '#client/i18n/i18n'
import { numberText } from '#client/i18n/number-text'
import { unitText, withUnit } from '#client/state/asked-words'

export function findingWords(plan: Plan, finding: CheckFinding): string {
  const [shownAt] = finding.elements
  const asked = shownAt === undefined ? undefined : plan.elements.get(shownAt)
  const unit = asked === undefined ? '' : unitText(asked)
  const words = (value: number): string => withUnit(numberText(value, language.value, 4), unit)
  const number = (name: string): string => words(finding.numbers?.[name] ?? Number.NaN)
  switch (finding.kind) {
    case 'notOfKind':
      return faultWords(finding)
    case 'partOverWhole': {
      const { part = Number.NaN, whole = Number.NaN } = finding.numbers ?? {}
      const rule = ruleOf(plan, finding)
      return t('entry.note.partOverWhole', {
        part: namesOf(rule?.part ?? []),
        whole: namesOf(rule?.whole ?? []),
        partValue: words(part),
        wholeValue: words(whole),
        difference: words(part - whole),
      })
    }
    case 'outOfRange':
      return t('entry.note.outOfRange', { value: number('now'), max: number('max') })
    case 'changed': {
      const percent = finding.numbers?.['percent'] ?? Number.NaN
      return t(percent < 0 ? 'entry.note.changed.less' : 'entry.note.changed.more', {
        last: number('before'),
        percent: numberText(Math.abs(percent), language.value, 0),
      })
    }
    case 'zero':
      return t('entry.note.zero', { last: number('before') })
    case 'unusual':
      return t('entry.note.unusual', { low: number('low'), high: number('high') })
  }
}

function faultWords(finding: CheckFinding): string {
  const values = finding.fault?.values
  switch (finding.fault?.kind) {
    case 'value.notANumber':
      return t('entry.note.notANumber', values)
    case 'value.notWhole':
      return t('entry.note.notWhole', values)
    case 'value.negative':
      return t('entry.note.negative', values)
    case 'value.tooLong':
      return t('entry.note.tooLong', values)
    default:
      return t('entry.note.notOfKind')
  }
}

/** The rule whose numbers the finding speaks of: the one over exactly these elements. */
function ruleOf(plan: Plan, finding: CheckFinding): RuleInstance | undefined {
  const ids = new Set(finding.elements)
  return plan.rules.find(({ part, whole }) => {
    const own = [...part, ...whole].filter((asked) => ids.has(asked.id))
    return part.some((asked) => ids.has(asked.id)) && whole.some((asked) => ids.has(asked.id)) && own.length === ids.size
  })
}

/** One name for an element asked in several stages. */
function namesOf(asked: readonly AskedElement[]): string {
  return [...new Set(asked.map(({ element }) => inLanguage(element.short ?? element.label)))].join(t('entry.and'))
}
