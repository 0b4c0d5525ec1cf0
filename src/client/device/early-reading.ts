/**
 * What `public/early.js` read while this code was still being fetched: the tablet's small database, and of the person's database what
 * the first screen shows. It is taken once; whoever finds nothing here asks the database.
 *
 * It may be as old as the start of the page. What another tab has written since then is read a moment later, like all that other tabs
 * write.
 */
import type { DraftRow, Counter, View } from '#sync/ports'
import type { StoredOwn } from './dexie-store'

/** Dexie counts in tens: its version 1 is the browser's 10. Another number is another shape. */
const VERSION = 10

type Found = { readonly version: number }
type Row = { readonly key: string; readonly value: unknown } | undefined

/** Rows of our own databases, as `session-store.ts` and `dexie-store.ts` wrote them. */
export type EarlyTablet = Found & { readonly rows: readonly { readonly key: string; readonly value: unknown }[] }
export type EarlyPerson = Found & {
  readonly name: string
  readonly deviceName: Row
  readonly paused: Row
  readonly contact: Row
  /** Of the report that the address names. */
  readonly stream?: string | undefined
  readonly counter?: Counter | undefined
  readonly view?: View | undefined
  readonly own?: readonly StoredOwn[]
  readonly drafts?: readonly DraftRow[]
}

declare global {
  interface Window {
    youxueEarly?: {
      /** The person's database. */
      readonly name: string
      readonly tablet: Promise<EarlyTablet | undefined>
      readonly person: Promise<EarlyPerson | undefined>
    }
  }
}

export type EarlyReading = {
  tablet(): Promise<EarlyTablet | undefined>
  /** Of the database with this name, and no other. */
  person(database: string): Promise<EarlyPerson | undefined>
  /** The start is over: what nobody took is too old for anybody. */
  forget(): void
}

export function takeEarlyReading(from: Pick<Window, 'youxueEarly'>): EarlyReading {
  const early = from.youxueEarly
  delete from.youxueEarly
  let { tablet, person } = early ?? {}
  return {
    async tablet() {
      const taken = tablet
      tablet = undefined
      const found = await taken
      return found?.version === VERSION ? found : undefined
    },
    async person(database) {
      // Not even waited for when it is somebody else's.
      const taken = early?.name === database ? person : undefined
      person = undefined
      const found = await taken
      return found?.version === VERSION && found.name === database ? found : undefined
    },
    forget() {
      tablet = undefined
      person = undefined
    },
  }
}

const HINT = 'youxue.person'

/** Whose database is read early the next time. Where it cannot be kept, nothing is read early. */
export function readEarlyNextTime(username: string | undefined): void {
  try {
    if (username === undefined) localStorage.removeItem(HINT)
    else localStorage.setItem(HINT, username)
  } catch {
    // Storage is forbidden or full: a start is then a little slower.
  }
}
