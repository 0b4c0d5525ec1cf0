/**
 * The files of one person on this tablet: bytes in pieces (as ArrayBuffers, never Blobs: a browser may lose those), their place, and
 * thumbnails. A database of its own beside the person's, so that no start of the app opens it, and no older tab stands in the way of its
 * tables. All transactions are strict: a photo is often the only copy of what somebody saw.
 *
 * ```
 *   new ---(its cell is written)---> waiting ---> confirmed      the server has the whole of it
 *                                     |  \-> refused, damaged
 *   kept: fetched from the server, to be seen without a network
 *   confirmed, kept ---(the server was put back to an earlier state)---> waiting
 * ```
 * `new` are the bytes of a photo whose mutation is not stored yet: bytes first, then the mutation, so that no mutation ever names bytes that
 * are not here. What a crash left `new` gets its mutation at the next start.
 */
import Dexie from 'dexie/dist/modern/dexie.mjs'
import type { Table } from 'dexie'
import { orgUnitOf } from '#sync/protocol'
import { PIECE_BYTES, type FileStore } from '#sync/transfer'
import type { PreparedFile } from './contract'
import { SaveFault } from './save-fault'

export type FileRow = {
  /** One for each cell: the same photo may be evidence of several things. */
  readonly id: string
  readonly sha: string
  readonly stream: string
  /** What it is evidence of, and the plan's version: for the mutation. */
  readonly of: string
  readonly pv: number
  readonly name: string
  readonly type: string
  readonly size: number
  readonly w?: number | undefined
  readonly h?: number | undefined
  /** Device clock, milliseconds since 1970. */
  readonly at: number
  readonly state: 'new' | 'waiting' | 'confirmed' | 'refused' | 'damaged' | 'kept'
  readonly fault?: string | undefined
  /** How often it was offered anew: what the loop had asked before that counts no more. */
  readonly offers?: number | undefined
}
type Piece = { readonly sha: string; readonly i: number; readonly bytes: ArrayBuffer }
type Thumb = { readonly sha: string; readonly bytes: ArrayBuffer }

export type FileBox = FileStore & {
  rows(): Promise<readonly FileRow[]>
  put(file: PreparedFile, place: Pick<FileRow, 'stream' | 'of' | 'pv'> & { readonly state: 'new' | 'kept' }): Promise<FileRow>
  /** Its mutation is stored. */
  named(id: string): Promise<void>
  /** `undefined`: not all of it is here. */
  bytes(sha: string): Promise<ArrayBuffer | undefined>
  thumb(sha: string): Promise<ArrayBuffer | undefined>
  /**
   * Takes away the bytes that the server has, oldest first, until so many are free; their thumbnails stay. Answers how many bytes it took.
   * What waits, in whichever cell, is never touched.
   */
  freeConfirmed(bytesMax: number): Promise<number>
  /** What was refused or is damaged at this place, once nobody wants it any more. */
  dropUnsendable(place: Pick<FileRow, 'stream' | 'of' | 'sha'>): Promise<void>
  /** Of a stream that the person may read no more: all but what was never sent. */
  dropStream(stream: string): Promise<void>
  /** What the server had of this stream waits once more. */
  offerAgain(stream: string): Promise<void>
  /** What was refused for want of a right waits once more: rights come back. */
  askAgain(fault: string): Promise<void>
  close(): void
}

class FilesDatabase extends Dexie {
  declare readonly file: Table<FileRow, string>
  declare readonly piece: Table<Piece, [string, number]>
  declare readonly thumb: Table<Thumb, string>

  constructor(name: string) {
    super(name, { chromeTransactionDurability: 'strict', cache: 'disabled' })
    this.version(1).stores({ file: 'id, sha, state', piece: '[sha+i]', thumb: 'sha' })
  }
}

const idOf = ({ stream, of, sha }: Pick<FileRow, 'stream' | 'of' | 'sha'>): string => `${stream} ${of} ${sha}`
const isAtServer = (state: FileRow['state']): boolean => state === 'confirmed' || state === 'kept'

export const filesDatabaseOf = (personDatabase: string): string => `${personDatabase}-files`

