/** One PostgreSQL for the whole run: started before the first test of the project, gone after the last. */
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../scripts/find-postgres.mjs'
import { migrate } from '../../src/server/store/migrations'
import { openPostgres } from '../../src/server/store/postgres'
import { asking } from './asking'
import { SHAPE } from './shape'

declare module 'vitest' {
  interface ProvidedContext {
    /** Only where the tests are to run on PostgreSQL: its database `postgres`, as the superuser. */
    readonly postgres?: {
      readonly url: string
      readonly tcpUrl: string
      /** Of a database that has its tables, and no others. */
      readonly shape: string
    }
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  try {
    await asking(server.url(), 'create table free_database (name text primary key)')
    await asking(server.url(), 'create database migrated template template0')
    const db = await openPostgres(server.url('migrated'))
    await migrate(db)
    await db.destroy()
    const [found] = await asking(server.url('migrated'), SHAPE)
    const shape = String(found?.['shape'])
    project.provide('postgres', { url: server.url(), tcpUrl: server.tcpUrl(), shape })
  } catch (error) {
    await server.stop()
    throw error
  }
  return () => server.stop()
}
