/**
 * The store as it stands before its database is open: the early reading answers each question once, and the first one that it cannot
 * answer, or the first writing, runs the database's code and opens it. So the first screen waits for neither.
 */
import { newCounter, newView } from '#sync/outbox'
import type { DraftRow, StreamState } from '#sync/ports'
import type { DexieStore } from './dexie-store'
import type { EarlyPerson } from './early-reading'
import { SaveFault } from './save-fault'

/** `early`: the stream whose first reading is as old as the page. */
export type PersonStore = DexieStore & { readonly early?: string | undefined }

/** How long typed text may wait for the database before the screen says that it is not saved, in milliseconds. */
const OPENING_MAX_MS = 5000

function orFault<T>(saved: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new SaveFault(new DOMException('not open yet', 'InvalidStateError'))), OPENING_MAX_MS)
    saved.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

export async function openStore(early: EarlyPerson | undefined, open: () => Promise<DexieStore>): Promise<PersonStore> {
  const deviceName = early?.deviceName?.value
  if (early === undefined || typeof deviceName !== 'string') return open()

  let opened: DexieStore | undefined
  let opening: Promise<DexieStore> | undefined
  let isClosed = false
  const values = new Map([
    ['paused', early.paused?.value],
    ['contact', early.contact?.value],
  ])
  let { own, drafts } = early

  function database(): Promise<DexieStore> {
    if (isClosed && opening === undefined) return Promise.reject(new SaveFault(new DOMException('closed', 'InvalidStateError')))
    // From here on the database knows better.
    values.clear()
    own = drafts = undefined
    opening ??= open().then(
      (store) => (opened = store),
      (error: unknown) => {
        // The next one tries again.
        opening = undefined
        throw new SaveFault(error)
      },
    )
    return opening
  }

  /** Once it is open nothing is waited for: a keystroke's writing begins in the keystroke's own task. */
  const through = <T>(ask: (store: DexieStore) => Promise<T>): Promise<T> =>
    opened === undefined ? database().then(ask) : ask(opened)

  /** Who types must hear when nothing is saved, also where the database neither opens nor fails. What was asked is still done when it opens. */
  const saving = <T>(ask: (store: DexieStore) => Promise<T>): Promise<T> =>
    opened === undefined ? orFault(through(ask)) : ask(opened)

  function earlyState(stream: string): StreamState | undefined {
    if (own === undefined || stream !== early?.stream) return undefined
    const rows = own
    own = undefined
    return {
      counter: early.counter ?? newCounter(String(deviceName)),
      view: early.view ?? newView(stream),
      own: rows.map((row) => ({ ...row, open: true })).sort((one, other) => one.n - other.n),
    }
  }

  function earlyDrafts(stream: string): readonly DraftRow[] | undefined {
    if (stream !== early?.stream) return undefined
    const found = drafts
    drafts = undefined
    return found
  }

  return {
    deviceName,
    early: early.stream,
    read: async (stream) => earlyState(stream) ?? through((store) => store.read(stream)),
    drafts: async (stream) => earlyDrafts(stream) ?? through((store) => store.drafts(stream)),
    value(key) {
      if (!values.has(key)) return through((store) => store.value(key))
      const value = values.get(key)
      values.delete(key)
      return Promise.resolve(value)
    },
    putValue: (key, value) => through((store) => store.putValue(key, value)),
    putDraft: (draft) => saving((store) => store.putDraft(draft)),
    dropDraft: (stream, key) => through((store) => store.dropDraft(stream, key)),
    append: (place, decide) => saving((store) => store.append(place, decide)),
    change: (question, decide) => through((store) => store.change(question, decide)),
    evidence: (stream, max) => through((store) => store.evidence(stream, max)),
    openStreams: () => through((store) => store.openStreams()),
    heldStreams: () => through((store) => store.heldStreams()),
    close() {
      isClosed = true
      // After what already waits for it: that makes its transactions at once, and the browser closes behind them.
      void opening?.then((store) => store.close()).catch(() => undefined)
    },
  }
}
