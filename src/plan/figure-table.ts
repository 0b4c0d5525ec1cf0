/**
 * All figures of a district in memory, kept up to date value by value.
 *
 * A change of one value makes stale only what that unit gives to the figures that depend on the element (through the measure, a rule,
 * a `when`, or as an earlier period of a figure over the whole plan). These contributions are made anew, and only their figures are
 * added up again. What comes out is exactly, to the last bit, what computing from nothing gives: contributions are the same
 * plain function of a unit's values, and sums do not depend on their order.
 *
 * Memory beside the values: about 20 bytes for each unit and figure, some 8 MB for 3,000 units, 120 figures and one period.
 */
import { isOpenIn, type OrgUnit, type OrgUnitType } from '#domain/org-unit'
import { toPeriod } from '#domain/period'
import { LEFT_OUT } from './contribution'
import { contributionAnswer, figureAnswer, isOverPlan, readingsOver, slotOf } from './figure'
import { FigureSums, type Aggregate } from './figure-sums'
import type { ContributionAnswer, FigureAnswer } from './figure-wire'
import type { AskedElement, Plan } from './plan'
import type { CellValue, Values } from './typed'
import type { UnitReadings } from './unit-readings'
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
  /** The same for every element that has one, by expanded id: what a tablet of a unit of this type needs for its checks. */
  usualRanges(period: string, type: OrgUnitType): ReadonlyMap<string, UsualRange>
}

type Row = {
  unit: OrgUnit
  /** The unit's place in every sum. */
  readonly place: number
}

type PeriodState = {
  /** By the figure's place in the plan. */
  readonly sums: readonly FigureSums[]
  /** Which figures of which units are to be made anew. */
  readonly stale: Map<Row, Set<number> | 'all'>
  /** The district's answers; `undefined`: to be read off the sums again. */
  readonly answers: (FigureAnswer | undefined)[]
}

const NO_VALUES: Values = new Map<string, CellValue>()

