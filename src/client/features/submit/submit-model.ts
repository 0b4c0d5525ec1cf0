/**
 * What stands between a filled form and handing it in, from this tablet's rows alone: nothing here asks the network.
 *
 * | part      | blocks | what it is                                                                      |
 * |-----------|--------|---------------------------------------------------------------------------------|
 * | errors    | yes    | by the same check as on the server                                              |
 * | conflicts | yes    | values or remarks with two heads: nobody can vouch for two                       |
 * | refused   | yes    | typed here and not taken: what is on the screen is not what the server has       |
 * | unsaved   | yes    | text that the browser would not store                                           |
 * | warnings  | no     | ask for a remark, which goes to the reviewer with the value                      |
 * | missing   | no     | not answered; the bureau sees it as not reported                                 |
 * | files     | no     | still on their way; they follow by themselves, and approving waits for them      |
 * | unsent    | no     | go first, in the same exchange                                                   |
 */
import type { OrgUnit } from '#domain/org-unit'
import { answeredElements, formOf, isEnteredByUnit, isOpenInForm } from '#plan/applicability'
import type { CheckFinding } from '#plan/check'
import type { AskedElement, Plan } from '#plan/plan'
import { readingOf, type Values } from '#plan/typed'
import { parseKey, type Json } from '#sync/protocol'
import { changedSince, keysOfReport } from '#sync/report-digest'
import type { FileState, ShownCell, ShownStream } from '#client/device/contract'

/** A cell of the report: of a value, or of its remark. */
export type ReportCell = { readonly key: string; readonly element: string; readonly isRemark: boolean; readonly cell: ShownCell }

export type SubmitCheck = {
  readonly errors: readonly CheckFinding[]
  readonly warnings: readonly CheckFinding[]
  readonly conflicts: readonly ReportCell[]
  readonly refused: readonly ReportCell[]
  readonly missing: readonly AskedElement[]
  readonly unsent: number
  readonly files: number
  /** How many things have to be put right before. */
  readonly blocks: number
}

export type SubmitInput = {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly period: string
  readonly dataSet: string
  readonly stream: ShownStream
  readonly values: Values
  readonly findings: readonly CheckFinding[]
  readonly files: Iterable<FileState>
  /** Fields whose text is not in the database. */
  readonly unsaved: number
}

export function checkSubmit(input: SubmitInput): SubmitCheck {
  const { plan, unit, dataSet, stream, findings } = input
  const keys = new Set(keysOf(input))
  const conflicts: ReportCell[] = []
  const refused: ReportCell[] = []
  let unsent = 0
  for (const key of keys) {
    const cell = stream.cells.get(key)
    if (stream.drafts.has(key) || cell?.mark === 'onDevice') unsent += 1
    if (cell === undefined || (cell.mark !== 'conflict' && cell.mark !== 'rejected')) continue
    const place = placeOf(key)
    if (place !== undefined) (cell.mark === 'conflict' ? conflicts : refused).push({ ...place, key, cell })
  }
  const errors = findings.filter(({ level }) => level === 'error')
  let files = 0
  for (const file of input.files) {
    if (file.stream === stream.stream && file.state !== 'confirmed' && keys.has(file.of)) files += 1
  }
  return {
    errors,
    warnings: findings.filter(({ level }) => level === 'warning'),
    conflicts,
    refused,
    missing: missingIn({ plan, unit, dataSet, values: input.values }),
    unsent,
    files,
    blocks: errors.length + conflicts.length + refused.length + input.unsaved,
  }
}

/** Keys of the values and remarks that the report vouches for: those that the unit itself answers. */
export function keysOf(of: Pick<SubmitInput, 'plan' | 'unit' | 'period' | 'dataSet'>): readonly string[] {
  return keysOfReport(of.period, answeredElements(of.plan, of.dataSet, of.unit))
}

/** Asked now, of this unit, and without an answer; what is no answer yet for another reason is told as that. */
function missingIn({ plan, unit, dataSet, values }: Pick<SubmitInput, 'plan' | 'unit' | 'dataSet' | 'values'>) {
  return formOf(plan, dataSet, unit)
    .sections.flatMap(({ elements }) => elements)
    .filter((asked) => {
      if (!isEnteredByUnit(asked, unit) || !isOpenInForm(plan, asked, unit, values)) return false
      const reading = readingOf(plan, asked, values.get(asked.id))
      return reading.kind === 'absent' && reading.absence === 'notReported'
    })
}

/** What has another value now than when it was vouched for. */
export function changesSince(
  vouched: Readonly<Record<string, Json>>,
  keys: readonly string[],
  stream: ShownStream,
): readonly {
  readonly key: string
  readonly element: string
  readonly isRemark: boolean
  readonly before: Json
  readonly now: Json
}[] {
  const valueAt = (key: string): Json | undefined => stream.cells.get(key)?.value
  return changedSince(vouched, keys, valueAt).flatMap((key) => {
    const place = placeOf(key)
    return place === undefined ? [] : [{ ...place, key, before: vouched[key] ?? null, now: valueAt(key) ?? null }]
  })
}

function placeOf(key: string): { readonly element: string; readonly isRemark: boolean } | undefined {
  const parsed = parseKey(key)
  if (parsed.kind !== 'value' && parsed.kind !== 'remark') return undefined
  return { element: parsed.element, isRemark: parsed.kind === 'remark' }
}

/** Where its row in the form is. A rule may be broken by a value of another form. */
export function rowAddress(plan: Plan, base: string, element: string): string {
  return `${base}/fill/${plan.elements.get(element)?.dataSet.id ?? ''}#${element}`
}
