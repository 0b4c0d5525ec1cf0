/** What is written beside a backup once it has been checked: so that a later reader knows that it is still the same, and of when. */
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'

const manifestSchema = v.object({
  format: v.literal(1),
  /** Of the snapshot, by the server's clock, milliseconds since 1970. */
  at: v.number(),
  /** Of the database that it was taken of. */
  epoch: v.string(),
  bytes: v.number(),
  sha256: v.string(),
  streams: v.number(),
  mutations: v.number(),
})
export type Manifest = v.InferOutput<typeof manifestSchema>

export const manifestFile = (backup: string): string => `${backup}.json`

/** `undefined`: there is none that can be read. */
export function readManifest(backup: string): Manifest | undefined {
  try {
    const parsed = v.safeParse(manifestSchema, JSON.parse(readFileSync(manifestFile(backup), 'utf8')))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}

export function writeManifest(backup: string, manifest: Manifest): void {
  const file = manifestFile(backup)
  writeFileSync(`${file}.part`, `${JSON.stringify(manifest, undefined, 2)}\n`)
  toDisk(`${file}.part`)
  renameSync(`${file}.part`, file)
  folderToDisk(dirname(file))
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Until then the system may have it in memory only. */
export function toDisk(file: string): void {
  const opened = openSync(file, 'r+')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

/** A new name is on the disk once its folder is. Windows has no such thing and needs none. */
export function folderToDisk(folder: string): void {
  if (process.platform === 'win32') return
  const opened = openSync(folder, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}
