/**
 * Where the bytes of files are kept. The port is what another kind of place (a bucket, say) would have to do; here it is a folder:
 *
 * ```
 *   files/uploads/<org unit>.<sha256>    what has arrived of it so far; its length is the offset
 *   files/<first two digits>/<sha256>    whole, checked, on the disk for good
 * ```
 * A place in `uploads` belongs to one org unit, a whole file to its digest. Whole is only what was
 * brought to the disk and then renamed.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { constants, copyFile, mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'

export type UploadId = { readonly orgUnit: string; readonly sha256: string }

/** `end`: the last byte that is asked for. */
export type Part = { readonly start: number; readonly end: number }
export type OpenedFile = { readonly size: number; readonly stream: (part?: Part) => Readable }

export type FileStore = {
  /** Bytes of the upload that have arrived, and lie in the place for them. */
  arrived(id: UploadId): Promise<number>
  /**
   * Puts behind what has arrived what the stream brings, at most `max` bytes; what came before a cut stays. Answers how much is there now.
   * Not to be called twice at once for one upload.
   */
  append(id: UploadId, body: Readable, max: number): Promise<{ readonly arrived: number; readonly isTooLong: boolean }>
  /** All that has arrived, for looking at it. */
  read(id: UploadId): Promise<Buffer>
  /**
   * From here on it is whole, under its digest; resolves when it is on the disk. The upload stays until it is forgotten: who is ended in
   * between finds it, and need not be sent it a second time.
   */
  keep(id: UploadId): Promise<void>
  forget(id: UploadId): Promise<void>
  /** Uploads for this org unit that have begun and are not whole. */
  begun(orgUnit: string): Promise<number>
  /** A whole file; `undefined`: it is not there. */
  open(sha256: string): Promise<OpenedFile | undefined>
  /** A whole file that nobody needs any more. */
  remove(sha256: string): Promise<void>
  /** SHA-256 of the bytes that are there under this name. */
  digest(sha256: string): Promise<string | undefined>
  /** Uploads to which nothing has come since then are taken away; how many. */
  forgetOlderThan(time: number): Promise<number>
}

export function folderFileStore(folder: string): FileStore {
  const uploads = join(folder, 'uploads')
  // Codes of org units are plain names (see `isOrgUnitCode`), and so are digests: neither leads out of the folder.
  const partOf = ({ orgUnit, sha256 }: UploadId) => join(uploads, `${orgUnit}.${sha256}`)
  const folderOf = (sha256: string) => join(folder, sha256.slice(0, 2))
  const fileOf = (sha256: string) => join(folderOf(sha256), sha256)

  /** Folders whose own names this program has brought to the disk. */
  const onDisk = new Set<string>()

  async function sizeOf(path: string): Promise<number | undefined> {
    return stat(path).then(
      ({ size }) => size,
      (error: unknown) => {
        if (isMissing(error)) return undefined
        throw error
      },
    )
  }

  return {
    arrived: async (id) => (await sizeOf(partOf(id))) ?? 0,
    async append(id, body, max) {
      // Before anything is waited for: what comes or breaks meanwhile is heard.
      const coming = asItComes(body)
      let file: FileHandle | undefined
      try {
        await mkdir(uploads, { recursive: true })
        file = await open(partOf(id), 'a')
        let arrived = (await file.stat()).size
        const begin = arrived
        try {
          for await (const chunk of coming.chunks()) {
            const room = max - (arrived - begin)
            await file.writeFile(chunk.subarray(0, room))
            arrived += Math.min(chunk.length, room)
            if (chunk.length > room) return { arrived, isTooLong: true }
          }
        } catch (error) {
          // The other side has gone: what came is kept. Anything else is ours.
          if (!isCut(error)) throw error
        }
        return { arrived, isTooLong: false }
      } finally {
        coming.stop()
        await file?.close()
      }
    },
    read: (id) => readFile(partOf(id)),
    async keep(id) {
      await mkdir(folderOf(id.sha256), { recursive: true })
      // A copy, not a second name for the upload: nothing that is appended to that one may reach a file that is whole.
      const copy = `${fileOf(id.sha256)}.part`
      await copyFile(partOf(id), copy, constants.COPYFILE_FICLONE)
      const file = await open(copy, 'r+')
      try {
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(copy, fileOf(id.sha256))
      await syncFolder(folderOf(id.sha256))
      if (onDisk.has(folderOf(id.sha256))) return
      await syncFolder(folder)
      await syncFolder(dirname(folder))
      onDisk.add(folderOf(id.sha256))
    },
    forget: (id) => rm(partOf(id), { force: true }),
    begun: async (orgUnit) => (await namesIn(uploads)).filter((name) => name.startsWith(`${orgUnit}.`)).length,
    async open(sha256) {
      const size = await sizeOf(fileOf(sha256))
      return size === undefined ? undefined : { size, stream: (part) => createReadStream(fileOf(sha256), part) }
    },
    remove: (sha256) => rm(fileOf(sha256), { force: true }),
    async digest(sha256) {
      if ((await sizeOf(fileOf(sha256))) === undefined) return undefined
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(fileOf(sha256)) as AsyncIterable<Buffer>) hash.update(chunk)
      return hash.digest('hex')
    },
    async forgetOlderThan(time) {
      let forgotten = 0
      for (const name of await namesIn(uploads)) {
        const path = join(uploads, name)
        const found = await stat(path).catch(() => undefined)
        if (found === undefined || found.mtimeMs >= time) continue
        await rm(path, { force: true })
        forgotten += 1
      }
      return forgotten
    },
  }
}

/** Of a body, while the disk is slower than the network: twice the largest piece. Who sends more than a piece waits. */
const HELD_BYTES_MAX = 2 * 1024 * 1024

/**
 * What has come of a body, also when it is cut: a stream that ends with an error drops what it has read ahead, 64 kB of each cut and more.
 * So all of it is taken as it comes, and waits here for the disk.
 */
function asItComes(body: Readable): { chunks(): AsyncGenerator<Buffer, void>; stop(): void } {
  const chunks: Buffer[] = []
  let held = 0
  let end: { readonly error?: Error } | undefined = body.destroyed ? { error: body.errored ?? cutOff() } : undefined
  let wake = (): void => undefined
  const take = (chunk: Buffer): void => {
    chunks.push(chunk)
    held += chunk.length
    if (held >= HELD_BYTES_MAX) body.pause()
    wake()
  }
  const onEnd = (): void => {
    end ??= {}
    wake()
  }
  const onError = (error: Error): void => {
    end ??= { error }
    wake()
  }
  const onClose = (): void => onError(cutOff())
  body.on('data', take).on('end', onEnd).on('error', onError).on('close', onClose)
  return {
    async *chunks() {
      for (;;) {
        const chunk = chunks.shift()
        if (chunk !== undefined) {
          held -= chunk.length
          if (body.isPaused()) body.resume()
          yield chunk
        } else if (end === undefined) await new Promise<void>((resolve) => (wake = resolve))
        else if (end.error === undefined) return
        else throw end.error
      }
    },
    stop: () => void body.off('data', take).off('end', onEnd).off('error', onError).off('close', onClose),
  }
}

const cutOff = (): Error => Object.assign(new Error('closed before its end'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })

async function namesIn(path: string): Promise<readonly string[]> {
  return readdir(path).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
}

/** A name in a folder is on the disk when the folder is. Windows has no such thing and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT'
const isCut = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR'
}
