/**
 * When the server received the submission behind a report's present state. Only the server knows: it is in the history of the state's cell,
 * which is asked for once the submission has arrived, and kept on the tablet.
 */
import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue'
import type { Id } from '#sync/protocol'
import type { PastValue } from '../device/contract'
import type { ReportLife } from './report-life'
import { useSession } from './session'

export type ReceivedOf = { readonly stream: string; readonly life: ReportLife }

/** By the server's clock, milliseconds since 1970. `undefined`: the report is not with the bureau, or this tablet does not know it yet. */
export function useReceived(of: () => ReceivedOf | undefined): Readonly<Ref<number | undefined>> {
  const session = useSession()
  const received = ref<number>()
  let turn = 0
  /** Being looked for, or all is known that the server can say. */
  let isSettled = false
  onScopeDispose(() => (turn = -1))

  async function find(): Promise<void> {
    const mine = ++turn
    received.value = undefined
    isSettled = false
    const at = of()
    const { device } = session
    if (at === undefined || device === undefined || !at.life.isLocked || at.life.isOnDevice) return
    const place = { stream: at.stream, key: at.life.key }
    const look = async () => submissionBehind((await device.history(place)).past, at.life.base)?.received
    isSettled = true
    const known = await look()
    const answer = known === undefined ? await device.refreshHistory(place) : 'fresh'
    const found = known ?? (await look())
    if (mine !== turn) return
    received.value = found
    isSettled = answer === 'fresh'
  }

  watch(
    () => {
      const { stream, life } = of() ?? {}
      return [session.device, stream, life?.key, life?.base.join(), life?.isLocked, life?.isOnDevice] as const
    },
    () => {
      find().catch(reportError)
    },
    { immediate: true },
  )
  // Off the network it was not told: with the next contact it is.
  watch(
    () => session.device?.sync.lastContact,
    () => {
      if (!isSettled) find().catch(reportError)
    },
  )
  return readonly(received)
}

/** From the present heads back through what each step replaced, to the submission; `undefined` where a link is not known. */
export function submissionBehind(past: readonly PastValue[], heads: readonly Id[]): PastValue | undefined {
  const byId = new Map(past.map((one) => [one.id, one]))
  const gone = new Set<Id>()
  let ids = heads
  while (ids.length > 0) {
    const known = ids.flatMap((id) => byId.get(id) ?? []).filter(({ id }) => !gone.has(id))
    const submission = known.find(({ value }) => isSubmission(value))
    if (submission !== undefined) return submission
    for (const { id } of known) gone.add(id)
    ids = known.flatMap(({ base }) => base)
  }
  return undefined
}

const isSubmission = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'state' in value && value.state === 'submitted'
