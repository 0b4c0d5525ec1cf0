/**
 * A number for reading. Chinese: no separators, from 10 万 on in 万, every digit kept. English: separators in threes.
 * `decimals`: digits after the point that are shown; without it, all there are.
 */
import type { Language } from '#domain/text'

/** Six digits and more are hard to read at a glance. */
const IN_TEN_THOUSANDS_FROM = 100_000

export function numberText(number: number, language: Language, decimals?: number): string {
  const inTenThousands = language === 'zh' && Math.abs(number) >= IN_TEN_THOUSANDS_FROM
  // Ten digits after the point hide what binary fractions add, and no value of a plan has that many.
  const shown = trimmed((inTenThousands ? number / 10_000 : number).toFixed(inTenThousands ? 10 : (decimals ?? 10)))
  if (inTenThousands) return `${shown} 万`
  return language === 'zh' ? shown : withSeparators(shown)
}

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text)

const withSeparators = (text: string): string => {
  const [whole = '', fraction] = text.split('.')
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? spaced : `${spaced}.${fraction}`
}
