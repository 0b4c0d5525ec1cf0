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
 * | a step: its author had not seen where it stands | rejected: stale               |
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
  /** Why the author may not take this step; without a rule there are no steps. `from`: what the state's only head says. */
  readonly judgeMove?:
    ((step: { readonly key: string; readonly from: Json | undefined; readonly to: Json }) => Rejection | undefined) | undefined
}

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
  if (kind === 'move' && mutation.again !== true) {
    const rejection = judgeStep(cell, { key, value, base }, rules)
    if (rejection !== undefined) return { verdict: `rejected: ${rejection}` }
  }
  return apply(cell, { id, value, base, by, at }, { seq, isKnown })
}

/** What was applied before a server was restored had been judged then; any other is judged by where the state stands now. */
function judgeStep(cell: Cell | undefined, { key, value, base }: Pick<Mutation, 'key' | 'value' | 'base'>, { judgeMove }: Rules) {
  const heads = cell?.heads ?? []
  const seen = new Set(base)
  if (heads.some((head) => !headIds([head]).some((id) => seen.has(id)))) return 'stale'
  return judgeMove === undefined ? 'invalid' : judgeMove({ key, from: heads.at(-1)?.value, to: value })
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
