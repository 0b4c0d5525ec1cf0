import { describe, expect, test } from 'vitest'
import { histogramOf, stripOf } from '#client/features/review/plots'

const BOX = { width: 160, edge: 8 }

describe('the strip', () => {
  test('lies between its edges, the least at the left', () => {
    expect(stripOf({ values: [0, 5, 10], own: 5, target: 10 }, BOX)).toEqual({ ticks: [8, 80, 152], own: 80, target: 152 })
  })

  test('a target that nobody reaches has its place', () => {
    const strip = stripOf({ values: [0, 5], own: 0, target: 10 }, BOX)
    expect(strip).toEqual({ ticks: [8, 80], own: 8, target: 152 })
  })

  test('schools that are all equal stand in the middle', () => {
    expect(stripOf({ values: [3, 3, 3], own: 3, target: null }, BOX)).toEqual({ ticks: [80, 80, 80], own: 80, target: undefined })
  })

  test('one far from all others stands at the edge and presses nobody together', () => {
    const values = [90, 91, 92, 93, 94, 95, 96, 97, 100_000]
    const ticks = stripOf({ values, own: 97, target: null }, BOX)?.ticks ?? []
    expect(ticks.at(-1)).toBe(152)
    expect((ticks[7] ?? 0) - (ticks[0] ?? 0)).toBeGreaterThan(100)
  })

  test('nobody to compare with is no drawing', () => {
    expect(stripOf({ values: [], own: 1, target: 2 }, BOX)).toBeUndefined()
    expect(histogramOf({ values: [], own: 1, target: 2 })).toBeUndefined()
  })
})

describe('the histogram', () => {
  test.each([
    [[93, 94.2, 95, 96.1, 96.2, 97, 98, 98, 98.4, 99.9], 98, 98],
    [[0, 0, 0], 0, null],
    [[1], 1, 5],
    [[0.001, 0.002, 0.0035], 0.002, 0.003],
    [[1_000_000, 2_000_000, 8_000_000], 2_000_000, null],
    [[90, 91, 92, 93, 94, 95, 96, 97, 100_000], 100_000, 98],
  ])('of %j counts every school once, and one’s own bar holds one’s own', (values, own, target) => {
    const hist = histogramOf({ values, own, target })
    expect(hist?.bars.reduce((sum, { n }) => sum + n, 0)).toBe(values.length)
    expect(Math.max(...(hist?.bars ?? []).map(({ height }) => height))).toBe(1)
    expect(hist?.bars.filter(({ isOwn }) => isOwn)).toHaveLength(1)
    expect(hist?.bars.find(({ isOwn }) => isOwn)?.n).toBeGreaterThan(0)
    expect(hist?.bars.length).toBeLessThanOrEqual(14)
    for (const share of [hist?.own, hist?.target ?? 0]) {
      expect(share).toBeGreaterThanOrEqual(0)
      expect(share).toBeLessThanOrEqual(1)
    }
  })

  test('its axis has round numbers', () => {
    const hist = histogramOf({ values: [90.3, 95, 99.7], own: 95, target: null })
    expect(hist?.ticks.map(({ value }) => value)).toEqual([90, 92, 94, 96, 98, 100])
  })
})
