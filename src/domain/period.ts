/** A calendar year, written with four digits, as `1999`. Periods are compared as text: four digits sort as numbers do. */
export type Period = string & { readonly __brand: 'Period' }

export function isPeriod(text: string): text is Period {
  return /^[12]\d{3}$/.test(text)
}

export function toPeriod(text: string): Period {
  if (!isPeriod(text)) throw new Error(`not a period: ${text}`)
  return text
}

export function periodBefore(period: Period): Period {
  return toPeriod(String(Number(period) - 1))
}

export const firstDay = (period: Period): string => `${period}-01-01`
export const lastDay = (period: Period): string => `${period}-12-31`
