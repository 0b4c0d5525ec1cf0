/**
 * Which of several reports can be approved together: those of which every check passes. The others are named with the first reason, so that
 * somebody looks at them one by one.
 */
import type { ReportPage, ReportRow } from '#plan/report-wire'

export const LEFT_OUT = [
  'notWaiting',
  'errors',
  'warnings',
  'comments',
  'contradicted',
  'conflicts',
  'photos',
  'notHere',
  'notStored',
] as const
export type LeftOut = (typeof LEFT_OUT)[number]

/** By the queue alone, before anything is fetched. */
export function leftOutByRow({ state, errors = 0, unanswered = 0, comments }: ReportRow): LeftOut | undefined {
  if (state !== 'submitted' && state !== 'reviewing') return 'notWaiting'
  if (errors > 0) return 'errors'
  if (unanswered > 0) return 'warnings'
  return comments > 0 ? 'comments' : undefined
}

/** By all that is said about it. */
export function leftOutByPage({ row, elements, findings, contradictions, comments }: ReportPage): LeftOut | undefined {
  if (row.state !== 'submitted' && row.state !== 'reviewing') return 'notWaiting'
  if (findings.some(({ level }) => level === 'error')) return 'errors'
  if (findings.some(({ level, answered }) => level === 'warning' && answered !== true)) return 'warnings'
  if (comments.some(({ resolved, reply }) => !resolved && reply === undefined)) return 'comments'
  if (contradictions.length > 0) return 'contradicted'
  if (elements.some(({ conflict }) => conflict === true)) return 'conflicts'
  return elements.some(({ files }) => files.some(({ hasArrived }) => !hasArrived)) ? 'photos' : undefined
}
