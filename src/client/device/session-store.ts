/**
 * What the tablet remembers before anybody's database is open: who was signed in last, the org units and plan that they saw, and a
 * proof of the password for signing in without a network. One small database for the whole tablet; a person's work is in their own.
 */
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import { isNamedPerson, isOrgUnit, isPerson, type NamedPerson } from './api'
import { countUnsent, databaseOf } from './person-database'
import type { TabletDatabase } from './tablet-database'
import { readEarlyNextTime, type EarlyReading } from './early-reading'

export type StoredSession = {
  readonly person: Person
  readonly orgUnits: readonly OrgUnit[]
  /** How colleagues are called; without it they go by their usernames. */
  readonly colleagues?: readonly NamedPerson[] | undefined
  /** Key of the plan's document: see `readPlan`. */
  readonly plan: string
  /** Milliseconds since 1970. */
  readonly since: number
}

const CURRENT = 'current'
const sessionKey = (username: string) => `session/${username}`
const proofKey = (username: string) => `proof/${username}`
const planKey = (plan: string) => `plan/${plan}`

export type SessionStore = {
  /** The session that was open when the app was closed. */
  readSession(): Promise<StoredSession | undefined>
  /** The same with its plan's document, in one reading: what stands between opening the app and its first screen. */
  readStart(): Promise<{ readonly session: StoredSession; readonly plan: unknown } | undefined>
  /** Of a person who signed in on this tablet before. */
  readSessionOf(username: string): Promise<StoredSession | undefined>
  writeSession(session: StoredSession): Promise<void>
  /** Nobody is signed in any more; who the person was, and their work, stays. */
  clearSession(): Promise<void>
  /** Everybody who signed in on this tablet, the last one first. */
  people(): Promise<readonly Person[]>
  /** What is on this tablet of a person's work that has not reached the server, whether they are signed in or not. */
  unsentOf(username: string): Promise<Unsent>
  /** The document verbatim, as it came from the server. Plans that no session names any more are dropped. */
  readPlan(plan: string): Promise<unknown>
  writePlan(plan: string, document: unknown): Promise<void>
  rememberPassword(credentials: Credentials): Promise<void>
  /** Signing in takes the server's word from now on. */
  forgetPassword(username: string): Promise<void>
  /** `unknown`: nobody of this name has signed in here. */
  checkPassword(credentials: Credentials): Promise<'right' | 'wrong' | 'unknown'>
  close(): void
}

/** `values`: wait to be sent; `refused`: nobody has decided about them; `drafts`: typed and no value yet. */
export type Unsent = { readonly values: number; readonly refused: number; readonly drafts: number }

export type Credentials = { readonly username: string; readonly password: string }

