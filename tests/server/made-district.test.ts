import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isOpenIn, isOrgUnitCode, ORG_UNIT_TYPES, type OrgUnit } from '#domain/org-unit'
import { toPeriod } from '#domain/period'
import { asksElement, isOpenInForm } from '#plan/applicability'
import { check } from '#plan/check'
import { createFigureTable } from '#plan/figure-table'
import { parsePlan } from '#plan/parse-plan'
import type { Plan } from '#plan/plan'
import { readTyped, type CellValue } from '#plan/typed'
import { kindOf } from '#plan/unit-kind'
import { readUnit } from '#plan/unit-readings'
import { makeDistrict, type MadeDistrict } from '#server/demo/made-district'
import { chineseNumber } from '#server/demo/made-org-units'

const defaultPlan = parsed(
  JSON.parse(readFileSync(new URL('../../public/plans/qiantang-2022-2024.json', import.meta.url), 'utf8')),
)
const DISTRICT = 'bureau'
const districtUnit: OrgUnit = { code: DISTRICT, name: '演示区', type: 'district', ownership: 'public' }
const PERIODS = [toPeriod('2023'), toPeriod('2024')]
const make = (units: number, seed = 1) => makeDistrict({ plan: defaultPlan, units, seed, periods: PERIODS, district: DISTRICT })
const demo = make(24)
const district150 = make(150)

/** How long a test of many made values may take before it counts as hung. */
const SLOW_MACHINE_MS = 60_000

/** A plan that has nothing in common with the default one but its format. */
const otherPlan = parsed({
  format: 1,
  id: 'other',
  version: 1,
  title: both('另一个规划', 'Another plan'),
  district: { code: 'x', name: both('某区', 'Some district') },
  source: { title: both('文件', 'Document'), number: '1', date: '2030-01-01' },
  periods: ['2030'],
  notes: {},
  stages: { primary: both('小学', 'Primary') },
  unitSets: {},
  choices: { level: ['high', 'low'].map((key) => ({ key, label: both('档', key) })) },
  warnings: { changePercent: 30, rangePercentiles: [5, 95], rangeMinUnits: 20 },
  dataSets: [
    {
      id: 'one',
      title: both('表', 'Form'),
      units: {},
      sections: [
        {
          id: 'all',
          title: both('节', 'Section'),
          elements: [
            { id: 'trees', label: both('树', 'Trees'), type: 'count' },
            { id: 'oaks', label: both('栎', 'Oaks'), type: 'count' },
            { id: 'tallOaks', label: both('高栎', 'Tall oaks'), type: 'count' },
            { id: 'green', label: both('绿地率', 'Green'), type: 'percent' },
            { id: 'level', label: both('档', 'Level'), type: 'choice', choices: 'level' },
            { id: 'pond', label: both('池塘', 'Pond'), type: 'yesno' },
            { id: 'depth', label: both('深', 'Depth'), type: 'decimal', max: 3, when: { element: 'pond', is: 'true' } },
            { id: 'words', label: both('话', 'Words'), type: 'text' },
          ],
        },
      ],
      rules: [
        { id: 'oaks', kind: 'atMost', part: { element: 'oaks' }, whole: { element: 'trees' } },
        { id: 'tallOaks', kind: 'atMost', part: { element: 'tallOaks' }, whole: { element: 'oaks' } },
      ],
    },
  ],
  dimensions: [],
  indicators: [],
  actions: [{ id: 'grow', title: both('行动', 'Action') }],
  projects: [
    {
      id: 'grow',
      number: 1,
      title: both('种树', 'Grow'),
      action: 'grow',
      lead: [],
      responsible: [],
      figures: [
        {
          id: 'trees',
          title: both('树', 'Trees'),
          units: {},
          measure: { kind: 'sum', of: { element: 'trees' } },
          better: 'atLeast',
          goal: { value: 5000 },
        },
        {
          id: 'oaks',
          title: both('栎', 'Oaks'),
          units: {},
          measure: { kind: 'ratio', part: { element: 'oaks' }, whole: { element: 'trees' }, times: 100 },
          better: 'atLeast',
          goal: { value: 40 },
        },
      ],
    },
  ],
})

