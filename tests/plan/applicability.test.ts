import { expect, test } from 'vitest'
import { ORG_UNIT_TYPES, OWNERSHIPS } from '#domain/org-unit'
import { asksElement, dataSetsOf, formOf, isOpenInForm, matchesUnits } from '#plan/applicability'
import { elementOf, trustPlan } from '#plan/plan'
import { smallDocument, smallPlan, unit, values } from './small-plan'

const nineYear = unit('n', 'nineYear')
const garden = unit('k', 'kindergarten')

test('everything given in a filter must hold, and a set may narrow another set', () => {
  expect(matchesUnits(smallPlan, {}, garden)).toBe(true)
  expect(matchesUnits(smallPlan, { set: 'balanced' }, nineYear)).toBe(true)
  expect(matchesUnits(smallPlan, { set: 'balanced' }, unit('s', 'senior'))).toBe(false)
  expect(matchesUnits(smallPlan, { set: 'balanced' }, unit('d', 'district'))).toBe(false)
  expect(matchesUnits(smallPlan, { types: ['kindergarten'], ownership: 'private' }, garden)).toBe(false)
  expect(matchesUnits(smallPlan, { stages: ['junior', 'senior'] }, nineYear)).toBe(true)
})

test('an element asked per stage is asked for the stages that the unit has', () => {
  expect(asksElement(smallPlan, 'pupils.primary', nineYear)).toBe(true)
  expect(asksElement(smallPlan, 'pupils.junior', nineYear)).toBe(true)
  expect(asksElement(smallPlan, 'pupils.senior', nineYear)).toBe(false)
  expect(asksElement(smallPlan, 'pupils', nineYear)).toBe(false)
  expect(asksElement(smallPlan, 'nothing', nineYear)).toBe(false)
})

test('a data set without an element for the unit is not its data set', () => {
  expect(dataSetsOf(smallPlan, nineYear).map(({ id }) => id)).toEqual(['basics', 'equipment'])
  expect(dataSetsOf(smallPlan, unit('d', 'district')).map(({ id }) => id)).toEqual(['bureau'])
  expect(dataSetsOf(smallPlan, unit('y', 'youthPalace'))).toEqual([])
})

test('forms hold exactly what is asked, in the order of the document', () => {
  for (const type of ORG_UNIT_TYPES) {
    for (const ownership of OWNERSHIPS) {
      const one = unit('u', type, { ownership })
      const inForms = smallPlan.document.dataSets.flatMap((dataSet) =>
        formOf(smallPlan, dataSet.id, one).sections.flatMap(({ elements }) => elements.map(({ id }) => id)),
      )
      expect(inForms).toEqual([...smallPlan.elements.keys()].filter((id) => asksElement(smallPlan, id, one)))
    }
  }
  expect(formOf(smallPlan, 'equipment', garden).sections.map(({ section }) => section.id)).toEqual(['network'])
})

test('a form is the same object for every unit of a kind', () => {
  expect(formOf(smallPlan, 'basics', garden)).toBe(formOf(smallPlan, 'basics', unit('other', 'kindergarten')))
})

test('an element with a condition is open once the condition holds', () => {
  const titleName = elementOf(smallPlan, 'titleName')
  const canteensA = elementOf(smallPlan, 'canteensA')
  if (titleName === undefined || canteensA === undefined) throw new Error('the small plan has changed')
  expect(isOpenInForm(smallPlan, titleName, garden, values({}))).toBe(false)
  expect(isOpenInForm(smallPlan, titleName, garden, values({ title: 'false' }))).toBe(false)
  expect(isOpenInForm(smallPlan, titleName, garden, values({ title: 'true' }))).toBe(true)
  expect(isOpenInForm(smallPlan, canteensA, garden, values({ canteens: '0' }))).toBe(false)
  expect(isOpenInForm(smallPlan, canteensA, garden, values({ canteens: '2' }))).toBe(true)
  expect(isOpenInForm(smallPlan, canteensA, unit('d', 'district'), values({ canteens: '2' }))).toBe(false)
})

test('a trusted plan has the same indexes as a parsed one', () => {
  const trusted = trustPlan(smallDocument)
  expect([...trusted.elements.keys()]).toEqual([...smallPlan.elements.keys()])
  expect([...trusted.figures.keys()]).toEqual([...smallPlan.figures.keys()])
  expect(trusted.figureIdsByElement).toEqual(smallPlan.figureIdsByElement)
})

test('a change of an element can reach figures through its measure, a rule, a condition, or a weight', () => {
  const figures = (id: string) => smallPlan.figureIdsByElement.get(id)
  expect(figures('awards')).toEqual(['1', 'p1.awards'])
  expect(figures('graduatesGood.primary')).toEqual(['2.primary'])
  // pupils -> tested (rule) -> figure 3; weights of 4; the differences between schools.
  expect(figures('pupils.primary')).toEqual(['3', '4', '7.primary', '7.junior', '7.both'])
  expect(figures('title')).toEqual(['6', '6.prizes', 'p1.title', 'p1.any'])
  expect(figures('titleName')).toEqual([])
})
