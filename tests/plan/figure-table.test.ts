import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOpenIn, type OrgUnit } from '#domain/org-unit'
import { toPeriod } from '#domain/period'
import { aggregate, contributionOf } from '#plan/figure'
import { createFigureTable, type FigureTable } from '#plan/figure-table'
import { matchesUnits } from '#plan/applicability'
import { exactSum } from '#plan/exact-sum'
import { anyPut, anyUnit, anyUnits, fullReports, PERIODS, putAll, tableOf } from './districts'
import { smallPlan, unit } from './small-plan'

const all = (table: FigureTable) => PERIODS.map((period) => table.figures(period))

test('keeping up value by value gives exactly what computing from nothing gives', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: anyPut.map((put) => ({ put })) },
    { weight: 1, arbitrary: anyUnit.map((one) => ({ one })) },
    { weight: 3, arbitrary: fc.constantFrom(...PERIODS).map((look) => ({ look })) },
  )
  fc.assert(
    fc.property(anyUnits, fc.array(step, { maxLength: 120 }), (units, steps) => {
      const table = createFigureTable(smallPlan, units)
      const latest = new Map(units.map((one) => [one.code, one]))
      const puts = []
      for (const each of steps) {
        if ('put' in each) {
          const { code, period, element, cell } = each.put
          table.putValue(code, period, element, cell)
          puts.push(each.put)
        } else if ('one' in each) {
          table.putUnit(each.one)
          latest.set(each.one.code, each.one)
        } else table.figures(each.look)
      }
      expect(all(table)).toEqual(all(tableOf([...latest.values()], puts)))
    }),
    { numRuns: 300 },
  )
})

test('a table that forgot what depends on a rule would differ, so the property can fail', () => {
  const one = unit('a', 'primary')
  const table = tableOf(
    [one],
    [
      { code: 'a', period: '2031', element: 'tested', cell: { value: '50' } },
      { code: 'a', period: '2031', element: 'passed', cell: { value: '40' } },
    ],
  )
  const before = table.figures('2031').find(({ id }) => id === '3')
  // Not an element of figure 3: it only makes `tested` too large.
  table.putValue('a', '2031', 'pupils.primary', { value: '45' })
  const after = table.figures('2031').find(({ id }) => id === '3')
  expect(before).toMatchObject({ value: 80 })
  expect(after).toMatchObject({ value: null, absence: 'invalid' })
})

test('the differences between schools follow their pupils, also where nothing else changes', () => {
  const schools = [unit('a', 'primary'), unit('b', 'primary')]
  const reports = (pupils: string) =>
    [
      ['a', 'pupils.primary', pupils],
      ['a', 'backbone.primary', '2'],
      ['a', 'area', '500'],
      ['b', 'pupils.primary', '300'],
      ['b', 'backbone.primary', '3'],
      ['b', 'area', '900'],
    ].map(([code = '', element = '', value = '']) => ({ code, period: '2031', element, cell: { value } }))
  const table = tableOf(schools, reports('100'))
  const before = table.figures('2031')
  table.putValue('a', '2031', 'pupils.primary', { value: '250' })
  expect(table.figures('2031')).toEqual(tableOf(schools, reports('250')).figures('2031'))
  expect(table.figures('2031')).not.toEqual(before)
})

test('the order of units and of values does not matter, to the last bit', () => {
  const full = anyUnits.chain((units) => fc.tuple(fc.constant(units), fullReports(units)))
  fc.assert(
    fc.property(
      full.chain(([units, puts]) =>
        fc.tuple(
          fc.constant(units),
          fc.constant(puts),
          fc.shuffledSubarray(units, { minLength: units.length }),
          fc.shuffledSubarray([...puts], { minLength: puts.length }),
        ),
      ),
      ([units, puts, otherUnits, otherPuts]) => {
        expect(all(tableOf(otherUnits, otherPuts))).toEqual(all(tableOf(units, puts)))
      },
    ),
    { numRuns: 60 },
  )
})

test('the table gives what the plain functions give', () => {
  fc.assert(
    fc.property(anyUnits, fc.array(anyPut, { maxLength: 150 }), fc.constantFrom(...PERIODS), (units, puts, period) => {
      const table = tableOf(units, puts)
      const answers = table.figures(period)
      for (const [place, { figure }] of [...smallPlan.figures.values()].entries()) {
        const contributions = units
          .map((one) => contributionOf(smallPlan, figure, one, (of) => table.values(one.code, of), period))
          .filter((one) => one !== undefined)
        const { value, coverage, detail } = aggregate(smallPlan, figure, contributions)
        expect(answers[place]).toMatchObject({ id: figure.id, value, coverage, ...(detail === undefined ? {} : { detail }) })
        const codes = contributions.map((one) => one.orgUnit).sort()
        expect(table.contributions(figure.id, period).map((one) => one.orgUnit)).toEqual(codes)
      }
    }),
    { numRuns: 100 },
  )
})

