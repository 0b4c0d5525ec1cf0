/** What stands on paper of one data set: its values in words, section by section, and what vouches for them. */
import type { OrgUnit } from '#domain/org-unit'
import { isStatedAbsence } from '#domain/absence'
import { answeredElements, formOf, isEnteredByUnit, isOpen } from '#plan/applicability'
import type { AskedElement, Plan } from '#plan/plan'
import type { Section } from '#plan/schema'
import type { Values } from '#plan/typed'
import { kindOf } from '#plan/unit-kind'
import { readUnit } from '#plan/unit-readings'
import { valueKey } from '#sync/protocol'
import { keysOfReport, reportDigest } from '#sync/report-digest'
import type { ShownStream } from '#client/device/contract'
import { valueText } from '#client/state/asked-words'
import { countedValue } from '#client/state/report-life'

export type FilingLine = {
  readonly asked: AskedElement
  /** Answered by the unit itself; others are no part of what it vouches for. */
  readonly isOwn: boolean
  readonly text: string
  /** The unit of measure belongs behind it. */
  readonly isPlain: boolean
  readonly remark: string | undefined
}

export type FilingSheet = {
  readonly sections: readonly { readonly section: Section; readonly lines: readonly FilingLine[] }[]
  /** Of what the unit itself answers, as a submission vouches for it. */
  readonly digest: string
  /** Values that the server has not confirmed. */
  readonly onDevice: number
}

export function filingSheet(of: {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly period: string
  readonly dataSet: string
  readonly stream: ShownStream
  /** The bureau has it: then what it did not take does not stand on paper. */
  readonly isLocked: boolean
  readonly values: Values
  readonly remarkOf: (element: string) => string | undefined
}): FilingSheet {
  const { plan, unit, period, dataSet, stream, isLocked } = of
  const valueAt = (key: string) => countedValue(stream.cells.get(key), isLocked)
  const isUnconfirmed = (key: string): boolean => {
    const mark = stream.cells.get(key)?.mark
    return stream.drafts.has(key) || mark === 'onDevice' || (mark === 'rejected' && !isLocked)
  }
  const readings = readUnit(plan, kindOf(plan, unit), of.values)
  const keys = keysOfReport(period, answeredElements(plan, dataSet, unit))
  const sections = formOf(plan, dataSet, unit).sections.flatMap(({ section, elements }) => {
    const lines = elements
      .filter((asked) => isOpen(readings, asked))
      .map((asked): FilingLine => {
        const value = valueAt(valueKey(period, asked.id))
        return {
          asked,
          isOwn: isEnteredByUnit(asked, unit),
          text: valueText(plan, asked, value),
          isPlain: typeof value === 'string' && value !== '' && !isStatedAbsence(value),
          remark: of.remarkOf(asked.id),
        }
      })
    return lines.length === 0 ? [] : [{ section, lines }]
  })
  return {
    sections,
    digest: reportDigest(keys, valueAt),
    onDevice: keys.filter(isUnconfirmed).length,
  }
}

/** In fours, to be compared by eye. */
export const digestText = (digest: string): string => digest.replace(/(.{4})(?=.)/g, '$1 ')
