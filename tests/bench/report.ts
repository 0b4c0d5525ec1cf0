/** Figures of the bench, printed as one table a section. Nothing here fails: a bench measures, a person judges. */
export type Line = { readonly what: string; readonly value: string; readonly beside?: string; readonly bound?: string }

export function section(title: string, lines: readonly Line[]): void {
  console.log(`\n## ${title}\n`)
  console.log('| what | measured | reference in the same run | aimed at |')
  console.log('|---|---:|---:|---:|')
  for (const { what, value, beside, bound } of lines) console.log(`| ${what} | ${value} | ${beside ?? ''} | ${bound ?? ''} |`)
}

export const perSecond = (count: number, ms: number): string => `${Math.round((count / ms) * 1000).toLocaleString('en')} /s`
export const inMs = (ms: number): string => `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`

/** The value below which this share (0-1) of the sorted values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)
