/** Single keys of the desk. Not while somebody types, chooses in a list or answers a question; and not where a person has switched them off. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import { useSession } from '#client/state/session'

export type KeyActions = Readonly<Record<'a' | 'r' | 'c' | 'm' | 'n' | 'd' | '?', () => void>>

const KEPT = 'review/keys'

export function useKeys(actions: KeyActions) {
  const session = useSession()
  const isOn = shallowRef(true)

  watch(
    () => session.device,
    async (device) => {
      isOn.value = (await device?.kept(KEPT)) !== 'off'
    },
    { immediate: true },
  )

  async function toggle(): Promise<void> {
    isOn.value = !isOn.value
    await session.device?.keep(KEPT, isOn.value ? undefined : 'off')
  }

  function press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return
    const { key } = event
    // The list of keys itself is always to be had: there they are switched on again.
    if (!isOn.value && key !== '?') return
    const by = key === 'j' || key === 'ArrowDown' ? 1 : key === 'k' || key === 'ArrowUp' ? -1 : undefined
    if (by !== undefined) {
      // Arrows scroll, unless one is in a list already.
      if (move(by, key.startsWith('Arrow'))) event.preventDefault()
      return
    }
    const action = isAction(key, actions) ? actions[key] : undefined
    if (action === undefined) return
    event.preventDefault()
    action()
  }

  window.addEventListener('keydown', press)
  onScopeDispose(() => window.removeEventListener('keydown', press))
  return { isOn, toggle }
}

const isAction = (key: string, actions: KeyActions): key is keyof KeyActions => key in actions

function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open]') !== null) return true
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) || target.role === 'tab'
}

/** To the next row of the list that has the focus; of the queue where none has. Answers whether there was one. */
function move(by: 1 | -1, isWithinOnly: boolean): boolean {
  const active = document.activeElement
  const inTable = active?.closest('[data-element]') ?? undefined
  const inQueue = active?.closest('[data-queue-row]') ?? undefined
  if (isWithinOnly && inTable === undefined && inQueue === undefined) return false
  const rows = [...document.querySelectorAll<HTMLElement>(inTable === undefined ? '[data-queue-row]' : '[data-element]')]
  const from = inTable ?? inQueue ?? document.querySelector('[data-queue-row][aria-current]')
  const at = rows.findIndex((row) => row === from)
  const next = rows[at < 0 ? 0 : at + by]
  if (next === undefined) return false
  next.focus()
  // Looking at an element costs nothing; opening a report is a step of its own.
  if (inTable !== undefined) next.click()
  return true
}
