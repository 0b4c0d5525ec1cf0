/**
 * Files on this tablet and on their way: what the screens see of them, and the loop that sends them. Opened with the first photo, or where
 * some were left waiting; a tablet without photos never opens it.
 */
import { shallowReactive } from 'vue'
import { fileKey, orgUnitOf, parseKey, type Json } from '#sync/protocol'
import type { Clock, Locks, Random } from '#sync/ports'
import { makeTransfer, type Transfer, type TransferNet } from '#sync/transfer'
import type { FileState, PreparedFile, ShownStream } from './contract'
import type { FileBox, FileRow } from './file-box'

export type FilesWorld = {
  readonly box: FileBox
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
  readonly report: (error: unknown) => void
}

export type Files = {
  readonly states: ReadonlyMap<string, FileState>
  attach(edit: { readonly stream: string; readonly of: string; readonly file: PreparedFile; readonly pv: number }): Promise<void>
  bytes(sha: string): Promise<Blob | undefined>
  thumb(sha: string): Promise<Blob | undefined>
  /** Brings what cells of the stream name onto this tablet. */
  fetch(stream: ShownStream, only?: readonly string[]): Promise<{ readonly fetched: number; readonly left: number }>
  wake: Transfer['wake']
  close(): Promise<void>
}

export async function openFiles(world: FilesWorld): Promise<Files> {
  const { box } = world
  const states = shallowReactive(new Map<string, FileState>())

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
      changed: () => void reload().catch(world.report),
      failed: world.report,
    },
  })

  /** The same photo for two schools: what still waits says more than what has arrived. */
  async function reload(): Promise<readonly FileRow[]> {
    const rows = await box.rows()
    const next = new Map<string, FileState>()
    for (const row of rows) {
      const state = stateOf(row)
      const known = next.get(row.sha)
      if (known === undefined || known.state !== 'waiting') next.set(row.sha, state)
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

  // What a crash has left between its bytes and its mutation.
  for (const row of await reload()) if (row.state === 'new') await name(row).catch(world.report)
  await reload()
  transfer.wake('stored')

  return {
    states,
    async attach({ stream, of, file, pv }) {
      const row = await box.put(file, { stream, of, pv, state: 'new' })
      await name(row)
      await reload()
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
      if (fetched > 0) await reload()
      return { fetched, left }
    },
    wake: (reason) => transfer.wake(reason),
    async close() {
      world.net.abort()
      await transfer.stop()
      box.close()
    },
  }
}

function stateOf({ sha, stream, name, type, size, w, h, at, state, fault }: FileRow): FileState {
  return {
    ...{ sha, stream, name, type, size, at, sent: state === 'confirmed' || state === 'kept' ? size : 0 },
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
