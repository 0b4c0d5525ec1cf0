import type { MessageKey } from '#client/i18n/i18n'

export type StateName =
  | 'local'
  | 'synced'
  | 'conflict'
  | 'error'
  | 'refused'
  | 'ok'
  | 'bad'
  | 'warn'
  | 'na'
  | 'todo'
  | 'half'
  | 'full'
  | 'sent'
  | 'return'
  | 'review'

type Look = {
  readonly icon: string
  readonly word: MessageKey
  readonly tone?: 'ok' | 'bad' | 'accent' | 'conflict' | 'primary' | 'idle'
}

/**
 * Shape, word and colour of each state. `synced` has no tone on purpose: it is the quiet state, most rows must look like nothing
 * happened.
 */
export const STATE_LOOKS: Record<StateName, Look> = {
  local: { icon: 's-local', word: 'common.state.local', tone: 'idle' },
  synced: { icon: 's-synced', word: 'common.state.synced' },
  conflict: { icon: 's-conflict', word: 'common.state.conflict', tone: 'conflict' },
  error: { icon: 's-error', word: 'common.state.error', tone: 'bad' },
  refused: { icon: 's-error', word: 'common.state.refused', tone: 'bad' },
  ok: { icon: 's-ok', word: 'common.state.ok', tone: 'ok' },
  bad: { icon: 's-bad', word: 'common.state.bad', tone: 'bad' },
  warn: { icon: 's-warn', word: 'common.state.warn', tone: 'accent' },
  na: { icon: 's-na', word: 'common.state.na', tone: 'idle' },
  todo: { icon: 's-todo', word: 'common.state.todo', tone: 'idle' },
  half: { icon: 's-half', word: 'common.state.half', tone: 'idle' },
  full: { icon: 's-ok', word: 'common.state.full', tone: 'ok' },
  sent: { icon: 's-sent', word: 'common.state.sent', tone: 'primary' },
  return: { icon: 's-return', word: 'common.state.return', tone: 'accent' },
  review: { icon: 'eye', word: 'common.report.reviewing', tone: 'primary' },
}
