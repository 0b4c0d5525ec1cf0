import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueWords } from '#client/features/inspection/finding-words'
import { dayInMonth, monthOf, monthsAfter } from '#client/features/inspection/month'
import { withoutPhrase, withPhrase } from '#client/features/inspection/phrases'
import { dayOf, daysAfter, daysBetween, momentOf } from '#client/state/days'

const day = fc.integer({ min: 0, max: 20_000 }).map((days) => daysAfter('2000-01-01', days))

describe('days', () => {
  test('go on over months, years and leap days', () => {
    expect(daysAfter('2024-02-28', 1)).toBe('2024-02-29')
    expect(daysAfter('2023-12-31', 1)).toBe('2024-01-01')
    expect(daysAfter('2024-03-01', -1)).toBe('2024-02-29')
  })

  test('are the same there and back, and counted between', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -400, max: 400 }), (from, days) => {
        expect(dayOf(momentOf(from))).toBe(from)
        expect(daysBetween(from, daysAfter(from, days))).toBe(days)
      }),
    )
  })
})

describe('a month', () => {
  test('is whole weeks from Monday, with each of its days once', () => {
    fc.assert(
      fc.property(day, (any) => {
        const month = any.slice(0, 7)
        const days = monthOf(month).weeks.flat()
        expect(days.length % 7).toBe(0)
        expect(new Date(momentOf(days[0] ?? '')).getDay()).toBe(1)
        expect(days.map((each, at) => (at === 0 ? 1 : daysBetween(days[at - 1] ?? '', each)))).toEqual(days.map(() => 1))
        expect(days.filter((each) => each.startsWith(month)).length).toBe(
          daysBetween(`${month}-01`, `${monthsAfter(month, 1)}-01`),
        )
      }),
    )
  })

  test('a day that another month lacks becomes its last', () => {
    expect(dayInMonth('2024-01-31', '2024-02')).toBe('2024-02-29')
    expect(dayInMonth('2024-01-31', '2024-03')).toBe('2024-03-31')
    expect(monthsAfter('2024-12', 1)).toBe('2025-01')
  })
})

describe('ready phrases', () => {
  test('stand behind what is there, and are taken out with their comma', () => {
    expect(withPhrase('', '已过期')).toBe('已过期')
    expect(withPhrase('北楼三层。', '已过期')).toBe('北楼三层。已过期')
    expect(withoutPhrase('北楼，已过期，被遮挡', '已过期')).toBe('北楼，被遮挡')
    expect(withoutPhrase('已过期，被遮挡', '已过期')).toBe('被遮挡')
  })

  test('what was put in and taken out leaves the note as it was', () => {
    const note = fc.stringMatching(/^[甲乙丙，]{0,8}[甲乙丙]$/)
    fc.assert(
      fc.property(note, (text) => {
        expect(withoutPhrase(withPhrase(text, '已过期'), '已过期')).toBe(text)
      }),
    )
  })
})

describe('how urgent a finding is', () => {
  const TODAY = '2024-09-10'
  test.each([
    [{ state: 'open', due: '2024-09-07' }, '已超 3 天', 'bad'],
    [{ state: 'open', due: TODAY }, '今天到期', 'accent'],
    [{ state: 'open', due: '2024-09-12' }, '9 月 12 日前', 'accent'],
    [{ state: 'open' }, '没定期限', 'accent'],
    [{ state: 'claimed', due: '2024-09-07' }, '学校说已整改', 'primary'],
    [{ state: 'closed', due: '2024-09-07' }, '已销号', 'ok'],
  ] as const)('%j: %s', (finding, text, tone) => {
    expect(dueWords(finding, TODAY)).toMatchObject({ text, tone })
  })
})
