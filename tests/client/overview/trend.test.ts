import { describe, expect, test } from 'vitest'
import { sparkOf, trendOf } from '#client/features/overview/trend'
import { trendInWords } from '#client/features/overview/overview-model'
import { answerOf, answersOf, figureOf, readPlan } from './the-plan'

const plan = readPlan()

describe('the line over the periods', () => {
  test('a period without a value is a gap, not a zero', () => {
    const answers = new Map([
      ['2022', answersOf('2022', [answerOf('3', { value: 92.4, target: 92, met: true })])],
      ['2023', answersOf('2023', [answerOf('3', { absence: 'notReported', target: 95 })])],
      ['2024', answersOf('2024', [answerOf('3', { value: 96.8, target: 98, met: false })])],
    ])
    const trend = trendOf(plan, figureOf(plan, '3'), answers)
    expect(trend.map((point) => point.height)).toEqual([92.4, undefined, 96.8])
    const spark = sparkOf(trend.map((point) => point.height))
    expect(spark.paths).toEqual([])
    expect(spark.dots).toHaveLength(2)
    expect(trendInWords(plan, trend, figureOf(plan, '3'))).toBe(
      '2022 年 92.4%（目标 ≥ 92%）；2023 年 未报（目标 ≥ 95%）；2024 年 96.8%（目标 ≥ 98%）',
    )
  })

  test('neighbours are joined, from the lowest at the bottom to the highest at the top', () => {
    expect(sparkOf([1, 3, 2])).toEqual({ paths: ['M4 16L21 4L38 10'], dots: [], last: { x: 38, y: 10 } })
  })

  test('a line breaks at the gap and goes on after it', () => {
    expect(sparkOf([1, 2, undefined, 2, 1]).paths).toHaveLength(2)
  })

  test('equal values lie in the middle, and nothing draws nothing', () => {
    expect(sparkOf([5, 5]).paths).toEqual(['M4 10L38 10'])
    expect(sparkOf([undefined, undefined])).toEqual({ paths: [], dots: [], last: undefined })
  })

  test('grades rise towards the best', () => {
    const answers = new Map([
      ['2023', answersOf('2023', [answerOf('28', { value: 'B' })])],
      ['2024', answersOf('2024', [answerOf('28', { value: 'A' })])],
    ])
    const [first, second, third] = trendOf(plan, figureOf(plan, '28'), answers)
    expect(first?.height).toBeUndefined()
    expect(third?.height).toBe((second?.height ?? 0) + 1)
  })
})
