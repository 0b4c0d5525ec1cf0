import { afterEach, describe, expect, test } from 'vitest'
import { formulaOf } from '#client/features/overview/formula'
import { setLanguage } from '#client/i18n/i18n'
import { figureOf, readPlan } from './the-plan'

const plan = readPlan()

function linesOf(id: string): readonly string[] {
  const { shape, remarks } = formulaOf(plan, figureOf(plan, id))
  return ['line' in shape ? shape.line : `${shape.above} / ${shape.below}`, ...remarks]
}

describe('formulas in words', () => {
  afterEach(() => setLanguage('zh'))

  test('a rate names both sides', () => {
    expect(linesOf('3')).toEqual(['体质健康达标人数之和 / 体质健康参测人数之和', '先各自相加再相除，不是各单位比率的平均。'])
  })

  test('a rate of one stage names the stage', () => {
    expect(linesOf('2.junior')[0]).toContain('（初中）')
  })

  test.each(['zh', 'en'] as const)(
    'in %s every figure of the plan has a formula without identifiers and open places',
    async (language) => {
      await setLanguage(language)
      const ids = new Set([...plan.expansions.keys()].filter((id) => /[a-z][A-Z]/.test(id)))
      for (const id of plan.figures.keys()) {
        const text = linesOf(id).join(' ')
        expect(text, id).not.toMatch(/\{\w+\}|undefined|NaN/)
        expect(
          text.split(/[^A-Za-z0-9.]+/).filter((word) => ids.has(word)),
          id,
        ).toEqual([])
      }
    },
  )
})
