/**
 * The plan document: one JSON file from which the forms, the checks, the figures and the targets follow.
 *
 * This file says the shape; `parse-plan.ts` also checks that what the document refers to exists, and names every fault with
 * its path. Nothing in the program knows an identifier of a particular plan.
 */
import * as v from 'valibot'
import { ORG_UNIT_TYPES, OWNERSHIPS, STAGES } from '#domain/org-unit'
import { isTimeZone } from '#domain/window'

const text = v.strictObject({ zh: v.pipe(v.string(), v.minLength(1)), en: v.pipe(v.string(), v.minLength(1)) })
const name = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9.]*$/))
const period = v.pipe(v.string(), v.regex(/^[12]\d{3}$/))
const stage = v.picklist(STAGES)
const notes = v.optional(v.array(name))

/** Which org units: everything given must hold; `{}` is every unit. `set` names one of the plan's unit sets. */
const unitFilter = v.strictObject({
  set: v.optional(name),
  types: v.optional(v.array(v.picklist(ORG_UNIT_TYPES as [(typeof ORG_UNIT_TYPES)[number]]))),
  /** The unit has at least one of these stages. */
  stages: v.optional(v.array(stage)),
  ownership: v.optional(v.picklist(OWNERSHIPS)),
})

/**
 * A number of a unit: an element's value. For an element asked per stage, the sum over the stages given (or over all that it
 * is asked for) that the unit has.
 */
const term = v.strictObject({ element: name, stages: v.optional(v.array(stage)) })

export type Term = v.InferOutput<typeof term>

/** A question to a unit's values. Its answer is yes, no, or the absence of the element that is missing. */
export type Condition =
  /** yes/no or choice: is exactly this. Several choices: is among the ticked. */
  | { readonly element: string; readonly is: string }
  | { readonly element: string; readonly in: readonly string[] }
  | { readonly term: Term; readonly atLeast: number }
  | { readonly term: Term; readonly above: number }
  /** Both terms are the same number, and it is not 0. */
  | { readonly equal: readonly [Term, Term] }
  /** The term is exactly 0: "has no canteen". */
  | { readonly term: Term; readonly none: true }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }

const condition: v.GenericSchema<Condition> = v.lazy(() =>
  v.union([
    v.strictObject({ element: name, is: v.string() }),
    v.strictObject({ element: name, in: v.pipe(v.array(v.string()), v.minLength(1)) }),
    v.strictObject({ term, atLeast: v.number() }),
    v.strictObject({ term, above: v.number() }),
    v.strictObject({ equal: v.tuple([term, term]) }),
    v.strictObject({ term, none: v.literal(true) }),
    v.strictObject({ all: v.pipe(v.array(condition), v.minLength(1)) }),
    v.strictObject({ any: v.pipe(v.array(condition), v.minLength(1)) }),
  ]),
)

export const ELEMENT_TYPES = ['count', 'decimal', 'percent', 'yesno', 'choice', 'choices', 'text'] as const

const element = v.strictObject({
  id: name,
  label: text,
  /** Some characters for where space is short: rule sentences, table heads. */
  short: v.optional(text),
  /** What to count, and where the plan's source says it. */
  hint: v.optional(text),
  type: v.picklist(ELEMENT_TYPES),
  /** Unit of measure, e.g. 人. */
  unit: v.optional(text),
  /** Asked once for each of these stages that the unit has; its values are called `id.stage`. */
  perStage: v.optional(v.pipe(v.array(stage), v.minLength(1))),
  /** Narrower than the data set's units. */
  units: v.optional(unitFilter),
  /** Asked only where this holds (an element of the same form). */
  when: v.optional(condition),
  /** Name of one of the plan's lists of choices; for `choice` and `choices`. */
  choices: v.optional(name),
  /** Largest number that can be true. Beyond it is an error. */
  max: v.optional(v.number()),
  /** A stock rarely changes and may be taken over from last year with one touch; a flow is counted anew each year. */
  stock: v.optional(v.literal(true)),
  /** Who enters it: the unit itself (default), or the bureau, from a third party's survey or from its own books. */
  source: v.optional(v.picklist(['unit', 'thirdParty', 'bureau'])),
  /** What a missing answer of these units is taken for. */
  assume: v.optional(v.array(v.strictObject({ units: unitFilter, value: v.string() }))),
  /** No warnings about last year or the usual range. */
  quiet: v.optional(v.literal(true)),
  notes,
})

/**
 * part <= whole. An error: it blocks submitting, never saving. `perStage`: for each stage that both terms have.
 *
 * In figures, a broken rule makes both sides invalid where they are of one data set: nobody can tell which of them is wrong. Where the
 * whole is of another data set, only the part is: the whole belongs to another form, often to another person, and feeds figures that
 * have nothing to do with the part.
 */
