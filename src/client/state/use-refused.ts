/**
 * Values that the server did not take, in words, with their ways out. For the sync centre and wherever else they are listed.
 *
 * | way out    | does                                                                                              |
 * |------------|---------------------------------------------------------------------------------------------------|
 * | go there   | opens the field; not for an element that the plan no longer has                                   |
 * | send again | an ordinary edit that replaces what stands there now, and what stands there is shown beside it     |
 * | copy       | the value as text                                                                                 |
 * | put aside  | asks for nobody any more; stays in the history, on this tablet and in the server's log              |
 */
import { computed, onScopeDispose, shallowReactive, watch, type ComputedRef } from 'vue'
import { isEnteredByUnit } from '#plan/applicability'
import { isRejected, isStateKey } from '#sync/protocol'
import { mayWriteKey } from '#sync/rights'
import type { OutboxRow, ShownCell, ShownStream } from '../device/contract'
import { t } from '../i18n/i18n'
import { useAnnouncer } from './announcer'
import { fieldText } from './asked-words'
import { cellAddress, cellName, cellPlace, cellValue, cellWhere, type CellPlace } from './cell-words'
import { copyText } from './copy-text'
import { reasonOf } from './rejection-words'
import { useSession } from './session'

/** What a list shows of one; `RefusedList.vue` takes these. */
export type RefusedWords = {
  readonly id: string
  readonly what: string
  readonly value: string
  readonly where: string
  readonly reason: string
  /** What stands there now, where that is something else. */
  readonly now?: string
  readonly address?: string
  readonly mayAgain: boolean
}

export type Refused = {
  readonly rows: ComputedRef<readonly RefusedWords[]>
  again(id: string): Promise<void>
  putAside(id: string): Promise<void>
  copy(id: string): Promise<void>
}

/** With the time: after a fork the numbers begin anew. */
const idOf = (row: Pick<OutboxRow, 'stream' | 'n' | 'at'>): string => `${row.stream} ${row.n} ${row.at}`

/** `outbox`: the device's rows, read anew by whoever calls when the sync state has moved. */
export function useRefused(outbox: () => readonly OutboxRow[]): Refused {
  const session = useSession()
  const announcer = useAnnouncer()
  const streams = shallowReactive(new Map<string, ShownStream>())
  /** Gone from the list at once; the outbox is read again only when the counts have moved. */
  const decided = shallowReactive(new Set<string>())
  const refused = computed(() =>
    outbox().filter((row) => row.verdict !== undefined && isRejected(row.verdict) && !decided.has(idOf(row))),
  )

  let over = false
  watch(
    [() => session.device, () => [...new Set(refused.value.map(({ stream }) => stream))].join('\n')] as const,
    async ([device, names], [before]) => {
      if (device !== before) streams.clear()
      if (device === undefined) return
      for (const name of names.split('\n')) {
        if (name === '' || streams.has(name)) continue
        const opened = device.opened(name) ?? (await device.open(name))
        if (!over && session.device === device) streams.set(name, opened)
      }
    },
    { immediate: true },
  )
  onScopeDispose(() => (over = true))

  function mayAgain(place: CellPlace): boolean {
    const unit = session.unit(place.orgUnit)
    if (unit === undefined || session.person === undefined || !mayWriteKey(session.person, unit.code, place.key)) return false
    // A step is taken anew where its record stands: perhaps there is none from there any more.
    if (place.parsed.kind === 'unknown' || isStateKey(place.key)) return false
    if (place.parsed.kind !== 'value' && place.parsed.kind !== 'remark')
      return place.parsed.kind !== 'mark' || place.dataSet !== undefined
    const asked = session.plan?.elements.get(place.parsed.element)
    return session.isBureau || (asked !== undefined && isEnteredByUnit(asked, unit))
  }

  function wordsOf(row: OutboxRow): RefusedWords {
    const { plan } = session
    const place = cellPlace(plan, row)
    const unit = session.unit(place.orgUnit)
    const now = nowWords(place, streams.get(row.stream)?.cells.get(row.key))
    const address = cellAddress(plan, place)
    return {
      id: idOf(row),
      what: cellName(plan, place, unit),
      value: cellValue(plan, place, row.value),
      where: cellWhere(plan, place, session.ownUnits.length > 1 ? (unit?.name ?? place.orgUnit) : undefined),
      reason: t(reasonOf(row.verdict ?? ''), { verdict: row.verdict ?? '' }),
      mayAgain: mayAgain(place),
      ...(now === undefined ? {} : { now }),
      ...(address === undefined ? {} : { address }),
    }
  }

  /** Whoever sends again replaces it, so they must see it. */
  function nowWords(place: CellPlace, cell: ShownCell | undefined): string | undefined {
    if (cell === undefined || cell.heads.length === 0) return undefined
    return cell.heads
      .map(({ value, by }) => t('entry.note.head', { who: whoWords(by), value: cellValue(session.plan, place, value) }))
      .join(t('entry.and'))
  }
  const whoWords = (by: string): string => (by === session.person?.username ? t('entry.note.you') : session.nameOf(by))

  const rowOf = (id: string): OutboxRow | undefined => refused.value.find((row) => idOf(row) === id)

  return {
    rows: computed(() => refused.value.map(wordsOf)),
    async again(id) {
      const row = rowOf(id)
      const { device, plan } = session
      if (row === undefined || device === undefined || plan === undefined) return
      const stream = streams.get(row.stream) ?? (await device.open(row.stream))
      const { key, value } = row
      const base = stream.cells.get(key)?.base ?? []
      await device.commit({ stream: row.stream, key, value, base, pv: plan.document.version })
      decided.add(id)
      announcer.say(t('entry.refused.sentAgain'))
    },
    async putAside(id) {
      const row = rowOf(id)
      if (row === undefined) return
      await session.device?.putAside(row)
      decided.add(id)
      announcer.say(t('entry.refused.isAside'))
    },
    async copy(id) {
      const row = rowOf(id)
      if (row === undefined) return
      const copied = await copyText(typeof row.value === 'string' ? row.value : fieldText(row.value))
      announcer.say(t(copied ? 'entry.refused.copied' : 'entry.refused.notCopied'))
    },
  }
}