export function openFileBox(personDatabase: string): FileBox {
  const db = new FilesDatabase(filesDatabaseOf(personDatabase))
  /** The one that the loop has been given of each digest: the same photo may be there for two schools. */
  const handed = new Map<string, Pick<FileRow, 'id' | 'offers'>>()

  const saving = <T>(work: () => PromiseLike<T>): Promise<T> =>
    Promise.resolve(work()).catch((error: unknown) => {
      throw new SaveFault(error)
    })
  const change = (sha: string, to: Partial<FileRow>): Promise<void> =>
    saving(async () => {
      const { id = '', offers } = handed.get(sha) ?? {}
      await db.transaction('rw', db.file, async () => {
        const row = await db.file.get(id)
        if (row !== undefined && row.offers === offers) await db.file.put({ ...row, ...to })
      })
    })

  async function bytes(sha: string): Promise<ArrayBuffer | undefined> {
    const row = await db.file.where('sha').equals(sha).first()
    const pieces = await db.piece.where('[sha+i]').between([sha], [sha, []]).toArray()
    const size = pieces.reduce((sum, piece) => sum + piece.bytes.byteLength, 0)
    if (row === undefined || size !== row.size) return undefined
    const whole = new Uint8Array(size)
    let at = 0
    for (const piece of pieces) {
      whole.set(new Uint8Array(piece.bytes), at)
      at += piece.bytes.byteLength
    }
    return whole.buffer
  }

  async function dropBytes(sha: string): Promise<void> {
    await db.piece.where('[sha+i]').between([sha], [sha, []]).delete()
    await db.file.where('sha').equals(sha).delete()
  }

  /** With the bytes, where no other cell names them. */
  async function dropRows(gone: readonly FileRow[]): Promise<void> {
    await db.file.bulkDelete(gone.map(({ id }) => id))
    for (const sha of new Set(gone.map((row) => row.sha))) {
      if ((await db.file.where('sha').equals(sha).count()) > 0) continue
      await dropBytes(sha)
      await db.thumb.delete(sha)
    }
  }

  return {
    rows: () => saving(() => db.file.toArray()),
    put: (file, { stream, of, pv, state }) =>
      saving(() =>
        db.transaction('rw', [db.file, db.piece, db.thumb], async () => {
          const { sha, name, type, w, h, at } = file
          const size = file.bytes.byteLength
          const id = idOf({ stream, of, sha })
          const known = await db.file.get(id)
          // A copy that was fetched is as good as one's own; what waits goes on waiting.
          const next = known !== undefined && known.state !== 'damaged' && state === 'kept' ? known.state : state
          const offers = known?.offers
          const row: FileRow = { id, sha, stream, of, pv, name, type, size, w, h, at, state: next, offers }
          const others = await db.file.where('sha').equals(sha).toArray()
          const damaged = others.filter((other) => other.state === 'damaged')
          await db.file.bulkPut(damaged.map((other) => ({ ...other, state: state === 'kept' ? 'kept' : 'waiting' })))
          await db.file.put(row)
          for (let i = 0; i * PIECE_BYTES < size; i++)
            await db.piece.put({ sha, i, bytes: file.bytes.slice(i * PIECE_BYTES, (i + 1) * PIECE_BYTES) })
          if (file.thumb !== undefined) await db.thumb.put({ sha, bytes: file.thumb })
          return row
        }),
      ),
    named: (id) => saving(async () => void (await db.file.update(id, { state: 'waiting' }))),
    bytes: (sha) => saving(() => bytes(sha)),
    thumb: (sha) => saving(async () => (await db.thumb.get(sha))?.bytes),
    freeConfirmed: (bytesMax) =>
      saving(() =>
        db.transaction('rw', [db.file, db.piece], async () => {
          const rows = await db.file.toArray()
          const needed = new Set(rows.filter(({ state }) => !isAtServer(state)).map(({ sha }) => sha))
          const idle = rows.filter(({ sha }) => !needed.has(sha)).sort((one, other) => one.at - other.at)
          let freed = 0
          for (const sha of new Set(idle.map((row) => row.sha))) {
            if (freed >= bytesMax) break
            freed += idle.find((row) => row.sha === sha)?.size ?? 0
            await dropBytes(sha)
          }
          return freed
        }),
      ),
    dropUnsendable: (place) =>
      saving(() =>
        db.transaction('rw', [db.file, db.piece, db.thumb], async () => {
          const row = await db.file.get(idOf(place))
          if (row?.state === 'refused' || row?.state === 'damaged') await dropRows([row])
        }),
      ),
    dropStream: (stream) =>
      saving(() =>
        db.transaction('rw', [db.file, db.piece, db.thumb], async () => {
          const rows = await db.file.toArray()
          await dropRows(rows.filter((row) => row.stream === stream && row.state !== 'new' && row.state !== 'waiting'))
        }),
      ),
    offerAgain: (stream) =>
      saving(() =>
        db.transaction('rw', db.file, async () => {
          const rows = await db.file.toArray()
          const own = rows.filter((row) => row.stream === stream)
          await db.file.bulkPut(
            own.map((row) => ({ ...row, state: isAtServer(row.state) ? 'waiting' : row.state, offers: (row.offers ?? 0) + 1 })),
          )
        }),
      ),
    askAgain: (fault) =>
      saving(async () => {
        const refused = await db.file.where('state').equals('refused').toArray()
        const again = refused.filter((row) => row.fault === fault)
        await db.file.bulkPut(again.map((row) => ({ ...row, state: 'waiting', fault: undefined })))
      }),
    nextFile: (without) =>
      saving(async () => {
        const waiting = await db.file.where('state').equals('waiting').toArray()
        const [row] = waiting.filter(({ sha }) => !without.has(sha)).sort((one, other) => one.at - other.at)
        const orgUnit = row && orgUnitOf(row.stream)
        if (row === undefined || orgUnit === undefined) return undefined
        handed.set(row.sha, row)
        return { sha: row.sha, orgUnit, type: row.type, size: row.size }
      }),
    piece: (sha, offset) =>
      saving(async () => {
        const i = Math.floor(offset / PIECE_BYTES)
        const piece = await db.piece.get([sha, i])
        return piece?.bytes.slice(offset - i * PIECE_BYTES)
      }),
    isWhole: (sha) =>
      saving(async () => {
        const whole = await bytes(sha)
        return whole !== undefined && (await sha256Of(whole)) === sha
      }),
    fileConfirmed: (sha) => change(sha, { state: 'confirmed' }),
    fileRefused: (sha, fault) => change(sha, { state: 'refused', fault }),
    fileDamaged: (sha) => change(sha, { state: 'damaged' }),
    close: () => db.close(),
  }
}

/** Hexadecimal. Only where the page is in a secure context; without one the server alone looks. */
export async function sha256Of(bytes: ArrayBuffer): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
