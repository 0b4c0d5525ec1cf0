/**
 * What becomes of a mutation: rights first, then the state of the report, then the cell itself. A value is never refused for being
 * implausible, and a period or element that the plan does not know is stored as it is: a newer tablet may know it.
 *
 * | the mutation                                   | verdict                        |
 * |------------------------------------------------|--------------------------------|
 * | its author may not write here                  | rejected: forbidden            |
 * | its kind or the form of its key is not known   | rejected: invalid              |
 * | its value is longer than the protocol allows   | rejected: invalid              |
 * | a comment's words, and they are somebody else's | rejected: forbidden           |
 * | its report is locked, and it is not a recovery | rejected: locked               |
 * | a step: what stands there was not seen by them | rejected: stale                |
 * | a step that does not exist, or is not theirs   | rejected: what the rule says   |
 * | it vouches for a report that has two values    | rejected: conflicts            |
 * | it vouches for other values than there are     | rejected: changed              |
 * | a report's step that something stands against  | rejected: what the rule says   |
 * | everything else                                | applied, merged or conflict    |
 *
 * A state is entered by a step (`move`) and only so. As a step names all that stands there, a state never has two heads.
 */
import { apply, headIds, type Applied } from './cell'
import { canonicalJson, sameJson } from './hash'
import { reportDigest } from './report-digest'
import {
  isStateKey,
  keysOfSaid,
  parseKey,
  VALUE_BYTES_MAX,
  type Cell,
  type Id,
  type Json,
  type Mutation,
  type Rejection,
} from './protocol'

export type Judgement = Applied | { readonly cell?: undefined; readonly verdict: `rejected: ${Rejection}` }

export type Rules = {
  /** Whether the author may write this key. */
  readonly mayWrite: (key: string) => boolean
  /** Why the author may not take this step; without a rule there are no steps. */
  readonly judgeMove?: ((step: Move) => Rejection | undefined) | undefined
  readonly reports?: ReportRules | undefined
}

/** What reports are, for who knows keys and not what they mean: which values belong together under one state. */
export type ReportRules = {
  /** The key of the state of the report that a cell is part of; `undefined`: of none. */
  readonly stateOf: (key: string) => string | undefined
  /** What is vouched for with the report that has this state: values and remarks. */
  readonly keysOf: (stateKey: string) => readonly string[]
  /** What `against` reads besides. */
  readonly readsOf?: ((stateKey: string) => readonly string[]) | undefined
  readonly isLocked: (heads: Cell['heads'] | undefined) => boolean
  /** The digest that a step vouches with; `undefined`: it vouches for nothing. */
  readonly vouchedBy: (to: Json) => string | undefined
  /** What else stands against a step that exists, is theirs, and whose author has seen everything. */
  readonly against?: ((step: ReportMove) => Rejection | undefined) | undefined
  /** What the state of a report becomes that was locked as a lost edit of it came back. */
  readonly recovered: Json
}
export type ReportMove = {
  readonly key: string
  readonly to: Json
  readonly from: Json | undefined
  readonly cellAt: (key: string) => Cell | undefined
}

/**
 * A step as a rule sees it. `from`: what the state's head says, the newest where a restored server has several. `again`: it was taken
 * before a server was restored, from wherever the state stood then.
 */
export type Move = { readonly key: string; readonly to: Json } & (
  { readonly again: true; readonly from?: undefined } | { readonly again?: undefined; readonly from: Json | undefined }
)

