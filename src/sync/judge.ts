/**
 * What becomes of a mutation: rights first, then the state of the report, then the cell itself. A value is never refused for being
 * implausible, and a period or element that the plan does not know is stored as it is: a newer tablet may know it.
 *
 * | the mutation                                   | verdict                        |
 * |------------------------------------------------|--------------------------------|
 * | its author may not write here                  | rejected: forbidden            |
 * | its kind or the form of its key is not known   | rejected: invalid              |
 * | its value is longer than the protocol allows   | rejected: invalid              |
 * | its report is locked, and it is not a recovery | rejected: locked               |
 * | a step: what stands there was not seen by them | rejected: stale                |
 * | a step that does not exist, or is not theirs   | rejected: what the rule says   |
 * | everything else                                | applied, merged or conflict    |
 *
 * A state is entered by a step (`move`) and only so. As a step names all that stands there, a state never has two heads.
 */
import { apply, headIds, type Applied } from './cell'
import { canonicalJson } from './hash'
import { isStateKey, parseKey, VALUE_BYTES_MAX, type Cell, type Id, type Json, type Mutation, type Rejection } from './protocol'

export type Judgement = Applied | { readonly cell?: undefined; readonly verdict: `rejected: ${Rejection}` }

export type Rules = {
  /** Whether the author may write this key. */
  readonly mayWrite: (key: string) => boolean
  /** Whether the report that the key belongs to takes no changes now. */
  readonly isLocked?: ((key: string) => boolean) | undefined
  /** Why the author may not take this step; without a rule there are no steps. */
  readonly judgeMove?: ((step: Move) => Rejection | undefined) | undefined
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
}): Judgement {
  const { mutation, id, by, rules, cell, seq, isKnown } = question
  const { kind, key, value, base, at } = mutation
  if (!rules.mayWrite(key)) return { verdict: 'rejected: forbidden' }
  if (kind !== (isStateKey(key) ? 'move' : 'set') || parseKey(key).kind === 'unknown' || isTooLong(value))
    return { verdict: 'rejected: invalid' }
  if (mutation.again !== true && rules.isLocked?.(key) === true) return { verdict: 'rejected: locked' }
  if (kind === 'move') {
    const rejection = judgeStep(cell, mutation, rules)
    if (rejection !== undefined) return { verdict: `rejected: ${rejection}` }
  }
  return apply(cell, { id, value, base, by, at }, { seq, isKnown })
}

/** What was taken before a server was restored had been judged then by where the state stood; any other is by where it stands now. */
function judgeStep(
  cell: Cell | undefined,
  { key, value: to, base, again }: Mutation,
  { judgeMove }: Rules,
): Rejection | undefined {
  if (again === true) return judgeMove?.({ key, to, again })
  const heads = cell?.heads ?? []
  const seen = new Set(base)
  if (headIds(heads).some((id) => !seen.has(id))) return 'stale'
  return judgeMove === undefined ? 'invalid' : judgeMove({ key, to, from: heads.at(-1)?.value })
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
