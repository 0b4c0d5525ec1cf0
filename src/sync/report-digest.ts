/**
 * What a submission vouches for, as one number: the keys and values that were on the screen. Not who typed them: the same values typed
 * by somebody else are the same report. What was cleared counts as never typed.
 */
import { canonicalJson, hash } from './hash'
import { remarkKey, valueKey, type Json } from './protocol'

/** Of each element a value and its remark. `elements`: those of the report that the org unit itself answers, in any order. */
export function keysOfReport(period: string, elements: readonly string[]): readonly string[] {
  return elements.flatMap((element) => [valueKey(period, element), remarkKey(period, element)])
}

/** `valueAt`: what stands there, as the author sees it; `undefined` or null: nothing. Sixteen hexadecimal digits. */
export function reportDigest(keys: readonly string[], valueAt: (key: string) => Json | undefined): string {
  const lines: string[] = []
  for (const key of keys) {
    const value = valueAt(key) ?? null
    if (value !== null) lines.push(`${key} ${canonicalJson(value)}`)
  }
  return hash(lines.sort().join('\n'))
}

/** The values themselves, for saying later what has changed since. */
export function vouchedValues(
  keys: readonly string[],
  valueAt: (key: string) => Json | undefined,
): Readonly<Record<string, Json>> {
  const values: Record<string, Json> = {}
  for (const key of keys) {
    const value = valueAt(key) ?? null
    if (value !== null) values[key] = value
  }
  return values
}

/** Keys whose values are other ones now than those that were vouched for. */
export function changedSince(
  vouched: Readonly<Record<string, Json>>,
  keys: readonly string[],
  valueAt: (key: string) => Json | undefined,
): readonly string[] {
  return keys.filter((key) => canonicalJson(vouched[key] ?? null) !== canonicalJson(valueAt(key) ?? null))
}
