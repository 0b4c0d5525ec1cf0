import { effectScope, nextTick, shallowRef } from 'vue'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { POLL_MS, useFigures, type FiguresDevice } from '#client/state/use-figures'
import type { FiguresAnswer } from '#plan/figure-wire'
import { answerOf, answersOf } from './the-plan'

/** A device whose network is moved by hand. */
function handDevice(kept: Record<string, FiguresAnswer> = {}) {
  const cache = new Map(Object.entries(kept))
  const server = new Map<string, FiguresAnswer>()
  const asked: string[] = []
  let network: 'fresh' | 'offline' | 'signedOut' = 'fresh'
  const device: FiguresDevice = {
    figures: (period) => Promise.resolve(cache.get(period)),
    refreshFigures(period) {
      asked.push(period)
      const answer = server.get(period)
      if (network === 'fresh' && answer !== undefined) cache.set(period, answer)
      return Promise.resolve(network)
    },
  }
  return { device, server, asked, go: (next: typeof network) => (network = next) }
}

const at = (period: string, minute: number, value: number | null) =>
  answersOf(period, [answerOf('3', { value, target: 98 })], `2024-12-20T03:0${minute}:00.000Z`)

function hide(state: 'hidden' | 'visible'): void {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
  document.dispatchEvent(new Event('visibilitychange'))
}

describe('figures on the bureau device', () => {
  let scope = effectScope()
  beforeEach(() => {
    vi.useFakeTimers()
    scope = effectScope()
  })
  afterEach(() => {
    scope.stop()
    hide('visible')
    vi.useRealTimers()
  })

  const periods = ['2023', '2024']
  function open(hand: ReturnType<typeof handDevice>, period = shallowRef('2024')) {
    const figures = scope.run(() => useFigures({ device: () => hand.device, period: () => period.value, periods: () => periods }))
    if (figures === undefined) throw new Error('the scope has ended')
    return figures
  }
  const settle = () => vi.advanceTimersByTimeAsync(0)

  test('what the device holds shows without a network, and says that it is old', async () => {
    const hand = handDevice({ '2024': at('2024', 1, 96.8) })
    hand.go('offline')
    const figures = open(hand)
    await settle()
    expect(figures.phase.value).toBe('ready')
    expect(figures.contact.value).toBe('offline')
    expect(figures.answers.get('2024')?.figures[0]?.value).toBe(96.8)
  })

  test('a device that holds nothing is empty, not zero', async () => {
    const hand = handDevice()
    hand.go('offline')
    const figures = open(hand)
    expect(figures.phase.value).toBe('loading')
    await settle()
    expect(figures.phase.value).toBe('empty')
    expect(figures.answers.size).toBe(0)
  })

  test('the chosen period is asked again at every interval, the others seldom', async () => {
    const hand = handDevice()
    hand.server.set('2024', at('2024', 1, 96.8)).set('2023', at('2023', 1, 95.1))
    const figures = open(hand)
    await settle()
    expect(hand.asked).toEqual(['2024', '2023'])
    hand.server.set('2024', at('2024', 2, 97.1))
    await vi.advanceTimersByTimeAsync(POLL_MS)
    expect(hand.asked).toEqual(['2024', '2023', '2024'])
    expect(figures.answers.get('2024')?.figures[0]?.value).toBe(97.1)
    expect(figures.answers.get('2023')?.figures[0]?.value).toBe(95.1)
  })

  test('a network that goes leaves the figures, and one that comes back renews them', async () => {
    const hand = handDevice()
    hand.server.set('2024', at('2024', 1, 96.8))
    const figures = open(hand)
    await settle()
    hand.go('offline')
    await vi.advanceTimersByTimeAsync(POLL_MS)
    expect([figures.phase.value, figures.contact.value]).toEqual(['ready', 'offline'])
    expect(figures.answers.get('2024')?.figures[0]?.value).toBe(96.8)
    hand.go('fresh')
    hand.server.set('2024', at('2024', 3, 98.2))
    await vi.advanceTimersByTimeAsync(POLL_MS)
    expect(figures.contact.value).toBe('fresh')
    expect(figures.answers.get('2024')?.figures[0]?.value).toBe(98.2)
  })

  test('nobody looking, nobody asks', async () => {
    const hand = handDevice()
    hand.server.set('2024', at('2024', 1, 96.8))
    open(hand)
    await settle()
    hide('hidden')
    const before = hand.asked.length
    await vi.advanceTimersByTimeAsync(10 * POLL_MS)
    expect(hand.asked.length).toBe(before)
    hide('visible')
    await settle()
    expect(hand.asked.length).toBeGreaterThan(before)
  })

  test('another period is shown at once where the device holds it', async () => {
    const hand = handDevice({ '2023': at('2023', 1, 95.1), '2024': at('2024', 1, 96.8) })
    hand.go('offline')
    const period = shallowRef('2024')
    const figures = open(hand, period)
    await settle()
    period.value = '2023'
    await nextTick()
    expect(figures.phase.value).toBe('ready')
    await settle()
    expect(hand.asked[hand.asked.length - 1]).toBe('2023')
  })

  test('a page that is left stops asking', async () => {
    const hand = handDevice()
    hand.server.set('2024', at('2024', 1, 96.8))
    open(hand)
    await settle()
    const before = hand.asked.length
    scope.stop()
    await vi.advanceTimersByTimeAsync(10 * POLL_MS)
    expect(hand.asked.length).toBe(before)
  })
})
