/** What is due next, and how even a pace would be until then. */
import type { OpenWindow, Standing } from '#domain/window'

export type ReportDue = {
  readonly window: OpenWindow | undefined
  readonly standing: Standing
  /** The bureau has it: nothing is due of it any more. */
  readonly isIn: boolean
}

export type Deadline = {
  /** The nearest of what is still with the school, milliseconds since 1970, and as it is read off a clock. */
  readonly due: { readonly at: number; readonly local: string }
  readonly standing: Standing
  /** How many reports are due then. */
  readonly count: number
  /** From when to when, where all reports of the year share one window; otherwise one line would say nothing about any of them. */
  readonly span: { readonly from: number; readonly to: number } | undefined
}

export function deadlineOf(reports: readonly ReportDue[]): Deadline | undefined {
  let nearest: { readonly due: Deadline['due']; readonly standing: Standing } | undefined
  let count = 0
  for (const { window, standing, isIn } of reports) {
    if (isIn || window?.due === undefined) continue
    if (nearest === undefined || window.due.at < nearest.due.at) {
      nearest = { due: window.due, standing }
      count = 1
    } else if (window.due.at === nearest.due.at) count += 1
  }
  return nearest === undefined ? undefined : { ...nearest, count, span: spanOf(reports) }
}

function spanOf(reports: readonly ReportDue[]): Deadline['span'] {
  const [first] = reports
  const from = first?.window?.opens?.at
  const to = first?.window?.due?.at
  if (from === undefined || to === undefined || to <= from) return undefined
  return reports.every(({ window }) => window?.opens?.at === from && window.due?.at === to) ? { from, to } : undefined
}

/** How many more are answered than an even pace would have; negative: fewer. `undefined` outside of the span. */
export function aheadOf(
  span: { readonly from: number; readonly to: number },
  at: { readonly now: number; readonly asked: number; readonly answered: number },
): number | undefined {
  if (at.now < span.from || at.now > span.to) return undefined
  return at.answered - Math.round((at.asked * (at.now - span.from)) / (span.to - span.from))
}
