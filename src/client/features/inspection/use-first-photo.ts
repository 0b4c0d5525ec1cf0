/** The first photo of a finding as a small picture, where it is on this tablet. */
import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { findingOwner, itemOwner } from '#sync/protocol'
import type { ShownStream } from '#client/device/contract'
import { filesIn } from '#client/state/records'
import { useSession } from '#client/state/session'

type Found = { readonly id: string; readonly inspection: string; readonly item: string }

/** Its address; `undefined` while there is none. */
export function useFirstPhoto(
  of: () => { readonly stream: ShownStream | undefined; readonly finding: Found },
): Readonly<Ref<string | undefined>> {
  const session = useSession()
  const address = shallowRef<string>()
  let turn = 0

  const sha = computed(() => {
    const { stream, finding } = of()
    if (stream === undefined) return undefined
    const [ofItem] = filesIn(stream, itemOwner(finding.inspection, finding.item))
    const [ofFinding] = filesIn(stream, findingOwner(finding.id, 'found'))
    return (ofItem ?? ofFinding)?.sha
  })
  function forget(): void {
    if (address.value !== undefined) URL.revokeObjectURL(address.value)
    address.value = undefined
  }

  watch(
    // Its bytes may come later than its cell.
    [() => session.device, sha, () => sha.value !== undefined && session.device?.files.has(sha.value) === true] as const,
    async ([device, first, isHere]) => {
      const mine = ++turn
      if (device === undefined || first === undefined) return forget()
      await device.loadFiles()
      const blob = isHere || device.files.has(first) ? await device.thumb(first) : undefined
      if (mine !== turn) return
      forget()
      if (blob !== undefined) address.value = URL.createObjectURL(blob)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    turn = -1
    forget()
  })
  return address
}
