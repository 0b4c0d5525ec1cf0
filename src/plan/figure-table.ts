/**
 * All figures of a district in memory, kept up to date value by value.
 *
 * A change of one value makes stale only what that unit gives to the figures that depend on the element (through the measure, a rule,
 * a `when`, or as an earlier period of a figure over the whole plan). These contributions are made anew, and only their figures are
 * added up again. What comes out is exactly, to the last bit, what computing from nothing gives: contributions are the same
 * plain function of a unit's values, and sums do not depend on their order.
 *
 * Memory: about 100 bytes for each contribution, so some 40 MB for 3,000 units, 130 figures and one period.
 */
import type { OrgUnit, OrgUnitType } from '#domain/org-unit'
import { contributionAnswer, figureAnswer, isOverPlan, LEFT_OUT, readingsOver, slotOf, type Slot } from './figure'
import type { ContributionAnswer, FigureAnswer } from './figure-wire'
import type { Plan } from './plan'
import type { CellValue, Values } from './typed'
import { kindOf } from './unit-kind'
import { readUnit } from './unit-readings'
import { usualRange, type UsualRange } from './usual-range'

export type FigureTable = {
  /** Adds the unit, or replaces the one of the same code; its values stay. */
  putUnit(unit: OrgUnit): void
  /** Values of a code that is no unit yet are kept until it is one. */
  putValue(code: string, period: string, elementId: string, cell: CellValue | undefined): void
  values(code: string, period: string): Values
  /** In the plan's order. `codes` must be known units; without them, the whole district. */
  figures(period: string, codes?: readonly string[]): readonly FigureAnswer[]
  /** In the order of the codes; units that are not expected are left out. */
  contributions(figureId: string, period: string, codes?: readonly string[]): readonly ContributionAnswer[]
  /** Of the units of a type; `undefined` where too few have reported. */
  ranges(period: string, elementId: string, type: OrgUnitType): UsualRange | undefined
}

type Row = {
  unit: OrgUnit
  /** By period, then by the figure's place. */
  readonly slots: Map<string, Slot[]>
  readonly stale: Map<string, Set<number>>
}

type PeriodState = {
  /** Rows with stale slots; a row without slots of the period is not among them and is made from nothing. */
  readonly staleRows: Set<Row>
  /** The district's answers by the figure's place; `undefined`: to be added up again. */
  readonly answers: (FigureAnswer | undefined)[]
  isComplete: boolean
}

const NO_VALUES: Values = new Map<string, CellValue>()

