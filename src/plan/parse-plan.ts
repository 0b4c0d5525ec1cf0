/**
 * Parses a plan document: first its shape, then whether everything it refers to exists. Every fault is named with its path, all of
 * them at once, in both languages; a document with a fault gives no plan.
 *
 * This file brings the schema library along; the tablet, whose plan the server has checked, uses `trustPlan` instead.
 */
import * as v from 'valibot'
import { failed, ok, type Result } from '#domain/fault'
import { ORG_UNIT_TYPES, type Stage } from '#domain/org-unit'
import type { Text } from '#domain/text'
import { elementOf, elementsOfCondition, elementsOfTerm, trustPlan, type AskedElement, type Plan } from './plan'
import { planDocumentSchema, type Condition, type Figure, type PlanDocument, type Term, type UnitFilter } from './schema'
import { readTyped } from './typed'
import { matchesFilter } from './unit-kind'

export type PlanFault = { readonly path: string; readonly message: Text }

export function parsePlan(json: unknown): Result<Plan, readonly PlanFault[]> {
  const parsed = v.safeParse(planDocumentSchema, json)
  if (!parsed.success) return failed(parsed.issues.map(shapeFault))
  const faults = referenceFaults(parsed.output)
  return faults.length > 0 ? failed(faults) : ok(trustPlan(parsed.output))
}

// ---- shape ----

function shapeFault(issue: v.BaseIssue<unknown>): PlanFault {
  const deepest = deepestOf(issue, [])
  return { path: deepest.path.join('.'), message: shapeMessage(deepest.issue) }
}

type Deep = { readonly issue: v.BaseIssue<unknown>; readonly path: readonly string[] }

/** A union says only that no variant fits; the variant that came furthest says what is wrong. */
function deepestOf(issue: v.BaseIssue<unknown>, before: readonly string[]): Deep {
  const path = [...before, ...(issue.path ?? []).map((step) => String(step.key))]
  let deepest: Deep = { issue, path }
  for (const inner of issue.issues ?? []) {
    // A variant that misses its distinguishing key is not the one that was meant.
    if (inner.received === 'undefined' || inner.expected === 'never') continue
    const deep = deepestOf(inner, path)
    if (deep.path.length > deepest.path.length) deepest = deep
  }
  return deepest
}

function shapeMessage(issue: v.BaseIssue<unknown>): Text {
  const { expected, received } = issue
  if (expected === 'never')
    return { zh: `请核对名称：这里没有 ${received} 这一项`, en: `Please check the name: there is no ${received} here` }
  if (received === 'undefined') return { zh: '请补上这一项', en: 'Please add this: it is missing' }
  const wanted = expected ?? issue.type
  const kind = SHAPES[wanted]
  const found = SHAPES[received]
  return {
    zh: `请核对：这里应为${kind?.zh ?? ` ${wanted}`}，现在是${found?.zh ?? ` ${received}`}`,
    en: `Please check: expected ${kind?.en ?? wanted}, found ${found?.en ?? received}`,
  }
}

/** The schema library's names of shapes, in words. */
const SHAPES: Readonly<Record<string, Text | undefined>> = {
  Object: { zh: '一组内容 {…}', en: 'an object {…}' },
  Array: { zh: '一个列表 […]', en: 'a list […]' },
  string: { zh: '文字', en: 'a text' },
  number: { zh: '数', en: 'a number' },
  null: { zh: '空', en: 'nothing' },
}

// ---- references ----

