/**
 * The coefficient of variation between schools (校际差异系数), as the national rules on balanced schooling define it (教督〔2017〕6号).
 *
 * For one index and one stage: school i has P_i pupils and the total x_i. X_i = x_i / P_i; X̄ = Σ x_i / Σ P_i;
 * S = sqrt( Σ (P_i / ΣP) (X_i - X̄)² ); CV = S / X̄.
 *
 * A school of several stages counts once in each, as a school of its own. What is asked once for all its stages is split by pupils ×
 * the plan's weights. Left out: units outside the plan's `balance.units`; units with fewer than `minPupils` pupils in all their
 * stages; for one index, a school that did not report what the index needs; a stage without pupils. A stage whose pupils are not
 * applicable is none of the school's: nothing is asked of it, and what is asked once is split between the others.
 */
import type { Stage } from '#domain/org-unit'
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

/**
 * The schools of a selection, each at a place of its own; `put` replaces what a place held. Columns of plain numbers: a district of
 * 3,000 is walked through in microseconds, and only for the indexes that a change touched.
 */
export class VariationSums {
  private readonly columns: readonly StageColumns[]

  constructor(
    private readonly balance: Balance,
    private readonly stages: readonly Stage[],
    places: number,
  ) {
    this.columns = stages.map(() => makeColumns(balance.indexes.length, places))
  }

  /** Makes room for more places. */
  grow(places: number): void {
    for (const of of this.columns) {
      of.pupils = grown(of.pupils, places)
      for (const index of of.indexes) index.totals = grown(index.totals, places)
    }
  }

  put(place: number, stageTotals: readonly StageTotals[] | undefined): void {
    this.stages.forEach((stage, s) => {
      const of = this.columns[s]
      if (of === undefined) return
      const given = stageTotals?.find((one) => one.stage === stage)
      const pupils = given?.pupils ?? NaN
      of.indexes.forEach((index, n) => putTotal(of, index, place, pupils, given?.totals[n] ?? NaN))
      of.pupils[place] = pupils
    })
  }

  /** Puts what another selection holds at a place. */
  take(place: number, from: VariationSums, fromPlace: number): void {
    this.put(
      place,
      this.stages.flatMap((stage, s) => {
        const of = from.columns[s]
        const pupils = of?.pupils[fromPlace] ?? NaN
        if (of === undefined || Number.isNaN(pupils)) return []
        return [{ stage, pupils, totals: of.indexes.map((index) => numberOrNull(index.totals[fromPlace] ?? NaN)) }]
      }),
    )
  }

  result(): Variation {
    const indexes: IndexValue[] = []
    let largest: number | null = null
    let combined: number | null = null
    this.stages.forEach((stage, s) => {
      const of = this.columns[s]
      if (of === undefined) return
      const sum = new ExactSum()
      let known = 0
      of.indexes.forEach((index, n) => {
        const value = (index.value ??= { coefficient: coefficient(of.pupils, index) }).coefficient
        indexes.push({ id: this.balance.indexes[n]?.id ?? '', stage, value })
        if (value === null) return
        sum.add(value)
        known += 1
        if (largest === null || value > largest) largest = value
      })
      if (known !== of.indexes.length) return
      const mean = sum.total() / known
      if (combined === null || mean > combined) combined = mean
    })
    return { largest, combined, indexes }
  }
}

type IndexColumn = {
  /** NaN: not known, or no such school. */
  totals: Float64Array
  /** Over the schools whose total is known. */
  readonly allPupils: ExactSum
  readonly allTotals: ExactSum
  /** Computed since the last change. */
  value: { readonly coefficient: number | null } | undefined
}

type StageColumns = { pupils: Float64Array; readonly indexes: readonly IndexColumn[] }

function makeColumns(indexes: number, places: number): StageColumns {
  return {
    pupils: new Float64Array(places).fill(NaN),
    indexes: Array.from({ length: indexes }, () => ({
      totals: new Float64Array(places).fill(NaN),
      allPupils: new ExactSum(),
      allTotals: new ExactSum(),
      value: undefined,
    })),
  }
}

function grown(column: Float64Array, places: number): Float64Array {
  const larger = new Float64Array(places).fill(NaN)
  larger.set(column)
  return larger
}

function putTotal(of: StageColumns, index: IndexColumn, place: number, pupils: number, total: number): void {
  const pupilsBefore = of.pupils[place] ?? NaN
  const before = index.totals[place] ?? NaN
  if (Object.is(before, total) && (Object.is(pupilsBefore, pupils) || Number.isNaN(total))) return
  if (!Number.isNaN(before)) {
    index.allPupils.remove(pupilsBefore)
    index.allTotals.remove(before)
  }
  if (!Number.isNaN(total)) {
    index.allPupils.add(pupils)
    index.allTotals.add(total)
  }
  index.totals[place] = total
  index.value = undefined
}

function coefficient(pupils: Float64Array, { totals, allPupils, allTotals }: IndexColumn): number | null {
  const sumOfPupils = allPupils.total()
  const mean = allTotals.total() / sumOfPupils
  if (sumOfPupils === 0 || mean === 0) return null
  const squares = new ExactSum()
  for (let place = 0; place < totals.length; place += 1) {
    const total = totals[place] ?? NaN
    if (Number.isNaN(total)) continue
    const ofSchool = pupils[place] ?? NaN
    const difference = total / ofSchool - mean
    squares.add((ofSchool / sumOfPupils) * difference * difference)
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

/** What one unit gives: its totals by stage. `undefined`: too few pupils to count, or none of the stages. What is missing goes into `gathered`. */
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
  const absentStages = new Set<Stage>()
  for (const { asked, weight } of pupils) {
    const number = gathered.number(asked)
    if (typeof number === 'number') {
      allPupils += number
      if (asked.stage !== undefined) pupilsBy.set(asked.stage, number)
      if (weight !== undefined && weighted !== undefined) weighted += number * weight
    } else if (number !== 'missing') {
      if (asked.stage !== undefined) absentStages.add(asked.stage)
    } else if (weight !== undefined) weighted = undefined
  }
  const arePupilsKnown = gathered.missingIds.length === 0
  if (arePupilsKnown && allPupils < balance.minPupils) return undefined

  const own = pupils.filter(({ asked: { stage } }) => stage !== undefined && stages.includes(stage) && !absentStages.has(stage))
  if (own.length === 0) return undefined
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

const numberOrNull = (number: number | string): number | null =>
  typeof number === 'number' && !Number.isNaN(number) ? number : null
