/**
 * An answer about all schools, for those who hold no school's stream on their device: what was seen last is kept there and shown at once, with
 * its age, and asked for anew behind it.
 */
import { onScopeDispose, readonly, ref, shallowRef, watch } from 'vue'
import type { Json } from '#sync/protocol'
import { isSignedOut, type ApiResult } from '../device/api'
import { useSession } from './session'

export type Contact = 'loading' | 'fresh' | 'offline' | 'signedOut'
/** `at`: by this device's clock. */
export type Seen<T> = { readonly answer: T; readonly at: number }

/** `name`: under which it is kept, by period. `read`: what another version of the app kept in another shape is fetched anew. */
export function useDistrictAnswer<T>(
  period: () => string,
  of: {
    readonly name: string
    readonly fetch: (period: string) => Promise<ApiResult<T>>
    readonly read: (kept: unknown) => T | undefined
  },
) {
  const session = useSession()
  const seen = shallowRef<Seen<T>>()
  const contact = ref<Contact>('loading')
  let turn = 0

  async function load(): Promise<void> {
    const mine = ++turn
    const { device } = session
    const asked = period()
    if (device === undefined || asked === '') return
    const name = `${of.name}/${asked}`
    const kept = await device.kept(name)
    if (mine !== turn) return
    seen.value = readSeen(kept, of.read)
    const fetched = await of.fetch(asked)
    if (mine !== turn) return
    if (!fetched.ok) {
      contact.value = isSignedOut(fetched.fault) ? 'signedOut' : 'offline'
      return
    }
    const fresh = { answer: fetched.value, at: Date.now() }
    seen.value = fresh
    contact.value = 'fresh'
    // It came as JSON.
    await device.keep(name, JSON.parse(JSON.stringify(fresh)) as Json)
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

function readSeen<T>(kept: unknown, read: (answer: unknown) => T | undefined): Seen<T> | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined
  const { answer, at } = kept as { readonly answer?: unknown; readonly at?: unknown }
  const known = read(answer)
  return typeof at !== 'number' || known === undefined ? undefined : { answer: known, at }
}
