/** The tablet's own small database; a person's work is in theirs. */
import Dexie from 'dexie/dist/modern/dexie.mjs'
import type { Table } from 'dexie'

export type NamedValue = { readonly key: string; readonly value: unknown }

export class TabletDatabase extends Dexie {
  declare readonly kv: Table<NamedValue, string>

  constructor() {
    super('youxue-app', { cache: 'disabled' })
    this.version(1).stores({ kv: 'key' })
  }
}
