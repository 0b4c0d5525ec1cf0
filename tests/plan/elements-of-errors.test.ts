/** The errors of a data set need no more than the elements that they say they follow from. */
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ORG_UNIT_TYPES } from '#domain/org-unit'
import { check, elementsOfErrors } from '#plan/check'
import { parsePlan } from '#plan/parse-plan'
import { trustPlan } from '#plan/plan'
import type { CellValue } from '#plan/typed'

const parsed = parsePlan(JSON.parse(readFileSync('public/plans/qiantang-2022-2024.json', 'utf8')))
if (!parsed.ok) throw new Error('the plan document is not sound')
const plan = trustPlan(parsed.value.document)

const anyValues = fc
  .array(fc.constantFrom('0', '1', '5', '40', 'true', 'false', 'A', 'words'), { minLength: 40, maxLength: 40 })
  .map((pool) => new Map(plan.elementList.map(({ id, index }) => [id, { value: pool[(index * 7) % pool.length] }])))

test('errors are the same with and without all other values', () => {
  let errors = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...ORG_UNIT_TYPES),
      fc.constantFrom(...plan.document.dataSets.map(({ id }) => id)),
      anyValues,
      (type, dataSet, values) => {
        const unit = { code: 'u', name: 'u', type, ownership: 'public' } as const
        const few = new Map<string, CellValue>()
        for (const id of elementsOfErrors(plan, dataSet, unit)) few.set(id, values.get(id) ?? { value: null })
        const found = check(plan, dataSet, { unit, period: '2024', values: few })
        errors += found.length
        expect(found).toEqual(check(plan, dataSet, { unit, period: '2024', values }))
      },
    ),
    { numRuns: 300 },
  )
  expect(errors).toBeGreaterThan(300)
})
