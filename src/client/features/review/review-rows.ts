/**
 * A report as its reviewer reads it, element by element: what stands there on this device, and beside it what only the server knows (the
 * other schools, what stood when the bureau saw it last). The server's part may be missing; the row is there without it.
 */
import type { OrgUnit } from '#domain/org-unit'
import { formOf, isEnteredByUnit, isOpen } from '#plan/applicability'
import type { CheckFinding } from '#plan/check'
import type { AskedElement, Plan } from '#plan/plan'
import type { PeerElement, PeersAnswer, ReportElement, ReportPage } from '#plan/report-wire'
import { readingOf, type Values } from '#plan/typed'
import { kindOf } from '#plan/unit-kind'
import { readUnit } from '#plan/unit-readings'
import { valueKey } from '#sync/protocol'
import type { ShownStream } from '#client/device/contract'
import { commentsIn, type Comment } from '#client/state/comments'

export type ReviewRow = {
  readonly asked: AskedElement
  /** Answered by the unit itself; others are no part of what it hands in. */
  readonly isOwn: boolean
  readonly value: unknown
  readonly lastYear: unknown
  /** This year's number less last year's, where both are numbers. */
  readonly change: number | undefined
  readonly remark: string | undefined
  readonly lastRemark: string | undefined
  readonly hasTwoValues: boolean
  readonly findings: readonly CheckFinding[]
  readonly peer: PeerElement | undefined
  /** What the bureau saw last, where that is another value or remark. */
  readonly before: ReportElement['before']
  readonly files: number
  readonly comments: readonly Comment[]
}

export type ReviewInput = {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly period: string
  readonly dataSet: string
  readonly stream: ShownStream
  readonly values: Values
  readonly lastYear: Values
  readonly remarkOf: (element: string, period?: string) => string | undefined
  readonly findings: readonly CheckFinding[]
  readonly page: ReportPage | undefined
  readonly peers: PeersAnswer | undefined
}

/** Section by section; what the form does not show by what was answered is left out. */
export function reviewRows(
  input: ReviewInput,
): readonly { readonly title: AskedElement['section']; readonly rows: readonly ReviewRow[] }[] {
  const { plan, unit, period, dataSet, stream } = input
  const peers = new Map(input.peers?.elements.map((peer) => [peer.element, peer]))
  const seen = new Map(input.page?.elements.map((element) => [element.element, element]))
  const comments = commentsByElement(input)
  const files = filesByElement(stream, period)
  const readings = readUnit(plan, kindOf(plan, unit), input.values)
  return formOf(plan, dataSet, unit).sections.flatMap(({ section, elements }) => {
    const rows = elements
      .filter((asked) => isOpen(readings, asked))
      .map((asked): ReviewRow => {
        const cell = stream.cells.get(valueKey(period, asked.id))
        const [now, last] = [
          readingOf(plan, asked, input.values.get(asked.id)),
          readingOf(plan, asked, input.lastYear.get(asked.id)),
        ]
        return {
          asked,
          isOwn: isEnteredByUnit(asked, unit),
          value: cell?.value ?? null,
          lastYear: valueOf(input.lastYear.get(asked.id)),
          change: now.kind === 'number' && last.kind === 'number' ? exact(now.number - last.number) : undefined,
          remark: input.remarkOf(asked.id),
          lastRemark: input.remarkOf(asked.id, String(Number(period) - 1)),
          hasTwoValues: cell?.mark === 'conflict',
          findings: input.findings.filter(({ elements: [shownAt] }) => shownAt === asked.id),
          peer: peers.get(asked.id),
          before: seen.get(asked.id)?.before,
          files: files.get(asked.id) ?? 0,
          comments: comments.get(asked.id) ?? [],
        }
      })
    return rows.length === 0 ? [] : [{ title: section, rows }]
  })
}

/** What is worth a look before all else: another value than the bureau saw, said about, or found by the check. */
export const isChanged = ({ before }: ReviewRow): boolean => before !== undefined

function commentsByElement({ stream, period, dataSet }: ReviewInput): ReadonlyMap<string, readonly Comment[]> {
  const byElement = new Map<string, Comment[]>()
  for (const comment of commentsIn(stream)) {
    const { about } = comment
    if (about.period !== period || about.dataSet !== dataSet || about.element === undefined) continue
    byElement.set(about.element, [...(byElement.get(about.element) ?? []), comment])
  }
  return byElement
}

function filesByElement(stream: ShownStream, period: string): ReadonlyMap<string, number> {
  const byElement = new Map<string, number>()
  const start = `a/v/${period}/`
  for (const [key, { value }] of stream.cells) {
    if (!key.startsWith(start) || value === null) continue
    const element = key.slice(start.length).split('/')[0] ?? ''
    byElement.set(element, (byElement.get(element) ?? 0) + 1)
  }
  return byElement
}

function valueOf(cell: ReturnType<Values['get']>): unknown {
  return cell === undefined || 'conflict' in cell ? null : cell.value
}

/** Binary fractions add digits that nobody typed. */
const exact = (number: number): number => Number(number.toFixed(10))
