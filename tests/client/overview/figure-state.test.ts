import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { barOf, gapInWords, indicatorState, NOTCH_PERCENT, stateOf } from '#client/features/overview/figure-state'
import { figureView, markOf } from '#client/features/overview/overview-model'
import { answerOf, answersOf, figureOf, readPlan } from './the-plan'

const plan = readPlan()
const rate = figureOf(plan, '3')
const spread = figureOf(plan, '17.junior')
const graded = figureOf(plan, '28')

function markFor(id: string, answer: Parameters<typeof answerOf>[1]) {
  return markOf(figureView(plan, figureOf(plan, id), answersOf('2024', [answerOf(id, answer)])).state)
}

describe('the state of a figure', () => {
  test.each([
    ['3', { value: 98, target: 98, met: true }, 'ok', '达标'],
    ['3', { value: 96.8, target: 98, met: false }, 'warn', '差 1.2'],
    ['17.junior', { value: 0.27, target: 0.25, met: false }, 'warn', '超 0.02'],
    ['28', { value: 'C', target: 'A', met: false }, 'warn', '差 2 级'],
    ['p18.expertLectures', { value: 1000, target: 1000, met: false }, 'warn', '要再多一点'],
    ['3', { value: 96.8 }, 'na', '没有目标'],
    ['3', { absence: 'notReported', target: 98 }, 'todo', '未报'],
    ['3', { absence: 'invalid', target: 98 }, 'error', '需核对'],
    ['3', { absence: 'conflict', target: 98 }, 'conflict', '有两个值'],
    ['3', { absence: 'emptyWhole', target: 98 }, 'na', '没有基数'],
  ] as const)('figure %s with %o is %s, %s', (id, answer, state, word) => {
    expect(markFor(id, answer)).toEqual({ state, word })
  })

  test('a figure that nobody has answered for is not read, which is no zero', () => {
    expect(stateOf(plan, rate, undefined)).toEqual({ kind: 'unknown' })
    expect(figureView(plan, rate, answersOf('2024', [])).value).toBeUndefined()
  })

  test('value and gap as shown add up to the target as shown', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 97.99, noNaN: true }), (value) => {
        const view = figureView(plan, rate, answersOf('2024', [answerOf('3', { value, target: 98, met: false })]))
        const gap = view.state.kind === 'short' ? view.state.gap : undefined
        expect(gap?.kind).toBe('below')
        expect(Number(view.value) + Number(gapInWords(gap).replace(/\D+/, ''))).toBeCloseTo(98, 6)
        expect(gapInWords(gap)).not.toBe('差 0')
      }),
    )
  })
})

describe('the state of an indicator with parts', () => {
  const [senior, junior, primary] = ['2.senior', '2.junior', '2.primary'].map((id) => figureOf(plan, id))
  if (senior === undefined || junior === undefined || primary === undefined) throw new Error('three parts')
  const met = { kind: 'met' } as const
  const short = { kind: 'short', gap: { kind: 'below', number: 0.4, decimals: 1 } } as const

  test('one part that falls short is named', () => {
    const state = indicatorState([
      { figure: senior, state: met },
      { figure: junior, state: short },
      { figure: primary, state: met },
    ])
    expect(markOf(state)).toEqual({ state: 'warn', word: '初中差 0.4' })
  })

  test('several are counted', () => {
    const state = indicatorState([
      { figure: senior, state: short },
      { figure: junior, state: short },
      { figure: primary, state: { kind: 'absent', absence: 'notReported' } },
    ])
    expect(markOf(state)).toEqual({ state: 'warn', word: '2 项有差距' })
  })

  test('a missing part keeps the indicator from being met', () => {
    const state = indicatorState([
      { figure: senior, state: met },
      { figure: junior, state: { kind: 'absent', absence: 'notReported' } },
      { figure: primary, state: met },
    ])
    expect(markOf(state)).toEqual({ state: 'todo', word: '初中未报' })
  })

  test('parts that all lack the same need no name', () => {
    const state = { kind: 'absent', absence: 'notReported' } as const
    expect(markOf(indicatorState([senior, junior, primary].map((figure) => ({ figure, state }))))).toEqual({
      state: 'todo',
      word: '未报',
    })
  })

  test('only all of them make it met', () => {
    expect(indicatorState([senior, junior, primary].map((figure) => ({ figure, state: met })))).toEqual({ kind: 'met' })
  })
})

describe('the bar', () => {
  test('the target is always at the notch', () => {
    expect(barOf(plan, rate, answerOf('3', { value: 98, target: 98, met: true }))).toEqual({
      kind: 'water',
      waterPercent: NOTCH_PERCENT,
      isShort: false,
      hasNotch: true,
    })
  })

  test('where less is better, passing the notch is short', () => {
    const bar = barOf(plan, spread, answerOf('17.junior', { value: 0.27, target: 0.25, met: false }))
    expect(bar).toMatchObject({ isShort: true })
    expect(bar.kind === 'water' && bar.waterPercent).toBeGreaterThan(NOTCH_PERCENT)
  })

  test('without a value there is no water, and without a target no notch', () => {
    expect(barOf(plan, rate, answerOf('3', { target: 98 }))).toEqual({ kind: 'empty', hasNotch: true })
    expect(barOf(plan, rate, answerOf('3', { value: 12 }))).toEqual({ kind: 'empty', hasNotch: false })
  })

  test('a grade fills by its place', () => {
    const water = (value: string) => {
      const bar = barOf(plan, graded, answerOf('28', { value, target: 'A', met: value === 'A' }))
      return bar.kind === 'water' ? bar.waterPercent : undefined
    }
    expect(water('A')).toBe(NOTCH_PERCENT)
    expect(water('B')).toBeLessThan(NOTCH_PERCENT)
    expect(water('Z')).toBeUndefined()
  })

  test('water never leaves the bar', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (value, target) => {
        const bar = barOf(plan, rate, answerOf('3', { value, target, met: false }))
        if (bar.kind === 'water') {
          expect(bar.waterPercent).toBeGreaterThanOrEqual(0)
          expect(bar.waterPercent).toBeLessThanOrEqual(100)
        }
      }),
    )
  })
})
