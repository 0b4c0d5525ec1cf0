/**
 * A database of one's own on the run's PostgreSQL. Making one takes a good second on a busy machine, and emptying one some milliseconds:
 * so those that were given back are handed out again, with their tables and without a row.
 */
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { asking } from './asking'
// For what it says of the context.
import type {} from './global-setup'
import { SHAPE } from './shape'

export const isOnPostgres = (): boolean => inject('postgres') !== undefined

export type FreshDatabase = {
  readonly name: string
  /** By the socket, as the superuser. */
  readonly url: string
  /** By 127.0.0.1, with a password. */
  readonly tcpUrl: string
  /** Runs a statement on another connection. */
  run(text: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
  /** The same, in the server's database `postgres`. */
  runOutside(text: string): Promise<readonly Record<string, unknown>[]>
  /** Gives it back, emptied. */
  release(): Promise<void>
}

/** `isNew`: one without any table, which is not used again. */
export async function freshDatabase({ isNew = false }: { readonly isNew?: boolean } = {}): Promise<FreshDatabase> {
  const server = inject('postgres')
  if (server === undefined) throw new Error('this test runs in the project `postgres` only')
  const taken = isNew ? [] : await asking(server.url, TAKE)
  const name = typeof taken[0]?.['name'] === 'string' ? taken[0]['name'] : `youxue_${randomBytes(6).toString('hex')}`
  if (taken.length === 0) await asking(server.url, `create database ${name} template ${isNew ? 'template0' : 'migrated'}`)
  const of = (url: string) => url.replace(/\/postgres(?=\?|$)/, `/${name}`)
  return {
    name,
    url: of(server.url),
    tcpUrl: of(server.tcpUrl),
    run: (text, parameters) => asking(of(server.url), text, parameters),
    runOutside: (text) => asking(server.url, text),
    async release() {
      // A test that failed may have left connections behind.
      await asking(server.url, END_OTHERS, [name])
      const [shape] = isNew ? [] : await asking(of(server.url), SHAPE)
      // Not one whose tables a test has changed.
      if (shape?.['shape'] === server.shape) {
        await asking(of(server.url), EMPTY)
        await asking(server.url, 'insert into free_database values ($1)', [name])
      } else await asking(server.url, `drop database ${name} with (force)`)
    },
  }
}

const TAKE = `delete from free_database
  where name = (select name from free_database limit 1 for update skip locked) returning name`
const END_OTHERS = 'select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1'
const EMPTY = `do $$
  declare one record;
  begin
    set local session_replication_role = replica;
    for one in select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%' loop
      execute format('delete from %I', one.tablename);
    end loop;
  end $$`
