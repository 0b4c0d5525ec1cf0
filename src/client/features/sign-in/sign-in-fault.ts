import type { MessageKey, MessageValues } from '#client/i18n/i18n'
import type { SignInFault } from '#client/state/session'

/** Why signing in did not work -> its sentence. */
export function signInSentence(fault: SignInFault): { readonly key: MessageKey; readonly values?: MessageValues } {
  switch (fault.kind) {
    case 'session.wrongPassword':
      return { key: 'sign-in.fault.wrongPassword' }
    case 'session.tooManyAttempts':
      return { key: 'sign-in.fault.tooManyAttempts', values: { minutes: minutesOf(fault.values?.['seconds']) } }
    case 'account.disabled':
      return { key: 'sign-in.fault.disabled' }
    case 'unreachable':
      return { key: 'sign-in.fault.unreachable' }
    default:
      return { key: 'sign-in.fault.other', values: { kind: fault.kind } }
  }
}

/** Rounded up: who comes back after it must not be refused again. */
function minutesOf(seconds: string | number | undefined): number {
  return Math.max(1, Math.ceil(Number(seconds ?? 60) / 60))
}
