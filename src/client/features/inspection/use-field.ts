/**
 * An inspection that somebody goes through: which items, what was said of each, and what was found wanting. Whatever is touched is
 * stored at once.
 */
import { computed, shallowRef, watch, type Ref } from 'vue'
import type { InspectionKind, ItemVerdict } from '#domain/inspection'
import type { OrgUnit } from '#domain/org-unit'
import { countVerdicts, itemsOf, type Counts } from '#plan/inspection'
import type { PlacedItem, Plan } from '#plan/plan'
import { findingKey, inspectionKey, itemKey, recordId, type Json } from '#sync/protocol'
import { newDeviceName } from '#client/device/browser-ports'
import type { ShownStream } from '#client/device/contract'
import { inLanguage, t } from '#client/i18n/i18n'
import { findingsIn, inspectionIn, templateOf, textIn, verdictIn, type FindingRecord } from '#client/state/records'
import { useSession } from '#client/state/session'
import type { Typist } from '#client/state/typist'
import { mayInspect, useSteps } from './use-steps'

export type Group = { readonly group: PlacedItem['group']; readonly items: readonly PlacedItem[]; readonly counts: Counts }

/** Longer is no headline of a list; the whole of it stands at the item. */
const HEADLINE_MAX = 200

export function useField(of: {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly stream: ShownStream
  readonly id: string
  readonly typist: Readonly<Ref<Typist | undefined>>
}) {
  const { plan, unit, stream, id, typist } = of
  const session = useSession()
  const { step } = useSteps()

  const kind: InspectionKind = id.startsWith('v-') ? 'visit' : 'self'
  const record = computed(() => inspectionIn(stream, id))
  const template = computed(() => (record.value === undefined ? undefined : templateOf(plan, record.value)))
  const items = computed(() => (template.value === undefined ? [] : itemsOf(plan, unit, template.value)))
  const verdictOf = (item: string): ItemVerdict | undefined => verdictIn(stream, id, item)
  const groups = computed((): readonly Group[] => {
    const all = [...new Set(items.value.map(({ group }) => group))]
    return all.map((group) => {
      const own = items.value.filter((placed) => placed.group === group)
      return { group, items: own, counts: countVerdicts(own, verdictOf) }
    })
  })
  const counts = computed(() => countVerdicts(items.value, verdictOf))
  const mayInspectHere = computed(() => mayInspect(session.person, unit.code, kind))
  /** Only while somebody is at it. */
  const mayEdit = computed(() => mayInspectHere.value && record.value?.state === 'underway')

  /** Of this inspection, in the order of its items. */
  const findings = computed(() => {
    const places = new Map(items.value.map(({ item }, at) => [item.id, at]))
    return findingsIn(stream)
      .filter(({ about, state }) => about.inspection === id && state !== 'withdrawn')
      .sort((one, other) => (places.get(one.about.item) ?? 0) - (places.get(other.about.item) ?? 0))
  })
  const findingOf = (item: string): FindingRecord | undefined => findings.value.find(({ about }) => about.item === item)
  /** Wanting, and nobody is asked to put it right. */
  const unmetWithoutFinding = computed(() =>
    items.value.filter(({ item }) => verdictOf(item.id) === 'unmet' && findingOf(item.id) === undefined),
  )

  function put(key: string, value: Json): void {
    typist.value?.focus(key)
    void typist.value?.set(key, value)
  }
  const baseOf = (key: string) => stream.cells.get(key)?.base ?? []
  const noteOf = (item: string): string => textIn(stream, itemKey(id, item, 'note'))

  function headlineOf({ item }: PlacedItem): string {
    const note = noteOf(item.id).trim()
    const about = inLanguage(item.short ?? item.ask)
    if (note === '') return about.slice(0, HEADLINE_MAX)
    return (item.short === undefined || note.includes(about) ? note : t('inspection.headline', { item: about, note })).slice(
      0,
      HEADLINE_MAX,
    )
  }

  /** Or gives the one that is there another day. `raising`: a second touch before the first is stored makes no second finding. */
  const raising = new Set<string>()
  async function raise(placed: PlacedItem, due: string): Promise<void> {
    const item = placed.item.id
    const there = findingOf(item)
    if (there !== undefined) {
      put(findingKey(there.id, 'due'), due)
      return
    }
    const at = record.value
    if (at === undefined || raising.has(item)) return
    raising.add(item)
    const finding = recordId(kind, newDeviceName())
    await typist.value?.settle(itemKey(id, item, 'note'))
    put(findingKey(finding, 'about'), { inspection: id, item, period: at.about.period })
    put(findingKey(finding, 'what'), headlineOf(placed))
    put(findingKey(finding, 'due'), due)
    if (placed.item.answersFor !== undefined) put(findingKey(finding, 'who'), inLanguage(placed.item.answersFor))
    await typist.value?.settleAll()
    await step({ unit: unit.code, key: findingKey(finding, 'state') }, { state: 'open' })
    raising.delete(item)
  }

  /** The note goes on being the finding's headline, as long as whoever inspects writes it. */
  const current = shallowRef<PlacedItem>()
  watch(
    () => (current.value === undefined ? undefined : stream.cells.get(itemKey(id, current.value.item.id, 'note'))?.value),
    (note, before) => {
      const placed = current.value
      const finding = placed === undefined ? undefined : findingOf(placed.item.id)
      if (placed === undefined || finding?.state !== 'open' || !mayEdit.value || note === before) return
      const headline = headlineOf(placed)
      if (finding.what !== headline) put(findingKey(finding.id, 'what'), headline)
    },
  )
  /** A note that became one only with the next start, after an app that was closed under the fingers: its finding has not heard of it. */
  watch(
    () => (mayEdit.value ? findings.value.filter((finding) => finding.state === 'open' && isLeftBehind(finding)) : []),
    (left) => {
      for (const { id: finding, about } of left) {
        const placed = plan.items.get(about.item)
        if (placed !== undefined) put(findingKey(finding, 'what'), headlineOf(placed))
      }
    },
    { immediate: true },
  )

  /** By its words alone: a headline with the item's name in another language is as good. What is on the screen has its own watch above. */
  function isLeftBehind({ about, what }: FindingRecord): boolean {
    if (about.item === current.value?.item.id) return false
    const noteKey = itemKey(id, about.item, 'note')
    const note = stream.cells.get(noteKey)?.value
    if (typeof note !== 'string' || note.trim() === '' || stream.drafts.has(noteKey)) return false
    return !what.includes(note.trim()) && what.length < HEADLINE_MAX
  }

  async function move(state: string, why?: string): Promise<boolean> {
    await typist.value?.settleAll()
    const key = inspectionKey(id, 'state')
    return step({ unit: unit.code, key, base: baseOf(key) }, why === undefined ? { state } : { state, why })
  }

  return {
    ...{ plan, unit, stream, id, kind, typist },
    ...{ record, template, items, groups, counts, findings, unmetWithoutFinding, current },
    ...{ mayInspectHere, mayEdit },
    verdictOf,
    findingOf,
    noteOf,
    setVerdict: (item: string, verdict: ItemVerdict | undefined) => put(itemKey(id, item, 'verdict'), verdict ?? null),
    put,
    raise,
    withdraw(finding: FindingRecord, why: string) {
      return step({ unit: unit.code, key: findingKey(finding.id, 'state'), base: finding.base }, { state: 'withdrawn', why })
    },
    move,
  }
}

export type Field = ReturnType<typeof useField>
