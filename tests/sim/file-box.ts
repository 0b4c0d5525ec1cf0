/**
 * The tablet's place for files in memory, as `src/client/device/file-box.ts` keeps it, with what a loss of power leaves: all that the product
 * writes strictly, and of what the loop notes (confirmed, refused, damaged) only what was flushed with something else.
 */
import type { FileBox, FileRow } from '#client/device/file-box'
import { SaveFault } from '#client/device/save-fault'
import { orgUnitOf } from '#sync/protocol'

export type FileDisk = {
  readonly rows: ReadonlyMap<string, FileRow>
  /** By digest. */
  readonly bytes: ReadonlyMap<string, Uint8Array>
}

export const NO_FILES: FileDisk = { rows: new Map(), bytes: new Map() }

const idOf = ({ stream, of, sha }: Pick<FileRow, 'stream' | 'of' | 'sha'>): string => `${stream} ${of} ${sha}`
const isAtServer = ({ state }: FileRow): boolean => state === 'confirmed' || state === 'kept'

/** A new one for each tab: which row of a digest the loop was given is the tab's own. */
export function simFileBox(world: {
  readonly disk: () => FileDisk
  readonly write: (disk: FileDisk, isStrict: boolean) => void
  /** One transaction, whenever chance lets it happen. */
  readonly call: <T>(work: () => T) => Promise<T>
  readonly pieceBytes: number
  readonly isWhole: (sha: string, bytes: Uint8Array | undefined) => boolean
  /** There is no room for these bytes. */
  readonly isFull: () => boolean
  readonly noted: (row: FileRow, state: FileRow['state']) => void
}): FileBox {
  const { disk, write, call } = world
  const handed = new Map<string, Pick<FileRow, 'id' | 'offers'>>()

  const rowsOf = (sha: string) => [...disk().rows.values()].filter((row) => row.sha === sha)
  const putRows = (rows: readonly FileRow[], isStrict = true) =>
    write({ ...disk(), rows: new Map([...disk().rows, ...rows.map((row) => [row.id, row] as const)]) }, isStrict)

  /** Rows, and the bytes that no other row names. */
  function drop(gone: ReadonlySet<string>): void {
    const rows = new Map([...disk().rows].filter(([id]) => !gone.has(id)))
    const named = new Set([...rows.values()].map(({ sha }) => sha))
    write({ rows, bytes: new Map([...disk().bytes].filter(([sha]) => named.has(sha))) }, true)
  }

  const note = (sha: string, to: Partial<FileRow> & Pick<FileRow, 'state'>) =>
    call(() => {
      const given = handed.get(sha)
      const row = disk().rows.get(given?.id ?? '')
      if (row === undefined || row.offers !== given?.offers) return
      world.noted(row, to.state)
      putRows([{ ...row, ...to }], false)
    })

  return {
    rows: () => call(() => [...disk().rows.values()]),
    put: (file, { stream, of, pv, state }) =>
      call(() => {
        if (world.isFull()) throw new SaveFault(new DOMException('full', 'QuotaExceededError'))
        const { sha, name, type, at } = file
        const id = idOf({ stream, of, sha })
        const known = disk().rows.get(id)
        const next = known !== undefined && known.state !== 'damaged' && state === 'kept' ? known.state : state
        const row: FileRow = {
          id,
          sha,
          stream,
          of,
          pv,
          name,
          type,
          size: file.bytes.byteLength,
          at,
          state: next,
          offers: known?.offers,
        }
        const healed = rowsOf(sha)
          .filter((other) => other.state === 'damaged')
          .map((other): FileRow => ({ ...other, state: state === 'kept' ? 'kept' : 'waiting' }))
        putRows([...healed, row])
        write({ ...disk(), bytes: new Map([...disk().bytes, [sha, new Uint8Array(file.bytes.slice(0))]]) }, true)
        return row
      }),
    named: (id) =>
      call(() => {
        const row = disk().rows.get(id)
        if (row !== undefined) putRows([{ ...row, state: 'waiting' }])
      }),
    bytes: (sha) => call(() => disk().bytes.get(sha)?.slice().buffer),
    thumb: () => Promise.resolve(undefined),
    freeConfirmed: (bytesMax) =>
      call(() => {
        const rows = [...disk().rows.values()]
        const needed = new Set(rows.filter((row) => !isAtServer(row)).map(({ sha }) => sha))
        const gone = new Set<string>()
        let freed = 0
        for (const row of rows.sort((one, other) => one.at - other.at)) {
          if (needed.has(row.sha) || (freed >= bytesMax && !gone.has(row.id))) continue
          freed += row.size
          for (const { id } of rowsOf(row.sha)) gone.add(id)
        }
        drop(gone)
        return freed
      }),
    dropUnsendable: (place) =>
      call(() => {
        const row = disk().rows.get(idOf(place))
        if (row?.state === 'refused' || row?.state === 'damaged') drop(new Set([row.id]))
      }),
    dropStream: (stream) =>
      call(() => {
        const rows = [...disk().rows.values()]
        drop(
          new Set(
            rows.filter((row) => row.stream === stream && row.state !== 'new' && row.state !== 'waiting').map(({ id }) => id),
          ),
        )
      }),
    offerAgain: (stream) =>
      call(() => {
        const rows = [...disk().rows.values()].filter((row) => row.stream === stream)
        putRows(rows.map((row) => ({ ...row, state: isAtServer(row) ? 'waiting' : row.state, offers: (row.offers ?? 0) + 1 })))
      }),
    askAgain: (fault) =>
      call(() => {
        const rows = [...disk().rows.values()].filter((row) => row.state === 'refused' && row.fault === fault)
        putRows(rows.map((row) => ({ ...row, state: 'waiting', fault: undefined })))
      }),
    nextFile: (without) =>
      call(() => {
        const waiting = [...disk().rows.values()].filter((row) => row.state === 'waiting' && !without.has(row.sha))
        const [row] = waiting.sort((one, other) => one.at - other.at)
        const orgUnit = row && orgUnitOf(row.stream)
        if (row === undefined || orgUnit === undefined) return undefined
        handed.set(row.sha, row)
        return { sha: row.sha, orgUnit, type: row.type, size: row.size }
      }),
    piece: (sha, offset) =>
      call(() => {
        const end = (Math.floor(offset / world.pieceBytes) + 1) * world.pieceBytes
        const bytes = disk().bytes.get(sha)?.slice(offset, end)
        return bytes === undefined || bytes.length === 0 ? undefined : bytes.buffer
      }),
    isWhole: (sha) => call(() => world.isWhole(sha, disk().bytes.get(sha))),
    fileConfirmed: (sha) => note(sha, { state: 'confirmed' }),
    fileRefused: (sha, fault) => note(sha, { state: 'refused', fault }),
    fileDamaged: (sha) => note(sha, { state: 'damaged' }),
    close: () => undefined,
  }
}
