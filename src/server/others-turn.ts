import { setImmediate } from 'node:timers/promises'

/**
 * Lets the other requests have their turn. The database answers without waiting, so a long work of many short steps would hold the
 * whole process otherwise, and every tablet with it. Never inside a transaction: there is one connection, and they would wait for it.
 */
export async function othersTurn(): Promise<void> {
  await setImmediate()
}
