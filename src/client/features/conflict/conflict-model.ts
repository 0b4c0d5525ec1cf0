/**
 * What is to be decided in a report, and what a decision is.
 *
 * A conflict is looked at as it was when the page showed it (`Seen`): the decision replaces exactly those values. Whatever comes in
 * meanwhile is told, and stays beside the decision until somebody has looked at it, too.
 */
import type { Plan } from '#plan/plan'
import { isOfReport, parseKey, type Id, type ReportKey } from '#sync/protocol'
import type { ShownCell, ShownHead } from '#client/device/contract'
import { conflictId } from '#client/state/cell-words'

export type Conflict = { readonly id: string; readonly key: string; readonly parsed: ReportKey; readonly cell: ShownCell }

/** In the order of the forms; what the plan does not know comes last. */
export function conflictsOf(question: {
  readonly plan: Plan
  readonly period: string
  readonly cells: ReadonlyMap<string, ShownCell>
}): readonly Conflict[] {
  const { plan, period, cells } = question
  const found: Conflict[] = []
  for (const [key, cell] of cells) {
    if (cell.mark !== 'conflict') continue
    const parsed = parseKey(key)
    const id = conflictId(parsed)
    if (id !== undefined && isOfReport(parsed) && parsed.period === period) found.push({ id, key, parsed, cell })
  }
  const elements = new Map([...plan.elements.keys()].map((id, at) => [id, at]))
  const dataSets = new Map([...plan.dataSets.keys()].map((id, at) => [id, at]))
  const orderOf = ({ parsed }: Conflict): number => {
    if (parsed.kind === 'mark') return elements.size + (dataSets.get(parsed.dataSet) ?? dataSets.size)
    return elements.get(parsed.element) ?? Infinity
  }
  const kindOf = ({ parsed }: Conflict): number => (parsed.kind === 'value' ? 0 : 1)
  return found.sort((one, other) => {
    const [order, than] = [orderOf(one), orderOf(other)]
    return order === than ? kindOf(one) - kindOf(other) : order - than
  })
}

/** The one that is meant: by its name, or, for an element whose remark alone is in conflict, that. */
export function conflictNamed(all: readonly Conflict[], id: string): Conflict | undefined {
  return all.find((each) => each.id === id) ?? all.find((each) => each.id === `${id}:remark`)
}

/** The one after it, round and round, without itself. */
export function conflictAfter(all: readonly Conflict[], id: string): Conflict | undefined {
  const at = all.findIndex((each) => each.id === id)
  return [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0))][0]
}

export type Seen = { readonly heads: readonly ShownHead[]; readonly base: readonly Id[] }

export function seenOf({ heads, base }: Pick<ShownCell, 'heads' | 'base'>): Seen {
  return { heads, base }
}

/** What stands there now and was not there when the page showed it. */
export function comeSince(seen: Seen, cell: Pick<ShownCell, 'heads'>): readonly ShownHead[] {
  const ids = new Set(seen.heads.flatMap(({ from }) => from.map(({ id }) => id)))
  return cell.heads.filter(({ from }) => from.some(({ id }) => !ids.has(id)))
}

/** Which of the values that were shown has been replaced meanwhile. */
export function goneSince(seen: Seen, cell: Pick<ShownCell, 'heads'>): boolean {
  const ids = new Set(cell.heads.flatMap(({ from }) => from.map(({ id }) => id)))
  return seen.heads.some(({ from }) => !from.some(({ id }) => ids.has(id)))
}

/** Texts one under the other, each once, in the order in which they stand on the screen. */
export function joined(heads: readonly Pick<ShownHead, 'value'>[]): string {
  const texts = heads.flatMap(({ value }) => (typeof value === 'string' && value.trim() !== '' ? [value.trim()] : []))
  return [...new Set(texts)].join('\n')
}

/** How far two numbers are apart, without what binary fractions add; `undefined` where they are no two numbers. */
export function apart(heads: readonly Pick<ShownHead, 'value'>[]): number | undefined {
  const [one, other] = heads.map(({ value }) =>
    typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined,
  )
  if (heads.length !== 2 || one === undefined || other === undefined) return undefined
  return Number(Math.abs(one - other).toFixed(6))
}

/** One's own value first, then as they came. */
export function inViewOf(heads: readonly ShownHead[], username: string): readonly ShownHead[] {
  const isOwn = ({ from }: ShownHead) => from.some(({ by }) => by === username)
  return [...heads.filter(isOwn), ...heads.filter((head) => !isOwn(head))]
}

/** The remark that the author of a value wrote, where remarks are in conflict, too. */
export function remarkBy(remarks: readonly ShownHead[], head: ShownHead): string | undefined {
  const authors = new Set(head.from.map(({ by }) => by))
  const found = remarks.find(({ from }) => from.some(({ by }) => authors.has(by)))?.value
  return typeof found === 'string' && found !== '' ? found : undefined
}
