/** One PostgreSQL for the whole run: started before the first test of the project, gone after the last. */
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../scripts/find-postgres.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /** Only where the tests are to run on PostgreSQL: its database `postgres`, as the superuser. */
    readonly postgres?: { readonly url: string; readonly tcpUrl: string }
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  try {
    const client = new pg.Client({ connectionString: server.url() })
    await client.connect()
    await client.query('create table free_database (name text primary key)')
    await client.end()
  } catch (error) {
    await server.stop()
    throw error
  }
  project.provide('postgres', { url: server.url(), tcpUrl: server.tcpUrl() })
  return () => server.stop()
}
