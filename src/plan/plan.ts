/**
 * A plan document with the indexes that everything else reads.
 *
 * `trustPlan` only builds the indexes: it is for a document that has been checked before (the tablet gets its plan from the server,
 * which parsed it), and brings no schema library along. Whatever comes from outside goes through `parse-plan.ts`.
 *
 * An element that is asked per stage is **expanded**: `enrolment` becomes `enrolment.primary`, `enrolment.junior` ... Only
 * expanded ids are keys of cells.
 */
import { STAGES, type Stage } from '#domain/org-unit'
import type {
  Condition,
  DataSet,
  Element,
  Figure,
  Indicator,
  Measure,
  PlanDocument,
  Project,
  InspectionItem,
  InspectionTemplate,
  Rule,
  Section,
  Term,
} from './schema'

export type AskedElement = {
  /** Expanded id: `enrolment.primary`. */
  readonly id: string
  /** Place in the document's order, from 0 without gaps. */
  readonly index: number
  readonly element: Element
  readonly stage?: Stage | undefined
  readonly dataSet: DataSet
  readonly section: Section
}

export type FigureSource =
  | { readonly kind: 'indicator'; readonly indicator: Indicator }
  | { readonly kind: 'hardware' }
  | { readonly kind: 'project'; readonly project: Project }

export type PlanFigure = { readonly figure: Figure; readonly source: FigureSource }

/** An item of an inspection's list, where it stands. */
export type PlacedItem = {
  readonly item: InspectionItem
  readonly group: InspectionTemplate['groups'][number]
  readonly template: InspectionTemplate
}

/** A rule for all stages together, or for one of them. */
export type RuleInstance = {
  readonly rule: Rule
  readonly dataSet: DataSet
  readonly part: readonly AskedElement[]
  readonly whole: readonly AskedElement[]
}

/** Whether the value is invalid while the rule is broken: of both sides in one data set, of the part alone across data sets. */
export function isJudgedBy(rule: RuleInstance, asked: AskedElement): boolean {
  return rule.part.includes(asked) || (rule.whole.includes(asked) && rule.part[0]?.dataSet === asked.dataSet)
}

export type Plan = {
  readonly document: PlanDocument
  /** By expanded id, in the document's order. */
  readonly elements: ReadonlyMap<string, AskedElement>
  /** The same, by index. */
  readonly elementList: readonly AskedElement[]
  /** By the document's id: `enrolment` -> one for each stage. */
  readonly expansions: ReadonlyMap<string, readonly AskedElement[]>
  readonly dataSets: ReadonlyMap<string, DataSet>
  /** Indicator parts, then hardware goals, then project figures, each in the document's order. */
  readonly figures: ReadonlyMap<string, PlanFigure>
  readonly rules: readonly RuleInstance[]
  /** Expanded element id -> the figures that a change of it can change, also through a rule, a `when` or an earlier period. */
  readonly figureIdsByElement: ReadonlyMap<string, readonly string[]>
  /** Items of all inspection lists, by id, in the document's order. */
  readonly items: ReadonlyMap<string, PlacedItem>
}

function itemsOf({ inspections }: PlanDocument): ReadonlyMap<string, PlacedItem> {
  const items = new Map<string, PlacedItem>()
  for (const template of inspections?.templates ?? [])
    for (const group of template.groups) for (const item of group.items) items.set(item.id, { item, group, template })
  return items
}

export function trustPlan(document: PlanDocument): Plan {
  const elements = new Map<string, AskedElement>()
  const expansions = new Map<string, AskedElement[]>()
  for (const dataSet of document.dataSets) {
    for (const section of dataSet.sections) {
      for (const element of section.elements) {
        const expanded: AskedElement[] = []
        for (const stage of element.perStage ?? [undefined]) {
          const id = stage === undefined ? element.id : `${element.id}.${stage}`
          const asked = { id, index: elements.size, element, stage, dataSet, section }
          elements.set(id, asked)
          expanded.push(asked)
        }
        expansions.set(element.id, expanded)
      }
    }
  }

  const figures = new Map<string, PlanFigure>()
  for (const indicator of document.indicators) {
    for (const figure of indicator.parts) figures.set(figure.id, { figure, source: { kind: 'indicator', indicator } })
  }
  for (const figure of document.hardware?.goals ?? []) figures.set(figure.id, { figure, source: { kind: 'hardware' } })
  for (const project of document.projects) {
    for (const figure of project.figures) figures.set(figure.id, { figure, source: { kind: 'project', project } })
  }

  const rules: RuleInstance[] = []
  for (const dataSet of document.dataSets) {
    for (const rule of dataSet.rules ?? []) {
      const part = resolveTerm(elements, expansions, rule.part)
      const whole = resolveTerm(elements, expansions, rule.whole)
      if (rule.perStage === undefined) {
        rules.push({ rule, dataSet, part, whole })
        continue
      }
      for (const stage of STAGES) {
        const ofStage = { part: part.filter((it) => it.stage === stage), whole: whole.filter((it) => it.stage === stage) }
        if (ofStage.part.length > 0 && ofStage.whole.length > 0) rules.push({ rule, dataSet, ...ofStage })
      }
    }
  }

  let items: ReadonlyMap<string, PlacedItem> | undefined
  let dependents: ReadonlyMap<string, readonly string[]> | undefined
  const plan: Plan = {
    document,
    elements,
    elementList: [...elements.values()],
    expansions,
    dataSets: new Map(document.dataSets.map((dataSet) => [dataSet.id, dataSet])),
    figures,
    rules,
    // Only the server asks for it, so a tablet does not pay for it at its start.
    get figureIdsByElement() {
      return (dependents ??= figureIdsByElement(plan))
    },
    get items() {
      return (items ??= itemsOf(document))
    },
  }
  return plan
}

