import { inLanguage } from '#client/i18n/i18n'
import type { Plan } from '#plan/plan'

/** An element's name as people read it: with its stage where it is asked once for each. Unknown ids are shown as they are. */
export function elementWords(plan: Plan | undefined, elementId: string): string {
  const asked = plan?.elements.get(elementId)
  if (plan === undefined || asked === undefined) return elementId
  const label = inLanguage(asked.element.label)
  if (asked.stage === undefined) return label
  const stage = plan.document.stages[asked.stage]
  return stage === undefined ? label : `${inLanguage(stage)} · ${label}`
}