const message = {
  duplicate: (id: string): Text => ({ zh: `请核对：编号 ${id} 用了两次`, en: `Please check: the id ${id} is used twice` }),
  unknown: (what: Text, id: string): Text => ({
    zh: `请核对：没有叫 ${id} 的${what.zh}`,
    en: `Please check: there is no ${what.en} called ${id}`,
  }),
  stage: (id: string, stage: string): Text => ({
    zh: `请核对：${id} 不按学段 ${stage} 填报`,
    en: `Please check: ${id} is not asked for the stage ${stage}`,
  }),
  ambiguous: (id: string): Text => ({
    zh: `请核对：${id} 按学段填报，请写明学段，如 ${id}.primary`,
    en: `Please check: ${id} is asked per stage; name one, such as ${id}.primary`,
  }),
  notANumber: (id: string): Text => ({ zh: `请核对：${id} 不是数字`, en: `Please check: ${id} is not a number` }),
  notAValue: (id: string, value: string): Text => ({
    zh: `请核对：${value} 不是 ${id} 的取值`,
    en: `Please check: ${value} is not a value of ${id}`,
  }),
  circle: { zh: '请核对：条件绕了一圈，又用到了它自己', en: 'Please check: the condition leads back to itself' },
  period: (period: string): Text => ({
    zh: `请核对：规划没有 ${period} 年`,
    en: `Please check: the plan has no period ${period}`,
  }),
  periods: { zh: '请核对：年度应由小到大，各写一次', en: 'Please check: periods stand in order, each once' },
  choicesMissing: { zh: '请写明选项表', en: 'Please name a list of choices' },
  choicesNeedless: { zh: '请核对：这一类型不用选项表', en: 'Please check: this type has no list of choices' },
  rangeOrder: {
    zh: '请核对：百分位应在 0 到 100 之间，由小到大',
    en: 'Please check: percentiles lie between 0 and 100, the lower first',
  },
  nobody: { zh: '请核对：没有任何学校符合这里的条件', en: 'Please check: no kind of unit fits this' },
  balance: { zh: '请补上均衡指标的设置', en: 'Please add the balance settings: a figure needs them' },
  both: { zh: '请核对：目标只写一种：分年目标或总目标', en: 'Please check: give either targets by period or one goal' },
  targetKind: { zh: '请核对：目标与指标的取值不是一类', en: 'Please check: the target is not of the kind of the figure' },
  noParts: { zh: '请核对：部分与整体没有共同的学段', en: 'Please check: part and whole share no stage' },
  standard: (stage: string): Text => ({ zh: `请补上学段 ${stage} 的标准`, en: `Please add the standard for the stage ${stage}` }),
  weight: (stage: string): Text => ({ zh: `请补上学段 ${stage} 的权重`, en: `Please add the weight for the stage ${stage}` }),
  reserved: (id: string): Text => ({
    zh: `请核对：检查项不能叫 ${id}`,
    en: `Please check: an inspection item cannot be called ${id}`,
  }),
  notForOne: (id: string): Text => ({
    zh: `请核对：${id} 是全区的数，对一所学校没有意义`,
    en: `Please check: ${id} is a figure of the whole district and says nothing of one unit`,
  }),
} as const

const what = {
  set: { zh: '学校范围', en: 'unit set' },
  element: { zh: '填报项', en: 'element' },
  choices: { zh: '选项表', en: 'list of choices' },
  note: { zh: '说明', en: 'note' },
  dimension: { zh: '维度', en: 'dimension' },
  indicator: { zh: '指标', en: 'indicator' },
  figure: { zh: '指标项', en: 'figure' },
  dataSet: { zh: '报表', en: 'data set' },
  action: { zh: '行动', en: 'action' },
  check: { zh: '硬件检查项', en: 'hardware check' },
} as const

type At = readonly (string | number)[]

