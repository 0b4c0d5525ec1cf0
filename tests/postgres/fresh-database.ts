/** A database of one's own on the run's PostgreSQL. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
// For what it says of the context.
import type {} from './global-setup'

export const isOnPostgres = (): boolean => inject('postgres') !== undefined

export type FreshDatabase = {
  /** By the socket, as the superuser. */
  readonly url: string
  /** By 127.0.0.1, with a password. */
  readonly tcpUrl: string
  /** Runs a statement on another connection. */
  run(text: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
  drop(): Promise<void>
}

export async function freshDatabase(): Promise<FreshDatabase> {
  const server = inject('postgres')
  if (server === undefined) throw new Error('this test runs in the project `postgres` only')
  const name = `youxue_${randomBytes(6).toString('hex')}`
  await asking(server.url, `create database ${name} template template0`)
  const of = (url: string) => url.replace(/\/postgres(?=\?|$)/, `/${name}`)
  return {
    url: of(server.url),
    tcpUrl: of(server.tcpUrl),
    run: (text, parameters) => asking(of(server.url), text, parameters),
    // A test that failed may have left connections behind.
    drop: async () => void (await asking(server.url, `drop database ${name} with (force)`)),
  }
}

async function asking(url: string, text: string, parameters: readonly unknown[] = []) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(text, [...parameters])
    return rows
  } finally {
    await client.end()
  }
}
