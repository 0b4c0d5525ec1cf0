import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ITEM_VERDICTS, type ItemVerdict } from '#domain/inspection'
import { ORG_UNIT_TYPES, OWNERSHIPS } from '#domain/org-unit'
import { agreementsOf, itemsOf, lastWords, templatesOf, type Said } from '#plan/inspection'
import { summarizeInspections, type InspectedUnit } from '#plan/inspection-summary'
import { smallPlan as plan, unit, values } from './small-plan'

const say = (item: string, verdict: ItemVerdict, more: Partial<Said> = {}): Said => ({
  item,
  verdict,
  of: 'visit',
  inspection: 'v-a',
  at: 1,
  ...more,
})
const school = unit('a', 'primary')
const countsOf = (units: readonly InspectedUnit[]) =>
  Object.fromEntries(summarizeInspections(plan, units).groups.map(({ group, counts }) => [group, counts]))

test('an inspector’s word counts before the school’s own, and a later one before an earlier', () => {
  const early = say('gate', 'unmet', { inspection: 'v-early', at: 1 })
  const late = say('gate', 'met', { inspection: 'v-late', at: 2 })
  const own = say('gate', 'notApplicable', { of: 'self', inspection: 's-own', at: 3 })
  expect(lastWords([late, own, early]).get('gate')).toBe(late)
  expect(lastWords([own, early]).get('gate')).toBe(early)
  expect(lastWords([own]).get('gate')).toBe(own)
})

test('each item that concerns a unit counts once, by the word that counts', () => {
  const words = [say('gate', 'unmet'), say('gate', 'met', { of: 'self', at: 9 }), say('onSite.bandwidth', 'met')]
  const units = [
    { unit: school, values: values({}), said: words },
    { unit: unit('k', 'kindergarten'), values: values({}), said: [] },
    { unit: unit('y', 'youthPalace'), values: values({}), said: [say('gate', 'met')] },
  ]
  expect(countsOf(units)).toEqual({
    net: { met: 1, unmet: 0, notApplicable: 0, unchecked: 2 },
    kitchen: { met: 0, unmet: 1, notApplicable: 0, unchecked: 3 },
  })
})

test('a unit contradicts what was seen where it reported something else, and not where it reported nothing', () => {
  const said = [say('onSite.bandwidth', 'unmet'), say('gate', 'unmet')]
  const of = (texts: Readonly<Record<string, unknown>>) =>
    summarizeInspections(plan, [{ unit: school, values: values(texts), said }]).contradictions
  expect(of({ bandwidth: '10' })).toEqual([{ orgUnit: 'a', check: 'bandwidth', reported: 'met', said: said[0] }])
  expect(of({ bandwidth: '1' })).toEqual([])
  expect(of({})).toEqual([])
})

test('what a list of no plan says, and a plan without lists, make nothing', () => {
  const without = { ...plan, document: { ...plan.document, inspections: undefined }, items: new Map() }
  const said = [say('onSite.bandwidth', 'unmet'), say('nobodyKnows', 'unmet')]
  const one = { unit: school, values: values({ bandwidth: '10' }), said }
  expect(summarizeInspections(without, [one])).toEqual({ groups: [], contradictions: [] })
  const { groups } = summarizeInspections(plan, [one])
  expect(groups.reduce((sum, { counts }) => sum + counts.unmet, 0)).toBe(1)
})

const anySaid: fc.Arbitrary<Said> = fc.record({
  item: fc.constantFrom(...plan.items.keys(), 'nobodyKnows'),
  verdict: fc.constantFrom(...ITEM_VERDICTS),
  of: fc.constantFrom('visit', 'self'),
  inspection: fc.constantFrom('a', 'b', 'c'),
  at: fc.integer({ min: 0, max: 5 }),
})
/** One inspection says one thing of an item, at one moment. */
const anySaids = fc.uniqueArray(anySaid, { selector: ({ item, inspection }) => `${item} ${inspection}`, maxLength: 15 })
const anyUnits = fc
  .array(
    fc.record({
      type: fc.constantFrom(...ORG_UNIT_TYPES),
      ownership: fc.constantFrom(...OWNERSHIPS),
      bandwidth: fc.option(fc.constantFrom('10', '1', '很快'), { nil: undefined }),
      canteens: fc.option(fc.constantFrom('0', '2'), { nil: undefined }),
      said: anySaids,
    }),
    { maxLength: 12 },
  )
  .map((all) =>
    all.map(({ type, ownership, bandwidth, canteens, said }, at): InspectedUnit => ({
      unit: unit(`u${String(at)}`, type, { ownership }),
      values: values({
        ...(bandwidth === undefined ? {} : { bandwidth }),
        ...(canteens === undefined ? {} : { canteens, canteensA: canteens }),
      }),
      said,
    })),
  )

test('of any units: all items are counted, in any order the same, and contradictions are those of each unit by itself', () => {
  fc.assert(
    fc.property(anyUnits, (units) => {
      const whole = summarizeInspections(plan, units)
      const counted = whole.groups.reduce((sum, { counts }) => sum + Object.values(counts).reduce((a, b) => a + b, 0), 0)
      const asked = units.reduce(
        (sum, { unit: one }) => sum + templatesOf(plan, one).flatMap((template) => itemsOf(plan, one, template)).length,
        0,
      )
      expect(counted).toBe(asked)

      const turned = summarizeInspections(
        plan,
        [...units].reverse().map((each) => ({ ...each, said: [...each.said].reverse() })),
      )
      expect(turned.groups).toEqual(whole.groups)
      expect(new Set(turned.contradictions.map((each) => JSON.stringify(each)))).toEqual(
        new Set(whole.contradictions.map((each) => JSON.stringify(each))),
      )

      for (const each of units) {
        const words = lastWords(each.said)
        const single = agreementsOf({ plan, ...each, verdictOf: (item) => words.get(item)?.verdict })
        expect(whole.contradictions.filter(({ orgUnit }) => orgUnit === each.unit.code).map(({ check }) => check)).toEqual(
          single.filter(({ agreement }) => agreement === 'contradicts').map(({ hardware }) => hardware.check.id),
        )
      }
    }),
  )
})
