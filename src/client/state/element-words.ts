import type { Plan } from '#plan/plan'
import { labelOf } from './asked-words'

/** An element's name by its id. An id that the plan does not know (any more) is shown as it is. */
export function elementWords(plan: Plan | undefined, elementId: string): string {
  const asked = plan?.elements.get(elementId)
  return plan === undefined || asked === undefined ? elementId : labelOf(plan, asked)
}
