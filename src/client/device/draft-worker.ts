/**
 * Writes drafts from a thread of its own (see draft-writer.ts). It opens the person's database as it is and never makes one: without
 * the store, or once the connection is closed for another tab's sake, it says so, and the page writes itself.
 */
import type { FromDraftWorker, ToDraftWorker } from './draft-writer'

let db: IDBDatabase | undefined

const reply = (message: FromDraftWorker): void => postMessage(message)

addEventListener('message', ({ data }: MessageEvent<ToDraftWorker>) => {
  if ('open' in data) open(data.open)
  else put(data)
})

function open(name: string): void {
  const opening = indexedDB.open(name)
  opening.onupgradeneeded = () => opening.transaction?.abort()
  opening.onerror = (event) => {
    // Made by nobody yet, and aborted above: not a fault of the page.
    event.preventDefault()
    reply({ isOpen: false })
  }
  opening.onsuccess = () => {
    const opened = opening.result
    const lose = (): void => {
      opened.close()
      db = undefined
      reply({ isOpen: false })
    }
    opened.onversionchange = lose
    opened.onclose = lose
    db = opened
    reply({ isOpen: true })
  }
}

function put({ id, draft }: Exclude<ToDraftWorker, { readonly open: string }>): void {
  try {
    if (db === undefined) throw new DOMException('not open', 'InvalidStateError')
    const tx = db.transaction('draft', 'readwrite', { durability: 'relaxed' })
    tx.oncomplete = () => reply({ id, at: performance.timeOrigin + performance.now() })
    tx.onabort = () => reply({ id, fault: tx.error?.name ?? 'AbortError' })
    tx.objectStore('draft').put(draft)
    tx.commit()
  } catch (error) {
    reply({ id, fault: error instanceof Error ? error.name : 'UnknownError' })
  }
}
