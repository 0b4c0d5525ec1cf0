import { expect, test } from 'vitest'
import { parsePlan, planCounts } from '#plan/parse-plan'
import { smallDocument, smallPlan } from './small-plan'

type Path = readonly (string | number)[]

/** The small document with one place changed; `undefined` takes the place away. */
function changed(path: Path, value: unknown): unknown {
  const copy: unknown = structuredClone(smallDocument)
  let at: unknown = copy
  for (const step of path.slice(0, -1)) at = (at as Record<string | number, unknown>)[step]
  const last = path[path.length - 1] ?? ''
  const holder = at as Record<string | number, unknown>
  if (value === undefined) Reflect.deleteProperty(holder, last)
  else holder[last] = value
  return copy
}

function faultsOf(json: unknown): readonly string[] {
  const parsed = parsePlan(json)
  if (parsed.ok) return []
  for (const { message } of parsed.fault) {
    expect(message.zh).toMatch(/[\u4e00-\u9fff]/)
    expect(message.zh).not.toMatch(/错误|非法|失败|必须/)
    expect(message.en).toMatch(/^Please /)
  }
  return parsed.fault.map(({ path }) => path)
}

const people = ['dataSets', 0, 'sections', 0] as const
const standing = ['dataSets', 0, 'sections', 1] as const

test('a sound document becomes a plan', () => {
  expect(faultsOf(smallDocument)).toEqual([])
  expect(planCounts(smallPlan)).toMatchObject({ dataSets: 3, rules: 7, indicators: 8, projects: 1, hardwareChecks: 7 })
})

