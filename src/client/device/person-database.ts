/** Each person has a database, so that nobody's work is ever sent under another's name. What can be told of one without opening it for work. */
import { isWaiting } from '#sync/outbox'
import type { StoredOwn } from './dexie-store'
import type { Unsent } from './session-store'

export const databaseOf = (username: string): string => `youxue-${username}`

const NOTHING: Unsent = { values: 0, refused: 0, drafts: 0 }

/** With the browser's bare interface, and without making anything: who signed in here once may have typed nothing, or been cleared away. */
export function countUnsent(name: string): Promise<Unsent> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name)
    let isNew = false
    opening.onupgradeneeded = () => {
      isNew = true
      opening.transaction?.abort()
    }
    opening.onerror = () => (isNew ? resolve(NOTHING) : reject(opening.error ?? new Error('not opened')))
    opening.onsuccess = () => {
      const db = opening.result
      db.onversionchange = () => db.close()
      if (!db.objectStoreNames.contains('own') || !db.objectStoreNames.contains('draft')) {
        db.close()
        resolve(NOTHING)
        return
      }
      const tx = db.transaction(['own', 'draft'], 'readonly')
      const own: IDBRequest<StoredOwn[]> = tx.objectStore('own').index('open').getAll()
      const drafts = tx.objectStore('draft').count()
      tx.oncomplete = () => {
        db.close()
        resolve({ ...countOwn(own.result), drafts: drafts.result })
      }
      tx.onabort = () => {
        db.close()
        reject(tx.error ?? new Error('not read'))
      }
    }
  })
}

/** As the outbox does: a refused value after which something else was typed in the field asks for nobody. */
function countOwn(rows: readonly StoredOwn[]): Pick<Unsent, 'values' | 'refused'> {
  const newest = new Map<string, number>()
  for (const { stream, key, n } of rows) newest.set(`${stream} ${key}`, Math.max(n, newest.get(`${stream} ${key}`) ?? 0))
  let [values, refused] = [0, 0]
  for (const row of rows) {
    if (isWaiting({ ...row, open: true })) values += 1
    else if (row.verdict?.startsWith('rejected') === true && newest.get(`${row.stream} ${row.key}`) === row.n) refused += 1
  }
  return { values, refused }
}
