/** The figure over the plan's periods. A period without a value is a gap in the line, never a zero. */
import type { FigureAnswer, FiguresAnswer } from '#plan/figure-wire'
import type { Plan } from '#plan/plan'
import type { Figure } from '#plan/schema'
import { gradesOf } from './figure-words'

export type TrendPoint = {
  readonly period: string
  readonly answer: FigureAnswer | undefined
  /** What the line is drawn from: the number, or the grade's place counted from the worst. */
  readonly height: number | undefined
  readonly targetHeight: number | undefined
}

export function trendOf(plan: Plan, figure: Figure, answers: ReadonlyMap<string, FiguresAnswer>): readonly TrendPoint[] {
  const grades = gradesOf(plan, figure)
  const heightOf = (value: number | string | null | undefined): number | undefined => {
    if (typeof value === 'number') return value
    const place = grades?.findIndex((grade) => grade.key === value) ?? -1
    return grades === undefined || place < 0 ? undefined : grades.length - place
  }
  return plan.document.periods.map((period) => {
    const answer = answers.get(period)?.figures.find((candidate) => candidate.id === figure.id)
    return { period, answer, height: heightOf(answer?.value), targetHeight: heightOf(answer?.target) }
  })
}

export type Spark = {
  /** One path for each run of periods with values. */
  readonly paths: readonly string[]
  /** Values with no neighbour: nothing to draw a line to. */
  readonly dots: readonly { readonly x: number; readonly y: number }[]
  /** The newest value. */
  readonly last: { readonly x: number; readonly y: number } | undefined
}

/** Box of the small line: 44 x 20 with room for the dot. The axis may start anywhere: it is a line, not a bar. */
const BOX = { left: 4, right: 38, top: 4, bottom: 16 }

export function sparkOf(heights: readonly (number | undefined)[]): Spark {
  const known = heights.filter((height) => height !== undefined)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const x = (at: number) => (heights.length < 2 ? BOX.right : BOX.left + (at * (BOX.right - BOX.left)) / (heights.length - 1))
  const y = (height: number) =>
    high === low ? (BOX.top + BOX.bottom) / 2 : BOX.bottom - ((height - low) * (BOX.bottom - BOX.top)) / (high - low)

  const runs: { x: number; y: number }[][] = []
  let run: { x: number; y: number }[] = []
  for (const [at, height] of heights.entries()) {
    if (height === undefined) {
      run = []
      continue
    }
    if (run.length === 0) runs.push(run)
    run.push({ x: tenth(x(at)), y: tenth(y(height)) })
  }
  return {
    paths: runs
      .filter((each) => each.length > 1)
      .map((each) => each.map((dot, at) => `${at === 0 ? 'M' : 'L'}${dot.x} ${dot.y}`).join('')),
    dots: runs.filter((each) => each.length === 1).flat(),
    last: runs.at(-1)?.at(-1),
  }
}

const tenth = (number: number): number => Math.round(number * 10) / 10