export function createFigureTable(plan: Plan, units: readonly OrgUnit[]): FigureTable {
  const figures = [...plan.figures.values()].map(({ figure }) => figure)
  const placeById = new Map(figures.map((figure, place) => [figure.id, place]))
  const overPlan = figures.map(isOverPlan)
  const valuesByCode = new Map<string, Map<string, Map<string, CellValue>>>()
  const rowByCode = new Map<string, Row>()
  const codes: string[] = []
  const codeAt = (place: number) => codes[place] ?? ''
  const stateByPeriod = new Map<string, PeriodState>()
  /** Places for which the sums have room. */
  let room = units.length

  // In the order of the codes, so that lists of codes come out sorted by themselves.
  for (const unit of [...units].sort((one, other) => (one.code < other.code ? -1 : 1))) putUnit(unit)

  function putUnit(unit: OrgUnit): void {
    let row = rowByCode.get(unit.code)
    if (row === undefined) {
      rowByCode.set(unit.code, (row = { unit, place: codes.length }))
      codes.push(unit.code)
      if (codes.length > room) {
        room = codes.length * 2
        for (const state of stateByPeriod.values()) for (const sums of state.sums) sums.grow(room)
      }
    } else row.unit = unit
    for (const state of stateByPeriod.values()) state.stale.set(row, 'all')
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
    for (const [of, state] of stateByPeriod) {
      if (of < period) continue
      const stale = state.stale.get(row) ?? new Set()
      if (stale === 'all') continue
      for (const id of figureIds) {
        const place = placeById.get(id)
        if (place !== undefined && (of === period || overPlan[place] === true)) stale.add(place)
      }
      if (stale.size > 0) state.stale.set(row, stale)
    }
  }

  function valuesOf(code: string, period: string): Values {
    return valuesByCode.get(code)?.get(period) ?? NO_VALUES
  }

  function readingsOfRow(row: Row): (period: string) => UnitReadings {
    return readingsOver(plan, row.unit, (period) => valuesOf(row.unit.code, period))
  }

  /** The period's sums, with what was stale made anew. */
  function refresh(period: string): PeriodState {
    let state = stateByPeriod.get(period)
    if (state === undefined) {
      state = {
        sums: figures.map((figure) => new FigureSums(plan, figure, room)),
        stale: new Map([...rowByCode.values()].map((row) => [row, 'all'])),
        answers: figures.map(() => undefined),
      }
      stateByPeriod.set(period, state)
    }
    for (const [row, stale] of state.stale) {
      const readings = readingsOfRow(row)
      for (const place of stale === 'all' ? figures.keys() : stale) {
        const figure = figures[place]
        if (figure === undefined) continue
        state.sums[place]?.put(row.place, slotOf(plan, figure, row.unit, readings, period))
        state.answers[place] = undefined
      }
    }
    state.stale.clear()
    return state
  }

  function rowsOf(selected: readonly string[] | undefined): readonly Row[] {
    return [...new Set(selected ?? codes)].sort().map((code) => {
      const row = rowByCode.get(code)
      if (row === undefined) throw new Error(`no org unit ${code}`)
      return row
    })
  }

  /** Valid numbers of the units of a type that are open in the period, by expanded id. */
  function numbersOf(elements: readonly AskedElement[], period: string, type: OrgUnitType): ReadonlyMap<string, number[]> {
    const numbersById = new Map<string, number[]>()
    for (const row of rowByCode.values()) {
      if (row.unit.type !== type || !isOpenIn(row.unit, toPeriod(period))) continue
      const readings = readingsOfRow(row)(period)
      for (const asked of elements) {
        const reading = readings.valid(asked)
        if (reading.kind !== 'number') continue
        const numbers = numbersById.get(asked.id)
        if (numbers === undefined) numbersById.set(asked.id, [reading.number])
        else numbers.push(reading.number)
      }
    }
    return numbersById
  }

  return {
    putUnit,
    putValue,
    values: valuesOf,

    figures(period, selected) {
      const { sums, answers } = refresh(period)
      if (selected === undefined) {
        return figures.map(
          (figure, place) => (answers[place] ??= figureAnswer(plan, figure, period, resultOf(sums[place], codeAt))),
        )
      }
      const rows = rowsOf(selected)
      return figures.map((figure, place) => {
        const district = sums[place]
        const own = new FigureSums(plan, figure, rows.length)
        if (district !== undefined) rows.forEach((row, at) => own.take(at, district, row.place))
        return figureAnswer(
          plan,
          figure,
          period,
          resultOf(own, (at) => rows[at]?.unit.code ?? ''),
        )
      })
    },

    contributions(figureId, period, selected) {
      const figure = plan.figures.get(figureId)?.figure
      if (figure === undefined) throw new Error(`the plan has no figure ${figureId}`)
      return rowsOf(selected).flatMap((row) => {
        const slot = slotOf(plan, figure, row.unit, readingsOfRow(row), period)
        return slot === undefined || slot === LEFT_OUT ? [] : [contributionAnswer(plan, slot)]
      })
    },

    ranges(period, elementId, type) {
      const asked = plan.elements.get(elementId)
      if (asked === undefined) throw new Error(`the plan has no element ${elementId}`)
      return usualRange(plan, numbersOf([asked], period, type).get(elementId) ?? [])
    },

    usualRanges(period, type) {
      const ranges = new Map<string, UsualRange>()
      const asked = plan.elementList.filter(({ element }) => element.quiet === undefined)
      for (const [elementId, numbers] of numbersOf(asked, period, type)) {
        const range = usualRange(plan, numbers)
        if (range !== undefined) ranges.set(elementId, range)
      }
      return ranges
    },
  }
}

function resultOf(sums: FigureSums | undefined, codeAt: (place: number) => string): Aggregate {
  if (sums === undefined) throw new Error('every figure of the plan has its sums')
  return sums.result(codeAt)
}
