/**
 * Where a unit stands among its peers, element by element.
 *
 * | the element is                                  | is compared by                              | target                     |
 * |-------------------------------------------------|---------------------------------------------|----------------------------|
 * | the part of a ratio of the plan                 | times × part ÷ whole, of the same stage     | the figure's               |
 * | an index of the balance between schools         | per pupil of its stages, as the plan says   | the plan's standard        |
 * | the whole of a ratio or of a rule, the pupils   | nothing: it says how large the school is    | -                          |
 * | any other number                                | the number itself                           | a mean's                   |
 *
 * Peers are the units open in the period that are asked the same and have the element's stage, or a stage in common with the unit; without
 * stages, those of its type. Only valid numbers count, as for figures.
 */
import { isOpenIn, stagesOf, type OrgUnit, type Stage } from '#domain/org-unit'
import { toPeriod } from '#domain/period'
import { formOf } from '#plan/applicability'
import { elementsOfTerm, type AskedElement, type Plan } from '#plan/plan'
import type { PeerElement, PeersAnswer } from '#plan/report-wire'
import type { Figure } from '#plan/schema'
import { kindOf } from '#plan/unit-kind'
import { readUnit, type UnitReadings } from '#plan/unit-readings'
import type { FigureAnswers } from './figures'

/** Below so many, a value could be guessed to be a certain school's. */
export const PEERS_MIN = 5

type Way =
  | { readonly kind: 'size' }
  | {
      readonly kind: 'ratio' | 'value'
      readonly times: number
      readonly whole: readonly AskedElement[]
      readonly better: Figure['better']
      readonly target: number | null
    }

export function peersOf(
  {
    plan,
    figures,
    units,
  }: { readonly plan: Plan; readonly figures: Pick<FigureAnswers, 'values'>; readonly units: Iterable<OrgUnit> },
  question: {
    readonly unit: OrgUnit
    readonly period: string
    readonly dataSet: string
    /** Without codes, and without what would be too few to stay unknown. */
    readonly isAnonymous: boolean
  },
): PeersAnswer {
  const { unit, period, dataSet, isAnonymous } = question
  const peers = [...units].filter((other) => isOpenIn(other, toPeriod(period)) && isPeer(unit, other))
  const readings = new Map<OrgUnit, UnitReadings>()
  const readingsOf = (other: OrgUnit): UnitReadings => {
    const known = readings.get(other)
    if (known !== undefined) return known
    const read = readUnit(plan, kindOf(plan, other), figures.values(other.code, period))
    readings.set(other, read)
    return read
  }
  const elements = formOf(plan, dataSet, unit).sections.flatMap((section) =>
    section.elements.flatMap((asked): readonly PeerElement[] => {
      const way = wayOf(plan, asked, period)
      if (way === undefined) return []
      if (way.kind === 'size') return [{ element: asked.id, kind: 'size' }]
      const { kind, times, whole, better, target } = way
      const all = peers.flatMap((other) => {
        const number = kindOf(plan, other).asks[asked.index] === true ? numberOf(readingsOf(other), asked, way) : undefined
        return number === undefined ? [] : [{ code: other.code, number }]
      })
      all.sort((one, other) => one.number - other.number || (one.code < other.code ? -1 : 1))
      const own = all.find(({ code }) => code === unit.code)?.number ?? null
      const isHidden = isAnonymous && all.length < PEERS_MIN
      return [
        {
          element: asked.id,
          kind,
          ...(kind === 'ratio' ? { times, whole: whole.map(({ id }) => id) } : {}),
          values: isHidden ? [] : all.map(({ number }) => number),
          ...(isAnonymous ? {} : { orgUnits: all.map(({ code }) => code) }),
          own,
          rank: own === null || isHidden ? null : 1 + all.filter(({ number }) => isBetter(better, number, own)).length,
          better,
          target,
        },
      ]
    }),
  )
  return { orgUnit: unit.code, period, dataSet, units: peers.length, elements }
}

function isPeer(unit: OrgUnit, other: OrgUnit): boolean {
  const stages: readonly Stage[] = stagesOf(unit.type)
  if (stages.length === 0) return other.type === unit.type
  return stagesOf(other.type).some((stage) => stages.includes(stage))
}

const isBetter = (better: Figure['better'], number: number, own: number): boolean =>
  better === 'atMost' ? number < own : number > own

/** Of an element asked per stage, only units with that stage are asked it at all. */
function numberOf(readings: UnitReadings, asked: AskedElement, { kind, times, whole }: Exclude<Way, { kind: 'size' }>) {
  const part = readings.valid(asked)
  if (part.kind !== 'number') return undefined
  if (kind === 'value') return part.number
  let sum = 0
  for (const one of whole) {
    const reading = readings.valid(one)
    if (reading.kind === 'number') sum += reading.number
    else if (reading.kind !== 'absent' || reading.absence !== 'notAsked') return undefined
  }
  return sum === 0 ? undefined : (times * part.number) / sum
}

const waysByPlan = new WeakMap<Plan, Map<string, Way | undefined>>()

/** `undefined`: not a number. */
function wayOf(plan: Plan, asked: AskedElement, period: string): Way | undefined {
  let ways = waysByPlan.get(plan)
  if (ways === undefined) waysByPlan.set(plan, (ways = new Map()))
  const name = `${period} ${asked.id}`
  if (!ways.has(name)) ways.set(name, findWay(plan, asked, period))
  return ways.get(name)
}

function findWay(plan: Plan, asked: AskedElement, period: string): Way | undefined {
  const { type } = asked.element
  if (type !== 'count' && type !== 'decimal' && type !== 'percent') return undefined
  const figures = [...plan.figures.values()].map(({ figure }) => figure)
  const ofStage = (elements: readonly AskedElement[]): readonly AskedElement[] =>
    asked.stage !== undefined && elements.some(({ stage }) => stage === asked.stage)
      ? elements.filter(({ stage }) => stage === asked.stage)
      : elements
  for (const { measure, better, ...figure } of figures) {
    if (measure.kind !== 'ratio' || !elementsOfTerm(plan, measure.part).includes(asked)) continue
    const whole = ofStage(elementsOfTerm(plan, measure.whole))
    return { kind: 'ratio', times: measure.times, whole, better, target: targetOf(figure, period) }
  }
  const { balance } = plan.document
  const index = balance?.indexes.find(({ element }) => plan.expansions.get(element)?.includes(asked) === true)
  if (balance !== undefined && index !== undefined) {
    const whole = ofStage(plan.expansions.get(balance.pupils) ?? [])
    const target = asked.stage === undefined ? undefined : index.standard[asked.stage]
    return { kind: 'ratio', times: index.per, whole, better: 'atLeast', target: target ?? null }
  }
  const isWhole =
    figures.some(({ measure }) => measure.kind === 'ratio' && elementsOfTerm(plan, measure.whole).includes(asked)) ||
    plan.rules.some(({ whole }) => whole.includes(asked)) ||
    (balance !== undefined && plan.expansions.get(balance.pupils)?.includes(asked) === true)
  if (isWhole) return { kind: 'size' }
  const mean = figures.find(({ measure }) => measure.kind === 'weightedMean' && elementsOfTerm(plan, measure.of).includes(asked))
  return {
    ...{ kind: 'value', times: 1, whole: [] },
    better: mean?.better ?? 'atLeast',
    target: mean === undefined ? null : targetOf(mean, period),
  }
}

function targetOf({ targets, goal }: Pick<Figure, 'targets' | 'goal'>, period: string): number | null {
  const target = targets?.[period] ?? goal?.value
  return typeof target === 'number' ? target : null
}
