/** What the bureau's log of administration holds: who did what to whom, and when. Values and reports have their own history, in the ledger. */
export const AUDIT_KINDS = [
  'session.opened',
  'session.refused',
  'session.closed',
  'session.ended',
  'account.made',
  'account.changed',
  'account.password',
  'account.reset',
  'tablet.revoked',
  'orgUnits.put',
  'windows.put',
  'webhooks.put',
  'values.imported',
  'values.exported',
  'deposit.taken',
  'ledger.checked',
  'ledger.restored',
] as const
export type AuditKind = (typeof AUDIT_KINDS)[number]

export type AuditRow = {
  /** 1, 2, 3 … without a gap. */
  readonly id: number
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number
  /** The account; of a refused sign-in the user name that was typed; empty: the program itself. */
  readonly by: string
  readonly kind: AuditKind
  /** Whom or what it was done to: an account, a tablet, a period. */
  readonly subject: string
  /** What more there is to know, by field. */
  readonly details: Readonly<Record<string, unknown>>
  /** From which address of the network. */
  readonly address: string
  /** Of this row and the digest of the row before. */
  readonly digest: string
}
