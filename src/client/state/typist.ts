/**
 * What happens to a key press: at once into the device's database as a draft, and at the first pause as a mutation.
 *
 * ```
 *   focus ──> base = the heads on the screen
 *   key   ──> draft (T0)            every key, at once
 *   blur, Enter, 1.5 s of quiet, hidden page, leaving the screen ──> commit (T1)
 *                                   base of what follows = one's own new head
 * ```
 * A value that comes in from elsewhere under the fingers is not in `base`, and so becomes a conflict instead of being replaced
 * unseen. When storing is refused (a full disk), the text stays, the field is named in `faults`, and it is tried again.
 */
import { readonly, shallowReactive, shallowRef, type Ref } from 'vue'
import type { Id, Json } from '#sync/protocol'
import type { Device, ShownStream } from '../device/contract'

/** After this long without a key the typing is a value: long enough to think, short enough that a dead battery costs a draft. */
const QUIET_MS = 1500
/** A refused write is tried again after this long; also with the next key. */
const RETRY_MS = 5000
/** A draft younger than this may belong to another tab that is typing now. */
const DRAFT_OF_OTHERS_MS = 5000

export type TypistNeeds = {
  readonly device: Pick<Device, 'draft' | 'commit' | 'person'>
  readonly stream: ShownStream
  /** Version of the plan document from which the form came. */
  readonly pv: number
  toWire(key: string, typed: Json): Json
  readonly clock: { now(): number; after(delayMs: number, wake: () => void): () => void }
}

export type Typist = {
  /** The field got the focus: what is on the screen now is what an edit will replace. */
  focus(key: string): void
  /** A key was pressed; `typed` is all that stands in the field. */
  type(key: string, typed: Json): void
  /** The typing of this field is over for now. */
  settle(key: string): Promise<void>
  settleAll(): Promise<void>
  /** A whole answer at once: a tick, a choice, last year's value. `base`: when it answers to more than the focus saw. */
  set(key: string, value: Json, base?: readonly Id[]): Promise<void>
  /** Commits drafts that an earlier visit left behind, each with the base it was typed on. */
  adoptDrafts(): void
  /** What is typed and not in the database, by field: the screen goes on showing it. */
  readonly faults: ReadonlyMap<string, { readonly typed: Json }>
  /** When something was stored last, by the device's clock. */
  readonly storedAt: Readonly<Ref<number | undefined>>
  /** Ends the timers. What is typed and not stored is settled first by `settleAll`. */
  stop(): void
}

type Field = {
  base: readonly Id[]
  typed: Json
  dirty: boolean
  committing: number
  queue: Promise<void>
  cancelTimer?: (() => void) | undefined
}

export function createTypist(needs: TypistNeeds): Typist {
  const { device, stream, clock } = needs
  const fields = new Map<string, Field>()
  const faults = shallowReactive(new Map<string, { readonly typed: Json }>())
  const storedAt = shallowRef<number>()
  const timers = new Set<() => void>()

  const baseNow = (key: string): readonly Id[] => stream.drafts.get(key)?.base ?? stream.cells.get(key)?.base ?? []

  function fieldOf(key: string): Field {
    const known = fields.get(key)
    if (known !== undefined) return known
    const field: Field = { base: baseNow(key), typed: null, dirty: false, committing: 0, queue: Promise.resolve() }
    fields.set(key, field)
    return field
  }

  function focus(key: string): void {
    const field = fieldOf(key)
    if (!field.dirty && field.committing === 0) field.base = baseNow(key)
  }

  function type(key: string, typed: Json): void {
    const field = fieldOf(key)
    field.typed = typed
    field.dirty = true
    wait(field, QUIET_MS, () => void settle(key))
    storeDraft(key, field)
  }

  function storeDraft(key: string, field: Field): void {
    device.draft({ stream: stream.stream, key, value: field.typed, base: field.base }).then(
      () => noteStored(key),
      () => faults.set(key, { typed: field.typed }),
    )
  }

  function settle(key: string): Promise<void> {
    const field = fields.get(key)
    if (field === undefined) return Promise.resolve()
    field.cancelTimer?.()
    if (field.dirty) {
      field.dirty = false
      field.committing += 1
      const value = needs.toWire(key, field.typed)
      // One after the other: the second must name the first one's head.
      field.queue = field.queue.then(() => commit(key, field, value)).finally(() => (field.committing -= 1))
    }
    return field.queue
  }

  async function commit(key: string, field: Field, value: Json): Promise<void> {
    const before = new Set(stream.cells.get(key)?.base)
    try {
      await device.commit({ stream: stream.stream, key, value, base: field.base, pv: needs.pv })
    } catch {
      faults.set(key, { typed: field.typed })
      field.dirty = true
      wait(field, RETRY_MS, () => void settle(key))
      return
    }
    field.base = baseAfter(key, value, before)
    noteStored(key)
    // Typed on while it was being written: that draft has to name the new head.
    if (field.dirty) storeDraft(key, field)
  }

  /** One's own new head. Others that came in meanwhile were not seen, and so are not replaced by what is typed next. */
  function baseAfter(key: string, value: Json, before: ReadonlySet<Id>): readonly Id[] {
    const cell = stream.cells.get(key)
    if (cell === undefined) return []
    const own = cell.heads.filter(
      (head) =>
        !before.has(head.id) && head.by === device.person.username && JSON.stringify(head.value) === JSON.stringify(value),
    )
    return own.length > 0 ? own.map((head) => head.id) : cell.base
  }

  function adoptDrafts(): void {
    for (const [key, draft] of stream.drafts) {
      const adopt = (): void => {
        const now = stream.drafts.get(key)
        if (now === undefined || now.at !== draft.at || fields.get(key)?.dirty === true) return
        const field = fieldOf(key)
        if (field.committing > 0) return
        field.base = draft.base
        field.typed = draft.value
        field.dirty = true
        void settle(key)
      }
      const ageMs = clock.now() - draft.at
      if (ageMs >= DRAFT_OF_OTHERS_MS || ageMs < 0) adopt()
      else later(DRAFT_OF_OTHERS_MS - ageMs, adopt)
    }
  }

  function wait(field: Field, delayMs: number, wake: () => void): void {
    field.cancelTimer?.()
    field.cancelTimer = later(delayMs, wake)
  }

  function later(delayMs: number, wake: () => void): () => void {
    const cancel = clock.after(delayMs, () => {
      timers.delete(cancel)
      wake()
    })
    timers.add(cancel)
    return () => {
      timers.delete(cancel)
      cancel()
    }
  }

  function noteStored(key: string): void {
    faults.delete(key)
    storedAt.value = clock.now()
  }

  return {
    focus,
    type,
    settle,
    settleAll: async () => void (await Promise.all([...fields.keys()].map(settle))),
    set(key, value, base) {
      const field = fieldOf(key)
      if (base !== undefined) field.base = base
      field.typed = value
      field.dirty = true
      return settle(key)
    },
    adoptDrafts,
    faults,
    storedAt: readonly(storedAt),
    stop() {
      for (const cancel of [...timers]) cancel()
      timers.clear()
    },
  }
}
