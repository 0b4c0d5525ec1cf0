/** Bringing schools onto this tablet, and what of each is here. Everything but files comes by itself; choosing a school brings those, too. */
import { computed, onScopeDispose, ref, shallowReactive, shallowRef, watch } from 'vue'
import type { OrgUnit } from '#domain/org-unit'
import { parseKey, streamOf } from '#sync/protocol'
import type { Device, ShownStream } from '#client/device/contract'
import { useSession } from '#client/state/session'
import { useStreams } from '#client/state/use-streams'

/** What the page wants to find again: the codes that were chosen. */
const KEPT = 'prepare'
/** Thirty schools over a weak network; who waits longer presses again, and nothing that came is fetched twice. */
const WAIT_MAX_MS = 120_000

export type Along = {
  readonly unit: OrgUnit
  /** The whole stream is here, as far as the last contact tells. */
  readonly isHeld: boolean
  readonly rows: number
  /** Photos and files that its records name, how many of them are here, and how large those are. */
  readonly files: number
  readonly filesHere: number
  readonly bytes: number
}

export function usePrepare() {
  const session = useSession()
  const streams = useStreams(() => session.ownUnits.map(({ code }) => code))
  const held = shallowReactive(new Set<string>())
  const chosen = shallowRef<ReadonlySet<string>>(new Set())
  const going = ref<{ readonly done: number; readonly of: number }>()
  const outcome = ref<'complete' | 'notAll' | 'offline'>()
  let over = false
  onScopeDispose(() => (over = true))

  watch(
    () => session.device,
    async (device) => {
      const [kept] = await Promise.all([device?.kept(KEPT), device?.loadFiles()])
      if (over || !Array.isArray(kept)) return
      const own = new Set(session.ownUnits.map(({ code }) => code))
      chosen.value = new Set(kept.filter((code): code is string => typeof code === 'string' && own.has(code)))
    },
    { immediate: true },
  )

  async function look(): Promise<void> {
    const { device } = session
    if (device === undefined) return
    for (const { code } of session.ownUnits) {
      if (await device.holds(streamOf(code))) held.add(code)
      else held.delete(code)
      if (over) return
    }
  }
  watch(
    [() => streams.size, () => session.device?.sync.lastContact, () => session.device?.sync.lastEmpty] as const,
    () => void look(),
    {
      immediate: true,
    },
  )

  function choose(codes: ReadonlySet<string>): void {
    chosen.value = codes
    outcome.value = undefined
    void session.device?.keep(KEPT, [...codes])
  }

  const along = computed((): readonly Along[] =>
    session.ownUnits.map((unit) => {
      const stream = streams.get(unit.code)
      return { unit, isHeld: held.has(unit.code), rows: stream?.cells.size ?? 0, ...filesOf(stream, session.device) }
    }),
  )

  async function go(): Promise<void> {
    const { device } = session
    if (device === undefined || going.value !== undefined) return
    const codes = [...chosen.value]
    outcome.value = undefined
    going.value = { done: 0, of: codes.length }
    for (const code of codes) await device.open(streamOf(code))
    const before = device.sync.lastContact
    device.syncNow()
    await until(
      () => over || device.sync.phase === 'offline' || (device.sync.phase === 'idle' && device.sync.lastContact !== before),
    )
    await look()
    let left = 0
    for (const [at, code] of codes.entries()) {
      if (over) return
      left += (await device.fetchFiles(streamOf(code))).left
      going.value = { done: at + 1, of: codes.length }
    }
    going.value = undefined
    const isAll = left === 0 && codes.every((code) => held.has(code))
    outcome.value = device.sync.phase === 'offline' ? 'offline' : isAll ? 'complete' : 'notAll'
  }

  return { along, chosen, choose, go, going, outcome }
}

function filesOf(stream: ShownStream | undefined, device: Device | undefined): Pick<Along, 'files' | 'filesHere' | 'bytes'> {
  let [files, filesHere, bytes] = [0, 0, 0]
  for (const key of stream?.cells.keys() ?? []) {
    if (!key.startsWith('a/') || stream?.cells.get(key)?.value === null) continue
    const parsed = parseKey(key)
    const here = parsed.kind === 'file' ? device?.files.get(parsed.sha) : undefined
    files += 1
    if (here === undefined || here.state === 'damaged') continue
    filesHere += 1
    bytes += here.size
  }
  return { files, filesHere, bytes }
}

/** Looks again four times a second, until it holds or the waiting is over. */
function until(holds: () => boolean): Promise<void> {
  const began = performance.now()
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!holds() && performance.now() - began < WAIT_MAX_MS) return
      clearInterval(timer)
      resolve()
    }, 250)
  })
}
