/**
 * What the session needs of the world: the server's answers, the shelf on this device, and the making of a device. Only
 * `main.ts` knows the real ones.
 */
import type { InjectionKey } from 'vue'
import type { Device } from '#client/device/contract'
import type { Fault } from '#domain/fault'
import type { OrgUnit } from '#domain/org-unit'
import type { Person, Role } from '#domain/person'
import type { Plan } from '#plan/plan'

/** A failing request either will heal (`unreachable`) or needs someone (`refused`). */
export type Reply<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'unreachable' }

export type DemoAccount = {
  readonly username: string
  readonly name: string
  readonly role: Role
  readonly password: string
}

export type SessionServer = {
  signIn(credentials: { readonly username: string; readonly password: string }): Promise<Reply<Person>>
  person(): Promise<Reply<Person>>
  signOut(): Promise<Reply<void>>
  /** The plan's document and its reading; the document is what the shelf keeps. */
  plan(): Promise<Reply<KeptPlan>>
  orgUnits(): Promise<Reply<readonly OrgUnit[]>>
  /** Empty unless the server runs as a demonstration. */
  demoAccounts(): Promise<readonly DemoAccount[]>
}

export type KeptPlan = { readonly document: unknown; readonly plan: Plan }

export type KeptSession = { readonly person: Person; readonly plan: KeptPlan; readonly orgUnits: readonly OrgUnit[] }

/** What outlives the tab. A person who signed out stays known, so that their unsent work is found again. */
export type SessionShelf = {
  /** The session that was open when the app was closed. */
  last(): Promise<KeptSession | undefined>
  keep(session: KeptSession): Promise<void>
  /** Nobody is signed in any more; the person's work and plan stay. */
  leave(): Promise<void>
  /** A person who signed in on this device before and proves it by the password, without a network. */
  reopen(credentials: {
    readonly username: string
    readonly password: string
  }): Promise<KeptSession | 'unknown' | 'wrongPassword'>
  /** Makes `reopen` possible. */
  remember(credentials: { readonly username: string; readonly password: string }): Promise<void>
  people(): Promise<readonly Person[]>
}

export type SessionWorld = {
  readonly server: SessionServer
  readonly shelf: SessionShelf
  openDevice(session: { readonly person: Person; readonly orgUnits: readonly OrgUnit[] }): Promise<Device>
  /** Runs when nobody is typing: a new plan never redraws a field that has the focus. */
  atQuietMoment(run: () => void): void
}

export const SESSION_WORLD: InjectionKey<SessionWorld> = Symbol('session world')
