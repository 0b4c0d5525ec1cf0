/**
 * What others did and said about a school's reports, for the list and the badge. Made from the stream's cells, so it is the same off the
 * network; what counts as new is what has a higher number of the server's than the one that was seen last.
 */
import { isReportState, type ReportState } from '#domain/report'
import { parseKey } from '#sync/protocol'
import { reportStateOf } from '#sync/rights'
import type { ShownStream } from '../device/contract'
import { commentsIn } from './comments'

type Told = {
  readonly id: string
  readonly period: string
  readonly dataSet: string
  readonly by: string
  /** By its author's clock, milliseconds since 1970. */
  readonly at: number
  /** The server's number in the stream. */
  readonly seq: number
}
export type News = Told &
  (
    | { readonly kind: 'state'; readonly state: ReportState; readonly why: string | undefined; readonly marks: readonly string[] }
    | { readonly kind: 'comment'; readonly element: string | undefined; readonly text: string }
  )

/** Of others than this person, newest first. Of a report's states only the present one: the others are its history. */
export function newsIn(stream: ShownStream, username: string): readonly News[] {
  const news: News[] = []
  for (const [key, cell] of stream.cells) {
    if (!key.startsWith('w/') || cell.receipt === undefined) continue
    const parsed = parseKey(key)
    const stated = reportStateOf(cell.heads)
    const head = cell.heads.at(-1)
    if (parsed.kind !== 'report' || stated === undefined || head === undefined || head.by === username) continue
    const { state, why, marks = [] } = stated
    if (!isReportState(state)) continue
    const { period, dataSet } = parsed
    news.push({ kind: 'state', id: key, period, dataSet, by: head.by, at: head.at, seq: cell.receipt, state, why, marks })
  }
  for (const { id, about, text, by, at, receipt } of commentsIn(stream)) {
    if (by === username || receipt === undefined) continue
    const { period, dataSet, element } = about
    news.push({ kind: 'comment', id, period, dataSet, by, at, seq: receipt, element, text })
  }
  return news.sort((one, other) => other.seq - one.seq)
}

/** `seen`: the highest number that was seen; a server that was put back counts anew, and then nothing is called new that is not. */
export function unreadIn(news: readonly News[], seen: number): readonly News[] {
  return news.filter(({ seq }) => seq > seen)
}
