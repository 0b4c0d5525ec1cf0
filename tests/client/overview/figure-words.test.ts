import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import {
  decimalsApart,
  numberInWords,
  rounded,
  targetInWords,
  valueInWords,
  withUnit,
} from '#client/features/overview/figure-words'
import { setLanguage } from '#client/i18n/i18n'
import { answerOf, figureOf, readPlan } from './the-plan'

const plan = readPlan()
const people = { unit: { zh: '名', en: 'pupils' } }
const percent = { unit: { zh: '%', en: '%' } }

describe('numbers in words', () => {
  afterEach(() => setLanguage('zh'))

  test.each([
    [0, 0, '0'],
    [-0.01, 1, '0'],
    [96.25, 1, '96.3'],
    [1.005, 2, '1.01'],
    [98, 1, '98'],
    [1986, 0, '1986'],
    [99999, 0, '99999'],
    [100000, 0, '10 万'],
    [165432, 0, '16.54 万'],
    [99999.96, 1, '10 万'],
  ])('%d with %d decimals is written %s', (number, decimals, words) => {
    expect(numberInWords(number, decimals)).toBe(words)
  })

  test('English groups digits from six on and knows no ten thousands', async () => {
    await setLanguage('en')
    expect(numberInWords(165432, 0)).toBe('165,432')
    expect(numberInWords(99999, 0)).toBe('99999')
  })

  test('a unit stands after a space, but for % and after 万', () => {
    expect(withUnit('96.2', percent)).toBe('96.2%')
    expect(withUnit('1986', people)).toBe('1986 名')
    expect(withUnit('16.54 万', people)).toBe('16.54 万名')
    expect(withUnit('0.24', {})).toBe('0.24')
  })

  test('a value that misses its target never looks like the target', () => {
    const figure = figureOf(plan, '3')
    const missed = answerOf('3', { value: 97.97, target: 98, met: false })
    expect(valueInWords(plan, figure, missed)).toBe('97.97')
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1000, noNaN: true }),
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: 0, max: 3 }),
        (value, target, decimals) => {
          // Closer than what is ever shown, no writing can tell them apart.
          fc.pre(Math.abs(value - target) > 1e-5)
          const more = decimalsApart(value, target, decimals)
          expect(numberInWords(value, more)).not.toBe(numberInWords(target, more))
        },
      ),
    )
  })

  test('rounding moves a number by half of the last digit at most', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer({ min: 0, max: 4 }), (number, decimals) => {
        expect(Math.abs(rounded(number, decimals) - number)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-6)
      }),
    )
  })

  test('no value is no words, and a grade has its label', () => {
    const graded = figureOf(plan, '28')
    expect(valueInWords(plan, graded, undefined)).toBeUndefined()
    expect(valueInWords(plan, graded, answerOf('28', { absence: 'notReported' }))).toBeUndefined()
    expect(valueInWords(plan, graded, answerOf('28', { value: 'B' }))).toMatch(/^B/)
    expect(targetInWords(plan, graded, 'A')).toMatch(/^A/)
    expect(targetInWords(plan, graded, null)).toBeUndefined()
  })
})
