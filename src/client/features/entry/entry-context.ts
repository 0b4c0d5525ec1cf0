/** What the rows of one open form share. The page provides it, so that a row needs nothing but its element. */
import { inject, provide, type InjectionKey, type Ref } from 'vue'
import type { CheckFinding } from '#plan/check'
import type { AskedElement, Plan } from '#plan/plan'
import type { OrgUnit } from '#domain/org-unit'
import type { Inspected } from '#client/state/inspected'
import type { Report } from '#client/state/use-report'
import type { Typist } from '#client/state/typist'
import type { TargetNote } from './target-notes'

export type EntryContext = {
  readonly report: Report
  readonly plan: Plan
  readonly unit: OrgUnit
  /** Who types here. */
  readonly username: string
  /** Name of a colleague, or the account where nobody knows it. */
  nameOf(username: string): string
  readonly typist: Readonly<Ref<Typist | undefined>>
  mayType(asked: AskedElement): boolean
  /** Errors and warnings of a row, at most one paint old. */
  findingsOf(elementId: string): readonly CheckFinding[]
  /** The row whose field has the focus. */
  readonly focused: Ref<string | undefined>
  /** Only these rows are shown; `undefined` is all of them. */
  readonly only: Readonly<Ref<ReadonlySet<string> | undefined>>
  /** All rows are there: time for what no key press needs. */
  readonly isComplete: Readonly<Ref<boolean>>
  targetOf(elementId: string): TargetNote | undefined
  /** What an inspection said of it. */
  inspectedOf(elementId: string): Inspected | undefined
  /** Whether photos or files show it. */
  hasEvidence(elementId: string): boolean
  /** The reviewer has returned it, or somebody has said something about it. */
  isSpokenOf(elementId: string): boolean
  /** Moves the focus to the next or previous field. */
  goOn(elementId: string, back: boolean): void
  askAbsence(asked: AskedElement): void
}

const KEY: InjectionKey<EntryContext> = Symbol('entry')

export function provideEntry(context: EntryContext): void {
  provide(KEY, context)
}

export function useEntryContext(): EntryContext {
  const context = inject(KEY)
  if (context === undefined) throw new Error('a row stands outside of its form')
  return context
}

export const fieldId = (elementId: string): string => `f-${elementId}`
export const rowId = (elementId: string): string => `row-${elementId}`
export const sectionId = (section: string): string => `s-${section}`
