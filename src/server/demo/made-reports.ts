/**
 * Made lives of reports: in every state, with what the bureau asked, what the school answered and changed, and second rounds. They follow
 * from any plan and know none.
 *
 * | fate        | what happened                                                                     |
 * |-------------|-----------------------------------------------------------------------------------|
 * | open        | nothing yet                                                                       |
 * | submitted   | handed in                                                                         |
 * | withdrawn   | handed in, and taken back before anybody looked                                   |
 * | reviewing   | handed in, and somebody has begun to look                                         |
 * | returned    | given back, with comments at the values that are marked                           |
 * | resubmitted | given back, put right, answered, handed in again                                  |
 * | approved    | handed in, looked at, approved; now and then after a second round                 |
 * | reopened    | approved, and opened again for a reason                                           |
 *
 * A report with errors, or with nothing in it, stays open. The same seed makes the same lives.
 */
import type { OrgUnit } from '#domain/org-unit'
import type { Period } from '#domain/period'
import { answeredElements, dataSetsOf } from '#plan/applicability'
import { check, isBlocked } from '#plan/check'
import type { Plan } from '#plan/plan'
import type { CellValue } from '#plan/typed'
import { commentId, commentKey, remarkKey, reportKey, valueKey, type Json } from '#sync/protocol'
import { keysOfReport, reportDigest } from '#sync/report-digest'
import { chanceAt } from './chance'
import { demoSentences } from './demo-messages'
import type { MadeEdit } from './made-inspections'

