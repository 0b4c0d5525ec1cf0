/**
 * Faults: what a person can put right. (A defect is ours and is thrown.)
 *
 * A fault has a kind, a path into the input where there is one, and the values its sentence needs. The sentence stands in
 * `fault-messages.ts` in both languages; the server maps the kind to a status in one table.
 */
export const FAULT_KINDS = [
  'body.notJson',
  'body.tooLarge',
  'body.invalid',
  'query.invalid',
  'session.missing',
  'session.revoked',
  'session.other',
  'session.wrongPassword',
  'session.tooManyAttempts',
  'session.unknown',
  'password.oneTime',
  'password.wrong',
  'right.missing',
  'origin.foreign',
  'route.unknown',
  'element.unknown',
  'element.notAsked',
  'period.unknown',
  'report.locked',
  'orgUnit.unknown',
  'tablet.unknown',
  'orgUnit.invalid',
  'dataSet.unknown',
  'window.invalid',
  'window.changed',
  'webhook.invalid',
  'webhook.changed',
  'webhook.unknown',
  'figure.unknown',
  'value.notANumber',
  'value.notWhole',
  'value.negative',
  'value.outOfRange',
  'value.notAChoice',
  'value.notYesNo',
  'value.tooLong',
  'account.exists',
  'account.invalid',
  'account.unknown',
  'account.disabled',
  'account.csv',
  'file.unknown',
  'file.offset',
  'file.content',
  'file.tooLarge',
  'file.dimensions',
  'file.active',
  'file.digest',
  'file.tooMany',
  'deposit.unknown',
  'deposit.damaged',
  'deposit.forged',
  'deposit.unsealed',
  'deposit.revoked',
  'plan.invalid',
  'protocol.tooOld',
  'config.invalid',
  'server.full',
  'server.busy',
  'server.defect',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export type Fault = {
  readonly kind: FaultKind
  /** Where in the input, e.g. `dataValues.3.period`. */
  readonly path?: string | undefined
  readonly values?: Readonly<Record<string, string | number>> | undefined
}

export type Result<T, F = Fault> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: F }

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value })
export const failed = <F>(fault: F): Result<never, F> => ({ ok: false, fault })
