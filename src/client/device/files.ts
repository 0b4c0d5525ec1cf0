/**
 * Files on this tablet and on their way: what the screens see of them, and the loop that sends them. Opened with the first photo, or where
 * some were left waiting; a tablet without photos never opens it.
 */
import { fileKey, orgUnitOf, parseKey, type Json } from '#sync/protocol'
import type { Clock, Locks, Random } from '#sync/ports'
import { makeTransfer, type Transfer, type TransferNet } from '#sync/transfer'
import type { FileState, PreparedFile, ShownStream } from './contract'
import type { FileBox, FileRow } from './file-box'
import { NO_RIGHT } from './file-transport'
import { SaveFault } from './save-fault'

export type FilesWorld = {
  readonly box: FileBox
  /** Reactive, and there before this: a screen that has looked at it sees what comes. */
  readonly states: Map<string, FileState>
  readonly net: TransferNet & { abort(): void }
  /** Bytes of a file of this unit; `undefined`: not now, or not for us. */
  readonly fetchBytes: (sha: string, orgUnit: string) => Promise<ArrayBuffer | undefined>
  /** A small picture of it; `undefined`: it is none. */
  readonly makeThumb: (bytes: ArrayBuffer, type: string) => Promise<ArrayBuffer | undefined>
  readonly digestOf: (bytes: ArrayBuffer) => Promise<string>
  readonly clock: Clock
  readonly random: Random
  readonly locks: Locks
  readonly isOnline: () => boolean
  readonly areValuesWaiting: () => boolean
  readonly isAllowed: () => boolean
  /** Whether the server takes files of this stream from the person. */
  readonly mayBring: (stream: string) => boolean
  readonly lockName: string
  /** T1 of the cell that names it. */
  readonly commit: (edit: {
    readonly stream: string
    readonly key: string
    readonly value: Json
    readonly pv: number
  }) => Promise<void>
  /** Files that wait, for what the tablet says of itself, and whether there are any, for the next start. */
  readonly counted: (waiting: number) => void
  /** This tab has changed something: the others read it. */
  readonly told: () => void
  readonly report: (error: unknown) => void
}

export type Files = {
  attach(edit: { readonly stream: string; readonly of: string; readonly file: PreparedFile; readonly pv: number }): Promise<void>
  bytes(sha: string): Promise<Blob | undefined>
  thumb(sha: string): Promise<Blob | undefined>
  /** Brings what cells of the stream name onto this tablet. */
  fetch(stream: ShownStream, only?: readonly string[]): Promise<{ readonly fetched: number; readonly left: number }>
  /** Takes away bytes that the server has, to make room; their cells and small pictures stay. Answers how many bytes. */
  free(): Promise<number>
  /** Its cell says that it was taken away. */
  takenAway(place: { readonly stream: string; readonly of: string; readonly sha: string }): Promise<void>
  /** The server was put back to an earlier state: it is asked whether it still has what is here. */
  offerAgain(stream: string): Promise<void>
  /** The person may read it no more. */
  forgetStream(stream: string): Promise<void>
  /** Another tab has changed something. */
  reload(): Promise<void>
  wake: Transfer['wake']
  close(): Promise<void>
}