export function createFigureTable(plan: Plan, units: readonly OrgUnit[]): FigureTable {
  const figures = [...plan.figures.values()].map(({ figure }) => figure)
  const placeById = new Map(figures.map((figure, place) => [figure.id, place]))
  const overPlan = figures.map(isOverPlan)
  const valuesByCode = new Map<string, Map<string, Map<string, CellValue>>>()
  const rowByCode = new Map<string, Row>()
  const stateByPeriod = new Map<string, PeriodState>()
  let sorted: readonly Row[] | undefined

  for (const unit of units) putUnit(unit)

  function putUnit(unit: OrgUnit): void {
    const row = rowByCode.get(unit.code)
    if (row === undefined) {
      rowByCode.set(unit.code, { unit, slots: new Map(), stale: new Map() })
      sorted = undefined
    } else {
      row.unit = unit
      row.slots.clear()
      row.stale.clear()
    }
    for (const state of stateByPeriod.values()) {
      state.isComplete = false
      state.answers.fill(undefined)
      if (row !== undefined) state.staleRows.delete(row)
    }
  }

  function putValue(code: string, period: string, elementId: string, cell: CellValue | undefined): void {
    let byPeriod = valuesByCode.get(code)
    if (byPeriod === undefined) valuesByCode.set(code, (byPeriod = new Map()))
    let values = byPeriod.get(period)
    if (values === undefined) byPeriod.set(period, (values = new Map()))
    if (cell === undefined) values.delete(elementId)
    else values.set(elementId, cell)
    const row = rowByCode.get(code)
    if (row !== undefined) markStale(row, period, elementId)
  }

  function markStale(row: Row, period: string, elementId: string): void {
    const figureIds = plan.figureIdsByElement.get(elementId)
    if (figureIds === undefined || figureIds.length === 0) return
    for (const of of row.slots.keys()) {
      if (of < period) continue
      for (const id of figureIds) {
        const place = placeById.get(id)
        if (place === undefined || (of !== period && overPlan[place] !== true)) continue
        let stale = row.stale.get(of)
        if (stale === undefined) row.stale.set(of, (stale = new Set()))
        stale.add(place)
        stateOf(of).staleRows.add(row)
      }
    }
  }

  function stateOf(period: string): PeriodState {
    let state = stateByPeriod.get(period)
    if (state === undefined) {
      state = { staleRows: new Set(), answers: figures.map(() => undefined), isComplete: false }
      stateByPeriod.set(period, state)
    }
    return state
  }

  function valuesOf(code: string, period: string): Values {
    return valuesByCode.get(code)?.get(period) ?? NO_VALUES
  }

  function rows(): readonly Row[] {
    return (sorted ??= [...rowByCode.values()].sort((one, other) => (one.unit.code < other.unit.code ? -1 : 1)))
  }

  /** Makes what is stale in the period anew. */
  function refresh(period: string): PeriodState {
    const state = stateOf(period)
    for (const row of state.staleRows) {
      const slots = row.slots.get(period)
      const stale = row.stale.get(period)
      if (slots === undefined || stale === undefined) continue
      const readings = readingsOver(plan, row.unit, (of) => valuesOf(row.unit.code, of))
      for (const place of stale) {
        const figure = figures[place]
        if (figure === undefined) continue
        slots[place] = slotOf(plan, figure, row.unit, readings, period)
        state.answers[place] = undefined
      }
      row.stale.delete(period)
    }
    state.staleRows.clear()
    if (state.isComplete) return state
    for (const row of rowByCode.values()) {
      if (row.slots.has(period)) continue
      const readings = readingsOver(plan, row.unit, (of) => valuesOf(row.unit.code, of))
      row.slots.set(
        period,
        figures.map((figure) => slotOf(plan, figure, row.unit, readings, period)),
      )
    }
    state.isComplete = true
    return state
  }

  function selection(codes: readonly string[] | undefined): readonly Row[] {
    if (codes === undefined) return rows()
    return [...new Set(codes)].sort().map((code) => {
      const row = rowByCode.get(code)
      if (row === undefined) throw new Error(`no org unit ${code}`)
      return row
    })
  }

  return {
    putUnit,
    putValue,
    values: valuesOf,

    figures(period, codes) {
      const { answers } = refresh(period)
      const selected = selection(codes)
      return figures.map((figure, place) => {
        const known = codes === undefined ? answers[place] : undefined
        if (known !== undefined) return known
        const answer = figureAnswer(
          plan,
          figure,
          period,
          selected.map((row) => row.slots.get(period)?.[place]),
        )
        if (codes === undefined) answers[place] = answer
        return answer
      })
    },

    contributions(figureId, period, codes) {
      const place = placeById.get(figureId)
      if (place === undefined) throw new Error(`the plan has no figure ${figureId}`)
      refresh(period)
      const answers: ContributionAnswer[] = []
      for (const row of selection(codes)) {
        const slot = row.slots.get(period)?.[place]
        if (slot !== undefined && slot !== LEFT_OUT) answers.push(contributionAnswer(plan, slot))
      }
      return answers
    },

    ranges(period, elementId, type) {
      const asked = plan.elements.get(elementId)
      if (asked === undefined) throw new Error(`the plan has no element ${elementId}`)
      const numbers: number[] = []
      for (const { unit } of rowByCode.values()) {
        if (unit.type !== type) continue
        const reading = readUnit(plan, kindOf(plan, unit), valuesOf(unit.code, period)).valid(asked)
        if (reading.kind === 'number') numbers.push(reading.number)
      }
      return usualRange(plan, numbers)
    },
  }
}
