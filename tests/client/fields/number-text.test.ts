import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { numberText } from '#client/i18n/number-text'

describe('a number for reading', () => {
  test.each([
    [0, '0'],
    [1148, '1148'],
    [99_999, '99999'],
    [100_000, '10 万'],
    [1_654_000.5, '165.40005 万'],
    [2.5, '2.5'],
    [0.1 + 0.2, '0.3'],
  ])('%d is %s in Chinese', (number, text) => expect(numberText(number, 'zh')).toBe(text))

  test('English has separators in threes', () => {
    expect(numberText(1_654_000.5, 'en')).toBe('1,654,000.5')
  })

  test('decimals limit what is shown and never add zeros', () => {
    expect(numberText(96.246, 'zh', 1)).toBe('96.2')
    expect(numberText(96, 'zh', 1)).toBe('96')
  })

  test('no digit of a typed number is lost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), fc.integer({ min: 0, max: 9999 }), (whole, fraction) => {
        const number = Number(`${whole}.${String(fraction).padStart(4, '0')}`)
        const text = numberText(number, 'zh')
        const back = text.endsWith(' 万') ? Number(text.slice(0, -2)) * 10_000 : Number(text)
        expect(back).toBeCloseTo(number, 4)
      }),
    )
  })
})