test('a selection is a district of its own', () => {
  fc.assert(
    fc.property(
      anyUnits.chain((units) => fc.tuple(fc.constant(units), fc.subarray(units))),
      fc.array(anyPut, { maxLength: 150 }),
      ([units, some], puts) => {
        const codes = some.map((one) => one.code)
        const table = tableOf(units, puts)
        const alone = tableOf(some, puts)
        for (const period of PERIODS) expect(table.figures(period, codes)).toEqual(alone.figures(period))
      },
    ),
    { numRuns: 100 },
  )
})

test('parts add up to the whole: any split of the units, for every sum and count', () => {
  fc.assert(
    fc.property(
      anyUnits.chain((units) => fc.tuple(fc.constant(units), fc.subarray(units))),
      fc.array(anyPut, { maxLength: 200 }),
      ([units, some], puts) => {
        const table = tableOf(units, puts)
        const codes = some.map((one) => one.code)
        const others = units.map((one) => one.code).filter((code) => !codes.includes(code))
        const whole = table.figures('2031')
        const one = table.figures('2031', codes)
        const other = table.figures('2031', others)
        whole.forEach((answer, place) => {
          const coverages = [one[place]?.coverage, other[place]?.coverage]
          expect(coverages.reduce((sum, each) => sum + (each?.expected ?? NaN), 0)).toBe(answer.coverage.expected)
          expect(coverages.reduce((sum, each) => sum + (each?.counted ?? NaN), 0)).toBe(answer.coverage.counted)
          const { measure } = smallPlan.figures.get(answer.id)?.figure ?? {}
          if (measure?.kind !== 'sum' && measure?.kind !== 'count') return
          const parts = [one[place]?.value, other[place]?.value].filter((value) => typeof value === 'number')
          if (answer.value === null) expect(parts).toEqual([])
          else expect(parts.reduce((sum, value) => sum + value, 0)).toBeCloseTo(Number(answer.value), 9)
        })
      },
    ),
    { numRuns: 150 },
  )
})

test('a figure is what its contributions say: a ratio never a mean of ratios', () => {
  const full = anyUnits.chain((units) => fc.tuple(fc.constant(units), fullReports(units)))
  let differs = 0
  fc.assert(
    fc.property(full, ([units, puts]) => {
      const table = tableOf(units, puts)
      for (const answer of table.figures('2031')) {
        const { measure } = smallPlan.figures.get(answer.id)?.figure ?? {}
        if (measure?.kind !== 'ratio') continue
        const counted = table.contributions(answer.id, '2031').filter((one) => one.counted)
        const parts = exactSum(counted.map((one) => Number(one.part)))
        const wholes = exactSum(counted.map((one) => Number(one.whole)))
        expect(answer.value).toBe(wholes === 0 ? null : (measure.times * parts) / wholes)
        const quotients = counted.map((one) => (measure.times * Number(one.part)) / Number(one.whole))
        const mean = exactSum(quotients.filter(Number.isFinite)) / quotients.length
        if (answer.value !== null && Math.abs(mean - Number(answer.value)) > 1) differs += 1
      }
    }),
    { numRuns: 100 },
  )
  // The checker can fail: often enough the mean of the ratios is quite another number.
  expect(differs).toBeGreaterThan(0)
})

test('an absence never becomes a number, and no figure is NaN', () => {
  fc.assert(
    fc.property(anyUnits, fc.array(anyPut, { maxLength: 200 }), (units, puts) => {
      const table = tableOf(units, puts)
      for (const period of PERIODS) {
        for (const answer of table.figures(period)) {
          expect(answer.value === null).toBe(answer.absence !== undefined)
          if (typeof answer.value === 'number') expect(Number.isFinite(answer.value)).toBe(true)
          if (answer.value === null) expect(answer.met).toBeNull()
          for (const one of table.contributions(answer.id, period)) {
            if (typeof one.part === 'number') expect(Number.isFinite(one.part)).toBe(true)
            if (!one.counted) expect(one.missing?.length ?? 0).toBeGreaterThan(0)
          }
        }
      }
    }),
    { numRuns: 100 },
  )
})

