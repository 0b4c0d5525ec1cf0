import { describe, expect, test } from 'vitest'
import { gapWords, measuredOf, recordedWords } from '#client/features/hardware/hardware-model'
import type { HardwareCheck } from '#plan/schema'
import { hardwareOf } from '#plan/unit-figures'
import { smallPlan, unit, values } from '../../plan/small-plan'
import '../all-messages'

const school = unit('a', 'nineYear')
const checks = smallPlan.document.hardware?.checks ?? []
const check = (element: string): HardwareCheck => {
  const found = checks.find(({ elements }) => elements[0] === element)
  if (found === undefined) throw new Error(`no check of ${element}`)
  return found
}
const stateOf = (element: string, typed: Readonly<Record<string, unknown>>) => {
  const state = hardwareOf(smallPlan, school, values(typed)).find((each) => each.check.id === check(element).id)
  if (state === undefined) throw new Error(`not asked: ${element}`)
  return state
}

describe('a line of the checklist in words', () => {
  test('says how much is missing, with its unit and in the number that is read', () => {
    expect(gapWords(stateOf('bandwidth', { bandwidth: '1' }))).toBe('还差 1.5 Gbps')
    expect(gapWords(stateOf('wireless', { wireless: '64', places: '68' }))).toBe('还差 4 个')
  })

  test('counts steps where a grade is short', () => {
    expect(gapWords(stateOf('safety', { safety: '4A' }))).toBe('还差 1 级')
  })

  test('what was not reported is not a zero', () => {
    expect(gapWords(stateOf('bandwidth', {}))).toBe('还没填')
    expect(measuredOf(smallPlan, school, check('bandwidth'), values({}))).toBeUndefined()
    expect(measuredOf(smallPlan, school, check('bandwidth'), values({ bandwidth: '0' }))?.value).toBe('0')
  })

  test('shows a part beside its whole', () => {
    expect(measuredOf(smallPlan, school, check('wireless'), values({ wireless: '64', places: '68' }))).toEqual({
      value: '64',
      unit: '个',
      outOf: '/ 68',
    })
  })

  test('elements that stand side by side are no part and whole', () => {
    expect(measuredOf(smallPlan, school, check('science'), values({ science: '2', art: '3' }))).toEqual({
      value: '2',
      unit: '间',
      outOf: undefined,
    })
  })

  test('a value nobody can read is shown as it is, to be checked', () => {
    expect(measuredOf(smallPlan, school, check('bandwidth'), values({ bandwidth: '很快' }))?.value).toBe('很快')
    expect(gapWords(stateOf('bandwidth', { bandwidth: '很快' }))).toBe('数值需核对')
  })
})

describe('what is only recorded', () => {
  const at = (typed: Readonly<Record<string, unknown>>) => recordedWords({ plan: smallPlan, unit: school, values: values(typed) })
  const judged = new Set(checks.flatMap(({ elements }) => elements))
  const free = smallPlan.elementList.find(
    (asked) =>
      asked.dataSet.id === smallPlan.document.hardware?.dataSet &&
      !judged.has(asked.element.id) &&
      asked.stage === undefined &&
      (asked.element.type === 'count' || asked.element.type === 'decimal'),
  )

  test('stands with its share per pupil where all pupils are known', () => {
    if (free === undefined) throw new Error('the small plan has nothing that is only recorded')
    const pupils = { 'pupils.primary': '100', 'pupils.junior': '100' }
    expect(at({ ...pupils, [free.id]: '500' })[0]).toMatch(/500.*2\.5/)
    expect(at({ 'pupils.primary': '100', [free.id]: '500' })[0]).not.toContain('生均')
    expect(at(pupils)).toEqual([])
  })

  test('never lists what a check judges', () => {
    expect(at({ bandwidth: '1', places: '68' })).toEqual([])
  })
})
