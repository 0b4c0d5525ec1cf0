/**
 * The coefficient of variation between schools (校际差异系数), as the national rules on balanced schooling define it (教督〔2017〕6号).
 *
 * For one index and one stage: school i has P_i pupils and the total x_i. X_i = x_i / P_i; X̄ = Σ x_i / Σ P_i;
 * S = sqrt( Σ (P_i / ΣP) (X_i - X̄)² ); CV = S / X̄.
 *
 * A school of several stages counts once in each, as a school of its own. What is asked once for all its stages is split by pupils ×
 * the plan's weights. Left out: units outside the plan's `balance.units`; units with fewer than `minPupils` pupils in all their
 * stages; for one index, a school that did not report what the index needs; a stage without pupils.
 */
import type { Stage } from '#domain/org-unit'
import type { Contribution } from './figure'
import { ExactSum } from './exact-sum'
import type { AskedElement, Plan } from './plan'
import type { Balance } from './schema'
import type { Gathered } from './gathered'
import { onceForKind, type UnitKind } from './unit-kind'
import type { UnitReadings } from './unit-readings'

/** One stage of a school: its pupils, and its total for each index in the plan's order; `null` where it is not known. */
export type StageTotals = { readonly stage: Stage; readonly pupils: number; readonly totals: readonly (number | null)[] }

export type IndexValue = { readonly id: string; readonly stage: string; readonly value: number | null }

export type Variation = {
  /** The largest over indexes and stages; `null` where none could be computed. */
  readonly largest: number | null
  /** The mean of all indexes of a stage, of the stage where it is largest; `null` where an index is missing. */
  readonly combined: number | null
  readonly indexes: readonly IndexValue[]
}

export function variationOf(balance: Balance, stages: readonly Stage[], contributions: readonly Contribution[]): Variation {
  const indexes: IndexValue[] = []
  let largest: number | null = null
  let combined: number | null = null
  for (const stage of stages) {
    const schools: StageTotals[] = []
    for (const { stageTotals } of contributions) {
      for (const one of stageTotals ?? []) if (one.stage === stage) schools.push(one)
    }
    const sum = new ExactSum()
    let known = 0
    balance.indexes.forEach((index, n) => {
      const value = coefficient(schools, n)
      indexes.push({ id: index.id, stage, value })
      if (value === null) return
      sum.add(value)
      known += 1
      if (largest === null || value > largest) largest = value
    })
    if (known !== balance.indexes.length) continue
    const mean = sum.total() / known
    if (combined === null || mean > combined) combined = mean
  }
  return { largest, combined, indexes }
}

function coefficient(schools: readonly StageTotals[], index: number): number | null {
  const pupils = new ExactSum()
  const totals = new ExactSum()
  for (const school of schools) {
    const total = school.totals[index] ?? null
    if (total === null) continue
    pupils.add(school.pupils)
    totals.add(total)
  }
  const allPupils = pupils.total()
  const mean = totals.total() / allPupils
  if (allPupils === 0 || mean === 0) return null
  const squares = new ExactSum()
  for (const school of schools) {
    const total = school.totals[index] ?? null
    if (total === null) continue
    const difference = total / school.pupils - mean
    squares.add((school.pupils / allPupils) * difference * difference)
  }
  return Math.sqrt(squares.total()) / mean
}

type KindBalance = {
  readonly pupils: readonly { readonly asked: AskedElement; readonly weight: number | undefined }[]
  readonly indexes: readonly (readonly AskedElement[])[]
}

function kindBalance(plan: Plan, kind: UnitKind, balance: Balance): KindBalance {
  return onceForKind(kind, balance, () => {
    const askedOf = (element: string) => (plan.expansions.get(element) ?? []).filter((asked) => kind.asks[asked.index] === true)
    return {
      pupils: askedOf(balance.pupils).map((asked) => ({
        asked,
        weight: asked.stage === undefined ? undefined : balance.weights[asked.stage],
      })),
      indexes: balance.indexes.map((index) => askedOf(index.element)),
    }
  })
}

/** Whether a kind of unit is asked for pupils of one of the stages at all. */
export function hasPupilsOf(plan: Plan, kind: UnitKind, stages: readonly Stage[]): boolean {
  const { balance } = plan.document
  if (balance === undefined) return false
  return kindBalance(plan, kind, balance).pupils.some(({ asked }) => asked.stage !== undefined && stages.includes(asked.stage))
}

/** What one unit gives: its totals by stage. `undefined`: too few pupils to count. What is missing goes into `gathered`. */
export function stageTotalsOf(
  plan: Plan,
  stages: readonly Stage[],
  readings: UnitReadings,
  gathered: Gathered,
): readonly StageTotals[] | undefined {
  const { balance } = plan.document
  if (balance === undefined) return undefined
  const { pupils, indexes } = kindBalance(plan, readings.kind, balance)

  let allPupils = 0
  /** Σ pupils × weight over the stages that share what is asked once; `undefined` as soon as one of them is not known. */
  let weighted: number | undefined = 0
  const pupilsBy = new Map<Stage, number>()
  for (const { asked, weight } of pupils) {
    const number = gathered.number(asked)
    if (typeof number === 'number') {
      allPupils += number
      if (asked.stage !== undefined) pupilsBy.set(asked.stage, number)
      if (weight !== undefined && weighted !== undefined) weighted += number * weight
    } else if (number === 'missing' && weight !== undefined) weighted = undefined
  }
  const arePupilsKnown = gathered.missingIds.length === 0
  if (arePupilsKnown && allPupils < balance.minPupils) return undefined

  const own = pupils.filter(({ asked }) => asked.stage !== undefined && stages.includes(asked.stage))
  const stageTotals = own.map(({ asked, weight }) => {
    const { stage } = asked
    const ofStage = stage === undefined ? undefined : pupilsBy.get(stage)
    const totals = indexes.map((elements) => {
      const perStage = elements.find((element) => element.stage === stage)
      if (perStage !== undefined) return numberOrNull(gathered.number(perStage))
      const once = elements.find((element) => element.stage === undefined)
      const total = once === undefined ? null : numberOrNull(gathered.number(once))
      if (total === null || ofStage === undefined || weight === undefined || weighted === undefined || weighted === 0) return null
      return total * ((ofStage * weight) / weighted)
    })
    return { stage, pupils: ofStage, totals }
  })
  // Too few so far, and it cannot be known whether there are more: the unit waits.
  if (allPupils < balance.minPupils) return []
  return stageTotals.flatMap(({ stage, pupils: ofStage, totals }) =>
    stage === undefined || ofStage === undefined || ofStage === 0 ? [] : [{ stage, pupils: ofStage, totals }],
  )
}

const numberOrNull = (number: number | string): number | null => (typeof number === 'number' ? number : null)
