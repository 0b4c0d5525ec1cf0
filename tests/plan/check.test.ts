import { expect, test } from 'vitest'
import { check, isBlocked, progressOf, type CheckInput } from '#plan/check'
import { parsePlan } from '#plan/parse-plan'
import { notApplicable, notAvailable, smallDocument, smallPlan, unit, values } from './small-plan'

const primary = unit('p', 'primary')
const nineYear = unit('n', 'nineYear')

function findings(texts: Record<string, unknown>, more: Partial<CheckInput> = {}, dataSet: string | undefined = 'basics') {
  return check(smallPlan, dataSet, { unit: primary, period: '2031', values: values(texts), ...more })
}

test('an empty form has no findings', () => {
  expect(findings({})).toEqual([])
})

test('text in a number is an error at its element, with its fault', () => {
  expect(findings({ 'pupils.primary': '8a5' })).toEqual([
    {
      level: 'error',
      kind: 'notOfKind',
      elements: ['pupils.primary'],
      fault: { kind: 'value.notANumber', values: { typed: '8a5' } },
    },
  ])
  expect(findings({ title: 12 })).toMatchObject([{ kind: 'notOfKind', fault: { kind: 'value.notYesNo' } }])
})

test('a number that cannot be true is an error, and is not clamped', () => {
  expect(findings({ attendance: '120' })).toEqual([
    {
      level: 'error',
      kind: 'outOfRange',
      elements: ['attendance'],
      fault: { kind: 'value.outOfRange', values: { typed: '120', max: 100 } },
      numbers: { now: 120, max: 100 },
    },
  ])
  expect(findings({ practiceDays: '60' })).toEqual([])
  expect(findings({ practiceDays: '60.1' })).toMatchObject([{ kind: 'outOfRange', numbers: { now: 60.1, max: 60 } }])
})

test('a part larger than its whole is an error, shown at the part', () => {
  expect(findings({ tested: '50', passed: '51' })).toEqual([
    { level: 'error', kind: 'partOverWhole', elements: ['passed', 'tested'], numbers: { part: 51, whole: 50 } },
  ])
  expect(findings({ tested: '50', passed: '50' })).toEqual([])
})

test('a rule per stage looks at each stage by itself', () => {
  const texts = {
    'graduates.primary': '10',
    'graduatesGood.primary': '12',
    'graduates.junior': '100',
    'graduatesGood.junior': '1',
  }
  expect(findings(texts, { unit: nineYear })).toEqual([
    {
      level: 'error',
      kind: 'partOverWhole',
      elements: ['graduatesGood.primary', 'graduates.primary'],
      numbers: { part: 12, whole: 10 },
    },
  ])
})

test('a whole of several stages is judged once all of them are there', () => {
  expect(findings({ tested: '500', 'pupils.primary': '300' }, { unit: nineYear })).toEqual([])
  expect(findings({ tested: '500', 'pupils.primary': '300', 'pupils.junior': '250' }, { unit: nineYear })).toEqual([])
  expect(findings({ tested: '500', 'pupils.primary': '300', 'pupils.junior': '150' }, { unit: nineYear })).toMatchObject([
    { kind: 'partOverWhole', numbers: { part: 500, whole: 450 } },
  ])
  expect(findings({ tested: '500', 'pupils.primary': '300', 'pupils.junior': notApplicable() }, { unit: nineYear })).toHaveLength(
    1,
  )
})

test('a part that is its whole of several stages breaks no rule, whatever the rounding of their sum', () => {
  const decimals: unknown = JSON.parse(
    JSON.stringify(smallDocument, (_, node: unknown) =>
      typeof node === 'object' &&
      node !== null &&
      'label' in node &&
      'id' in node &&
      (node.id === 'pupils' || node.id === 'tested')
        ? { ...node, type: 'decimal' }
        : node,
    ),
  )
  const plan = parsePlan(decimals)
  if (!plan.ok) throw new Error(JSON.stringify(plan.fault))
  const found = (tested: string) =>
    check(plan.value, 'basics', {
      unit: nineYear,
      period: '2031',
      values: values({ tested, 'pupils.primary': '0.1', 'pupils.junior': '0.7' }),
    })
  expect(0.1 + 0.7).toBeLessThan(0.8)
  expect(found('0.8')).toEqual([])
  expect(found('0.80001')).toMatchObject([{ kind: 'partOverWhole' }])
})

test('a rule across data sets is an error in the form of either side', () => {
  const texts = { 'pupils.primary': '10', 'backbone.primary': '11' }
  expect(findings(texts, {}, 'equipment')).toMatchObject([{ elements: ['backbone.primary', 'pupils.primary'] }])
  expect(findings(texts, {}, 'basics')).toMatchObject([{ elements: ['pupils.primary', 'backbone.primary'] }])
})

test('a value of an element that the form does not show breaks no rule', () => {
  expect(findings({ canteens: '0', canteensA: '3' }, {}, 'equipment')).toEqual([])
  expect(findings({ canteens: '2', canteensA: '3' }, {}, 'equipment')).toHaveLength(1)
  expect(findings({ title: 'false', prizes: 'many' })).toEqual([])
  expect(findings({ title: 'true', prizes: 'many' })).toHaveLength(1)
})

