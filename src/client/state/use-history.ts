/** The past of a value and of its remark: what the device knows at once, and what the server adds to it. */
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import { isRejected, parseKey, type Id, type Json } from '#sync/protocol'
import type { PastValue, ValueHistory } from '../device/contract'
import { loadMessages, t } from '../i18n/i18n'
import { cellPlace, cellValue } from './cell-words'
import { reasonOf } from './rejection-words'
import { useSession } from './session'
import { useAuthors, type Author } from './value-words'

export type HistoryWords = Author & {
  readonly id: string
  readonly isRemark: boolean
  readonly value: string
  readonly became: 'waits' | 'taken' | 'merged' | 'conflict' | 'refused' | 'aside' | 'told'
  /** Why it was refused. */
  readonly reason?: string
  /** Nobody has replaced it. */
  readonly isNow: boolean
  /** What it replaced, as far as that is known. */
  readonly replaced: readonly string[]
  /** When the server took it, by its own clock. */
  readonly received?: number
  readonly receipt?: number
  readonly depositedBy?: string
}

export type HistoryOf = {
  readonly stream: string
  readonly key: string
  readonly remarkKey?: string
  /** The present heads of both cells. */
  readonly heads: readonly Id[]
}

export type History = {
  /** Newest first; `undefined` until the device has been read. */
  readonly rows: ComputedRef<readonly HistoryWords[] | undefined>
  /** Of the value alone. */
  readonly past: Readonly<Ref<ValueHistory | undefined>>
  readonly isPart: ComputedRef<boolean>
  readonly asked: ComputedRef<number | undefined>
  readonly state: Readonly<Ref<'asking' | 'fresh' | 'offline' | 'signedOut' | 'refused'>>
}

export function useHistory(of: () => HistoryOf | undefined): History {
  const session = useSession()
  const { authorOf, nameOf } = useAuthors()
  const value = shallowRef<ValueHistory>()
  const remark = shallowRef<ValueHistory>()
  const state = ref<'asking' | 'fresh' | 'offline' | 'signedOut' | 'refused'>('asking')
  const isWorded = ref(false)
  let turn = 0
  onScopeDispose(() => (turn = -1))
  const messages = loadMessages('history').then(() => (isWorded.value = true))

  async function read(mine: number): Promise<void> {
    const at = of()
    const { device } = session
    if (at === undefined || device === undefined) return
    const { stream, key, remarkKey } = at
    const [one, other] = await Promise.all([
      device.history({ stream, key }),
      remarkKey === undefined ? undefined : device.history({ stream, key: remarkKey }),
      messages,
    ])
    if (mine !== turn) return
    value.value = one
    remark.value = other
  }

  async function ask(mine: number): Promise<void> {
    const at = of()
    const { device } = session
    if (at === undefined || device === undefined) return
    const { stream, key, remarkKey } = at
    state.value = 'asking'
    const answers = [await device.refreshHistory({ stream, key })]
    if (remarkKey !== undefined && answers[0] === 'fresh') answers.push(await device.refreshHistory({ stream, key: remarkKey }))
    if (mine !== turn) return
    state.value = answers.find((answer) => answer !== 'fresh') ?? 'fresh'
    if (answers[0] === 'fresh') await read(mine)
  }

  // Another value: everything anew. The same one after a change of its heads, or after the network has come back: beside what stands there.
  watch(
    [() => session.device, () => of()?.stream, () => of()?.key] as const,
    async () => {
      const mine = ++turn
      value.value = remark.value = undefined
      await read(mine)
      if (mine === turn) await ask(mine)
    },
    { immediate: true },
  )
  watch([() => of()?.heads.join(), () => session.device?.sync.waiting] as const, () => {
    if (value.value !== undefined) void read(turn)
  })
  watch(
    () => session.device?.sync.lastContact,
    () => {
      if (value.value !== undefined && state.value !== 'fresh' && state.value !== 'asking') void ask(turn)
    },
  )

  function wordsOf(past: PastValue, known: ReadonlyMap<Id, PastValue>, now: ReadonlySet<Id>): HistoryWords {
    const { plan } = session
    const at = of()
    const words = (json: Json) => cellValue(plan, cellPlace(plan, { stream: at?.stream ?? '', key: past.key }), json)
    const { verdict, seq, received, depositedBy } = past
    const became = becameOf(past)
    return {
      ...authorOf(past),
      id: `${past.id} ${past.at}`,
      isRemark: parseKey(past.key).kind === 'remark',
      value: words(past.value),
      became,
      ...(became === 'refused' || became === 'aside' ? { reason: t(reasonOf(verdict ?? ''), { verdict: verdict ?? '' }) } : {}),
      isNow: now.has(past.id),
      replaced: [...new Set(past.base.flatMap((id) => known.get(id)?.value ?? []).map(words))],
      ...(received === undefined ? {} : { received: received + (session.device?.sync.skew ?? 0) }),
      ...(seq === undefined ? {} : { receipt: seq }),
      ...(depositedBy === undefined ? {} : { depositedBy: nameOf(depositedBy) }),
    }
  }

  const rows = computed(() => {
    if (value.value === undefined || !isWorded.value) return undefined
    const now = new Set(of()?.heads)
    const all = [...value.value.past, ...(remark.value?.past ?? [])]
    const known = new Map(all.map((past) => [past.id, past]))
    return all
      .map((past) => wordsOf(past, known, now))
      .reverse()
      .sort((one, other) => orderOf(other) - orderOf(one))
  })

  return {
    rows,
    past: value,
    isPart: computed(() => value.value?.isPart === true || remark.value?.isPart === true),
    asked: computed(() => value.value?.asked),
    state,
  }
}

/** The server's order where it has one; a value and its remark are in one stream. */
const orderOf = ({ receipt, became }: HistoryWords): number =>
  receipt ?? (became === 'waits' ? Infinity : Number.MAX_SAFE_INTEGER)

function becameOf({ verdict, seq, aside }: PastValue): HistoryWords['became'] {
  if (verdict === undefined) return seq === undefined ? 'waits' : 'taken'
  if (verdict === 'witnessed') return 'told'
  if (isRejected(verdict)) return aside === true ? 'aside' : 'refused'
  return verdict === 'applied' ? 'taken' : verdict === 'merged' ? 'merged' : 'conflict'
}
