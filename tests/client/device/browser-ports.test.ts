/** The moments at which the browser wakes the loop. */
import { afterEach, expect, test, vi } from 'vitest'
import { listenToBrowser, wakeByBackgroundSync } from '#client/device/browser-ports'
import type { WakeReason } from '#sync/engine'

afterEach(() => vi.unstubAllGlobals())

/** A browser with service workers, which jsdom is not. */
function withWorker(registration: unknown, onLine = false): EventTarget {
  const worker = Object.assign(new EventTarget(), { getRegistration: () => Promise.resolve(registration) })
  vi.stubGlobal('navigator', { onLine, serviceWorker: worker })
  return worker
}

test('network, focus, a page that is shown again and the worker’s word each wake it; after the end nothing does', () => {
  const worker = withWorker(undefined)
  const reasons: WakeReason[] = []
  const end = listenToBrowser((reason) => reasons.push(reason))
  const all = () => {
    window.dispatchEvent(new Event('online'))
    window.dispatchEvent(new Event('offline'))
    window.dispatchEvent(new Event('focus'))
    window.dispatchEvent(new Event('pageshow'))
    document.dispatchEvent(new Event('visibilitychange'))
    worker.dispatchEvent(new MessageEvent('message', { data: { type: 'WAKE' } }))
    worker.dispatchEvent(new MessageEvent('message', { data: { type: 'something else' } }))
    worker.dispatchEvent(new MessageEvent('message', { data: 'WAKE' }))
  }
  all()
  expect(reasons).toEqual(['now', 'poll', 'poll', 'visible', 'visible', 'now'])
  end()
  all()
  expect(reasons).toHaveLength(6)
})

test('background sync is asked for where the browser has it, and its absence or refusal is no fault', async () => {
  const tags: string[] = []
  withWorker({ sync: { register: (tag: string) => Promise.resolve(tags.push(tag)) } })
  wakeByBackgroundSync()
  await expect.poll(() => tags).toEqual(['unsent'])
  withWorker({ sync: { register: () => Promise.reject(new DOMException('turned off', 'NotAllowedError')) } })
  wakeByBackgroundSync()
  withWorker({})
  wakeByBackgroundSync()
  withWorker(undefined)
  wakeByBackgroundSync()
  vi.stubGlobal('navigator', { onLine: false })
  wakeByBackgroundSync()
  // An unhandled rejection would fail this run.
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(tags).toEqual(['unsent'])
})

test('with a network the browser is not asked: it would wake the pages at once, and while only the server is away again and again', async () => {
  const register = vi.fn(() => Promise.resolve())
  withWorker({ sync: { register } }, true)
  wakeByBackgroundSync()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(register).not.toHaveBeenCalled()
})