test('coverage: counted and incomplete are the expected, and units that are closed are not expected', () => {
  fc.assert(
    fc.property(anyUnits, fc.array(anyPut, { maxLength: 100 }), fc.constantFrom(...PERIODS), (units, puts, period) => {
      const table = tableOf(units, puts)
      const open = (code: string) => units.some((one) => one.code === code && isOpenIn(one, toPeriod(period)))
      for (const { id, coverage } of table.figures(period)) {
        expect(coverage.counted + coverage.incomplete.length).toBe(coverage.expected)
        expect([...coverage.incomplete].sort()).toEqual(coverage.incomplete)
        const figure = smallPlan.figures.get(id)?.figure
        if (figure === undefined || ('over' in figure.measure && figure.measure.over === 'plan')) continue
        for (const code of coverage.incomplete) expect(open(code)).toBe(true)
        for (const { orgUnit } of table.contributions(id, period)) {
          const one: OrgUnit | undefined = units.find(({ code }) => code === orgUnit)
          if (one === undefined) throw new Error(`a contribution of nobody: ${orgUnit}`)
          expect(
            [figure.units, figure.alsoIfReported ?? figure.units].some((filter) => matchesUnits(smallPlan, filter, one)),
          ).toBe(true)
        }
      }
    }),
    { numRuns: 100 },
  )
})

test('an empty district has every figure, and none has a value', () => {
  const answers = createFigureTable(smallPlan, []).figures('2031')
  expect(answers.map(({ id }) => id)).toEqual([...smallPlan.figures.keys()])
  for (const answer of answers) expect(answer).toMatchObject({ value: null, absence: 'notAsked', met: null })
})

test('values that arrive before their unit count once the unit is there', () => {
  const table = createFigureTable(smallPlan, [])
  table.putValue('a', '2031', 'awards', { value: '7' })
  expect(table.figures('2031')[0]).toMatchObject({ value: null })
  table.putUnit(unit('a', 'primary'))
  expect(table.figures('2031')[0]).toMatchObject({ value: 7, coverage: { expected: 1 } })
})

test('a district that grows while it is looked at keeps every unit', () => {
  const table = createFigureTable(smallPlan, [])
  for (let n = 0; n < 100; n += 1) {
    // In an order that is not that of the codes.
    const code = `u${String((n * 37) % 100).padStart(2, '0')}`
    table.putUnit(unit(code, 'primary'))
    if (n % 2 === 0) table.putValue(code, '2031', 'awards', { value: String(n) })
    const [answer] = table.figures('2031')
    expect(answer?.coverage.expected).toBe(n + 1)
    expect(answer?.coverage.incomplete).toEqual([...(answer?.coverage.incomplete ?? [])].sort())
  }
  expect(table.figures('2031')[0]?.value).toBe(50 * 49)
})

test('an unknown unit, figure or element is a defect of the caller', () => {
  const table = tableOf([unit('a', 'primary')], [])
  expect(() => table.figures('2031', ['nobody'])).toThrow('nobody')
  expect(() => table.contributions('nothing', '2031')).toThrow('nothing')
  expect(() => table.ranges('2031', 'nothing', 'primary')).toThrow('nothing')
})

test('the usual range is of units of the type that reported validly, where enough have', () => {
  const schools = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((code) => unit(code, 'primary'))
  const table = createFigureTable(smallPlan, [...schools, unit('k', 'kindergarten')])
  putAll(
    table,
    ['10', '20', '30', '40'].map((value, n) => ({
      code: schools[n]?.code ?? '',
      period: '2031',
      element: 'awards',
      cell: { value },
    })),
  )
  table.putValue('f', '2031', 'awards', { value: '8a5' })
  table.putValue('k', '2031', 'awards', { value: '1000' })
  expect(table.ranges('2031', 'awards', 'primary')).toBeUndefined()
  table.putValue('e', '2031', 'awards', { value: '50' })
  // 10 % and 90 % of the way through 10 20 30 40 50.
  expect(table.ranges('2031', 'awards', 'primary')).toEqual({ low: 14, high: 46, units: 5 })
  expect([...table.usualRanges('2031', 'primary')]).toEqual([['awards', { low: 14, high: 46, units: 5 }]])
  expect(table.usualRanges('2031', 'kindergarten').size).toBe(0)
  table.putUnit(unit('e', 'primary', { closed: '2030-08-31' }))
  expect(table.usualRanges('2031', 'primary').size).toBe(0)
})
