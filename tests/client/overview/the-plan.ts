/** The plan that the program ships with, for screens that are tested over a whole plan. */
import { readFileSync } from 'node:fs'
import type { FigureAnswer, FiguresAnswer } from '#plan/figure-wire'
import { parsePlan } from '#plan/parse-plan'
import type { Plan } from '#plan/plan'
import type { Figure } from '#plan/schema'

export function readPlan(): Plan {
  const parsed = parsePlan(JSON.parse(readFileSync('public/plans/qiantang-2022-2024.json', 'utf8')))
  if (!parsed.ok) throw new Error('the shipped plan is not sound')
  return parsed.value
}

export function figureOf(plan: Plan, id: string): Figure {
  const found = plan.figures.get(id)
  if (found === undefined) throw new Error(`no figure ${id}`)
  return found.figure
}

export function answerOf(id: string, answer: Partial<FigureAnswer>): FigureAnswer {
  return { id, value: null, target: null, met: null, coverage: { expected: 3, counted: 3, incomplete: [] }, ...answer }
}

export function answersOf(period: string, figures: readonly FigureAnswer[], asOf = '2024-12-20T03:05:00.000Z'): FiguresAnswer {
  return { period, asOf, figures }
}