describe('the units', () => {
  test('twenty-four units hold every type but the district, which the server makes itself', () => {
    expect(demo.orgUnits).toHaveLength(24)
    const types = new Set(demo.orgUnits.map(({ type }) => type))
    expect(ORG_UNIT_TYPES.filter((type) => !types.has(type))).toEqual(['district'])
  })

  test.each([1, 5, 24, 150, 3000])('%i units have codes and names of their own, all plainly made', (units) => {
    const { orgUnits } = makeDistrict({ plan: defaultPlan, units, seed: 1, periods: [] })
    expect(orgUnits).toHaveLength(units)
    expect(new Set(orgUnits.map(({ code }) => code)).size).toBe(units)
    expect(new Set(orgUnits.map(({ name }) => name)).size).toBe(units)
    expect(orgUnits.filter(({ code, name }) => !isOrgUnitCode(code) || !name.startsWith('演示'))).toEqual([])
  })

  test('a district of 150 is half kindergartens, some private, in several groups, communities and sub-districts', () => {
    const { orgUnits } = district150
    const kindergartens = orgUnits.filter(({ type }) => type === 'kindergarten')
    expect(kindergartens.length).toBeGreaterThan(60)
    expect(kindergartens.length).toBeLessThan(90)
    const privateShare = kindergartens.filter(({ ownership }) => ownership === 'private').length / kindergartens.length
    expect(privateShare).toBeGreaterThan(0.3)
    expect(privateShare).toBeLessThan(0.5)
    for (const key of ['group', 'community', 'subdistrict'] as const) {
      expect(new Set(orgUnits.flatMap((unit) => unit[key] ?? [])).size).toBeGreaterThan(3)
    }
  })

  test.each([
    [1, '一'],
    [10, '十'],
    [12, '十二'],
    [20, '二十'],
    [21, '二十一'],
    [100, '一百'],
    [105, '一百零五'],
    [110, '一百一十'],
    [1005, '一千零五'],
  ])('%i is said %s', (number, words) => {
    expect(chineseNumber(number)).toBe(words)
  })
})

describe('the values', () => {
  test('the same seed makes the same district, and another seed another one', () => {
    expect(make(24)).toEqual(demo)
    expect(make(24, 2).values).not.toEqual(demo.values)
  })

  test(
    'whatever the seed and size, nothing that is asked breaks a rule, and nothing else is made',
    () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 40 }), fc.integer(), (units, seed) => {
          expect(faultsOf(defaultPlan, make(units, seed))).toEqual([])
        }),
        { numRuns: 12 },
      )
    },
    SLOW_MACHINE_MS,
  )

  test('a value that breaks a rule, is not of its kind or is not asked would be noticed', () => {
    const unit = demo.orgUnits[0]?.code ?? ''
    const spoilt = (element: string, value: string) =>
      faultsOf(defaultPlan, {
        orgUnits: demo.orgUnits,
        values: [
          ...demo.values.filter((each) => each.orgUnit !== unit || each.element !== element),
          { orgUnit: unit, period: toPeriod('2024'), element, value },
        ],
      })
    expect(spoilt('canteensA', '99')).toEqual([expect.stringContaining('partOverWhole')])
    expect(spoilt('canteens', '1,5')).toContain(`${unit} 2024 canteens=1,5 is not canonical`)
    expect(spoilt('seniorPlaces', '5')).toContain(`${unit} 2024 seniorPlaces is not asked`)
  })

  test.each([24, 150])('in a district of %i every figure of the indicators and the hardware has a value', (units) => {
    const answers = figuresOf(defaultPlan, make(units))
    const main = answers.filter(({ id }) => !id.startsWith('p'))
    expect(main.filter(({ value }) => value === null).map(({ id }) => id)).toEqual([])
    expect(main.filter(({ met }) => met === true).length).toBeGreaterThan(5)
    expect(main.filter(({ met }) => met === false).length).toBeGreaterThan(5)
  })

  test('in a district of 150, rates and means come out near their targets', () => {
    const far = figuresOf(defaultPlan, district150).flatMap(({ id, value, target }) => {
      const kind = defaultPlan.figures.get(id)?.figure.measure.kind
      if ((kind !== 'ratio' && kind !== 'weightedMean') || typeof target !== 'number' || typeof value !== 'number') return []
      return Math.abs(value / target - 1) > 0.2 ? [`${id}: ${value} for ${target}`] : []
    })
    expect(far).toEqual([])
  })

  test('some answers and whole data sets are missing, most are there', () => {
    const district = district150
    const asked = district.orgUnits
      .filter((unit) => isOpenIn(unit, toPeriod('2024')))
      .reduce((sum, unit) => sum + kindOf(defaultPlan, unit).elements.length, 0)
    const given = district.values.filter(({ period, orgUnit }) => period === '2024' && orgUnit !== DISTRICT).length
    expect(given).toBeLessThan(asked)
    expect(given).toBeGreaterThan(0.7 * asked)
    const started = (dataSet: string) =>
      new Set(
        district.values.flatMap(({ element, orgUnit, period }) =>
          period === '2024' && defaultPlan.elements.get(element)?.dataSet.id === dataSet ? [orgUnit] : [],
        ),
      ).size
    expect(started('hardware')).toBeLessThan(district.orgUnits.length)
    expect(started('hardware')).toBeGreaterThan(0.8 * started('projects'))
  })

  test('what a school has in stock changes little from one year to the next', () => {
    const byKey = new Map(demo.values.map((each) => [`${each.orgUnit} ${each.element} ${each.period}`, each.value]))
    const pairs = demo.values.flatMap(({ orgUnit, element, period, value }) => {
      const before = byKey.get(`${orgUnit} ${element} 2023`)
      const asked = defaultPlan.elements.get(element)?.element
      if (period !== '2024' || before === undefined || asked?.stock !== true || asked.type !== 'count') return []
      return [Math.abs(Number(value) - Number(before)) <= Math.max(3, 0.3 * Number(before))]
    })
    expect(pairs.length).toBeGreaterThan(200)
    expect(pairs.filter((isClose) => !isClose).length / pairs.length).toBeLessThan(0.05)
  })

  test('a unit that is not open yet has no values', () => {
    const district = district150
    const later = district.orgUnits.filter((unit) => !isOpenIn(unit, toPeriod('2023')))
    expect(later.length).toBeGreaterThan(0)
    const codes = new Set(later.map(({ code }) => code))
    const reported = district.values.filter(({ orgUnit }) => codes.has(orgUnit))
    expect(new Set(reported.map(({ period }) => period))).toEqual(new Set(['2024']))
  })

  test('the bureau’s own values are made only where the district’s code is given', () => {
    expect(demo.values.filter(({ orgUnit }) => orgUnit === DISTRICT).length).toBeGreaterThan(5)
    const without = makeDistrict({ plan: defaultPlan, units: 24, seed: 1, periods: PERIODS })
    const codes = new Set(without.orgUnits.map(({ code }) => code))
    expect(without.values.filter(({ orgUnit }) => !codes.has(orgUnit))).toEqual([])
  })

  test(
    '3,000 units and two years are made as well, by the same rules',
    () => {
      const district = make(3000)
      expect(district.values.length).toBeGreaterThan(500_000)
      const some = new Set(district.orgUnits.filter((_, n) => n % 40 === 0).map(({ code }) => code))
      expect(
        faultsOf(defaultPlan, {
          orgUnits: district.orgUnits.filter(({ code }) => some.has(code)),
          values: district.values.filter(({ orgUnit }) => some.has(orgUnit)),
        }),
      ).toEqual([])
    },
    SLOW_MACHINE_MS,
  )
})

