/** The one state that a row shows. What needs somebody comes first; synced is the quiet one. */
import type { CheckFinding } from '#plan/check'
import type { Draft, ShownCell } from '#client/device/contract'

export type RowState =
  'notStored' | 'conflict' | 'rejected' | 'uncounted' | 'invalid' | 'explain' | 'onDevice' | 'confirmed' | 'empty'

export type RowFacts = {
  readonly cell: ShownCell | undefined
  readonly draft: Draft | undefined
  readonly findings: readonly CheckFinding[]
  readonly notStored: boolean
}

export function rowStateOf({ cell, draft, findings, notStored }: RowFacts): RowState {
  if (notStored) return 'notStored'
  // Somebody who types on in a field with two values is deciding.
  if (draft === undefined && cell?.mark === 'conflict') return 'conflict'
  if (draft === undefined && cell?.mark === 'rejected') return cell.verdict === 'rejected: locked' ? 'uncounted' : 'rejected'
  if (findings.some((finding) => finding.level === 'error')) return 'invalid'
  if (findings.some((finding) => finding.level === 'warning' && finding.answered !== true)) return 'explain'
  if (draft !== undefined || cell?.mark === 'onDevice') return 'onDevice'
  return cell === undefined || isEmpty(cell.value) ? 'empty' : 'confirmed'
}

const TROUBLE: ReadonlySet<RowState> = new Set(['conflict', 'rejected', 'uncounted', 'invalid', 'explain', 'notStored'])
/** States that ask for somebody. */
export function isTrouble(state: RowState): boolean {
  return TROUBLE.has(state)
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

export const ROW_LOOKS = {
  notStored: { icon: 's-warn', tone: 'accent', word: 'entry.mark.notStored' },
  conflict: { icon: 's-conflict', tone: 'conflict', word: 'entry.mark.conflict' },
  rejected: { icon: 's-error', tone: 'bad', word: 'entry.mark.rejected' },
  uncounted: { icon: 's-warn', tone: 'accent', word: 'entry.mark.uncounted' },
  invalid: { icon: 's-error', tone: 'bad', word: 'entry.mark.invalid' },
  explain: { icon: 's-warn', tone: 'accent', word: 'entry.mark.explain' },
  onDevice: { icon: 's-local', tone: 'idle', word: 'entry.mark.onDevice' },
  confirmed: { icon: 's-synced', tone: '', word: 'entry.mark.confirmed' },
  empty: { icon: 's-todo', tone: 'idle', word: 'entry.mark.empty' },
} as const
