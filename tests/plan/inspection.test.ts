import { expect, test } from 'vitest'
import type { ItemVerdict } from '#domain/inspection'
import { agreementsOf, countVerdicts, itemsOf, templatesOf } from '#plan/inspection'
import { parsePlan } from '#plan/parse-plan'
import type { PlanDocument } from '#plan/schema'
import { smallDocument, smallPlan as plan, unit, values } from './small-plan'

const school = unit('a', 'primary')
const kindergarten = unit('k', 'kindergarten')
const idsOf = (of: typeof school) => templatesOf(plan, of).flatMap((each) => itemsOf(plan, of, each).map(({ item }) => item.id))

test('a unit is gone through with the items that concern it, and with no list that has none', () => {
  expect(idsOf(school)).toEqual(['onSite.bandwidth', 'onSite.rooms', 'onSite.canteens', 'gate'])
  expect(idsOf(kindergarten)).toEqual(['onSite.bandwidth', 'onSite.canteens', 'gate'])
  expect(templatesOf(plan, unit('y', 'youthPalace'))).toEqual([])
})

test('each item is found by its id alone', () => {
  expect(plan.items.get('gate')).toMatchObject({ group: { id: 'kitchen' }, template: { id: 'campus' } })
  expect(plan.items.size).toBe(4)
})

test('every item is counted once, under its verdict or as not looked at', () => {
  const items = templatesOf(plan, school).flatMap((each) => itemsOf(plan, school, each))
  const verdicts: Readonly<Record<string, ItemVerdict>> = { 'onSite.bandwidth': 'met', gate: 'unmet' }
  expect(countVerdicts(items, (item) => verdicts[item])).toEqual({ met: 1, unmet: 1, notApplicable: 0, unchecked: 2 })
})

/** Reported bandwidth and verdict on the spot, for a demand of at least 2.5. */
const CASES: readonly (readonly [unknown, ItemVerdict | undefined, string])[] = [
  ['10', 'met', 'agrees'],
  ['10', 'unmet', 'contradicts'],
  ['10', 'notApplicable', 'contradicts'],
  ['1', 'unmet', 'agrees'],
  ['1', 'met', 'contradicts'],
  [undefined, 'met', 'notReported'],
  ['很快', 'met', 'notReported'],
  ['10', undefined, 'notInspected'],
  [undefined, undefined, 'notInspected'],
]
test.each(CASES)('reported %s, on the spot %s: %s', (bandwidth, verdict, agreement) => {
  const reported = values(bandwidth === undefined ? {} : { bandwidth })
  const [first] = agreementsOf({ plan, unit: school, values: reported, verdictOf: () => verdict })
  expect(first).toMatchObject({ placed: { item: { id: 'onSite.bandwidth' } }, verdict, agreement })
})

test('what does not concern the unit agrees with “not applicable”', () => {
  const none = values({ canteens: '0', canteensA: '0' })
  const all = agreementsOf({ plan, unit: school, values: none, verdictOf: () => 'notApplicable' })
  expect(all.map(({ placed, agreement }) => [placed.item.id, agreement])).toEqual([
    ['onSite.bandwidth', 'notReported'],
    ['onSite.rooms', 'notReported'],
    ['onSite.canteens', 'agrees'],
  ])
})

type Inspections = NonNullable<PlanDocument['inspections']>
const faultsOf = (inspections: unknown) => {
  const parsed = parsePlan({ ...smallDocument, inspections })
  return parsed.ok ? [] : parsed.fault.map(({ path, message }) => `${path}: ${message.en}`)
}
const template = (smallDocument.inspections as Inspections).templates[0]
const withItem = (item: object) => ({
  templates: [
    {
      ...template,
      groups: [{ id: 'g', title: { zh: '组', en: 'g' }, items: [{ id: 'x', ask: { zh: '问', en: 'q' }, ...item }] }],
    },
  ],
})

test('a document says what is wrong with its lists, and where', () => {
  const at = 'inspections.templates.0.groups.0.items.0'
  expect(faultsOf(withItem({}))).toEqual([])
  expect(faultsOf(withItem({ check: 'nothing' }))).toEqual([
    `${at}.check: Please check: there is no hardware check called nothing`,
  ])
  expect(faultsOf(withItem({ element: 'nothing' }))).toEqual([`${at}.element: Please check: there is no element called nothing`])
  expect(faultsOf(withItem({ units: { set: 'nothing' } }))).toEqual([
    `${at}.units.set: Please check: there is no unit set called nothing`,
  ])
  expect(faultsOf(withItem({ id: 'state' }))).toEqual([`${at}.id: Please check: an inspection item cannot be called state`])
  expect(faultsOf(withItem({ notes: ['nothing'] }))).toEqual([`${at}.notes.0: Please check: there is no note called nothing`])
  const twice = { templates: [template, { ...template, id: 'other' }] }
  expect(faultsOf(twice)).toHaveLength(4)
  expect(faultsOf(twice)[0]).toBe(
    'inspections.templates.1.groups.0.items.0.id: Please check: the id onSite.bandwidth is used twice',
  )
  expect(faultsOf({ templates: [template, template] })).toContain(
    'inspections.templates.1.id: Please check: the id campus is used twice',
  )
  expect(faultsOf({ templates: [] })).not.toEqual([])
})
