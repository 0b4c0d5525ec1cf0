/** Made districts for property tests: units of every type, and values of every quality, also bad ones. */
import fc from 'fast-check'
import { ORG_UNIT_TYPES, OWNERSHIPS, type OrgUnit } from '#domain/org-unit'
import { createFigureTable, type FigureTable } from '#plan/figure-table'
import { choicesOf, type CellValue } from '#plan/typed'
import { notApplicable, notAvailable, smallPlan } from './small-plan'

export type Put = {
  readonly code: string
  readonly period: string
  readonly element: string
  readonly cell: CellValue | undefined
}

const PERIODS = smallPlan.document.periods
const ELEMENTS = [...smallPlan.elements.keys()]

/** Few codes, so that a unit is put more than once. */
const code = fc.integer({ min: 0, max: 11 }).map((n) => `u${String(n).padStart(2, '0')}`)

const day = (month: string) => fc.constantFrom(...PERIODS).map((period) => `${period}-${month}-01`)

export const anyUnit: fc.Arbitrary<OrgUnit> = fc.record({
  code,
  name: fc.constant('一所学校'),
  type: fc.constantFrom(...ORG_UNIT_TYPES),
  ownership: fc.constantFrom(...OWNERSHIPS),
  opened: fc.option(day('03'), { nil: undefined, freq: 5 }),
  closed: fc.option(day('08'), { nil: undefined, freq: 5 }),
})

export const anyUnits = fc.uniqueArray(anyUnit, { selector: (one) => one.code, minLength: 1, maxLength: 12 })

const number = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 400 }).map(String) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 99_999 }).map((cents) => String(cents / 100)) },
  { weight: 1, arbitrary: fc.constant('0') },
)

const odd = fc.constantFrom<unknown>(null, '', '8a5', '-3', '1e5', 12, notApplicable(), notAvailable(), { odd: true })

function valueOf(element: string): fc.Arbitrary<unknown> {
  const asked = smallPlan.elements.get(element)
  if (asked === undefined) throw new Error(`no element ${element}`)
  const keys = choicesOf(smallPlan, asked.element).map((choice) => choice.key)
  switch (asked.element.type) {
    case 'count':
    case 'decimal':
    case 'percent':
      return number
    case 'yesno':
      return fc.constantFrom('true', 'false')
    case 'choice':
      return fc.constantFrom(...keys)
    case 'choices':
      return fc.subarray(keys).map((some) => some.join(','))
    case 'text':
      return fc.constantFrom('文明校园', '')
  }
}

export const anyPut: fc.Arbitrary<Put> = fc.constantFrom(...ELEMENTS).chain((element) =>
  fc.record({
    code,
    period: fc.constantFrom(...PERIODS),
    element: fc.constant(element),
    cell: fc.oneof(
      { weight: 12, arbitrary: valueOf(element).map((value): CellValue => ({ value })) },
      { weight: 2, arbitrary: odd.map((value): CellValue => ({ value })) },
      { weight: 1, arbitrary: fc.constantFrom<CellValue | undefined>({ conflict: true }, undefined) },
    ),
  }),
)

/** Every unit reports everything that it could be asked, so that every figure has something to say. */
export function fullReports(units: readonly OrgUnit[]): fc.Arbitrary<readonly Put[]> {
  const puts = units.flatMap((one) =>
    ELEMENTS.map((element) =>
      valueOf(element).map((value): Put => ({ code: one.code, period: '2031', element, cell: { value } })),
    ),
  )
  return fc.tuple(...puts)
}

export function tableOf(units: readonly OrgUnit[], puts: readonly Put[]): FigureTable {
  const table = createFigureTable(smallPlan, units)
  putAll(table, puts)
  return table
}

export function putAll(table: FigureTable, puts: readonly Put[]): void {
  for (const { code: of, period, element, cell } of puts) table.putValue(of, period, element, cell)
}

export { PERIODS }