const rule = v.strictObject({
  id: name,
  kind: v.literal('atMost'),
  part: term,
  whole: term,
  perStage: v.optional(v.literal(true)),
})

const section = v.strictObject({
  id: name,
  title: text,
  hint: v.optional(text),
  /** Numbers of the indicators that this section feeds: shown, computed live, in the section's head. */
  indicators: v.optional(v.array(name)),
  elements: v.array(element),
  notes,
})

const dataSet = v.strictObject({
  id: name,
  title: text,
  short: v.optional(text),
  hint: v.optional(text),
  units: unitFilter,
  sections: v.pipe(v.array(section), v.minLength(1)),
  rules: v.optional(v.array(rule)),
  notes,
})

/** How a figure is made from the units' values. Sources of the formulas: the plan's own document. */
const measure = v.variant('kind', [
  /** Σ of / divideBy. `over: 'plan'` adds the periods from the plan's first to the figure's. */
  v.strictObject({ kind: v.literal('sum'), of: term, divideBy: v.optional(v.number()), over: v.optional(v.literal('plan')) }),
  /** times × Σ part / Σ whole over the units that reported both. */
  v.strictObject({ kind: v.literal('ratio'), part: term, whole: term, times: v.number() }),
  /** Σ (of × weight) / Σ weight over the units that reported both. */
  v.strictObject({ kind: v.literal('weightedMean'), of: term, weight: term }),
  /**
   * 100 × the units where `has` is yes / the units that reported it; with `weight`, weights are added in place of units.
   * `among` narrows to the units where it is yes (missing counts as no).
   */
  v.strictObject({ kind: v.literal('share'), has: condition, among: v.optional(condition), weight: v.optional(term) }),
  /** Units where `has` is yes; a missing answer is no. `over: 'plan'`: yes in any period up to the figure's. */
  v.strictObject({ kind: v.literal('count'), has: condition, over: v.optional(v.literal('plan')) }),
  /** The district's own value. */
  v.strictObject({ kind: v.literal('entered'), element: name, divideBy: v.optional(v.number()) }),
  /** The largest coefficient of variation over the balance indexes and the stages given. */
  v.strictObject({ kind: v.literal('variation'), stages: v.pipe(v.array(stage), v.minLength(1)) }),
])

const target = v.union([v.number(), v.string()])

const figure = v.strictObject({
  id: name,
  title: text,
  short: v.optional(text),
  unit: v.optional(text),
  units: unitFilter,
  /** More units, expected only where they reported any of what the measure needs: those that reported nothing are not missed. */
  alsoIfReported: v.optional(unitFilter),
  measure,
  better: v.picklist(['atLeast', 'atMost', 'above']),
  /** The target of each period. */
  targets: v.optional(v.record(period, target)),
  /** One goal for every period: of each year, or, with `by`, to be reached by the end of that period. */
  goal: v.optional(v.strictObject({ value: target, by: v.optional(period) })),
  /** Digits after the decimal point when shown. */
  decimals: v.optional(v.number()),
  notes,
})

const indicator = v.strictObject({
  id: name,
  dimension: name,
  title: text,
  short: v.optional(text),
  parts: v.pipe(v.array(figure), v.minLength(1)),
  notes,
})

/** One line of the checklist: what a single unit must have. */
const hardwareCheck = v.strictObject({
  id: name,
  label: text,
  short: text,
  /** Name of a drawing of the program. */
  icon: v.optional(v.string()),
  units: unitFilter,
  /** Elements that are typed for it, the measured one first. */
  elements: v.pipe(v.array(name), v.minLength(1)),
  meets: condition,
  /** Not applicable to a unit where this holds. */
  exempt: v.optional(condition),
  /** What is demanded, in words: "≥ 2.5 Gbps". */
  demand: text,
})

const balanceIndex = v.strictObject({
  id: name,
  label: text,
  element: name,
  /** Shown per this many pupils: 1 or 100. */
  per: v.number(),
  unit: v.optional(text),
  /** What the national standard demands of a school, by stage. */
  standard: v.record(stage, v.number()),
})

const balance = v.strictObject({
  /** Element with a stage's pupils. */
  pupils: name,
  /** Units that count at all. */
  units: unitFilter,
  /** Units with fewer pupils in all their stages are left out. */
  minPupils: v.number(),
  /** A figure asked once for several stages is split by pupils × these weights. */
  weights: v.record(stage, v.number()),
  indexes: v.pipe(v.array(balanceIndex), v.minLength(1)),
  /** A school meets the standard when this many indexes reach it and the others reach `floorPercent` of it. */
  standardMinIndexes: v.number(),
  standardFloorPercent: v.number(),
  notes,
})

