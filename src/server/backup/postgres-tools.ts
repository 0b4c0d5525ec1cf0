/** PostgreSQL's own programs and the databases of one server, for backups. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sql, type Kysely } from 'kysely'
import { openPostgres } from '../store/postgres'
import type { Tables } from '../store/tables'

/** `postgres://user:password@host:port/database?parameters`; host and database may be left out. */
const URL_PARTS = /^(postgres(?:ql)?:\/\/)([^/?#]*)(?:\/([^?#]*))?(.*)$/

/** The name of the database in its address. */
export function databaseIn(url: string): string {
  return decodeURIComponent(URL_PARTS.exec(url)?.[3] ?? '')
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const [, scheme = '', server = '', , rest = ''] = URL_PARTS.exec(url) ?? []
  return `${scheme}${server}/${encodeURIComponent(database)}${rest}`
}

/** An address that other people of the machine may see in the list of processes, and the password beside it. */
function withoutSecret(url: string): { readonly url: string; readonly env: Readonly<Record<string, string>> } {
  const found = /^(postgres(?:ql)?:\/\/[^/?#:@]*):([^@/?#]*)@/.exec(url)
  if (found === null) return { url, env: {} }
  const [whole, before = '', secret = ''] = found
  return { url: `${before}@${url.slice(whole.length)}`, env: { PGPASSWORD: decodeURIComponent(secret) } }
}

export class ToolMissing extends Error {
  override name = 'ToolMissing'
}

/** Runs `pg_dump` or `pg_restore`, from POSTGRES_BIN or PATH; throws with what it said. */
export async function runTool(tool: 'pg_dump' | 'pg_restore', url: string, args: readonly string[]): Promise<void> {
  const bin = process.env['POSTGRES_BIN']
  const program = bin !== undefined && existsSync(join(bin, tool)) ? join(bin, tool) : tool
  const open = withoutSecret(url)
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, ['--no-password', `--dbname=${open.url}`, ...args], {
      env: { ...process.env, ...open.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)))
    child.once('error', () => reject(new ToolMissing(tool)))
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(said.trim() === '' ? `${tool}: ${String(code)}` : said.trim())),
    )
  })
}

/** Works in a database of its own on the same server, which is dropped afterwards unless `keep` says otherwise. */
export async function inDatabaseOfItsOwn<T>(
  url: string,
  name: string,
  work: (copyUrl: string, keep: () => void) => Promise<T>,
): Promise<T> {
  const keeper = await openPostgres(url)
  let isKept = false
  try {
    await sql`create database ${sql.id(name)} template template0 encoding 'UTF8'`.execute(keeper)
    try {
      return await work(withDatabase(url, name), () => {
        isKept = true
      })
    } finally {
      if (!isKept) await sql`drop database if exists ${sql.id(name)} with (force)`.execute(keeper)
    }
  } finally {
    await keeper.destroy()
  }
}

export async function withPostgres<T>(url: string, work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
  const db = await openPostgres(url)
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}