function referenceFaults(document: PlanDocument): readonly PlanFault[] {
  const faults: PlanFault[] = []
  const add = (path: At, text: Text) => faults.push({ path: path.join('.'), message: text })
  const plan = trustPlan(document)

  // A unit set that leads back to itself would make a question about units endless: those sets are not asked.
  const brokenSets = setFaults(document, add)

  const checkIds = (ids: readonly { readonly id: string; readonly at: At }[]) => {
    const seen = new Set<string>()
    for (const { id, at } of ids) {
      if (seen.has(id)) add(at, message.duplicate(id))
      seen.add(id)
    }
  }
  const checkNotes = (notes: readonly string[] | undefined, at: At) => {
    notes?.forEach((note, n) => {
      if (document.notes[note] === undefined) add([...at, 'notes', n], message.unknown(what.note, note))
    })
  }
  const checkUnits = (filter: UnitFilter | undefined, at: At) => {
    if (filter === undefined) return
    if (filter.set !== undefined && document.unitSets[filter.set] === undefined) {
      add([...at, 'set'], message.unknown(what.set, filter.set))
    } else if (!(filter.set !== undefined && brokenSets.has(filter.set)) && !someKind(plan, filter)) add(at, message.nobody)
  }
  const checkTerm = (term: Term, at: At) => {
    const found = elementsOfTerm(plan, term)
    const all = elementsOfTerm(plan, { element: term.element })
    if (all.length === 0) {
      add([...at, 'element'], message.unknown(what.element, term.element))
      return
    }
    for (const asked of all.slice(0, 1)) if (!isNumeric(asked)) add([...at, 'element'], message.notANumber(term.element))
    term.stages?.forEach((stage, n) => {
      if (!found.some((asked) => asked.stage === stage)) add([...at, 'stages', n], message.stage(term.element, stage))
    })
  }
  const checkElementRef = (id: string, at: At): AskedElement | undefined => {
    const asked = elementOf(plan, id)
    if (asked === undefined) add(at, plan.expansions.has(id) ? message.ambiguous(id) : message.unknown(what.element, id))
    return asked
  }
  const checkValue = (asked: AskedElement, value: string, at: At) => {
    const read = readTyped(plan, asked, value)
    if (!read.ok || read.value !== value || value === '') add(at, message.notAValue(asked.id, value))
  }
  const checkCondition = (condition: Condition, at: At) => {
    if ('all' in condition) condition.all.forEach((each, n) => checkCondition(each, [...at, 'all', n]))
    else if ('any' in condition) condition.any.forEach((each, n) => checkCondition(each, [...at, 'any', n]))
    else if ('equal' in condition) condition.equal.forEach((term, n) => checkTerm(term, [...at, 'equal', n]))
    else if ('term' in condition) checkTerm(condition.term, [...at, 'term'])
    else {
      const asked = checkElementRef(condition.element, [...at, 'element'])
      if (asked === undefined) return
      if ('is' in condition) checkValue(asked, condition.is, [...at, 'is'])
      else condition.in.forEach((value, n) => checkValue(asked, value, [...at, 'in', n]))
    }
  }
  const checkFigure = (figure: Figure, at: At) => {
    checkUnits(figure.units, [...at, 'units'])
    checkUnits(figure.alsoIfReported, [...at, 'alsoIfReported'])
    checkNotes(figure.notes, at)
    checkMeasure(figure, [...at, 'measure'])
    checkTargets(figure, at)
  }
  const checkMeasure = (figure: Figure, at: At) => {
    const { measure } = figure
    switch (measure.kind) {
      case 'sum':
        return checkTerm(measure.of, [...at, 'of'])
      case 'ratio':
        checkTerm(measure.part, [...at, 'part'])
        return checkTerm(measure.whole, [...at, 'whole'])
      case 'weightedMean':
        checkTerm(measure.of, [...at, 'of'])
        return checkTerm(measure.weight, [...at, 'weight'])
      case 'share':
        checkCondition(measure.has, [...at, 'has'])
        if (measure.among !== undefined) checkCondition(measure.among, [...at, 'among'])
        if (measure.weight !== undefined) checkTerm(measure.weight, [...at, 'weight'])
        return
      case 'count':
        return checkCondition(measure.has, [...at, 'has'])
      case 'entered':
        checkElementRef(measure.element, [...at, 'element'])
        return
      case 'variation':
        if (document.balance === undefined) add(at, message.balance)
        measure.stages.forEach((stage, n) => {
          for (const index of document.balance?.indexes ?? []) {
            const perStage = plan.expansions.get(index.element)?.[0]?.stage !== undefined
            if (perStage && !plan.elements.has(`${index.element}.${stage}`)) {
              add([...at, 'stages', n], message.stage(index.element, stage))
            }
          }
        })
        return
    }
  }
  const checkTargets = (figure: Figure, at: At) => {
    if (figure.targets !== undefined && figure.goal !== undefined) add([...at, 'goal'], message.both)
    const checkTarget = (value: number | string, path: At) => {
      const asked = figure.measure.kind === 'entered' ? elementOf(plan, figure.measure.element) : undefined
      const isGrade = asked?.element.type === 'choice'
      if ((typeof value === 'string') !== isGrade) add(path, message.targetKind)
      else if (asked !== undefined && typeof value === 'string') checkValue(asked, value, path)
    }
    for (const [period, value] of Object.entries(figure.targets ?? {})) {
      if (!document.periods.includes(period)) add([...at, 'targets', period], message.period(period))
      checkTarget(value, [...at, 'targets', period])
    }
    if (figure.goal !== undefined) {
      checkTarget(figure.goal.value, [...at, 'goal', 'value'])
      const { by } = figure.goal
      if (by !== undefined && !document.periods.includes(by)) add([...at, 'goal', 'by'], message.period(by))
    }
  }

  // Periods, choices, dimensions, actions.
  if (document.periods.some((period, n) => n > 0 && period <= (document.periods[n - 1] ?? ''))) add(['periods'], message.periods)
  for (const [list, choices] of Object.entries(document.choices)) {
    checkIds(choices.map(({ key }, n) => ({ id: key, at: ['choices', list, n, 'key'] })))
  }
  checkIds(document.dimensions.map(({ id }, n) => ({ id, at: ['dimensions', n, 'id'] })))
  checkIds(document.actions.map(({ id }, n) => ({ id, at: ['actions', n, 'id'] })))
  const [low, high] = document.warnings.rangePercentiles
  if (!(low >= 0 && low < high && high <= 100)) add(['warnings', 'rangePercentiles'], message.rangeOrder)

  // Data sets.
  checkIds(document.dataSets.map(({ id }, n) => ({ id, at: ['dataSets', n, 'id'] })))
  const elementIds: { id: string; at: At }[] = []
  document.dataSets.forEach((dataSet, d) => {
    const inDataSet: At = ['dataSets', d]
    checkUnits(dataSet.units, [...inDataSet, 'units'])
    checkNotes(dataSet.notes, inDataSet)
    checkIds(dataSet.sections.map(({ id }, n) => ({ id, at: [...inDataSet, 'sections', n, 'id'] })))
    checkIds((dataSet.rules ?? []).map(({ id }, n) => ({ id, at: [...inDataSet, 'rules', n, 'id'] })))
    dataSet.sections.forEach((section, s) => {
      const inSection: At = [...inDataSet, 'sections', s]
      checkNotes(section.notes, inSection)
      section.indicators?.forEach((id, n) => {
        if (!document.indicators.some((indicator) => indicator.id === id)) {
          add([...inSection, 'indicators', n], message.unknown(what.indicator, id))
        }
      })
      section.elements.forEach((element, e) => {
        const at: At = [...inSection, 'elements', e]
        elementIds.push({ id: element.id, at: [...at, 'id'] })
        for (const stage of element.perStage ?? []) elementIds.push({ id: `${element.id}.${stage}`, at: [...at, 'perStage'] })
        checkNotes(element.notes, at)
        checkUnits(element.units, [...at, 'units'])
        if (element.when !== undefined) checkCondition(element.when, [...at, 'when'])
        const needsChoices = element.type === 'choice' || element.type === 'choices'
        if (needsChoices && element.choices === undefined) add([...at, 'choices'], message.choicesMissing)
        if (!needsChoices && element.choices !== undefined) add([...at, 'choices'], message.choicesNeedless)
        if (element.choices !== undefined && document.choices[element.choices] === undefined) {
          add([...at, 'choices'], message.unknown(what.choices, element.choices))
        }
        const asked = plan.expansions.get(element.id)?.[0]
        element.assume?.forEach((assumption, n) => {
          checkUnits(assumption.units, [...at, 'assume', n, 'units'])
          if (asked !== undefined) checkValue(asked, assumption.value, [...at, 'assume', n, 'value'])
        })
      })
    })
    dataSet.rules?.forEach((rule, r) => {
      const at: At = [...inDataSet, 'rules', r]
      checkTerm(rule.part, [...at, 'part'])
      checkTerm(rule.whole, [...at, 'whole'])
      const part = elementsOfTerm(plan, rule.part)
      const whole = elementsOfTerm(plan, rule.whole)
      const shared = part.some((one) => one.stage !== undefined && whole.some((other) => other.stage === one.stage))
      if (rule.perStage === true && part.length > 0 && whole.length > 0 && !shared) add(at, message.noParts)
    })
  })
  checkIds(elementIds)
  circularWhens(plan).forEach((asked) => {
    const at = elementIds.find(({ id }) => id === asked.element.id)?.at.slice(0, -1) ?? []
    add([...at, 'when'], message.circle)
  })

  // Figures.
  const figureIds: { id: string; at: At }[] = []
  const checkFigures = (figures: readonly Figure[], at: At) => {
    figures.forEach((figure, n) => {
      figureIds.push({ id: figure.id, at: [...at, n, 'id'] })
      checkFigure(figure, [...at, n])
    })
  }
  checkIds(document.indicators.map(({ id }, n) => ({ id, at: ['indicators', n, 'id'] })))
  document.indicators.forEach((indicator, i) => {
    const at: At = ['indicators', i]
    checkNotes(indicator.notes, at)
    if (!document.dimensions.some(({ id }) => id === indicator.dimension)) {
      add([...at, 'dimension'], message.unknown(what.dimension, indicator.dimension))
    }
    checkFigures(indicator.parts, [...at, 'parts'])
  })

  const { hardware, balance, assessment } = document
  if (hardware !== undefined) {
    checkNotes(hardware.notes, ['hardware'])
    if (!plan.dataSets.has(hardware.dataSet)) add(['hardware', 'dataSet'], message.unknown(what.dataSet, hardware.dataSet))
    checkIds(hardware.checks.map(({ id }, n) => ({ id, at: ['hardware', 'checks', n, 'id'] })))
    hardware.checks.forEach((check, n) => {
      const at: At = ['hardware', 'checks', n]
      checkUnits(check.units, [...at, 'units'])
      check.elements.forEach((id, e) => checkElementRef(id, [...at, 'elements', e]))
      checkCondition(check.meets, [...at, 'meets'])
      if (check.exempt !== undefined) checkCondition(check.exempt, [...at, 'exempt'])
    })
    checkFigures(hardware.goals, ['hardware', 'goals'])
  }

  if (balance !== undefined) {
    checkNotes(balance.notes, ['balance'])
    checkUnits(balance.units, ['balance', 'units'])
    checkTerm({ element: balance.pupils }, ['balance', 'pupils'])
    checkIds(balance.indexes.map(({ id }, n) => ({ id, at: ['balance', 'indexes', n, 'id'] })))
    const stages = variationStages(plan)
    balance.indexes.forEach((index, n) => {
      checkTerm({ element: index.element }, ['balance', 'indexes', n])
      for (const stage of stages) {
        if (index.standard[stage] === undefined) add(['balance', 'indexes', n, 'standard'], message.standard(stage))
      }
    })
    for (const stage of stages) {
      if (!plan.elements.has(`${balance.pupils}.${stage}`)) add(['balance', 'pupils'], message.stage(balance.pupils, stage))
      if (balance.weights[stage] === undefined) add(['balance', 'weights'], message.weight(stage))
    }
  }

  checkIds(document.projects.map(({ id }, n) => ({ id, at: ['projects', n, 'id'] })))
  document.projects.forEach((project, p) => {
    const at: At = ['projects', p]
    checkNotes(project.notes, at)
    if (!document.actions.some(({ id }) => id === project.action)) {
      add([...at, 'action'], message.unknown(what.action, project.action))
    }
    checkFigures(project.figures, [...at, 'figures'])
  })
  checkIds(figureIds)

  if (assessment !== undefined) {
    checkNotes(assessment.notes, ['assessment'])
    checkTerm({ element: assessment.routine }, ['assessment', 'routine'])
    checkTerm(assessment.satisfaction.part, ['assessment', 'satisfaction', 'part'])
    checkTerm(assessment.satisfaction.whole, ['assessment', 'satisfaction', 'whole'])
    assessment.performanceFigures.forEach((id, n) => {
      const figure = plan.figures.get(id)?.figure
      const at: At = ['assessment', 'performanceFigures', n]
      if (figure === undefined) add(at, message.unknown(what.figure, id))
      else if (!isOfOneUnit(figure)) add(at, message.notForOne(id))
    })
  }

  if (document.inspections !== undefined) {
    const { templates, notes } = document.inspections
    checkNotes(notes, ['inspections'])
    checkIds(templates.map(({ id }, n) => ({ id, at: ['inspections', 'templates', n, 'id'] })))
    // Over all lists: an answer names its item and nothing else.
    const items: { readonly id: string; readonly at: At }[] = []
    templates.forEach((template, t) => {
      const at: At = ['inspections', 'templates', t]
      checkUnits(template.units, [...at, 'units'])
      checkNotes(template.notes, at)
      checkIds(template.groups.map(({ id }, g) => ({ id, at: [...at, 'groups', g, 'id'] })))
      template.groups.forEach((group, g) => {
        group.items.forEach((item, n) => {
          const here: At = [...at, 'groups', g, 'items', n]
          items.push({ id: item.id, at: [...here, 'id'] })
          if (RESERVED_ITEMS.includes(item.id)) add([...here, 'id'], message.reserved(item.id))
          checkUnits(item.units, [...here, 'units'])
          checkNotes(item.notes, here)
          if (item.check !== undefined && hardware?.checks.some(({ id }) => id === item.check) !== true)
            add([...here, 'check'], message.unknown(what.check, item.check))
          if (item.element !== undefined) checkElementRef(item.element, [...here, 'element'])
        })
      })
    })
    checkIds(items)
  }
  return faults
}

