/**
 * The robots as the server has them. Each change is sent at once, with all the others as they were seen; where somebody else was faster
 * nothing is changed, and what is there now is shown.
 */
import { onScopeDispose, readonly, ref, shallowRef } from 'vue'
import type { ApiFault } from '#client/device/api'
import { fetchWebhooks, putWebhooks, type TaggedWebhooks } from '#client/device/webhooks-api'
import type { NewWebhook, Webhook } from '#domain/webhook'

export function useWebhooks() {
  const contact = ref<'asking' | 'ready' | 'away'>('asking')
  const webhooks = shallowRef<readonly Webhook[]>([])
  const isSaving = ref(false)
  let tag: string | undefined
  let turn = 0

  function see(answer: TaggedWebhooks): void {
    ;({ tag } = answer)
    ;({ webhooks: webhooks.value } = answer)
    contact.value = 'ready'
  }

  async function load(): Promise<void> {
    const own = ++turn
    const met = await fetchWebhooks()
    if (own !== turn) return
    if (met.ok) see(met.value)
    else if (contact.value !== 'ready') contact.value = 'away'
  }

  /** `undefined`: it is done. */
  async function save(changed: readonly NewWebhook[]): Promise<ApiFault | undefined> {
    if (isSaving.value) return undefined
    isSaving.value = true
    // What is being fetched is older than what comes back from this.
    turn++
    const met = await putWebhooks({ webhooks: changed, tag }).finally(() => (isSaving.value = false))
    if (met.ok) {
      see(met.value)
      return undefined
    }
    if (met.fault.kind === 'webhook.changed' || met.fault.kind === 'webhook.unknown') await load()
    return met.fault
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

  return { contact: readonly(contact), webhooks, isSaving: readonly(isSaving), load, save }
}

/** As it is sent back: its address and secret stay where they are. */
export function unchanged({ id, name, kind, isOn, occasions }: Webhook): NewWebhook {
  return { id, name, kind, isOn, occasions }
}