export function judge(question: {
  readonly mutation: Mutation
  readonly id: Id
  readonly by: string
  readonly rules: Rules
  readonly cell: Cell | undefined
  /** The number that the mutation has in the stream. */
  readonly seq: number
  readonly isKnown: (id: Id) => boolean
  /** The cells of a report, where there are rules for reports. */
  readonly cellAt?: ((key: string) => Cell | undefined) | undefined
}): Judgement {
  const { mutation, id, by, rules, cell, seq, isKnown, cellAt = () => undefined } = question
  const { kind, key, value, base, at } = mutation
  if (!rules.mayWrite(key)) return { verdict: 'rejected: forbidden' }
  if (kind !== (isStateKey(key) ? 'move' : 'set') || parseKey(key).kind === 'unknown' || isTooLong(value))
    return { verdict: 'rejected: invalid' }
  if (isOfAnother(by, { key, cell, cellAt })) return { verdict: 'rejected: forbidden' }
  if (mutation.again !== true && isInLocked(key, rules.reports, cellAt)) return { verdict: 'rejected: locked' }
  if (kind === 'move') {
    const rejection = judgeStep(cell, mutation, rules, cellAt)
    if (rejection !== undefined) return { verdict: `rejected: ${rejection}` }
  }
  return apply(cell, { id, value, base, by, at }, { seq, isKnown })
}

/** What was taken before a server was restored had been judged then by where the state stood; any other is by where it stands now. */
function judgeStep(
  cell: Cell | undefined,
  { key, value: to, base, again }: Mutation,
  { judgeMove, reports }: Rules,
  cellAt: (key: string) => Cell | undefined,
): Rejection | undefined {
  if (again === true) return judgeMove?.({ key, to, again })
  const heads = cell?.heads ?? []
  const seen = new Set(base)
  if (headIds(heads).some((id) => !seen.has(id))) return 'stale'
  const from = heads.at(-1)?.value
  const rejection = judgeMove === undefined ? 'invalid' : judgeMove({ key, to, from })
  if (rejection !== undefined || reports === undefined || parseKey(key).kind !== 'report') return rejection
  return whyNotVouched({ key, to, cellAt }, reports) ?? reports.against?.({ key, to, from, cellAt })
}

function whyNotVouched({ key, to, cellAt }: Omit<ReportMove, 'from'>, reports: ReportRules): Rejection | undefined {
  const vouched = reports.vouchedBy(to)
  if (vouched === undefined) return undefined
  const keys = reports.keysOf(key)
  if (keys.some((each) => (cellAt(each)?.heads.length ?? 0) > 1)) return 'conflicts'
  return reportDigest(keys, (each) => cellAt(each)?.heads[0]?.value) === vouched ? undefined : 'changed'
}

/** Whether the report that the key is part of takes no changes now. */
export function isInLocked(key: string, reports: ReportRules | undefined, cellAt: (key: string) => Cell | undefined): boolean {
  const state = reports?.stateOf(key)
  return state !== undefined && reports?.isLocked(cellAt(state)?.heads) === true
}

/**
 * Whether a step that was taken before a restore, and is taken once more as it was, has brought the bureau a report that is another one
 * now: others have written in it since, or the server had given it back already.
 */
export function isVouchedByNobody(
  key: string,
  reports: ReportRules | undefined,
  cellAt: (key: string) => Cell | undefined,
): boolean {
  const { heads = [] } = cellAt(key) ?? {}
  const present = heads.at(-1)
  if (reports === undefined || present === undefined || !reports.isLocked(heads)) return false
  return (
    heads.some(({ value }) => sameJson(value, reports.recovered)) ||
    whyNotVouched({ key, to: present.value, cellAt }, reports) !== undefined
  )
}

/** What somebody has said stays theirs, also what they left out of it; whether it is settled is everybody's. */
function isOfAnother(
  by: string,
  at: { readonly key: string; readonly cell: Cell | undefined; readonly cellAt: (key: string) => Cell | undefined },
): boolean {
  return keysOfSaid(at.key).some((each) => {
    const { heads = [] } = (each === at.key ? at.cell : at.cellAt(each)) ?? {}
    return heads.some(({ from }) => from.some((one) => one.by !== by))
  })
}

/** In UTF-8; a character is at most three bytes for each of its UTF-16 units, which spares counting the short ones. */
export function isTooLong(value: Json): boolean {
  if (typeof value === 'string' && value.length < VALUE_BYTES_MAX / 8) return false
  const text = canonicalJson(value)
  if (text.length * 3 <= VALUE_BYTES_MAX) return false
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit < 0xe000 ? 2 : 3
  }
  return bytes > VALUE_BYTES_MAX
}