/** What the cells of an inspection itself are called. */
const RESERVED_ITEMS = ['about', 'state']

/** Sums and counts grow with the district and a variation needs several units: their targets say nothing of a single one. */
function isOfOneUnit(figure: Figure): boolean {
  const { kind } = figure.measure
  return kind === 'ratio' || kind === 'weightedMean' || kind === 'share'
}

function isNumeric(asked: AskedElement): boolean {
  const { type } = asked.element
  return type === 'count' || type === 'decimal' || type === 'percent'
}

function someKind(plan: Plan, filter: UnitFilter): boolean {
  return ORG_UNIT_TYPES.some(
    (type) =>
      matchesFilter(plan, filter, { type, ownership: 'public' }) || matchesFilter(plan, filter, { type, ownership: 'private' }),
  )
}

function setFaults(document: PlanDocument, add: (path: At, text: Text) => void): ReadonlySet<string> {
  const broken = new Set<string>()
  for (const name of Object.keys(document.unitSets)) {
    const seen = new Set<string>()
    let at: string | undefined = name
    while (at !== undefined) {
      const set: UnitFilter | undefined = document.unitSets[at]
      if (set === undefined || seen.has(at)) {
        add(['unitSets', name, 'set'], set === undefined ? message.unknown(what.set, at) : message.circle)
        broken.add(name)
        break
      }
      seen.add(at)
      at = set.set
    }
  }
  return broken
}

function variationStages(plan: Plan): readonly Stage[] {
  const stages = new Set<Stage>()
  for (const { figure } of plan.figures.values()) {
    if (figure.measure.kind === 'variation') for (const stage of figure.measure.stages) stages.add(stage)
  }
  return [...stages]
}

/** Elements whose `when` leads back to themselves. */
function circularWhens(plan: Plan): readonly AskedElement[] {
  const next = (asked: AskedElement) => (asked.element.when === undefined ? [] : elementsOfCondition(plan, asked.element.when))
  return plan.elementList.filter((start) => {
    const seen = new Set<AskedElement>(next(start))
    for (const asked of seen) for (const other of next(asked)) seen.add(other)
    return seen.has(start)
  })
}

/** For messages of the checker: how much a sound document holds. */
export function planCounts(plan: Plan) {
  const { document } = plan
  return {
    dataSets: document.dataSets.length,
    elements: plan.expansions.size,
    asked: plan.elements.size,
    rules: document.dataSets.reduce((sum, dataSet) => sum + (dataSet.rules?.length ?? 0), 0),
    indicators: document.indicators.length,
    figures: plan.figures.size,
    hardwareChecks: document.hardware?.checks.length ?? 0,
    projects: document.projects.length,
  }
}