/** The expanded elements whose numbers a term adds. */
export function elementsOfTerm(plan: Plan, term: Term): readonly AskedElement[] {
  return resolveTerm(plan.elements, plan.expansions, term)
}

/** The one element that a condition speaks of, by its expanded id, or by its document id where it is not asked per stage. */
export function elementOf(plan: Pick<Plan, 'elements' | 'expansions'>, id: string): AskedElement | undefined {
  const exact = plan.elements.get(id)
  if (exact !== undefined) return exact
  const expanded = plan.expansions.get(id)
  return expanded?.length === 1 ? expanded[0] : undefined
}

function resolveTerm(
  elements: ReadonlyMap<string, AskedElement>,
  expansions: ReadonlyMap<string, readonly AskedElement[]>,
  term: Term,
): readonly AskedElement[] {
  const expanded = expansions.get(term.element)
  if (expanded === undefined) {
    const exact = elements.get(term.element)
    return exact === undefined ? [] : [exact]
  }
  const { stages } = term
  if (stages === undefined) return expanded
  return expanded.filter((it) => it.stage !== undefined && stages.includes(it.stage))
}

/** Every element that the condition reads. */
export function elementsOfCondition(plan: Plan, condition: Condition): readonly AskedElement[] {
  if ('all' in condition) return condition.all.flatMap((each) => elementsOfCondition(plan, each))
  if ('any' in condition) return condition.any.flatMap((each) => elementsOfCondition(plan, each))
  if ('equal' in condition) return condition.equal.flatMap((term) => elementsOfTerm(plan, term))
  if ('term' in condition) return elementsOfTerm(plan, condition.term)
  const asked = elementOf(plan, condition.element)
  return asked === undefined ? [] : [asked]
}

/** What the measure itself reads, without what decides whether those values are valid. */
export function elementsOfMeasure(plan: Plan, measure: Measure): readonly AskedElement[] {
  switch (measure.kind) {
    case 'sum':
      return elementsOfTerm(plan, measure.of)
    case 'ratio':
      return [...elementsOfTerm(plan, measure.part), ...elementsOfTerm(plan, measure.whole)]
    case 'weightedMean':
      return [...elementsOfTerm(plan, measure.of), ...elementsOfTerm(plan, measure.weight)]
    case 'share':
      return [
        ...elementsOfCondition(plan, measure.has),
        ...(measure.among === undefined ? [] : elementsOfCondition(plan, measure.among)),
        ...(measure.weight === undefined ? [] : elementsOfTerm(plan, measure.weight)),
      ]
    case 'count':
      return elementsOfCondition(plan, measure.has)
    case 'entered': {
      const asked = elementOf(plan, measure.element)
      return asked === undefined ? [] : [asked]
    }
    case 'variation': {
      const { balance } = plan.document
      if (balance === undefined) return []
      return [balance.pupils, ...balance.indexes.map((index) => index.element)].flatMap((element) =>
        elementsOfTerm(plan, { element }),
      )
    }
  }
}

function figureIdsByElement(plan: Plan): ReadonlyMap<string, readonly string[]> {
  const partners = new Map<AskedElement, Set<AskedElement>>()
  for (const rule of plan.rules) {
    const both = [...rule.part, ...rule.whole]
    for (const one of both) {
      if (!isJudgedBy(rule, one)) continue
      const own = partners.get(one) ?? new Set()
      for (const other of both) own.add(other)
      partners.set(one, own)
    }
  }
  const figureIds = new Map<string, string[]>()
  for (const asked of plan.elementList) figureIds.set(asked.id, [])
  for (const { figure } of plan.figures.values()) {
    const needed = new Set<AskedElement>()
    for (const asked of elementsOfMeasure(plan, figure.measure)) {
      needed.add(asked)
      for (const partner of partners.get(asked) ?? []) needed.add(partner)
    }
    // A set may grow while it is walked: this follows `when` to its end.
    for (const asked of needed) {
      if (asked.element.when === undefined) continue
      for (const other of elementsOfCondition(plan, asked.element.when)) needed.add(other)
    }
    for (const asked of needed) figureIds.get(asked.id)?.push(figure.id)
  }
  return figureIds
}