test('what the bureau enters is not checked against the school', () => {
  expect(findings({ satisfied: '12', answered: '10' })).toEqual([])
})

test('more than the percentage off last year asks for a remark', () => {
  const lastYear = values({ awards: '100' })
  expect(findings({ awards: '130' }, { lastYear })).toEqual([])
  expect(findings({ awards: '131' }, { lastYear })).toEqual([
    { level: 'warning', kind: 'changed', elements: ['awards'], numbers: { now: 131, before: 100, percent: 31 }, answered: false },
  ])
  expect(findings({ awards: '69' }, { lastYear })).toMatchObject([{ kind: 'changed', numbers: { percent: -31 } }])
  expect(findings({ awards: '5' }, { lastYear: values({ awards: '0' }) })).toEqual([])
  expect(findings({ awards: '5' }, { lastYear: values({ awards: notAvailable() }) })).toEqual([])
})

test('zero where last year was not asks for a remark, once', () => {
  expect(findings({ awards: '0' }, { lastYear: values({ awards: '4' }) })).toEqual([
    { level: 'warning', kind: 'zero', elements: ['awards'], numbers: { now: 0, before: 4 }, answered: false },
  ])
  expect(findings({ awards: '0' }, { lastYear: values({ awards: '0' }) })).toEqual([])
  expect(findings({ awards: '0' }, { lastYear: values({}) })).toEqual([])
})

test('outside the usual range asks for a remark where a range is given', () => {
  const ranges = new Map([['awards', { low: 5, high: 20, units: 8 }]])
  expect(findings({ awards: '5' }, { ranges })).toEqual([])
  expect(findings({ awards: '21' }, { ranges })).toEqual([
    {
      level: 'warning',
      kind: 'unusual',
      elements: ['awards'],
      numbers: { now: 21, low: 5, high: 20, units: 8 },
      answered: false,
    },
  ])
})

test('a quiet element has no warnings', () => {
  expect(findings({ attendance: '10' }, { lastYear: values({ attendance: '90' }) })).toEqual([])
})

test('a remark answers a warning, an empty one does not', () => {
  const lastYear = values({ awards: '4' })
  const answered = (remark: unknown) =>
    findings({ awards: '0' }, { lastYear, remarks: new Map([['awards', remark]]) }).map((finding) => finding.answered)
  expect(answered('今年没有比赛')).toEqual([true])
  expect(answered('  ')).toEqual([false])
  expect(answered(undefined)).toEqual([false])
})

test('errors block submitting, warnings do not', () => {
  expect(isBlocked(findings({ awards: '0' }, { lastYear: values({ awards: '4' }) }))).toBe(false)
  expect(isBlocked(findings({ awards: 'x' }))).toBe(true)
})

test('findings of one data set and of all of them', () => {
  const texts = { awards: 'x', bandwidth: 'y' }
  expect(findings(texts).map(({ elements }) => elements[0])).toEqual(['awards'])
  expect(findings(texts, {}, 'equipment').map(({ elements }) => elements[0])).toEqual(['bandwidth'])
  expect(check(smallPlan, undefined, { unit: primary, period: '2031', values: values(texts) })).toHaveLength(2)
})

test('a stated absence is an answer; what is not of its kind, out of range or in conflict is not', () => {
  const before = progressOf(smallPlan, 'basics', primary, values({}))
  const answeredWith = (value: unknown) => progressOf(smallPlan, 'basics', primary, values({ attendance: value })).answered
  expect(before.answered).toBe(0)
  expect(answeredWith('95')).toBe(1)
  expect(answeredWith(notApplicable())).toBe(1)
  expect(answeredWith(notAvailable())).toBe(1)
  expect(answeredWith('0')).toBe(1)
  expect(answeredWith('120')).toBe(0)
  expect(answeredWith('many')).toBe(0)
  expect(answeredWith(null)).toBe(0)
  expect(progressOf(smallPlan, 'basics', primary, { get: () => ({ conflict: true }) }).answered).toBe(0)
})

test('progress counts what the form shows, by section', () => {
  const closed = progressOf(smallPlan, 'basics', primary, values({ title: 'false' }))
  const open = progressOf(smallPlan, 'basics', primary, values({ title: 'true', prizes: '1' }))
  expect(open.asked).toBe(closed.asked + 2)
  expect(open.bySection.get('standing')).toEqual({ asked: (closed.bySection.get('standing')?.asked ?? 0) + 2, answered: 2 })
  // A primary school: pupils, graduates, good graduates, tested, passed, practice days, attendance.
  expect(open.bySection.get('people')).toEqual({ asked: 7, answered: 0 })
  const sections = [...open.bySection.values()]
  expect(sections.reduce((sum, section) => sum + section.asked, 0)).toBe(open.asked)
})

test('an assumed value is no answer of the unit', () => {
  const garden = unit('k', 'kindergarten')
  expect(progressOf(smallPlan, 'basics', garden, values({})).answered).toBe(0)
})

test('checking depends on nothing but its input: the same twice, in any order of units', () => {
  const texts = { tested: '50', passed: '51', awards: 'x' }
  const first = findings(texts)
  findings({ awards: '1' }, { unit: unit('other', 'primary') })
  expect(findings(texts)).toEqual(first)
})