/** `early`: what was read before this code was there; otherwise the database is asked. */
export function openSessionStore(early?: Pick<EarlyReading, 'tablet'>): SessionStore {
  /** Its code runs with the first question that the early reading does not answer: the first screen waits for neither. */
  let opening: Promise<TabletDatabase> | undefined
  const table = async () => {
    opening ??= import('./tablet-database')
      .then(({ TabletDatabase: Database }) => new Database())
      .catch((error: unknown) => {
        opening = undefined
        throw error
      })
    return (await opening).kv
  }
  const value = async (key: string): Promise<unknown> => (await (await table()).get(key))?.value
  const read = async (key: string): Promise<StoredSession | undefined> => {
    const kept = await value(key)
    return isStoredSession(kept) ? kept : undefined
  }
  const sessions = async (): Promise<readonly StoredSession[]> => {
    const rows = await (await table()).where('key').startsWith(sessionKey('')).toArray()
    return rows
      .map((row) => row.value)
      .filter(isStoredSession)
      .sort((one, other) => other.since - one.since)
  }

  return {
    async readSession() {
      const username = await value(CURRENT)
      return typeof username === 'string' ? read(sessionKey(username)) : undefined
    },
    async readStart() {
      // A handful of rows: one trip to the database instead of three that wait for each other.
      const kept = (await early?.tablet())?.rows ?? (await (await table()).toArray())
      const rows = new Map(kept.map((row) => [row.key, row.value]))
      const username = rows.get(CURRENT)
      const session = typeof username === 'string' ? rows.get(sessionKey(username)) : undefined
      return isStoredSession(session) ? { session, plan: rows.get(planKey(session.plan)) } : undefined
    },
    readSessionOf: (username) => read(sessionKey(username)),
    async writeSession(session) {
      const { username } = session.person
      await (
        await table()
      ).bulkPut([
        { key: sessionKey(username), value: toPlain(session) },
        { key: CURRENT, value: username },
      ])
      readEarlyNextTime(username)
    },
    async clearSession() {
      readEarlyNextTime(undefined)
      await (await table()).delete(CURRENT)
      // Again: a session that was just being written had set it.
      readEarlyNextTime(undefined)
    },
    unsentOf: (username) => countUnsent(databaseOf(username)),
    people: async () => (await sessions()).map(({ person }) => person),
    readPlan: (plan) => value(planKey(plan)),
    async writePlan(plan, document) {
      await (await table()).put({ key: planKey(plan), value: document })
      const named = new Set([plan, ...(await sessions()).map((session) => session.plan)].map(planKey))
      const keys = await (await table()).where('key').startsWith(planKey('')).primaryKeys()
      await (await table()).bulkDelete(keys.filter((key) => !named.has(key)))
    },
    async rememberPassword({ username, password }) {
      // Before the transaction: what is awaited inside one lets it end.
      const proof = await makeProof(password)
      if (proof !== undefined) await (await table()).put({ key: proofKey(username), value: proof })
    },
    async forgetPassword(username) {
      await (await table()).delete(proofKey(username))
    },
    async checkPassword({ username, password }) {
      const proof = await value(proofKey(username))
      if (!isProof(proof)) return 'unknown'
      return (await isProven(proof, password)) ? 'right' : 'wrong'
    },
    close: () =>
      void opening?.then(
        (db) => db.close(),
        () => undefined,
      ),
  }
}

/**
 * PBKDF2-SHA-256 over the password, with OWASP's number of rounds. It keeps a colleague at the same tablet out; it is no encryption of
 * what is stored.
 */
type Proof = { readonly salt: ArrayBuffer; readonly bits: ArrayBuffer; readonly rounds: number }
const ROUNDS = 600_000

/** Not over plain HTTP, where the browser has no cryptography: then nobody signs in without a network. */
async function makeProof(password: string): Promise<Proof | undefined> {
  if (!hasCrypto()) return undefined
  const salt = crypto.getRandomValues(new Uint8Array(16)).buffer
  return { salt, rounds: ROUNDS, bits: await derive(password, salt, ROUNDS) }
}

async function isProven(proof: Proof, password: string): Promise<boolean> {
  if (!hasCrypto()) return false
  const bits = new Uint8Array(await derive(password, proof.salt, proof.rounds))
  const kept = new Uint8Array(proof.bits)
  return bits.length === kept.length && bits.every((byte, at) => byte === kept[at])
}

const hasCrypto = (): boolean => 'subtle' in crypto

async function derive(password: string, salt: ArrayBuffer, rounds: number): Promise<ArrayBuffer> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(password), 'PBKDF2', false, ['deriveBits'])
  return crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(salt), iterations: rounds }, key, 256)
}

function isProof(kept: unknown): kept is Proof {
  return (
    typeof kept === 'object' &&
    kept !== null &&
    'salt' in kept &&
    'bits' in kept &&
    'rounds' in kept &&
    typeof kept.rounds === 'number'
  )
}

function isStoredSession(kept: unknown): kept is StoredSession {
  return (
    typeof kept === 'object' &&
    kept !== null &&
    'person' in kept &&
    isPerson(kept.person) &&
    'orgUnits' in kept &&
    Array.isArray(kept.orgUnits) &&
    kept.orgUnits.every(isOrgUnit) &&
    (!('colleagues' in kept) || (Array.isArray(kept.colleagues) && kept.colleagues.every(isNamedPerson))) &&
    'plan' in kept &&
    typeof kept.plan === 'string' &&
    'since' in kept &&
    typeof kept.since === 'number'
  )
}

/** Without Vue's proxies, which IndexedDB refuses. */
function toPlain({ person, orgUnits, colleagues = [], plan, since }: StoredSession): StoredSession {
  return {
    person: { ...person, orgUnits: [...person.orgUnits] },
    orgUnits: orgUnits.map((unit) => ({ ...unit })),
    colleagues: colleagues.map(({ username, name }) => ({ username, name })),
    plan,
    since,
  }
}
