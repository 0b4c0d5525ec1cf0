/** What people say about a report and its values, read out of the stream's cells. A comment is there once its words and its place are. */
import { parseCommentAbout, parseMentions, type CommentAbout } from '#domain/comment'
import type { Role } from '#domain/person'
import { commentId, commentKey, parseKey, type Json } from '#sync/protocol'
import { newDeviceName } from '../device/browser-ports'
import type { Device, ShownStream } from '../device/contract'
import type { ReportLife } from './report-life'

export type Comment = {
  readonly id: string
  readonly about: CommentAbout
  readonly text: string
  readonly to: readonly Role[]
  readonly isResolved: boolean
  readonly by: string
  /** By its author's clock, milliseconds since 1970. */
  readonly at: number
  readonly isOnDevice: boolean
  /** The server's number for its words; `undefined` while they wait. */
  readonly receipt: number | undefined
}

/** Oldest first; of one's own that wait, behind the others. */
export function commentsIn(stream: ShownStream): readonly Comment[] {
  const found: Comment[] = []
  for (const key of stream.cells.keys()) {
    if (!key.startsWith('c/')) continue
    const parsed = parseKey(key)
    if (parsed.kind !== 'comment' || parsed.field !== 'text') continue
    const comment = commentIn(stream, parsed.id)
    if (comment !== undefined) found.push(comment)
  }
  return found.sort((one, other) => (one.receipt ?? Infinity) - (other.receipt ?? Infinity) || one.at - other.at)
}

function commentIn({ cells }: ShownStream, id: string): Comment | undefined {
  const about = parseCommentAbout(cells.get(commentKey(id, 'about'))?.value)
  const cell = cells.get(commentKey(id, 'text'))
  if (about === undefined || typeof cell?.value !== 'string' || cell.value === '') return undefined
  return {
    id,
    about,
    text: cell.value,
    to: parseMentions(cells.get(commentKey(id, 'to'))?.value),
    isResolved: cells.get(commentKey(id, 'resolved'))?.value === true,
    by: cell.by,
    at: cell.at,
    isOnDevice: cell.mark === 'onDevice',
    receipt: cell.receipt,
  }
}

type At = { readonly period: string; readonly dataSet: string }

/** Elements of a report that the reviewer returned, or that somebody said something about. */
export function spokenOfIn(stream: ShownStream, { period, dataSet }: At, life: ReportLife): ReadonlySet<string> {
  const elements = new Set(life.state === 'returned' ? life.marks : [])
  for (const { about } of commentsIn(stream))
    if (about.period === period && about.dataSet === dataSet && about.element !== undefined) elements.add(about.element)
  return elements
}

/** Rejects like `Device.commit`. */
export async function say(
  device: Pick<Device, 'commit'>,
  comment: {
    readonly stream: string
    readonly about: CommentAbout
    readonly text: string
    readonly to: readonly Role[]
    readonly pv: number
  },
): Promise<void> {
  const id = commentId(newDeviceName())
  const { stream, about, text, to, pv } = comment
  const put = (field: 'about' | 'to' | 'text', value: Json): Promise<void> =>
    device.commit({ stream, key: commentKey(id, field), value, base: [], pv })
  await put('about', JSON.parse(JSON.stringify(about)) as Json)
  if (to.length > 0) await put('to', to)
  // Last: the comment is there with its words.
  await put('text', text)
}
