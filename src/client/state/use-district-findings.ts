/**
 * The findings of all schools, for those who hold no school's stream on their device: what was seen last is kept there and shown at once,
 * with its age, and asked for anew behind it.
 */
import { onScopeDispose, readonly, ref, shallowRef, watch } from 'vue'
import { isFindingState } from '#domain/finding'
import type { FindingRow } from '#domain/finding-row'
import { fetchFindings, isFindingRow, isSignedOut } from '../device/api'
import { useSession } from './session'

export type FindingsSeen = {
  readonly rows: readonly FindingRow[]
  /** By this device's clock. */
  readonly at: number
}

export function useDistrictFindings(period: () => string) {
  const session = useSession()
  const seen = shallowRef<FindingsSeen>()
  const contact = ref<'loading' | 'fresh' | 'offline' | 'signedOut'>('loading')
  let turn = 0

  const nameOf = (of: string): string => `findings/${of}`

  async function load(): Promise<void> {
    const mine = ++turn
    const { device } = session
    const of = period()
    if (device === undefined || of === '') return
    const kept = readSeen(await device.kept(nameOf(of)))
    if (mine !== turn) return
    seen.value = kept
    const answer = await fetchFindings(of)
    if (mine !== turn) return
    if (!answer.ok) {
      contact.value = isSignedOut(answer.fault) ? 'signedOut' : 'offline'
      return
    }
    const fresh = { rows: answer.value.filter(({ state }) => isFindingState(state)), at: Date.now() }
    seen.value = fresh
    contact.value = 'fresh'
    await device.keep(nameOf(of), { rows: fresh.rows.map((row) => ({ ...row })), at: fresh.at })
  }

  const again = (): void => void load()
  watch([() => session.device, period] as const, again, { immediate: true })
  window.addEventListener('online', again)
  onScopeDispose(() => {
    turn = -1
    window.removeEventListener('online', again)
  })

  return { seen, contact: readonly(contact), load }
}

/** What another version of the app kept in another shape is fetched anew. */
function readSeen(kept: unknown): FindingsSeen | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined
  const { rows, at } = kept as { readonly rows?: unknown; readonly at?: unknown }
  if (typeof at !== 'number' || !Array.isArray(rows) || !rows.every(isFindingRow)) return undefined
  return { rows, at }
}