const FATES = ['submitted', 'resubmitted', 'approved', 'open', 'returned', 'reviewing', 'withdrawn', 'reopened'] as const
export type ReportFate = (typeof FATES)[number]
/** How often each is, of a hundred. */
const SHARES: Readonly<Record<ReportFate, number>> = {
  submitted: 36,
  resubmitted: 13,
  approved: 21,
  open: 14,
  returned: 8,
  reviewing: 4,
  withdrawn: 2,
  reopened: 2,
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** How long ago the first reports were handed in. */
const SPAN_MS = 6 * 24 * HOUR_MS
/** Values that are given back at once, at most. */
const MARKS_MAX = 3

type Wish = {
  readonly plan: Plan
  readonly unit: OrgUnit
  /** The unit's place among all. */
  readonly index: number
  readonly period: Period
  readonly seed: number
  /** Milliseconds since 1970. */
  readonly now: number
  /** What it reports in a period, by expanded element id. */
  readonly values: (period: string) => ReadonlyMap<string, CellValue>
}

/** In the order in which they happened, all of them in the past. */
export function makeReports(wish: Wish): readonly MadeEdit[] {
  const { plan, unit, index, seed } = wish
  return dataSetsOf(plan, unit)
    .flatMap(({ id }, place) => lifeOf(wish, id, { place, fate: fateAt(chanceAt(seed, index, place, 71)) }))
    .sort((one, other) => one.at - other.at)
}

function fateAt(chance: number): ReportFate {
  let beyond = 0
  for (const fate of FATES) {
    beyond += SHARES[fate] / 100
    if (chance < beyond) return fate
  }
  return 'open'
}

function lifeOf(wish: Wish, dataSet: string, { place, fate }: { readonly place: number; readonly fate: ReportFate }) {
  const { plan, unit, index, period, seed, now } = wish
  const chance = (...keys: readonly number[]) => chanceAt(seed, index, place, ...keys)
  const values = new Map(wish.values(period))
  const lastYear = wish.values(String(Number(period) - 1))
  const remarks = new Map<string, string>()
  const own = answeredElements(plan, dataSet, unit)
  const findings = () => check(plan, dataSet, { unit, period, values, lastYear, remarks })
  if (fate === 'open' || own.every((element) => !values.has(element)) || isBlocked(findings())) return []

  const edits: MadeEdit[] = []
  // From the first of its steps to the last one, which lies at least some minutes back.
  const began = now - 20 * MINUTE_MS - chance(1) ** 2 * SPAN_MS
  const spared = now - began - 10 * MINUTE_MS
  const at = (part: number): number => Math.round(began + part * spared)
  const set = (by: MadeEdit['by'], key: string, value: Json, when: number) =>
    edits.push({ by, kind: 'set', key, value, at: when })
  const step = (by: MadeEdit['by'], state: string, when: number, more: { why?: string; marks?: string[] } = {}) => {
    const seen = reportDigest(keysOfReport(period, own), (key) => valueAt(key))
    const isVouched = state === 'submitted' || state === 'approved'
    edits.push({
      by,
      kind: 'move',
      key: reportKey(period, dataSet),
      value: { state, ...(isVouched ? { seen } : {}), ...more },
      at: when,
    })
  }
  const valueAt = (key: string): Json | undefined => {
    for (const element of own) {
      if (key === remarkKey(period, element)) return remarks.get(element)
      const cell = key === valueKey(period, element) ? values.get(element) : undefined
      if (cell !== undefined && 'value' in cell) return cell.value as Json
    }
    return undefined
  }

  /** Some warnings are answered, some are not. */
  for (const [number, { level, elements }] of findings().entries()) {
    const [element = ''] = elements
    if (level !== 'warning' || remarks.has(element) || chance(2, number) > 0.6) continue
    const remark = demoSentences.remarks[Math.floor(chance(3, number) * demoSentences.remarks.length)] ?? ''
    remarks.set(element, remark)
    set('school', remarkKey(period, element), remark, began - 5 * MINUTE_MS)
  }
  step('school', 'submitted', began)
  switch (fate) {
    case 'withdrawn':
      step('school', 'withdrawn', at(1))
      break
    case 'reviewing':
      step('bureau', 'reviewing', at(1))
      break
    case 'returned':
      giveBack(at(0.4))
      break
    case 'resubmitted':
      answer(giveBack(at(0.3)), at(0.9))
      step('school', 'submitted', at(1))
      break
    case 'approved':
    case 'reopened':
      if (chance(4) < 0.4) {
        answer(giveBack(at(0.2)), at(0.5))
        step('school', 'submitted', at(0.6))
      }
      step('bureau', 'approved', at(0.8))
      if (fate === 'reopened') step('bureau', 'reopened', at(1), { why: demoSentences.reopened })
      break
    case 'submitted':
      break
  }
  return edits

  /** What is asked about, each with a comment; answers the elements. */
  function giveBack(when: number): readonly (readonly [element: string, comment: string])[] {
    const numbers = own.filter((element) => lowered(element) !== undefined)
    const marked = numbers
      .map((element, number) => ({ element, rank: chance(5, number) }))
      .sort((one, other) => one.rank - other.rank)
      .slice(0, 1 + Math.floor(chance(6) * MARKS_MAX))
      .map(({ element }, number) => [element, commentId(nameAt(7, number))] as const)
    for (const [number, [element, id]] of marked.entries()) {
      const asking = demoSentences.asking[Math.floor(chance(8, number) * demoSentences.asking.length)] ?? ''
      say('bureau', id, { about: { element }, to: ['principal', 'filler'], text: asking, when: when - 2 * MINUTE_MS })
    }
    const marks = marked.map(([element]) => element)
    step('bureau', 'returned', when, { why: demoSentences.returned, ...(marks.length === 0 ? {} : { marks }) })
    return marked
  }

  function answer(marked: readonly (readonly [element: string, comment: string])[], when: number): void {
    for (const [number, [element, comment]] of marked.entries()) {
      const value = lowered(element)
      if (value === undefined) continue
      const before = values.get(element)
      values.set(element, { value })
      // Whatever else compares with it stays right.
      if (isBlocked(findings())) values.set(element, before ?? { value })
      else set('school', valueKey(period, element), value, when)
      say('school', commentId(nameAt(9, number)), {
        about: { element, reply: comment },
        to: ['reviewer'],
        text: demoSentences.answering,
        when: when + MINUTE_MS,
      })
    }
  }

  function say(
    by: MadeEdit['by'],
    id: string,
    said: { readonly about: object; readonly to: readonly string[]; readonly text: string; readonly when: number },
  ): void {
    set(by, commentKey(id, 'about'), { period, dataSet, ...said.about }, said.when)
    set(by, commentKey(id, 'to'), said.to, said.when)
    set(by, commentKey(id, 'text'), said.text, said.when)
  }

  /** A number that is a little less: a part stays within its whole. `undefined`: nothing that could be less. */
  function lowered(element: string): string | undefined {
    const type = plan.elements.get(element)?.element.type
    const cell = values.get(element)
    const number = cell !== undefined && 'value' in cell && typeof cell.value === 'string' ? Number(cell.value) : NaN
    if (type !== 'count' || !(number >= 3)) return undefined
    return String(number - Math.max(1, Math.round(number * 0.04)))
  }

  function nameAt(...keys: readonly number[]): string {
    return Array.from({ length: 13 }, (_, letter) => LETTERS[Math.floor(chance(...keys, letter) * LETTERS.length)]).join('')
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'
