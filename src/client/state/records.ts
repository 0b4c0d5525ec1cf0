/**
 * The inspections and findings of an org unit, read out of its stream's cells.
 *
 * A record is there from its state on: what else of it was written before an app was killed is no record yet. A state is what the heads
 * say, not what one's own refused step wanted.
 */
import { isFindingState, parseFindingAbout, type FindingAbout, type FindingState } from '#domain/finding'
import {
  isInspectionState,
  isItemVerdict,
  parseInspectionAbout,
  type InspectionAbout,
  type InspectionKind,
  type InspectionState,
  type ItemVerdict,
} from '#domain/inspection'
import type { Plan } from '#plan/plan'
import type { InspectionTemplate } from '#plan/schema'
import { findingKey, inspectionKey, itemKey, parseKey, type Id } from '#sync/protocol'
import { stateOf } from '#sync/rights'
import type { ShownCell, ShownStream } from '../device/contract'

type Entered<State extends string> = {
  readonly state: State
  /** What the one who entered the state said. */
  readonly why: string | undefined
  /** By whom, and when by that device's clock, milliseconds. */
  readonly by: string
  readonly at: number
  /** What a step from here replaces. */
  readonly base: readonly Id[]
}

export type InspectionRecord = Entered<InspectionState> & {
  readonly id: string
  readonly of: InspectionKind
  readonly about: InspectionAbout
}

export type FindingRecord = Entered<FindingState> & {
  readonly id: string
  readonly of: InspectionKind
  readonly about: FindingAbout
  readonly what: string
  /** `YYYY-MM-DD` */
  readonly due: string | undefined
  readonly who: string
  readonly answer: string
}

/** Latest first; of all periods. */
export function inspectionsIn(stream: ShownStream): readonly InspectionRecord[] {
  const found: InspectionRecord[] = []
  for (const key of stream.cells.keys()) {
    if (!key.startsWith('i/')) continue
    const parsed = parseKey(key)
    if (parsed.kind !== 'inspection' || parsed.field !== 'state') continue
    const record = inspectionIn(stream, parsed.id)
    if (record !== undefined) found.push(record)
  }
  return found.sort((one, other) => other.about.planned.localeCompare(one.about.planned) || other.at - one.at)
}

export function inspectionIn(stream: ShownStream, id: string): InspectionRecord | undefined {
  const entered = enteredAt(stream.cells.get(inspectionKey(id, 'state')))
  const about = parseInspectionAbout(stream.cells.get(inspectionKey(id, 'about'))?.value)
  if (entered === undefined || about === undefined || !isInspectionState(entered.state)) return undefined
  return { ...entered, state: entered.state, id, of: kindOf(id), about }
}

/** In the order of their cells; who shows them sorts them. */
export function findingsIn(stream: ShownStream): readonly FindingRecord[] {
  const found: FindingRecord[] = []
  for (const key of stream.cells.keys()) {
    if (!key.startsWith('f/')) continue
    const parsed = parseKey(key)
    if (parsed.kind !== 'finding' || parsed.field !== 'state') continue
    const record = findingIn(stream, parsed.id)
    if (record !== undefined) found.push(record)
  }
  return found
}

export function findingIn(stream: ShownStream, id: string): FindingRecord | undefined {
  const entered = enteredAt(stream.cells.get(findingKey(id, 'state')))
  const about = parseFindingAbout(stream.cells.get(findingKey(id, 'about'))?.value)
  if (entered === undefined || about === undefined || !isFindingState(entered.state)) return undefined
  const text = (field: 'what' | 'due' | 'who' | 'answer'): string => textIn(stream, findingKey(id, field))
  return {
    ...entered,
    state: entered.state,
    id,
    of: kindOf(id),
    about,
    what: text('what'),
    due: text('due') || undefined,
    who: text('who'),
    answer: text('answer'),
  }
}

/** What is being typed counts. */
export function textIn(stream: ShownStream, key: string): string {
  const draft = stream.drafts.get(key)
  const value = draft === undefined ? stream.cells.get(key)?.value : draft.value
  return typeof value === 'string' ? value : ''
}

export function verdictIn(stream: ShownStream, inspection: string, item: string): ItemVerdict | undefined {
  const value = stream.cells.get(itemKey(inspection, item, 'verdict'))?.value
  return isItemVerdict(value) ? value : undefined
}

/** Files that are evidence of one thing (`itemOwner`, `findingOwner`), the oldest first; what was taken away is none. */
export function filesIn({ cells }: ShownStream, owner: string): readonly { readonly sha: string; readonly at: number }[] {
  const found: { readonly sha: string; readonly at: number }[] = []
  for (const key of cells.keys()) {
    if (!key.startsWith(`a/${owner}/`)) continue
    const parsed = parseKey(key)
    const cell = cells.get(key)
    if (parsed.kind === 'file' && cell !== undefined && cell.value !== null) found.push({ sha: parsed.sha, at: cell.at })
  }
  return found.sort((one, other) => one.at - other.at)
}

export function templateOf(plan: Plan, { about }: Pick<InspectionRecord, 'about'>): InspectionTemplate | undefined {
  return plan.document.inspections?.templates.find(({ id }) => id === about.template)
}

function enteredAt(cell: ShownCell | undefined): Entered<string> | undefined {
  const stated = stateOf(cell?.heads)
  const head = cell?.heads.at(-1)
  if (cell === undefined || stated === undefined || head === undefined) return undefined
  return { state: stated.state, why: stated.why, by: head.by, at: head.at, base: cell.base }
}

const kindOf = (id: string): InspectionKind => (id.startsWith('v-') ? 'visit' : 'self')
