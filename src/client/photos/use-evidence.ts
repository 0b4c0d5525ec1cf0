/** The files that are evidence of one thing: what the cells name, what of it is on this tablet, and adding to it. */
import { computed, onScopeDispose, shallowReactive, shallowRef, watch } from 'vue'
import { parseKey, type Json } from '#sync/protocol'
import type { FileState, ShownStream } from '#client/device/contract'
import { SaveFault } from '#client/device/save-fault'
import { useSession } from '#client/state/session'
import type { PrepareFault } from './prepare'

export type ShownPhoto = {
  readonly sha: string
  readonly name: string
  readonly isImage: boolean
  readonly by: string
  readonly at: number
  /** absent: a cell names it, and its bytes are not here. */
  readonly state: FileState['state'] | 'absent'
  /** Of 100. */
  readonly percent: number
  /** Address of a small picture; not there yet, or no picture. */
  readonly thumb?: string
  readonly fault?: string
}

export type AddFault = PrepareFault | 'storage'

/** `of`: the key of what they are evidence of, see `fileKey`. Of one stream, for as long as the scope lives. */
export function useEvidence({ stream, of }: { readonly stream: ShownStream; readonly of: string }) {
  const session = useSession()
  const thumbs = shallowReactive(new Map<string, string>())
  const adding = shallowRef(0)
  const faults = shallowRef<readonly { readonly name: string; readonly fault: AddFault }[]>([])
  let isOver = false

  const named = computed(() =>
    [...stream.cells.values()]
      .flatMap((cell) => {
        if (!cell.key.startsWith(`a/${of}/`)) return []
        const parsed = parseKey(cell.key)
        const standing = cell.heads.find((head) => isObject(head.value))?.value
        const value = standing ?? cell.value
        // Its bytes may have arrived all the same: without the cell that names them nobody sees them there.
        const isRefused = standing === undefined && cell.mark === 'rejected'
        return parsed.kind === 'file' && parsed.owner === of && isObject(value)
          ? [{ cell, sha: parsed.sha, value, isRefused }]
          : []
      })
      .sort((one, other) => one.cell.at - other.cell.at),
  )

  const photos = computed((): readonly ShownPhoto[] => {
    const files = session.device?.files
    return named.value.map(({ cell, sha, value, isRefused }) => {
      const file = files?.get(sha)
      const thumb = thumbs.get(sha)
      const type = file?.type ?? textOf(value, 'type')
      return {
        ...{ sha, name: file?.name ?? textOf(value, 'name'), isImage: type.startsWith('image/'), by: cell.by, at: cell.at },
        state: isRefused ? 'refused' : (file?.state ?? 'absent'),
        percent: file === undefined || file.size === 0 ? 0 : Math.round((100 * file.sent) / file.size),
        ...(thumb === undefined ? {} : { thumb }),
        ...(file?.fault === undefined ? {} : { fault: file.fault.kind }),
      }
    })
  })

  /** What was looked for in vain; looked for again when the file is in another state. */
  const missed = new Map<string, string>()
  watch(
    () => photos.value.filter(({ sha, state, thumb, isImage }) => isImage && thumb === undefined && missed.get(sha) !== state),
    async (without) => {
      for (const { sha, state } of without) {
        if (missed.get(sha) === state) continue
        missed.set(sha, state)
        const blob = await session.device?.thumb(sha).catch(() => undefined)
        if (isOver || thumbs.has(sha)) return
        if (blob !== undefined) thumbs.set(sha, URL.createObjectURL(blob))
      }
    },
    { immediate: true },
  )
  watch(
    () => named.value.length > 0,
    (some) => {
      if (some) session.device?.loadFiles().catch(() => undefined)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    isOver = true
    for (const address of thumbs.values()) URL.revokeObjectURL(address)
  })

  /** One after the other: what is stored is there, whatever becomes of the next. */
  async function add(files: readonly File[], stampOf: (file: File) => readonly string[]): Promise<void> {
    const { device, plan } = session
    if (device === undefined || plan === undefined) return
    const { prepareFile } = await import('./prepare')
    faults.value = []
    adding.value += files.length
    for (const file of files) {
      try {
        const prepared = await prepareFile(file, { stamp: stampOf(file), at: Date.now() })
        if (prepared.ok) await device.attach({ stream: stream.stream, of, file: prepared.file, pv: plan.document.version })
        else faults.value = [...faults.value, { name: file.name, fault: prepared.fault }]
      } catch (error) {
        if (!(error instanceof SaveFault)) throw error
        faults.value = [...faults.value, { name: file.name, fault: 'storage' }]
      } finally {
        adding.value -= 1
      }
    }
  }

  async function remove(sha: string): Promise<void> {
    const { device, plan } = session
    if (device === undefined || plan === undefined) return
    await device.detach({ stream: stream.stream, of, sha, pv: plan.document.version })
  }

  /** Address of the whole file; fetched where it is not here. `undefined`: it cannot be had now. */
  async function load(sha: string): Promise<string | undefined> {
    const { device } = session
    const here = await device?.fileBytes(sha)
    if (here === undefined) await device?.fetchFiles(stream.stream, [sha])
    const blob = here ?? (await device?.fileBytes(sha))
    return blob === undefined ? undefined : URL.createObjectURL(blob)
  }

  return { photos, adding, faults, add, remove, load }
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: { readonly [key: string]: Json }, name: string): string {
  const found = value[name]
  return typeof found === 'string' ? found : ''
}