test('another plan is served as well: the maker knows no identifier', () => {
  const district = makeDistrict({ plan: otherPlan, units: 30, seed: 4, periods: [toPeriod('2030')] })
  expect(faultsOf(otherPlan, district)).toEqual([])
  const elements = new Set(district.values.map(({ element }) => element))
  expect([...otherPlan.elements.keys()].filter((id) => !elements.has(id))).toEqual([])
  const [trees, oaks] = figuresOf(otherPlan, district, '2030')
  expect(Number(trees?.value) / 5000).toBeGreaterThan(0.7)
  expect(Number(trees?.value) / 5000).toBeLessThan(1.3)
  expect(Number(oaks?.value) / 40).toBeGreaterThan(0.7)
  expect(Number(oaks?.value) / 40).toBeLessThan(1.3)
})

function both(zh: string, en: string) {
  return { zh, en }
}

function parsed(json: unknown): Plan {
  const plan = parsePlan(json)
  if (!plan.ok) throw new Error(plan.fault.map(({ path, message }) => `${path}: ${message.en}`).join('\n'))
  return plan.value
}

function figuresOf(plan: Plan, { orgUnits, values }: MadeDistrict, period = '2024') {
  const table = createFigureTable(plan, [...orgUnits, districtUnit])
  for (const { orgUnit, period: of, element, value } of values) table.putValue(orgUnit, of, element, { value })
  return table.figures(period)
}

/** Everything in the district that the plan would mark as wrong, in words. */
function faultsOf(plan: Plan, { orgUnits, values }: MadeDistrict): readonly string[] {
  const unitByCode = new Map([...orgUnits, districtUnit].map((unit) => [unit.code, unit]))
  const reports = new Map<string, { unit: OrgUnit; period: string; cells: Map<string, CellValue> }>()
  const faults: string[] = []
  for (const { orgUnit, period, element, value } of values) {
    const unit = unitByCode.get(orgUnit)
    const asked = plan.elements.get(element)
    const where = `${orgUnit} ${period} ${element}`
    if (unit === undefined || asked === undefined || !asksElement(plan, element, unit)) {
      faults.push(`${where} is not asked`)
      continue
    }
    const read = readTyped(plan, asked, value)
    if (!read.ok || read.value !== value) faults.push(`${where}=${value} is not canonical`)
    const key = `${orgUnit} ${period}`
    const report = reports.get(key) ?? { unit, period, cells: new Map<string, CellValue>() }
    if (report.cells.has(element)) faults.push(`${where} is made twice`)
    report.cells.set(element, { value })
    reports.set(key, report)
  }
  for (const [key, { unit, period, cells }] of reports) {
    for (const finding of check(plan, undefined, { unit, period, values: cells })) {
      if (finding.level === 'error') faults.push(`${key} ${finding.kind} ${finding.elements.join(' ')}`)
    }
    const kind = kindOf(plan, unit)
    const readings = readUnit(plan, kind, cells)
    // Rules between values that the bureau enters are no findings of the school's form, but hold as well.
    for (const rule of kind.rules) {
      const isKnown = faults.some((fault) => fault.startsWith(`${key} partOverWhole`))
      if (!isKnown && readings.broken(rule) !== undefined) faults.push(`${key} breaks ${rule.rule.id}`)
    }
    for (const id of cells.keys()) {
      const asked = plan.elements.get(id)
      if (asked !== undefined && !isOpenInForm(plan, asked, unit, cells)) faults.push(`${key} ${id} is not open`)
    }
  }
  return faults
}
