/**
 * Windows while they are being set: what the server has, what is typed, and both brought together when somebody else was faster. Plain
 * values; a change makes a new map.
 */
import type { Fault } from '#domain/fault'
import { problemOf, type Extension, type ReportWindow } from '#domain/window'

export const TIME_FIELDS = ['opens', 'due', 'closes'] as const
export type TimeField = (typeof TIME_FIELDS)[number]
export type Times = Readonly<Partial<Record<TimeField, string | undefined>>>

/** By `keyOf`. Without what says nothing: a report with no times and no extension has no window. */
export type WindowsByReport = ReadonlyMap<string, ReportWindow>

export type ReportOf = { readonly period: string; readonly dataSet: string }
export const keyOf = ({ period, dataSet }: ReportOf): string => `${period} ${dataSet}`

export function byReport(windows: readonly ReportWindow[]): WindowsByReport {
  return new Map(windows.map((window) => [keyOf(window), window]))
}

/** The report's window, or one that says nothing yet. */
export function windowAt(windows: WindowsByReport, { period, dataSet }: ReportOf): ReportWindow {
  return windows.get(keyOf({ period, dataSet })) ?? { period, dataSet, extensions: [] }
}

export function withWindow(windows: WindowsByReport, window: ReportWindow): WindowsByReport {
  const changed = new Map(windows)
  if (saysNothing(window)) changed.delete(keyOf(window))
  else changed.set(keyOf(window), window)
  return changed
}

/** The same times for several reports; what `times` leaves out stays as it is in each. */
export function withTimes(windows: WindowsByReport, reports: readonly ReportOf[], times: Times): WindowsByReport {
  return reports.reduce((all, report) => {
    const before = windowAt(all, report)
    const { opens = before.opens, due = before.due, closes = before.closes } = times
    return withWindow(all, { ...before, opens, due, closes })
  }, windows)
}

/** Whether both say the same; the order of schools says nothing. */
export function isSame(one: ReportWindow | undefined, other: ReportWindow | undefined): boolean {
  return saying(one) === saying(other)
}

/** The reports whose windows differ. */
export function changedKeys(seen: WindowsByReport, mine: WindowsByReport): ReadonlySet<string> {
  const keys = new Set([...seen.keys(), ...mine.keys()])
  return new Set([...keys].filter((key) => !isSame(seen.get(key), mine.get(key))))
}

/**
 * What is typed, over what the server has now: each time and each school's extension that was changed here stays as it was typed, all
 * else is as it was `found`. `seen`: what the server had as typing began.
 */
export function mergeWindows(all: {
  readonly seen: WindowsByReport
  readonly mine: WindowsByReport
  readonly found: WindowsByReport
}): WindowsByReport {
  let merged: WindowsByReport = new Map(all.found)
  for (const key of changedKeys(all.seen, all.mine)) {
    const [seen, mine, found] = [all.seen.get(key), all.mine.get(key), all.found.get(key)]
    const [any] = [mine, seen, found].filter((window) => window !== undefined)
    if (any === undefined) continue
    const time = (field: TimeField): string | undefined => (mine?.[field] === seen?.[field] ? found?.[field] : mine?.[field])
    const { period, dataSet } = any
    merged = withWindow(merged, {
      ...{ period, dataSet, opens: time('opens'), due: time('due'), closes: time('closes') },
      extensions: mergeExtensions({ seen, mine, found }),
    })
  }
  return merged
}

function mergeExtensions(all: Readonly<Record<'seen' | 'mine' | 'found', ReportWindow | undefined>>): readonly Extension[] {
  const of = (window: ReportWindow | undefined, school: string) => window?.extensions.find(({ orgUnit }) => orgUnit === school)
  const schools = new Set([...(all.found?.extensions ?? []), ...(all.mine?.extensions ?? [])].map(({ orgUnit }) => orgUnit))
  return [...schools].flatMap((school) => {
    const [seen, mine, found] = [of(all.seen, school), of(all.mine, school), of(all.found, school)]
    return (
      (mine?.due === seen?.due && mine?.closes === seen?.closes && (mine === undefined) === (seen === undefined)
        ? found
        : mine) ?? []
    )
  })
}

/** What is wrong with a report's window, and at which of its fields, e.g. `extensions.0.due`. */
export type WindowFault = { readonly path: string; readonly fault: Fault }

/** What can be seen to be wrong before it is sent. */
export function faultsOf(windows: WindowsByReport): ReadonlyMap<string, WindowFault> {
  const faults = new Map<string, WindowFault>()
  for (const [key, window] of windows) {
    const found = problemOf(window)
    if (found === undefined) continue
    faults.set(key, { path: found.path, fault: { kind: 'window.invalid', values: { problem: found.problem } } })
  }
  return faults
}

/** Where a fault of the server's belongs, among the windows that were sent: `windows.3.due` is in the fourth. */
export function placeOf(
  { path = '', kind, values }: Fault,
  sent: readonly ReportOf[],
): { readonly key: string; readonly fault: WindowFault } | undefined {
  const [, index, field = ''] = /^windows\.(\d+)\.(.+)$/.exec(path) ?? []
  const report = sent[Number(index)]
  if (report === undefined) return undefined
  return { key: keyOf(report), fault: { path: field, fault: { kind, ...(values === undefined ? {} : { values }) } } }
}

const saysNothing = ({ opens, due, closes, extensions }: ReportWindow): boolean =>
  opens === undefined && due === undefined && closes === undefined && extensions.length === 0

function saying(window: ReportWindow | undefined): string {
  if (window === undefined || saysNothing(window)) return ''
  const { opens = '', due = '', closes = '' } = window
  const schools = window.extensions.map((one) => [one.orgUnit, one.due ?? '', one.closes ?? ''].join(' ')).sort()
  return JSON.stringify([opens, due, closes, ...schools])
}
