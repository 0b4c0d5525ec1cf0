/**
 * The district's figures of all periods of the plan, from the device's cache, kept fresh while somebody looks.
 *
 * What the device holds shows at once, with its age; then it is asked again: the chosen period every 5 s while the page is
 * visible, the other periods (for the trend) every minute. One request at a time, so that a slow network is not
 * flooded. A failed refresh changes only `contact`; the figures stay.
 */
import type { FiguresAnswer } from '#plan/figure-wire'
import type { Device } from '#client/device/contract'
import { onScopeDispose, readonly, ref, shallowReactive, shallowRef, watch, type Ref } from 'vue'

/** How fresh the bureau sees a school's number. Shorter costs the server a request per looking person and interval. */
export const POLL_MS = 5000
/** Other periods change seldom. */
const OTHERS_EVERY_POLLS = 12

export type FiguresDevice = Pick<Device, 'figures' | 'refreshFigures'>

export type FiguresState = {
  /** By period; a period that the device has never seen is not in it. */
  readonly answers: ReadonlyMap<string, FiguresAnswer>
  /** `loading` until the device's own copy of the chosen period is read and, where there is none, the first refresh is over. */
  readonly phase: Readonly<Ref<'loading' | 'ready' | 'empty'>>
  /** What the last refresh met. */
  readonly contact: Readonly<Ref<'unknown' | 'fresh' | 'offline' | 'signedOut'>>
  readonly refresh: () => Promise<void>
}

export function useFigures(source: {
  readonly device: () => FiguresDevice | undefined
  readonly period: () => string | undefined
  readonly periods: () => readonly string[]
}): FiguresState {
  const answers = shallowReactive(new Map<string, FiguresAnswer>())
  const phase = ref<'loading' | 'ready' | 'empty'>('loading')
  const contact = ref<'unknown' | 'fresh' | 'offline' | 'signedOut'>('unknown')
  const generation = shallowRef(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  let polls = 0

  /** Reads the device's copy. Keeps the object that is shown when nothing has changed, so that nothing renders again. */
  async function read(device: FiguresDevice, period: string, mine: number): Promise<boolean> {
    const answer = await device.figures(period)
    if (mine !== generation.value || answer === undefined) return answer !== undefined
    if (answers.get(period)?.asOf !== answer.asOf) answers.set(period, answer)
    return true
  }

  async function refreshOne(device: FiguresDevice, period: string, mine: number): Promise<void> {
    const met = await device.refreshFigures(period)
    if (mine !== generation.value) return
    contact.value = met
    if (met === 'fresh') await read(device, period, mine)
  }

  async function round(mine: number): Promise<void> {
    const [device, period] = [source.device(), source.period()]
    if (device === undefined || period === undefined) return
    await refreshOne(device, period, mine)
    if (mine !== generation.value) return
    phase.value = answers.has(period) ? 'ready' : 'empty'
    if (polls++ % OTHERS_EVERY_POLLS !== 0 || contact.value !== 'fresh') return
    for (const other of source.periods()) {
      if (other !== period && mine === generation.value) await refreshOne(device, other, mine)
    }
  }

  function plan(mine: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (document.visibilityState === 'hidden') return
      void round(mine).finally(() => {
        if (mine === generation.value) plan(mine)
      })
    }, POLL_MS)
  }

  async function start(): Promise<void> {
    const mine = ++generation.value
    clearTimeout(timer)
    const [device, period] = [source.device(), source.period()]
    phase.value = period !== undefined && answers.has(period) ? 'ready' : 'loading'
    if (device === undefined || period === undefined) return
    polls = 0
    for (const each of [period, ...source.periods().filter((other) => other !== period)]) {
      const isHeld = await read(device, each, mine)
      if (mine !== generation.value) return
      if (each === period && isHeld) phase.value = 'ready'
    }
    await round(mine)
    if (mine === generation.value) plan(mine)
  }

  function onVisibility(): void {
    if (document.visibilityState === 'visible') void start()
  }

  watch([source.device, source.period], () => void start(), { immediate: true })
  document.addEventListener('visibilitychange', onVisibility)
  onScopeDispose(() => {
    generation.value++
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisibility)
  })

  return {
    answers,
    phase: readonly(phase),
    contact: readonly(contact),
    refresh: () => start(),
  }
}
