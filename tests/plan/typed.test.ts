import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elementOf } from '#plan/plan'
import { readingOf, readTyped, TEXT_CHARACTERS_MAX, type CellValue } from '#plan/typed'
import { notApplicable, notAvailable, smallPlan } from './small-plan'

function asked(id: string) {
  const found = elementOf(smallPlan, id)
  if (found === undefined) throw new Error(`no element ${id}`)
  return found
}

/** `=` and the canonical text, or the fault's kind. */
const read = (id: string, typed: string): string => {
  const result = readTyped(smallPlan, asked(id), typed)
  return result.ok ? `=${result.value}` : result.fault.kind
}

const reading = (id: string, cell: CellValue | undefined) => readingOf(smallPlan, asked(id), cell)

test.each([
  ['bandwidth', '2.5', '=2.5'],
  ['bandwidth', '2。5', '=2.5'],
  ['bandwidth', '２。５', '=2.5'],
  ['bandwidth', '１２．５', '=12.5'],
  ['bandwidth', '2。', '=2'],
  ['bandwidth', '2.', '=2'],
  ['bandwidth', '.5', '=0.5'],
  ['bandwidth', '002.50', '=2.5'],
  ['bandwidth', ' 2.5　', '=2.5'],
  ['bandwidth', '2.5G', '=2.5'],
  ['bandwidth', '2.5 Gbps', '=2.5'],
  ['bandwidth', '２．５ＧＢＰＳ', '=2.5'],
  ['area', '1,654,000.5', '=1654000.5'],
  ['area', '1，654，000', '=1654000'],
  ['area', '1 654 000', '=1654000'],
  ['area', '1.2万', '=12000'],
  ['area', '1.2 万 平方米', '=12000'],
  ['area', '120㎡', '=120'],
  ['area', '120 m2', '=120'],
  ['area', '0.12345678亿', '=12345678'],
  ['pupils.primary', '12万', '=120000'],
  ['pupils.primary', '1.2万', '=12000'],
  ['pupils.primary', '350 人', '=350'],
  ['pupils.primary', '350名', '=350'],
  ['pupils.primary', '350 pupils', '=350'],
  ['pupils.primary', '350.0', '=350'],
  ['pupils.primary', '0', '=0'],
  ['pupils.primary', '-0', '=0'],
  ['pupils.primary', '+5', '=5'],
  ['attendance', '96%', '=96'],
  ['attendance', '96.2％', '=96.2'],
  ['attendance', '120', '=120'],
  ['pupils.primary', '', '='],
  ['pupils.primary', ' 　', '='],
])('%s: %j is understood', (id, typed, expected) => {
  expect(read(id, typed)).toBe(expected)
})

test.each([
  ['pupils.primary', '8a5', 'value.notANumber'],
  ['pupils.primary', '1.2.3', 'value.notANumber'],
  ['pupils.primary', '1,23', 'value.notANumber'],
  ['pupils.primary', '0,123', 'value.notANumber'],
  ['pupils.primary', '1,2345', 'value.notANumber'],
  ['pupils.primary', '12 34', 'value.notANumber'],
  ['pupils.primary', '.', 'value.notANumber'],
  ['pupils.primary', '约 300', 'value.notANumber'],
  ['pupils.primary', '300 间', 'value.notANumber'],
  ['pupils.primary', '1e3', 'value.notANumber'],
  ['pupils.primary', '0x10', 'value.notANumber'],
  ['pupils.primary', 'NaN', 'value.notANumber'],
  ['pupils.primary', 'Infinity', 'value.notANumber'],
  ['pupils.primary', '5%', 'value.notANumber'],
  ['pupils.primary', '3.5', 'value.notWhole'],
  ['pupils.primary', '1.23456万', 'value.notWhole'],
  ['pupils.primary', '-3', 'value.negative'],
  ['pupils.primary', '－3', 'value.negative'],
  ['pupils.primary', '−3', 'value.negative'],
  ['pupils.primary', '1234567890123456', 'value.outOfRange'],
  ['title', '也许', 'value.notYesNo'],
  ['title', '1', 'value.notYesNo'],
  ['gardenGrade', '省四级', 'value.notAChoice'],
  ['p2.tools', '学习通,别的', 'value.notAChoice'],
] as const)('%s: %j is kept as typed and marked', (id, typed, kind) => {
  expect(read(id, typed)).toBe(kind)
})

test.each([
  ['title', '是', '=true'],
  ['title', '有', '=true'],
  ['title', 'YES', '=true'],
  ['title', '否', '=false'],
  ['title', '无', '=false'],
  ['title', 'no', '=false'],
  ['gardenGrade', 'p2', '=p2'],
  ['gardenGrade', '省二级', '=p2'],
  ['gardenGrade', 'level 2', '=p2'],
  ['safety', '５Ａ', '=5A'],
  ['safety', '5a', '=5A'],
  ['p2.tools', '校门通、学习通', '=study,gate'],
  ['p2.tools', 'gate,study,gate', '=study,gate'],
  ['titleName', ' 两端的空格留着 ', '= 两端的空格留着 '],
])('%s: %j means its choice', (id, typed, expected) => {
  expect(read(id, typed)).toBe(expected)
})

test('a unit that counts in ten thousands is not multiplied again', () => {
  const awards = asked('awards')
  const inTenThousands = {
    ...awards,
    element: { ...awards.element, type: 'decimal' as const, unit: { zh: '万人次', en: '10,000 visits' } },
  }
  const typed = (text: string) => readTyped(smallPlan, inTenThousands, text)
  expect(typed('4.1万')).toEqual({ ok: true, value: '4.1' })
  expect(typed('4.1 万人次')).toEqual({ ok: true, value: '4.1' })
  expect(typed('4.1')).toEqual({ ok: true, value: '4.1' })
  expect(typed('41000人次').ok).toBe(false)
})

