/**
 * Windows as the server has them and as they are typed here, from asking to saving.
 *
 * ```
 *   asking --> ready --save--> ready (saved)
 *     |          |  \--window.changed--> ready: what is there now under what was typed; saving again replaces it
 *     |          \--no network--> ready: what was typed stays on the page
 *     \--no network--> kept (as this device saw them last, to be read only) --again--> ready
 * ```
 * Nothing typed is on the device: it is the district's, and belongs to whoever saves it.
 */
import { computed, onScopeDispose, readonly, ref, shallowRef } from 'vue'
import { fetchWindows, putWindows, type TaggedWindows } from '#client/device/windows-api'
import type { ApiFault } from '#client/device/api'
import { useWindows } from '#client/state/windows'
import type { Windows } from '#domain/window'
import {
  byReport,
  changedKeys,
  faultsOf,
  isSame,
  mergeWindows,
  placeOf,
  type WindowFault,
  type WindowsByReport,
} from './windows-model'

const NONE: WindowsByReport = new Map()

export function useWindowSettings() {
  const store = useWindows()
  const contact = ref<'asking' | 'ready' | 'away'>('asking')
  const isSaving = ref(false)
  const timeZone = ref<string>()
  const seen = shallowRef(NONE)
  const mine = shallowRef(NONE)
  /** Reports that somebody else has changed since this page saw them. */
  const changedThere = shallowRef<ReadonlySet<string>>(new Set())
  const refused = shallowRef<ApiFault>()
  /** Where the server found something wrong, until that report is changed. */
  const faultThere = shallowRef<{ readonly key: string; readonly fault: WindowFault }>()
  let tag: string | undefined
  let turn = 0

  const changed = computed(() => changedKeys(seen.value, mine.value))
  const faults = computed(() => {
    const here = faultsOf(mine.value)
    const there = faultThere.value
    return there === undefined ? here : new Map([[there.key, there.fault], ...here])
  })

  function see(answer: TaggedWindows): void {
    tag = answer.tag
    timeZone.value = answer.windows.timeZone
    const found = byReport(answer.windows.windows)
    mine.value = mergeWindows({ seen: seen.value, mine: mine.value, found })
    seen.value = found
    contact.value = 'ready'
    store.take(answer.windows).catch(reportError)
  }

  async function load(): Promise<void> {
    const own = ++turn
    const met = await fetchWindows()
    if (own !== turn) return
    if (met.ok) see(met.value)
    else if (contact.value !== 'ready') contact.value = 'away'
  }

  function set(windows: WindowsByReport): void {
    const there = faultThere.value
    if (there !== undefined && !isSame(windows.get(there.key), mine.value.get(there.key))) faultThere.value = undefined
    mine.value = windows
  }
  function undo(): void {
    set(seen.value)
    refused.value = undefined
    changedThere.value = new Set()
  }

  /** Whether they are saved. */
  async function save(): Promise<boolean> {
    if (isSaving.value) return false
    isSaving.value = true
    refused.value = undefined
    const sent = mine.value
    const windows = [...sent.values()]
    const met = await putWindows({ windows, tag }).finally(() => (isSaving.value = false))
    if (met.ok) {
      // What was typed meanwhile is over what was sent, not over what was there before.
      seen.value = sent
      see(met.value)
      changedThere.value = new Set()
      return true
    }
    refused.value = met.fault
    if (met.fault.kind === 'window.changed') await seeWhatIsThere()
    else if (met.fault.kind !== 'unreachable') faultThere.value = placeOf(met.fault, windows)
    return false
  }

  async function seeWhatIsThere(): Promise<void> {
    const before = seen.value
    const met = await fetchWindows()
    if (!met.ok) return
    see(met.value)
    changedThere.value = new Set([...changedThere.value, ...changedKeys(before, seen.value)])
  }

  const whenOnline = () => {
    if (contact.value === 'away') void load()
  }
  window.addEventListener('online', whenOnline)
  onScopeDispose(() => {
    turn++
    window.removeEventListener('online', whenOnline)
  })
  void load()

  /** What can be shown: the server's with what is typed, or what this device saw last. */
  const shown = computed((): { readonly timeZone: string; readonly windows: WindowsByReport } | undefined => {
    if (contact.value === 'ready') return { timeZone: timeZone.value ?? '', windows: mine.value }
    const kept: Windows | undefined = contact.value === 'away' ? store.windows : undefined
    return kept === undefined ? undefined : { timeZone: kept.timeZone, windows: byReport(kept.windows) }
  })

  return {
    contact: readonly(contact),
    isSaving: readonly(isSaving),
    ...{ shown, seen, mine, changed, changedThere, faults, refused },
    ...{ load, set, undo, save, now: store.now },
  }
}
