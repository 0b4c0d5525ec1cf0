import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOpenIn, isOrgUnitCode, ORG_UNIT_TYPES, STAGES, stagesOf } from '#domain/org-unit'
import { firstDay, isPeriod, lastDay, periodBefore, toPeriod } from '#domain/period'

const period = toPeriod('2031')

test('a unit is open in a period if it existed on one of its days', () => {
  expect(isOpenIn({}, period)).toBe(true)
  expect(isOpenIn({ opened: '2031-12-31' }, period)).toBe(true)
  expect(isOpenIn({ opened: '2032-01-01' }, period)).toBe(false)
  expect(isOpenIn({ closed: '2031-01-01' }, period)).toBe(true)
  expect(isOpenIn({ closed: '2030-12-31' }, period)).toBe(false)
})

test('a unit is open in every period between the first and the last in which it is', () => {
  const year = fc.integer({ min: 2000, max: 2040 })
  fc.assert(
    fc.property(year, year, year, (opened, closed, asked) => {
      const open = isOpenIn({ opened: `${opened}-03-01`, closed: `${closed}-08-31` }, toPeriod(String(asked)))
      expect(open).toBe(opened <= asked && asked <= closed)
    }),
  )
})

test('every type has its stages, in the order of the pupils’ age', () => {
  for (const type of ORG_UNIT_TYPES) {
    const places = stagesOf(type).map((stage) => STAGES.indexOf(stage))
    expect(places).toEqual([...places].sort((one, other) => one - other))
  }
  expect(stagesOf('twelveYear')).toEqual(['primary', 'junior', 'senior'])
  expect(stagesOf('district')).toEqual([])
})

test('a code is plain enough for an address, a stream name and a file name', () => {
  for (const code of ['330114-0012', 'a', 'A.b_c-9', 'x'.repeat(64)]) expect(isOrgUnitCode(code)).toBe(true)
  for (const code of ['', '-a', '.', 'a/b', 'a b', '../a', 'a\n', '学校', 'x'.repeat(65)]) expect(isOrgUnitCode(code)).toBe(false)
})

test('a period is a year of four digits', () => {
  for (const text of ['2031', '1999']) expect(isPeriod(text)).toBe(true)
  for (const text of ['', '31', '02031', '2031-01', '3031', 'year', '2031\n']) expect(isPeriod(text)).toBe(false)
  expect(() => toPeriod('31')).toThrow('31')
  expect([periodBefore(period), firstDay(period), lastDay(period)]).toEqual(['2030', '2031-01-01', '2031-12-31'])
})
