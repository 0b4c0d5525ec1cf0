/**
 * Work that may wait until the screen has shown the last key press.
 *
 * ```
 *   keydown ─ input ─ render ─ paint ─┐
 *                                     └ requestAnimationFrame, then a message: our work
 * ```
 * A hidden tab has no frames, so a timer backs the frame up.
 */
import { effect, onScopeDispose, readonly, shallowRef, stop, type ShallowRef } from 'vue'

/** Without a frame for this long the tab is hidden, or the machine is busier than waiting would help. */
const FRAME_WAIT_MAX_MS = 250

/** Calls `work` once after the next paint; the answer cancels it. */
export function afterPaint(work: () => void): () => void {
  let over = false
  const run = (): void => {
    if (over) return
    over = true
    clearTimeout(timer)
    cancelAnimationFrame(frame)
    work()
  }
  const timer = setTimeout(run, FRAME_WAIT_MAX_MS)
  const frame = requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      run()
    }
    port2.postMessage(undefined)
  })
  return () => {
    over = true
    clearTimeout(timer)
    cancelAnimationFrame(frame)
  }
}

/**
 * Runs `work` at once, or, `later`, when the first paint is over and the browser has had its turn, and again after the paint
 * that follows a change of what it read. Several changes before that paint are one run. Stops with the component that made it.
 */
export function effectAfterPaint(work: () => void, first: 'now' | 'later' = 'now'): void {
  let cancel: (() => void) | undefined
  let isOpen = first === 'now'
  const whenOpen = (): void => {
    if (isOpen) work()
  }
  const runner = effect(whenOpen, {
    scheduler: () => {
      cancel ??= afterPaint(() => {
        cancel = undefined
        runner()
      })
    },
  })
  let turn: ReturnType<typeof setTimeout> | undefined
  const cancelFirst = isOpen
    ? undefined
    : afterPaint(() => {
        turn = setTimeout(() => {
          isOpen = true
          runner()
        })
      })
  onScopeDispose(() => {
    cancelFirst?.()
    clearTimeout(turn)
    cancel?.()
    stop(runner)
  })
}

/** A computed value that is allowed to be one paint old. */
export function computedAfterPaint<T>(compute: () => T): Readonly<ShallowRef<T>> {
  const out = shallowRef<T>()
  effectAfterPaint(() => {
    out.value = compute()
  })
  return readonly(out) as Readonly<ShallowRef<T>>
}
