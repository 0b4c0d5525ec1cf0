/**
 * Made inspections: visits and self-inspections of a few schools in every state, with what they found and what became of it. They follow
 * from any plan and know none.
 *
 * | of an item                                                  | is made                                        |
 * |-------------------------------------------------------------|------------------------------------------------|
 * | one of those that the story wants to be found wanting       | unmet, with one of its phrases, a photo and a finding |
 * | verifies a line of the hardware checklist that is reported  | what is reported                               |
 * | its hint speaks of 不适用                                   | now and then not applicable                    |
 * | any other                                                   | met                                            |
 *
 * So where a line is wanting that the school reports as met, the two contradict each other, as they do in life. Days are counted from
 * the moment at which the demo is made. The same seed makes the same inspections.
 */
import { createHash } from 'node:crypto'
import type { FindingState } from '#domain/finding'
import type { InspectionKind, InspectionState, ItemVerdict } from '#domain/inspection'
import type { OrgUnit } from '#domain/org-unit'
import type { Period } from '#domain/period'
import { itemsOf, templatesOf } from '#plan/inspection'
import type { PlacedItem, Plan } from '#plan/plan'
import type { Values } from '#plan/typed'
import { hardwareOf } from '#plan/unit-figures'
import { fileKey, findingKey, findingOwner, inspectionKey, itemKey, itemOwner, recordId, type Json } from '#sync/protocol'
import { chanceAt } from './chance'
import { demoSentences } from './demo-messages'
import { drawPicture, PICTURE } from './drawn-picture'

/** `inspector`: whoever inspects on a visit; `school`: whoever answers for the school, and inspects it by itself; `bureau`: who reviews. */
export type MadeAuthor = 'inspector' | 'school' | 'bureau'
export type MadeFile = { readonly sha256: string; readonly bytes: Buffer; readonly type: string }
export type MadeEdit = {
  readonly by: MadeAuthor
  readonly kind: 'set' | 'move'
  readonly key: string
  readonly value: Json
  /** Milliseconds since 1970. */
  readonly at: number
  /** Where the edit names one. */
  readonly file?: MadeFile
}

/** `sentBack`: claimed once, and open again. */
type Fate = FindingState | 'overdue' | 'sentBack'
/** `list`: which of the unit's lists; `day`: from today; `seen`: how much of it has been gone through, 0..1. */
type Story = {
  readonly of: InspectionKind
  readonly list: number
  readonly day: number
  readonly state: InspectionState
  readonly seen?: number
  readonly fates?: readonly Fate[]
}

/** Of the first school, the second ... The others are not inspected. */
const STORIES: readonly (readonly Story[])[] = [
  [
    { of: 'self', list: 1, day: -26, state: 'finished', fates: ['closed'] },
    { of: 'visit', list: 0, day: -15, state: 'finished', fates: ['claimed', 'withdrawn'] },
    { of: 'visit', list: 1, day: -9, state: 'finished', fates: ['overdue', 'sentBack', 'closed', 'open'] },
    { of: 'visit', list: 0, day: 5, state: 'planned' },
  ],
  [
    { of: 'visit', list: 1, day: -8, state: 'finished', fates: ['overdue', 'claimed', 'open'] },
    { of: 'visit', list: 0, day: 3, state: 'planned' },
  ],
  [
    { of: 'visit', list: 0, day: -6, state: 'finished', fates: ['claimed', 'open'] },
    { of: 'visit', list: 1, day: 0, state: 'underway', seen: 0.55, fates: ['open'] },
  ],
  [
    { of: 'visit', list: 0, day: 2, state: 'cancelled' },
    { of: 'visit', list: 1, day: 8, state: 'planned' },
  ],
]

export const INSPECTED_UNITS = STORIES.length

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** From one item to the next. */
const ITEM_MS = 20_000
/** China has one time zone and no summer time. */
const CHINA_MS = 8 * HOUR_MS
const dayOf = (ms: number): string => new Date(ms + CHINA_MS).toISOString().slice(0, 10)

type Wish = {
  readonly plan: Plan
  readonly unit: OrgUnit
  /** The unit's place among the inspected ones. */
  readonly index: number
  /** What it reports in the period. */
  readonly values: Values
  readonly period: Period
  readonly seed: number
  /** Milliseconds since 1970. */
  readonly now: number
  /** Username of whoever inspects. */
  readonly inspector: string
  readonly school: string
}

/** In the order in which they happened. */
export function makeInspections(wish: Wish): readonly MadeEdit[] {
  const edits = (STORIES[wish.index] ?? []).flatMap((story, number) => inspectionOf(wish, story, number))
  return edits.sort((one, other) => one.at - other.at)
}

