/**
 * What the session needs of the world: the server's answers, the tablet's memory of who was here, and the making of a device. Only
 * `main.ts` knows the real ones.
 */
import type { InjectionKey } from 'vue'
import type { Api, DemoAccount } from '#client/device/api'
import type { Device } from '#client/device/contract'
import type { SessionStore } from '#client/device/session-store'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'

export type { DemoAccount }

export type SessionWorld = {
  readonly api: Pick<
    Api,
    'signIn' | 'signOut' | 'fetchSession' | 'fetchPlan' | 'fetchOrgUnits' | 'fetchPeople' | 'fetchDemoAccounts'
  >
  readonly store: SessionStore
  readonly openDevice: (by: { readonly person: Person; readonly orgUnits: readonly OrgUnit[] }) => Promise<Device>
  /** Runs when nobody is typing: a new plan never redraws a field that has the focus. */
  readonly atQuietMoment: (run: () => void) => void
  /** Runs what the first screen does not wait for. */
  readonly afterPaint: (work: () => void) => void
  readonly isOnline: () => boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Faults of storing that no caller waits for. */
  readonly report: (error: unknown) => void
}

export const SESSION_WORLD: InjectionKey<SessionWorld> = Symbol('session world')
