/** Findings in sentences: both numbers, the difference, and what to do. Whoever shows them has loaded the messages of `report`. */
import type { CheckFinding } from '#plan/check'
import type { AskedElement, Plan, RuleInstance } from '#plan/plan'
import { inLanguage, language, t } from '../i18n/i18n'
import { numberText } from '../i18n/number-text'
import { unitText, withUnit } from './asked-words'

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
      return t('report.check.partOverWhole', {
        part: namesOf(rule?.part ?? []),
        whole: namesOf(rule?.whole ?? []),
        partValue: words(part),
        wholeValue: words(whole),
        difference: words(part - whole),
      })
    }
    case 'outOfRange':
      return t('report.check.outOfRange', { value: number('now'), max: number('max') })
    case 'changed': {
      const percent = finding.numbers?.['percent'] ?? Number.NaN
      return t(percent < 0 ? 'report.check.changed.less' : 'report.check.changed.more', {
        last: number('before'),
        percent: numberText(Math.abs(percent), language.value, 0),
      })
    }
    case 'zero':
      return t('report.check.zero', { last: number('before') })
    case 'unusual':
      return t('report.check.unusual', { low: number('low'), high: number('high') })
  }
}

function faultWords(finding: CheckFinding): string {
  const values = finding.fault?.values
  switch (finding.fault?.kind) {
    case 'value.notANumber':
      return t('report.check.notANumber', values)
    case 'value.notWhole':
      return t('report.check.notWhole', values)
    case 'value.negative':
      return t('report.check.negative', values)
    case 'value.tooLong':
      return t('report.check.tooLong', values)
    default:
      return t('report.check.notOfKind')
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