test('a text of up to 2000 characters is taken as it is, a longer one is marked', () => {
  expect(read('titleName', '学'.repeat(TEXT_CHARACTERS_MAX))).toBe(`=${'学'.repeat(TEXT_CHARACTERS_MAX)}`)
  expect(read('titleName', '学'.repeat(TEXT_CHARACTERS_MAX + 1))).toBe('value.tooLong')
  expect(read('titleName', '𠮷'.repeat(TEXT_CHARACTERS_MAX))).not.toBe('value.tooLong')
})

test('decimal points move as text: no digit is made up', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 99_999_999n }), fc.integer({ min: 0, max: 4 }), (digits, decimals) => {
      const text = digits.toString().padStart(decimals + 1, '0')
      const typed = decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`
      const expected = digits * 10n ** BigInt(4 - decimals)
      expect(read('area', `${typed}万`)).toBe(`=${expected.toString()}`)
    }),
  )
})

test('multiplying by ten thousand would make digits up, so the property can fail', () => {
  const multiplied = [1.1, 1.2, 2.3, 4.35, 8.2, 16.41, 1.005, 64.1].map((number) => String(number * 10000))
  const moved = ['1.1', '1.2', '2.3', '4.35', '8.2', '16.41', '1.005', '64.1'].map((typed) => read('area', `${typed}万`).slice(1))
  expect(multiplied).not.toEqual(moved)
})

const typedNumbers = fc.oneof(
  fc.stringMatching(/^[0-9０-９]{1,6}([.。．][0-9０-９]{0,3})?( ?[万亿人G%])?$/),
  fc.stringMatching(/^[0-9,，. 。a万-]{0,10}$/),
  fc.string({ maxLength: 12 }),
)

test('typed, canonical, typed again is stable for every element', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...smallPlan.elementList),
      fc.oneof(typedNumbers, fc.constantFrom('是', '省二级', '5A', '优', 'gate、study')),
      (one, typed) => {
        const first = readTyped(smallPlan, one, typed)
        if (!first.ok) return
        expect(readTyped(smallPlan, one, first.value)).toEqual(first)
      },
    ),
    { numRuns: 2000 },
  )
})

test('what is understood as a number is canonical: ASCII digits, no separators, no needless zeros', () => {
  fc.assert(
    fc.property(fc.constantFrom('pupils.primary', 'area', 'attendance'), typedNumbers, (id, typed) => {
      const result = readTyped(smallPlan, asked(id), typed)
      if (result.ok && result.value !== '') expect(result.value).toMatch(/^(0|[1-9]\d*)(\.\d*[1-9])?$/)
    }),
    { numRuns: 2000 },
  )
})

test('an empty cell, a cleared one and blank text are not reported', () => {
  for (const cell of [undefined, { value: null }, { value: undefined }, { value: '' }, { value: '  ' }]) {
    expect(reading('pupils.primary', cell)).toEqual({ kind: 'absent', absence: 'notReported' })
    expect(reading('titleName', cell)).toEqual({ kind: 'absent', absence: 'notReported' })
  }
})

test('stated absences, conflicts and values of another shape keep their names', () => {
  expect(reading('pupils.primary', { value: notApplicable() })).toEqual({ kind: 'absent', absence: 'notApplicable' })
  expect(reading('pupils.primary', { value: notAvailable() })).toEqual({ kind: 'absent', absence: 'notAvailable' })
  expect(reading('pupils.primary', { conflict: true })).toEqual({ kind: 'absent', absence: 'conflict' })
  for (const value of [12, true, {}, [], { absence: 'notApplicable' }, '8a5', '3.5', '-1']) {
    expect(reading('pupils.primary', { value })).toEqual({ kind: 'absent', absence: 'invalid' })
  }
})

test('a number out of its range is understood as typed but is invalid for figures', () => {
  expect(read('attendance', '120')).toBe('=120')
  expect(reading('attendance', { value: '120' })).toEqual({ kind: 'absent', absence: 'invalid' })
  expect(reading('practiceDays', { value: '60' })).toEqual({ kind: 'number', number: 60 })
  expect(reading('practiceDays', { value: '60.5' })).toEqual({ kind: 'absent', absence: 'invalid' })
})

test('readings of every type', () => {
  expect(reading('area', { value: '1654000.5' })).toEqual({ kind: 'number', number: 1654000.5 })
  expect(reading('area', { value: '1.2万' })).toEqual({ kind: 'number', number: 12000 })
  expect(reading('title', { value: 'false' })).toEqual({ kind: 'yesno', yes: false })
  expect(reading('title', { value: '是' })).toEqual({ kind: 'yesno', yes: true })
  expect(reading('safety', { value: '4A' })).toEqual({ kind: 'choice', key: '4A' })
  expect(reading('p2.tools', { value: 'gate,study' })).toEqual({ kind: 'choices', keys: ['study', 'gate'] })
  expect(reading('titleName', { value: '文明校园' })).toEqual({ kind: 'text', text: '文明校园' })
})

test('no typed text ever reads as a number that is not finite', () => {
  fc.assert(
    fc.property(fc.constantFrom(...smallPlan.elementList), fc.oneof(typedNumbers, fc.jsonValue()), (one, value) => {
      const found = readingOf(smallPlan, one, { value })
      if (found.kind === 'number') expect(Number.isFinite(found.number) && found.number >= 0).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
