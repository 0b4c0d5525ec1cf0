import { inLanguage } from '#client/i18n/i18n'
import type { OrgUnit } from '#domain/org-unit'
import type { Plan } from '#plan/plan'
import { labelOf } from './asked-words'

/** An element's name by its id, for the unit that is asked. An id that the plan does not know (any more) is shown as it is. */
export function elementWords(plan: Plan | undefined, elementId: string, unit: OrgUnit | undefined): string {
  const asked = plan?.elements.get(elementId)
  if (plan === undefined || asked === undefined) return elementId
  return unit === undefined ? inLanguage(asked.element.label) : labelOf(plan, asked, unit)
}