function inspectionOf(wish: Wish, story: Story, number: number): readonly MadeEdit[] {
  const { plan, unit, index, seed, now, period } = wish
  const lists = templatesOf(plan, unit)
  const template = lists[story.list % Math.max(1, lists.length)]
  if (template === undefined) return []
  const chance = (...keys: readonly number[]) => chanceAt(seed, index, number, ...keys)
  const id = recordId(
    story.of,
    randomName((at) => chance(90, at)),
  )
  const by: MadeAuthor = story.of === 'visit' ? 'inspector' : 'school'
  // An hour ago, so that what is under way today lies in the past.
  const began = now + Math.min(0, story.day) * DAY_MS - HOUR_MS
  const edits: MadeEdit[] = []
  const write = (edit: Omit<MadeEdit, 'by' | 'kind'> & Partial<MadeEdit>) => edits.push({ by, kind: 'set', ...edit })
  const step = (key: string, state: string, at: number, more: { why?: string; by?: MadeAuthor } = {}) => {
    const { why, by: author = by } = more
    write({ by: author, kind: 'move', key, value: why === undefined ? { state } : { state, why }, at })
  }
  const photo = (owner: string, of: { at: number; item: number; isPutRight: boolean; by: MadeAuthor }) => {
    const { at, item, isPutRight, by: author } = of
    const bytes = drawPicture({ hue: chance(item, 4), place: chance(item, 5), isPutRight })
    const file: MadeFile = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes, type: PICTURE.type }
    const value = { name: demoSentences.photo, size: bytes.length, ...PICTURE, at }
    write({ by: author, key: fileKey(owner, file.sha256), value, at, file })
  }

  const username = by === 'inspector' ? wish.inspector : wish.school
  const planned = dayOf(now + story.day * DAY_MS)
  write({ key: inspectionKey(id, 'about'), value: { template: template.id, period, planned, by: username }, at: began })
  const state = inspectionKey(id, 'state')
  if (story.state === 'planned' || story.state === 'cancelled') {
    step(state, 'planned', began)
    if (story.state === 'cancelled') step(state, 'cancelled', began + ITEM_MS)
    return edits
  }
  step(state, 'underway', began)

  const items = itemsOf(plan, unit, template)
  const seen = items.slice(0, Math.ceil(items.length * (story.seen ?? 1)))
  const fates = story.fates ?? []
  const reported = new Map(hardwareOf(plan, unit, wish.values).map(({ check, state }) => [check.id, state]))
  const wanting = new Map(fates.map((fate, at) => [Math.floor(((at + 0.5) * seen.length) / fates.length), fate]))

  seen.forEach((placed, at) => {
    const { item } = placed
    const moment = began + (at + 1) * ITEM_MS
    const fate = wanting.get(at)
    const verdict =
      fate === undefined ? usualVerdict(placed, reported.get(item.check ?? ''), chance(at, 2)) : ('unmet' satisfies ItemVerdict)
    write({ key: itemKey(id, item.id, 'verdict'), value: verdict, at: moment })
    const measured = measuredAt(wish, placed, fate !== undefined)
    if (measured !== undefined) write({ key: itemKey(id, item.id, 'measured'), value: measured, at: moment })
    if (fate === undefined) return
    const phrases = item.phrases ?? []
    const note = phrases[Math.floor(chance(at, 3) * phrases.length)]?.zh ?? demoSentences.wanting
    write({ key: itemKey(id, item.id, 'note'), value: note, at: moment })
    photo(itemOwner(id, item.id), { at: moment, item: at, isPutRight: false, by })
    follow(fate, { placed, number: at, note, moment })
  })
  if (story.state === 'finished') step(state, 'finished', began + (items.length + 2) * ITEM_MS)
  return edits

  /** From raising a finding to where it stands now. The school answers after two days, and the inspector looks a day later. */
  function follow(fate: Fate, of: { placed: PlacedItem; number: number; note: string; moment: number }): void {
    const { placed, number: at, note, moment } = of
    const { item } = placed
    const finding = recordId(
      story.of,
      randomName((n) => chance(91, at, n)),
    )
    const stands = findingKey(finding, 'state')
    const answered = moment + 2 * DAY_MS
    const looked = answered + DAY_MS
    write({ key: findingKey(finding, 'about'), value: { inspection: id, item: item.id, period }, at: moment })
    write({ key: findingKey(finding, 'what'), value: `${(item.short ?? item.ask).zh}：${note}`, at: moment })
    write({ key: findingKey(finding, 'due'), value: dayOf(fate === 'overdue' ? now - 2 * DAY_MS : now + 4 * DAY_MS), at: moment })
    if (item.answersFor !== undefined) write({ key: findingKey(finding, 'who'), value: item.answersFor.zh, at: moment })
    step(stands, 'open', moment)
    if (fate === 'withdrawn') step(stands, 'withdrawn', moment + HOUR_MS, { why: demoSentences.withdrawn })
    if (fate === 'claimed' || fate === 'closed' || fate === 'sentBack') {
      write({ by: 'school', key: findingKey(finding, 'answer'), value: demoSentences.answer, at: answered })
      photo(findingOwner(finding, 'answer'), { at: answered, item: at, isPutRight: true, by: 'school' })
      step(stands, 'claimed', answered, { by: 'school' })
    }
    if (fate === 'closed') step(stands, 'closed', looked)
    if (fate === 'sentBack') step(stands, 'open', looked, { why: demoSentences.sentBack })
  }
}

function usualVerdict({ item }: PlacedItem, reported: string | undefined, chance: number): ItemVerdict {
  if (reported === 'short') return 'unmet'
  if (reported === 'notApplicable') return 'notApplicable'
  if (reported === 'met') return 'met'
  return item.hint?.zh.includes('不适用') === true && chance < 0.4 ? 'notApplicable' : 'met'
}

/** The number that is reported, or, where the item is wanting, less. */
function measuredAt({ plan, values }: Wish, { item }: PlacedItem, isWanting: boolean): string | undefined {
  const type = plan.elements.get(item.element ?? '')?.element.type
  const reported = values.get(item.element ?? '')
  const value = reported === undefined || 'conflict' in reported ? undefined : reported.value
  if ((type !== 'count' && type !== 'decimal') || typeof value !== 'string') return undefined
  if (!isWanting) return value
  return type === 'count' ? String(Math.floor(Number(value) / 2)) : String(Math.round(Number(value) * 4) / 10)
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'
/** Thirteen letters, as the app draws them. */
function randomName(chance: (at: number) => number): string {
  return Array.from({ length: 13 }, (_, at) => LETTERS[Math.floor(chance(at) * LETTERS.length)]).join('')
}