const project = v.strictObject({
  id: name,
  number: v.number(),
  title: text,
  action: name,
  lead: v.array(text),
  responsible: v.array(text),
  figures: v.array(figure),
  notes,
})

/** One thing that is looked at on the spot, and answered met, not met or not applicable. Its id is unique over all lists. */
const inspectionItem = v.strictObject({
  id: name,
  ask: text,
  /** Some characters, for lists of findings. */
  short: v.optional(text),
  /** How it is looked at: where, how many, by what. */
  hint: v.optional(text),
  /** Narrower than the list's units. */
  units: v.optional(unitFilter),
  /** The line of the hardware checklist that it verifies: its verdict stands beside what the unit reported. */
  check: v.optional(name),
  /** What is measured on the spot: an element's value. */
  element: v.optional(name),
  /** What is typically wrong, in a few characters each. */
  phrases: v.optional(v.array(text)),
  /** Who in a school usually puts it right. */
  answersFor: v.optional(text),
  notes,
})

/** A list with which somebody goes through a unit. */
const inspectionTemplate = v.strictObject({
  id: name,
  title: text,
  short: v.optional(text),
  units: unitFilter,
  groups: v.pipe(
    v.array(v.strictObject({ id: name, title: text, items: v.pipe(v.array(inspectionItem), v.minLength(1)) })),
    v.minLength(1),
  ),
  notes,
})

const assessment = v.strictObject({
  weights: v.strictObject({ routine: v.number(), performance: v.number(), satisfaction: v.number() }),
  routine: name,
  /** Figures that mean something for one unit, and count in its performance. */
  performanceFigures: v.array(name),
  satisfaction: v.strictObject({ part: term, whole: term }),
  notes,
})

export const planDocumentSchema = v.strictObject({
  format: v.literal(1),
  id: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]*$/)),
  /** Grows with each change; a mutation says from which version its form came. */
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  title: text,
  /** `timeZone`: in which windows are said; that of the whole of China where it is left out. */
  district: v.strictObject({ code: v.string(), name: text, timeZone: v.optional(v.pipe(v.string(), v.check(isTimeZone))) }),
  source: v.strictObject({ title: text, number: v.string(), date: v.string() }),
  periods: v.pipe(v.array(period), v.minLength(1)),
  /** Choices made where the source is silent, and other remarks that readers must see. */
  notes: v.record(name, text),
  stages: v.record(stage, text),
  unitSets: v.record(name, v.strictObject({ label: text, ...unitFilter.entries })),
  /** Lists of choices, the best first where they are grades. */
  choices: v.record(
    name,
    v.pipe(v.array(v.strictObject({ key: v.pipe(v.string(), v.regex(/^[A-Za-z0-9]+$/)), label: text })), v.minLength(2)),
  ),
  warnings: v.strictObject({
    /** More than this off last year asks for a remark. */
    changePercent: v.number(),
    /** The usual range: between these percentiles of the district's units of the same type, where enough have reported. */
    rangePercentiles: v.tuple([v.number(), v.number()]),
    rangeMinUnits: v.number(),
  }),
  dataSets: v.pipe(v.array(dataSet), v.minLength(1)),
  dimensions: v.array(v.strictObject({ id: name, title: text, motto: v.optional(text) })),
  indicators: v.array(indicator),
  hardware: v.optional(v.strictObject({ dataSet: name, checks: v.array(hardwareCheck), goals: v.array(figure), notes })),
  balance: v.optional(balance),
  actions: v.array(v.strictObject({ id: name, title: text })),
  projects: v.array(project),
  assessment: v.optional(assessment),
  inspections: v.optional(v.strictObject({ templates: v.pipe(v.array(inspectionTemplate), v.minLength(1)), notes })),
})

export type PlanDocument = v.InferOutput<typeof planDocumentSchema>
export type UnitFilter = v.InferOutput<typeof unitFilter>
export type Element = v.InferOutput<typeof element>
export type ElementType = Element['type']
export type Rule = v.InferOutput<typeof rule>
export type Section = v.InferOutput<typeof section>
export type DataSet = v.InferOutput<typeof dataSet>
export type Measure = v.InferOutput<typeof measure>
export type Figure = v.InferOutput<typeof figure>
export type Indicator = v.InferOutput<typeof indicator>
export type HardwareCheck = v.InferOutput<typeof hardwareCheck>
export type Balance = v.InferOutput<typeof balance>
export type BalanceIndex = v.InferOutput<typeof balanceIndex>
export type Project = v.InferOutput<typeof project>
export type InspectionTemplate = v.InferOutput<typeof inspectionTemplate>
export type InspectionItem = v.InferOutput<typeof inspectionItem>
export type Target = v.InferOutput<typeof target>
