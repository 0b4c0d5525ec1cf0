/**
 * Drafts are written by a thread of its own: a key is in the database before the page has drawn it, and the page draws sooner.
 *
 * ```
 *   page     key ──┬── style, layout, paint ──────────────┬── "stored"
 *   worker         └── put ── complete at `at` ───────────┘
 * ```
 * A page that is drawing hears of its own transaction only afterwards. What the worker cannot write, the page writes itself.
 */
import type { DraftRow } from '#sync/ports'
import WORKER from './draft-worker?worker&url'

export type ToDraftWorker = { readonly open: string } | { readonly id: number; readonly draft: DraftRow }
export type FromDraftWorker =
  | { readonly isOpen: boolean }
  /** Milliseconds since 1970, of the worker's fine clock. */
  | { readonly id: number; readonly at: number }
  | { readonly id: number; readonly fault: string }

export type DraftWriter = {
  /** Resolves with the page's fine time at which it was stored; rejects when it was not. `undefined`: write it yourself. */
  put(draft: DraftRow): Promise<number> | undefined
  /** After what is on its way. */
  close(): void
}

type Waiting = { readonly resolve: (at: number) => void; readonly reject: (fault: DOMException) => void }

/** `undefined` where the browser has no workers. */
export function startDraftWriter(database: string): DraftWriter | undefined {
  if (typeof Worker === 'undefined') return undefined
  const worker = new Worker(workerAddress(), { type: 'module', name: 'drafts' })
  const waiting = new Map<number, Waiting>()
  let isOpen = false
  let isClosing = false
  let count = 0

  const endWhenDone = (): void => {
    if (isClosing && waiting.size === 0) worker.terminate()
  }
  worker.onmessage = ({ data }: MessageEvent<FromDraftWorker>) => {
    if ('isOpen' in data) {
      ;({ isOpen } = data)
      return
    }
    const one = waiting.get(data.id)
    waiting.delete(data.id)
    if ('at' in data) one?.resolve(data.at - performance.timeOrigin)
    else one?.reject(new DOMException('the worker did not store it', data.fault))
    endWhenDone()
  }
  worker.onerror = (event) => {
    // Not loaded, or broken: the page goes on by itself.
    event.preventDefault()
    isOpen = false
    for (const { reject } of waiting.values()) reject(new DOMException('the worker is broken', 'InvalidStateError'))
    waiting.clear()
    worker.terminate()
  }
  const post = (message: ToDraftWorker): void => worker.postMessage(message)
  post({ open: database })

  return {
    put(draft) {
      if (!isOpen || isClosing) return undefined
      const id = ++count
      post({ id, draft })
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
    },
    close() {
      isClosing = true
      endWhenDone()
    },
  }
}

type TrustedTypesLike = {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown }
}

let address: string | undefined

/** Under Trusted Types a worker's address must come from a policy; this one lets exactly one address through. Made once for each page. */
function workerAddress(): string {
  const { trustedTypes } = window as Window & { trustedTypes?: TrustedTypesLike }
  if (trustedTypes === undefined) return WORKER
  const policy = {
    createScriptURL: (url: string) => {
      if (url !== WORKER) throw new TypeError(`not the drafts' worker: ${url}`)
      return url
    },
  }
  address ??= trustedTypes.createPolicy('youxue-drafts', policy).createScriptURL(WORKER) as string
  return address
}
