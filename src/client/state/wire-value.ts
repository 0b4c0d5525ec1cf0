/**
 * What is typed and what travels: a number that is understood becomes its canonical text, an emptied field becomes `null`, and
 * everything else stays exactly as it was typed.
 */
import type { Plan } from '#plan/plan'
import { readTyped } from '#plan/typed'
import { parseKey, type Json } from '#sync/protocol'

export function toWire(plan: Plan | undefined, key: string, typed: Json): Json {
  if (typeof typed !== 'string') return typed
  if (typed.trim() === '') return null
  const element = elementAt(plan, key)
  const asked = element === undefined ? undefined : plan?.elements.get(element)
  if (plan === undefined || asked === undefined) return typed
  switch (asked.element.type) {
    case 'count':
    case 'decimal':
    case 'percent': {
      const read = readTyped(plan, asked, typed)
      return read.ok ? read.value : typed
    }
    default:
      return typed
  }
}

/** Of a value, and of what an inspection measured at an item that names an element. */
function elementAt(plan: Plan | undefined, key: string): string | undefined {
  const parsed = parseKey(key)
  if (parsed.kind === 'value') return parsed.element
  return parsed.kind === 'item' && parsed.field === 'measured' ? plan?.items.get(parsed.item)?.item.element : undefined
}
