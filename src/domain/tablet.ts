/** One person on one tablet, as it last said of itself; moments are milliseconds since 1970 by the server's clock, but for `oldest`. */
import type { Role } from './person'

export type Tablet = {
  /** The device's name, as its settings show it. */
  readonly id: string
  readonly username: string
  readonly name: string
  readonly role: Role
  /** Codes of the person's org units, as far as the asker may read them; empty for the bureau's roles. */
  readonly orgUnits: readonly string[]
  readonly firstContact: number
  readonly lastContact: number
  /** How far the tablet's clock is ahead, in milliseconds. */
  readonly clockAhead: number
  /** Version of the app; empty where it is not known. */
  readonly app: string
  /** Version of the plan document. */
  readonly plan?: number | undefined
  readonly unsent: number
  /** When the oldest unsent value was typed, by the tablet's clock. */
  readonly oldest?: number | undefined
  readonly refused: number
  readonly conflicts: number
  readonly files: number
  readonly drafts: number
  /** Bytes; `persisted`: the browser has promised to keep it. */
  readonly storage: {
    readonly used?: number | undefined
    readonly quota?: number | undefined
    readonly persisted?: boolean | undefined
  }
  /** `told`: when the tablet heard of it. */
  readonly revoked?: { readonly at: number; readonly by: string; readonly told?: number | undefined } | undefined
  readonly mayRevoke: boolean
}

export type TabletsAnswer = {
  readonly now: number
  /** The versions of app and plan document that a tablet should have. */
  readonly app: string
  readonly plan: number
  readonly tablets: readonly Tablet[]
}