export async function openFiles(world: FilesWorld): Promise<Files> {
  const { box, states } = world

  const transfer = makeTransfer({
    store: box,
    net: world.net,
    clock: world.clock,
    random: world.random,
    locks: world.locks,
    isOnline: world.isOnline,
    areValuesWaiting: world.areValuesWaiting,
    isAllowed: world.isAllowed,
    lockName: world.lockName,
    on: {
      phase: ({ phase }) => {
        if (phase === 'sending') return
        for (const state of states.values()) if (state.state === 'sending') states.set(state.sha, { ...state, state: 'waiting' })
      },
      sent(sha, sent) {
        const before = states.get(sha)
        if (before !== undefined) states.set(sha, { ...before, state: 'sending', sent })
      },
      changed: () => void reload().then(world.told).catch(world.report),
      failed: world.report,
    },
  })

  /** The same photo in several cells: what asks for somebody most is told. */
  async function reload(): Promise<readonly FileRow[]> {
    const rows = await box.rows()
    const next = new Map<string, FileState>()
    for (const row of rows) {
      const state = stateOf(row)
      const known = next.get(row.sha)
      if (known === undefined || URGENCY.indexOf(state.state) < URGENCY.indexOf(known.state)) next.set(row.sha, state)
    }
    for (const sha of [...states.keys()]) if (!next.has(sha)) states.delete(sha)
    for (const [sha, state] of next) {
      const before = states.get(sha)
      const isSending = before?.state === 'sending' && state.state === 'waiting'
      states.set(sha, isSending ? { ...state, state: 'sending', sent: before.sent } : state)
    }
    world.counted([...next.values()].filter(({ state }) => state === 'waiting').length)
    return rows
  }

  async function name({ id, stream, of, sha, name, type, size, w, h, at, pv }: FileRow): Promise<void> {
    const value = { name, type, size, at, ...(w === undefined ? {} : { w }), ...(h === undefined ? {} : { h }) }
    await world.commit({ stream, key: fileKey(of, sha), value, pv })
    await box.named(id)
  }

  /** Room is made of what the server has, when there is none: what was just seen is worth more than a copy. */
  async function put(file: PreparedFile, place: Parameters<FileBox['put']>[1]): Promise<FileRow> {
    try {
      return await box.put(file, place)
    } catch (error) {
      if (!(error instanceof SaveFault) || error.reason !== 'quota') throw error
      // Some more than its own bytes: its small picture and the database's own need.
      if ((await box.freeConfirmed(2 * file.bytes.byteLength)) === 0) throw error
      return box.put(file, place)
    }
  }

  await box.askAgain(NO_RIGHT)
  // What a crash has left between its bytes and its mutation.
  for (const row of await reload()) if (row.state === 'new') await name(row).catch(world.report)
  await reload()
  transfer.wake('stored')

  return {
    async attach({ stream, of, file, pv }) {
      const row = await put(file, { stream, of, pv, state: 'new' })
      await name(row)
      await reload()
      world.told()
      transfer.wake('stored')
    },
    async bytes(sha) {
      const bytes = await box.bytes(sha)
      const type = states.get(sha)?.type ?? ''
      return bytes === undefined ? undefined : new Blob([bytes], { type })
    },
    async thumb(sha) {
      const bytes = await box.thumb(sha)
      return bytes === undefined ? undefined : new Blob([bytes])
    },
    async fetch({ stream, cells }, only) {
      const orgUnit = orgUnitOf(stream)
      let [fetched, left] = [0, 0]
      for (const [key, cell] of cells) {
        const parsed = parseKey(key)
        if (parsed.kind !== 'file' || orgUnit === undefined || !isObject(cell.value)) continue
        const { sha, owner } = parsed
        if (only?.includes(sha) === false || (states.has(sha) && states.get(sha)?.state !== 'damaged')) continue
        const bytes = await world.fetchBytes(sha, orgUnit)
        if (bytes === undefined || (await world.digestOf(bytes)) !== sha) {
          left += 1
          continue
        }
        const type = textOf(cell.value, 'type') ?? ''
        const thumb = await world.makeThumb(bytes, type)
        const file = {
          sha,
          name: textOf(cell.value, 'name') ?? '',
          type,
          bytes,
          at: cell.at,
          ...(thumb === undefined ? {} : { thumb }),
        }
        await box.put(file, { stream, of: owner, pv: 0, state: 'kept' })
        fetched += 1
      }
      if (fetched > 0) {
        await reload()
        world.told()
      }
      return { fetched, left }
    },
    async free() {
      const freed = await box.freeConfirmed(Infinity)
      await reload()
      world.told()
      return freed
    },
    async takenAway(place) {
      await box.dropUnsendable(place)
      await reload()
      world.told()
    },
    async offerAgain(stream) {
      if (!world.mayBring(stream)) return
      await box.offerAgain(stream)
      await reload()
      world.told()
      transfer.wake('stored')
    },
    async forgetStream(stream) {
      await box.dropStream(stream)
      await reload()
    },
    reload: async () => void (await reload()),
    wake: (reason) => transfer.wake(reason),
    async close() {
      world.net.abort()
      await transfer.stop()
      box.close()
    },
  }
}

const URGENCY: readonly FileState['state'][] = ['sending', 'waiting', 'refused', 'damaged', 'confirmed']

function stateOf({ sha, stream, of, name, type, size, w, h, at, state, fault }: FileRow): FileState {
  return {
    ...{ sha, stream, of, name, type, size, at, sent: state === 'confirmed' || state === 'kept' ? size : 0 },
    ...(w === undefined ? {} : { w }),
    ...(h === undefined ? {} : { h }),
    state: state === 'new' ? 'waiting' : state === 'kept' ? 'confirmed' : state,
    ...(fault === undefined ? {} : { fault: { kind: fault } }),
  }
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: { readonly [key: string]: Json }, name: string): string | undefined {
  const found = value[name]
  return typeof found === 'string' ? found : undefined
}
