/**
 * Files of evidence in a backup: beside the database's, in a folder `files` that all backups of one place share. A file never changes, so
 * each is copied once, and what is copied is read again and has its digest before it has its name.
 *
 * A file that is missing or damaged keeps nobody from a backup of all the others, nor from one of the values; it is named.
 */
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Kysely } from 'kysely'
import { parseKey, streamOf } from '#sync/protocol'
import type { FileStore, OpenedFile } from '../files/file-store'
import { textToHeads } from '../store/stored-cell'
import type { Tables } from '../store/tables'

/** Of a backup. */
export const filesBeside = (backup: string): string => join(dirname(backup), 'files')

export type StoredFileRow = { readonly sha256: string; readonly size: number }

export type CopiedFiles = {
  readonly copied: number
  /** They were there already. */
  readonly kept: number
  /** Digests. */
  readonly missing: readonly string[]
  readonly damaged: readonly string[]
}

/** Each file once, also where it belongs to several org units. A database of an earlier version knows none. */
export async function storedFiles(db: Kysely<Tables>): Promise<readonly StoredFileRow[]> {
  if (!(await hasFiles(db))) return []
  return db.selectFrom('upload').select(['sha256', 'size']).distinct().orderBy('sha256').execute()
}

export async function copyFiles({
  rows,
  from,
  to,
}: {
  readonly rows: readonly StoredFileRow[]
  readonly from: FileStore
  readonly to: FileStore
}): Promise<CopiedFiles> {
  let [copied, kept] = [0, 0]
  const missing: string[] = []
  const damaged: string[] = []
  for (const row of rows) {
    if ((await to.open(row.sha256))?.size === row.size) {
      kept += 1
      continue
    }
    const found = await from.open(row.sha256)
    if (found === undefined) missing.push(row.sha256)
    else if (await copyOne(row.sha256, { from: found, to })) copied += 1
    else damaged.push(row.sha256)
  }
  return { copied, kept, missing, damaged }
}

async function copyOne(sha256: string, { from, to }: { readonly from: OpenedFile; readonly to: FileStore }): Promise<boolean> {
  const id = { orgUnit: 'copy', sha256 }
  await to.forget(id)
  await to.append(id, from.stream(), from.size)
  if (
    createHash('sha256')
      .update(await to.read(id))
      .digest('hex') === sha256
  ) {
    await to.keep(id)
    return true
  }
  await to.forget(id)
  return false
}

export type FilesCheck = {
  /** Whole and sound. */
  readonly files: number
  readonly bytes: number
  /** Cells that name a file that no tablet has brought yet: `stream key`. It may be on its way. */
  readonly awaited: readonly string[]
  /** Said to be there, and is not, or is something else: `sha256 missing | damaged`. */
  readonly faults: readonly string[]
}

/** Reads every file. */
export async function checkFiles(db: Kysely<Tables>, files: FileStore): Promise<FilesCheck> {
  const faults: string[] = []
  let [count, bytes] = [0, 0]
  for (const { sha256, size } of await storedFiles(db)) {
    const digest = await files.digest(sha256)
    if (digest === sha256) {
      count += 1
      bytes += size
    } else faults.push(`${sha256} ${digest === undefined ? 'missing' : 'damaged'}`)
  }
  return { files: count, bytes, awaited: await awaitedFiles(db), faults }
}

async function awaitedFiles(db: Kysely<Tables>): Promise<readonly string[]> {
  const cells = await db
    .selectFrom('cell')
    .innerJoin('stream', 'stream.id', 'cell.stream')
    .select(['stream.name', 'cell.key', 'cell.heads'])
    .where('cell.key', 'like', 'a/%')
    .orderBy('stream.name')
    .orderBy('cell.key')
    .execute()
  const here = (await hasFiles(db)) ? await db.selectFrom('upload').select(['org_unit', 'sha256']).execute() : []
  const known = new Set(here.map(({ org_unit, sha256 }) => `${streamOf(org_unit)} ${sha256}`))
  return cells.flatMap(({ name, key, heads }) => {
    const parsed = parseKey(key)
    if (parsed.kind !== 'file' || known.has(`${name} ${parsed.sha}`) || isTakenAway(heads)) return []
    return [`${name} ${key}`]
  })
}

/** None of its heads has anything in it. What cannot be read is the ledger's own check to name. */
function isTakenAway(heads: string): boolean {
  try {
    return textToHeads(heads).every(({ value }) => value === null)
  } catch {
    return true
  }
}

async function hasFiles(db: Kysely<Tables>): Promise<boolean> {
  return (await db.introspection.getTables()).some(({ name }) => name === 'upload')
}