test.each<readonly [string, Path, unknown, string]>([
  ['a missing title', ['title'], undefined, 'title'],
  ['an empty text', ['dataSets', 0, 'title', 'en'], '', 'dataSets.0.title.en'],
  ['an unknown key', ['colour'], 'red', 'colour'],
  ['an unknown key deep inside', [...people, 'elements', 0, 'colour'], 'red', 'dataSets.0.sections.0.elements.0.colour'],
  ['an unknown type', [...people, 'elements', 0, 'type'], 'money', 'dataSets.0.sections.0.elements.0.type'],
  ['an unknown measure', ['indicators', 0, 'parts', 0, 'measure', 'kind'], 'median', 'indicators.0.parts.0.measure.kind'],
  ['a measure without its term', ['indicators', 0, 'parts', 0, 'measure', 'of'], undefined, 'indicators.0.parts.0.measure.of'],
  ['a condition of no kind', ['hardware', 'checks', 0, 'meets'], { element: 'safety' }, 'hardware.checks.0.meets'],
  ['a condition whose number is a text', ['hardware', 'checks', 0, 'meets', 'atLeast'], '2.5', 'hardware.checks.0.meets.atLeast'],
  ['an unknown set', ['dataSets', 0, 'units', 'set'], 'nobody', 'dataSets.0.units.set'],
  ['an unknown set in a set', ['unitSets', 'schools', 'set'], 'nobody', 'unitSets.schools.set'],
  [
    'a filter that fits nobody',
    ['indicators', 0, 'parts', 0, 'units'],
    { types: ['senior'], stages: ['primary'] },
    'indicators.0.parts.0.units',
  ],
  ['a data set of the same id', ['dataSets', 1, 'id'], 'basics', 'dataSets.1.id'],
  ['a section of the same id', [...standing, 'id'], 'people', 'dataSets.0.sections.1.id'],
  ['an element of the same id', [...people, 'elements', 4, 'id'], 'tested', 'dataSets.0.sections.0.elements.4.id'],
  [
    'an element that takes the id of an expanded one',
    [...people, 'elements', 6, 'id'],
    'pupils.primary',
    'dataSets.0.sections.0.elements.6.id',
  ],
  ['a choice of the same key', ['choices', 'grade', 2, 'key'], 'A', 'choices.grade.2.key'],
  ['a figure of the same id', ['projects', 0, 'figures', 0, 'id'], '1', 'projects.0.figures.0.id'],
  ['an unknown list of choices', [...standing, 'elements', 0, 'choices'], 'colours', 'dataSets.0.sections.1.elements.0.choices'],
  ['a choice without a list', [...standing, 'elements', 0, 'choices'], undefined, 'dataSets.0.sections.1.elements.0.choices'],
  ['a count with a list', [...people, 'elements', 0, 'choices'], 'grade', 'dataSets.0.sections.0.elements.0.choices'],
  ['an unknown note', [...standing, 'elements', 1, 'notes', 0], 'gone', 'dataSets.0.sections.1.elements.1.notes.0'],
  ['an unknown indicator of a section', [...people, 'indicators', 0], '99', 'dataSets.0.sections.0.indicators.0'],
  ['an unknown dimension', ['indicators', 0, 'dimension'], 'gone', 'indicators.0.dimension'],
  ['an unknown action', ['projects', 0, 'action'], 'gone', 'projects.0.action'],
  [
    'an unknown element in a measure',
    ['indicators', 0, 'parts', 0, 'measure', 'of', 'element'],
    'gone',
    'indicators.0.parts.0.measure.of.element',
  ],
  [
    'a term of a yes/no',
    ['indicators', 0, 'parts', 0, 'measure', 'of', 'element'],
    'title',
    'indicators.0.parts.0.measure.of.element',
  ],
  [
    'a stage that is not asked',
    ['indicators', 1, 'parts', 0, 'measure', 'part', 'stages', 0],
    'special',
    'indicators.1.parts.0.measure.part.stages.0',
  ],
  ['an unknown term of a rule', ['dataSets', 0, 'rules', 1, 'part', 'element'], 'gone', 'dataSets.0.rules.1.part.element'],
  ['a rule per stage without a common stage', ['dataSets', 0, 'rules', 1, 'perStage'], true, 'dataSets.0.rules.1'],
  ['a value that is none of the choices', ['hardware', 'checks', 3, 'meets', 'is'], '6A', 'hardware.checks.3.meets.is'],
  ['a yes that is not written true', ['hardware', 'checks', 4, 'meets', 'is'], '是', 'hardware.checks.4.meets.is'],
  [
    'a condition on an element asked per stage',
    ['hardware', 'checks', 4, 'meets', 'element'],
    'pupils',
    'hardware.checks.4.meets.element',
  ],
  [
    'an assumed value of another kind',
    [...standing, 'elements', 1, 'assume', 0, 'value'],
    'maybe',
    'dataSets.0.sections.1.elements.1.assume.0.value',
  ],
  [
    'an element whose condition is about itself',
    [...standing, 'elements', 2, 'when'],
    { element: 'title', is: 'true' },
    'dataSets.0.sections.1.elements.2.when',
  ],
  [
    'a target of a period outside the plan',
    ['indicators', 0, 'parts', 0, 'targets', '2040'],
    5,
    'indicators.0.parts.0.targets.2040',
  ],
  ['a goal by a period outside the plan', ['indicators', 4, 'parts', 0, 'goal', 'by'], '2040', 'indicators.4.parts.0.goal.by'],
  [
    'a grade that is none of the choices',
    ['indicators', 7, 'parts', 2, 'targets', '2030'],
    'D',
    'indicators.7.parts.2.targets.2030',
  ],
  ['a number as the target of a grade', ['indicators', 7, 'parts', 2, 'targets', '2030'], 5, 'indicators.7.parts.2.targets.2030'],
  [
    'a grade as the target of a number',
    ['indicators', 0, 'parts', 0, 'targets', '2030'],
    'A',
    'indicators.0.parts.0.targets.2030',
  ],
  ['both targets and a goal', ['indicators', 0, 'parts', 0, 'goal'], { value: 5 }, 'indicators.0.parts.0.goal'],
  ['periods out of order', ['periods'], ['2031', '2030', '2032'], 'periods'],
  ['percentiles out of order', ['warnings', 'rangePercentiles'], [90, 10], 'warnings.rangePercentiles'],
  ['an unknown data set of the hardware', ['hardware', 'dataSet'], 'gone', 'hardware.dataSet'],
  ['an unknown element of a check', ['hardware', 'checks', 0, 'elements', 0], 'gone', 'hardware.checks.0.elements.0'],
  ['an unknown element of a balance index', ['balance', 'indexes', 0, 'element'], 'gone', 'balance.indexes.0.element'],
  ['a variation without the balance', ['balance'], undefined, 'indicators.6.parts.0.measure'],
  ['an unknown performance figure', ['assessment', 'performanceFigures', 0], 'gone', 'assessment.performanceFigures.0'],
  ["a district's sum as a unit's performance", ['assessment', 'performanceFigures', 0], '1', 'assessment.performanceFigures.0'],
])('%s is named with its path', (_name, path, value, expected) => {
  expect(faultsOf(changed(path, value))).toContain(expected)
})

test('sets that lead back to themselves are named and do not hang', () => {
  expect(faultsOf(changed(['unitSets', 'basic', 'set'], 'balanced'))).toEqual(
    expect.arrayContaining(['unitSets.basic.set', 'unitSets.schools.set', 'unitSets.balanced.set']),
  )
})

test('conditions that lead back to themselves through others are named', () => {
  const path = [...standing, 'elements', 2, 'when']
  expect(faultsOf(changed(path, { term: { element: 'prizes' }, above: 0 }))).toEqual(
    expect.arrayContaining(['dataSets.0.sections.1.elements.2.when', 'dataSets.0.sections.1.elements.4.when']),
  )
})

test('all faults are named at once, also beside an unknown set', () => {
  const broken = structuredClone(smallDocument) as unknown as {
    dataSets: { units: unknown }[]
    periods: string[]
    actions: unknown[]
  }
  broken.dataSets[0] = { ...broken.dataSets[0], units: { set: 'nobody' } }
  broken.periods = ['2032', '2031']
  broken.actions = []
  const faults = faultsOf(broken)
  for (const path of ['dataSets.0.units.set', 'periods', 'projects.0.action', 'indicators.0.parts.0.targets.2030']) {
    expect(faults).toContain(path)
  }
})

test.each([null, 5, 'text', [], {}, { format: 2 }])('%j is no plan document, and no crash', (json) => {
  expect(parsePlan(json).ok).toBe(false)
})
