/**
 * A made district: org units and values to show the product with, to measure it with and to test it with.
 *
 * It works from any plan and knows none: magnitudes follow from what the plan says of an element, in this order.
 *
 * | the plan says                                             | the made value                                             |
 * |-----------------------------------------------------------|------------------------------------------------------------|
 * | part of a ratio with a target                             | the whole × about the target                               |
 * | summed up to a target (not a stock)                       | the unit's portion of about the target, by its size        |
 * | a yes, a choice or a number that a share or count asks for | so with a chance of about the target                       |
 * | mean, or entered by the district                          | about the target                                           |
 * | an index of the balance                                   | pupils × about the standard, spread as widely as the target |
 * | part of a rule                                            | most of the whole                                          |
 * | nothing                                                   | by its unit of measure and the size of the school          |
 *
 * Whatever came out, a part never exceeds its whole. About one figure in two misses its target a little, and a few answers and whole
 * data sets are missing, so that a dashboard has something to show. The same seed makes the same district.
 */
import { isOpenIn, stagesOf, type OrgUnit, type Stage } from '#domain/org-unit'
import type { Period } from '#domain/period'
import { isOpenInForm, matchesUnits } from '#plan/applicability'
import { elementOf, elementsOfTerm, type AskedElement, type Plan } from '#plan/plan'
import type { Condition, Figure } from '#plan/schema'
import { kindOf, type UnitKind } from '#plan/unit-kind'
import { chanceAt } from './chance'
import { makeOrgUnits } from './made-org-units'

export type MadeValue = {
  readonly orgUnit: string
  readonly period: Period
  /** Expanded id. */
  readonly element: string
  readonly value: string
}

export type MadeDistrict = { readonly orgUnits: readonly OrgUnit[]; readonly values: readonly MadeValue[] }

export type DistrictWish = {
  readonly plan: Plan
  /** How many units to make; the district's own unit is not among them. */
  readonly units: number
  readonly seed: number
  /** Oldest first; the last one is still being filled in, so more is missing in it. */
  readonly periods: readonly Period[]
  /** Code of the district's own unit, to make the values that the bureau enters. */
  readonly district?: string
}

export function makeDistrict(wish: DistrictWish): MadeDistrict {
  const { plan, units, seed, periods, district } = wish
  const orgUnits = makeOrgUnits({ units, seed, firstYear: Number(periods[0] ?? plan.document.periods[0]) })
  const reporting: readonly OrgUnit[] =
    district === undefined ? orgUnits : [...orgUnits, { code: district, name: '演示区', type: 'district', ownership: 'public' }]
  const world = makeWorld({ plan, seed, units: reporting })
  const values: MadeValue[] = []
  reporting.forEach((unit, unitIndex) => {
    for (const period of periods) {
      if (!isOpenIn(unit, period)) continue
      makeReport({ world, unit, unitIndex, period, isLast: period === periods.at(-1) }, (element, value) =>
        values.push({ orgUnit: unit.code, period, element, value }),
      )
    }
  })
  return { orgUnits, values }
}

// ---- what the plan wants of an element ----

/** How an element of one kind of unit is made. */
type Wish =
  | { readonly want: 'pupils' }
  | { readonly want: 'portion'; readonly figure: Figure; readonly times: number }
  | { readonly want: 'part'; readonly figure: Figure; readonly whole: readonly AskedElement[]; readonly times: number }
  | { readonly want: 'target'; readonly figure: Figure; readonly times: number }
  /** `condition` speaks of this element alone; `among` so many of the same `all`. */
  | { readonly want: 'hold'; readonly condition: Condition; readonly chance: (period: Period) => number; readonly among: number }
  | {
      readonly want: 'standard'
      readonly per: number
      readonly standard: Readonly<Partial<Record<Stage, number>>>
      readonly figure?: Figure
    }

type World = {
  readonly plan: Plan
  readonly seed: number
  /** By the element's index, for each kind of unit. */
  wishesOf(kind: UnitKind, unit: OrgUnit): readonly (Wish | undefined)[]
  /** About how far the district is with a figure: 1 is the target. */
  luck(figure: Figure, period: Period): number
  /** How many units stand behind a figure, and the sum of their sizes. */
  expected(figure: Figure): { readonly units: number; readonly size: number }
}

function makeWorld({ plan, seed, units }: { plan: Plan; seed: number; units: readonly OrgUnit[] }): World {
  const wishes = new Map<UnitKind, readonly (Wish | undefined)[]>()
  const expectedBy = new Map<Figure, { readonly units: number; readonly size: number }>()
  const indexes = new Map([...plan.figures.values()].map(({ figure }, index) => [figure, index]))
  const sizes = units.map((unit, index) => sizeOf(unit, index, seed))
  const world: World = {
    plan,
    seed,
    wishesOf(kind, unit) {
      let own = wishes.get(kind)
      if (own === undefined) wishes.set(kind, (own = makeWishes(world, kind, unit)))
      return own
    },
    luck: (figure, period) => 0.95 + 0.12 * chanceAt(seed, indexes.get(figure) ?? 0, Number(period), 11),
    expected(figure) {
      let known = expectedBy.get(figure)
      if (known === undefined) {
        const behind = units.flatMap((unit, index) => (matchesUnits(plan, figure.units, unit) ? [sizes[index] ?? 0] : []))
        known = { units: behind.length, size: behind.reduce((sum, size) => sum + size, 0) }
        expectedBy.set(figure, known)
      }
      return known
    },
  }
  return world
}

function makeWishes(world: World, kind: UnitKind, unit: OrgUnit): readonly (Wish | undefined)[] {
  const { plan } = world
  const { balance, hardware, periods } = plan.document
  const wishes: (Wish | undefined)[] = plan.elementList.map(() => undefined)
  // What comes first wins: an element that stands behind several figures is made for one of them.
  const wish = (asked: AskedElement | undefined, it: Wish) => {
    if (asked !== undefined && kind.asks[asked.index] === true) wishes[asked.index] ??= it
  }
  const hold = (condition: Condition, chance: (period: Period) => number, among = 1): void => {
    if ('all' in condition) condition.all.forEach((each) => hold(each, chance, among * condition.all.length))
    else if ('any' in condition) condition.any.slice(0, 1).forEach((each) => hold(each, chance, among))
    else wish(subjectOf(plan, condition), { want: 'hold', condition, chance, among })
  }

  if (balance !== undefined) {
    for (const asked of plan.expansions.get(balance.pupils) ?? []) wish(asked, { want: 'pupils' })
    const figure = [...plan.figures.values()].find((each) => each.figure.measure.kind === 'variation')?.figure
    for (const { element, per, standard } of balance.indexes) {
      for (const asked of plan.expansions.get(element) ?? []) {
        wish(asked, { want: 'standard', per, standard, ...(figure === undefined ? {} : { figure }) })
      }
    }
  }
  for (const { figure } of plan.figures.values()) {
    const isOf =
      matchesUnits(plan, figure.units, unit) ||
      (figure.alsoIfReported !== undefined && matchesUnits(plan, figure.alsoIfReported, unit))
    if (!isOf) continue
    const { measure } = figure
    switch (measure.kind) {
      case 'sum': {
        const times = (measure.divideBy ?? 1) / (measure.over === undefined ? 1 : periods.length)
        for (const asked of elementsOfTerm(plan, measure.of)) {
          // How many of a stock a school has does not depend on how many schools a district has.
          if (asked.element.stock !== true) wish(asked, { want: 'portion', figure, times })
        }
        break
      }
      case 'ratio': {
        const whole = elementsOfTerm(plan, measure.whole)
        for (const asked of elementsOfTerm(plan, measure.part)) {
          const ofStage = asked.stage === undefined ? whole : whole.filter(({ stage }) => stage === asked.stage)
          wish(asked, { want: 'part', figure, whole: ofStage.length > 0 ? ofStage : whole, times: measure.times })
        }
        break
      }
      case 'weightedMean':
        for (const asked of elementsOfTerm(plan, measure.of)) wish(asked, { want: 'target', figure, times: 1 })
        break
      case 'entered':
        wish(elementOf(plan, measure.element), { want: 'target', figure, times: measure.divideBy ?? 1 })
        break
      case 'count': {
        const { units } = world.expected(figure)
        const over = measure.over === undefined ? 1 : periods.length
        hold(measure.has, (period) => {
          const target = numberTarget(figure, period)
          return target === undefined ? 0.12 : Math.min(0.9, (target * world.luck(figure, period)) / over / Math.max(1, units))
        })
        break
      }
      case 'share':
        if (measure.among !== undefined) hold(measure.among, () => 0.15)
        hold(measure.has, (period) => {
          const target = numberTarget(figure, period)
          return target === undefined ? 0.6 : towards(Math.min(target / 100, SHARE_MOST), world.luck(figure, period))
        })
        break
      case 'variation':
        break
    }
  }
  for (const check of hardware?.checks ?? []) {
    if (!matchesUnits(plan, check.units, unit)) continue
    if (check.exempt !== undefined) hold(check.exempt, () => 0.06)
    hold(check.meets, () => 0.88)
  }
  return wishes
}

/** The element that is made so that the condition holds or not. */
function subjectOf(plan: Plan, condition: Condition): AskedElement | undefined {
  if ('element' in condition) return elementOf(plan, condition.element)
  if ('equal' in condition) return elementsOfTerm(plan, condition.equal[0])[0]
  return 'term' in condition ? elementsOfTerm(plan, condition.term)[0] : undefined
}

function numberTarget(figure: Figure, period: Period): number | undefined {
  const { targets, goal } = figure
  const target = targets?.[period] ?? goal?.value ?? Object.values(targets ?? {})[0]
  return typeof target === 'number' ? target : undefined
}

/** Where a plan asks all units to have something, a few still lack it. */
const SHARE_MOST = 0.94

/** A portion near `target`: what lacks to 1 is scaled, where the target is close to 1, so that it never gets beyond. */
function towards(target: number, luck: number): number {
  return target < 0.7 ? target * luck : Math.max(0, 1 - (1 - Math.min(target, 0.985)) * (1 + 5 * (1 - luck)))
}

// ---- one unit's report of one period ----

type Job = {
  readonly world: World
  readonly unit: OrgUnit
  readonly unitIndex: number
  readonly period: Period
  readonly isLast: boolean
}

function makeReport(job: Job, give: (element: string, value: string) => void): void {
  const { world, unit, unitIndex, period, isLast } = job
  const { plan, seed } = world
  const kind = kindOf(plan, unit)
  const wishes = world.wishesOf(kind, unit)
  const year = Number(period)
  const size = sizeOf(unit, unitIndex, seed)

  /** The same each year: what a school is like. */
  const trait = (asked: AskedElement, key: number) => chanceAt(seed, unitIndex, asked.index, key)
  /** Of this year only. */
  const event = (asked: AskedElement, key: number) => chanceAt(seed, unitIndex, asked.index, key, year)
  const once = (asked: AskedElement, key: number) => (asked.element.stock === true ? trait(asked, key) : event(asked, key))

  const numbers: (number | undefined)[] = []

  /** Numbers are made whether or not they will be missing, since others follow from them. */
  function numberOf(asked: AskedElement): number {
    const known = numbers[asked.index]
    if (known !== undefined) return known
    // Breaks a circle of rules or ratios; it is overwritten below.
    numbers[asked.index] = 0
    const number = within(asked, rounded(asked, rawNumber(asked)))
    numbers[asked.index] = number
    return number
  }

  function sumOf(elements: readonly AskedElement[]): number {
    return elements.reduce((sum, asked) => sum + (kind.asks[asked.index] === true ? numberOf(asked) : 0), 0)
  }

  function within(asked: AskedElement, number: number): number {
    let most = asked.element.max ?? Infinity
    if (asked.element.type === 'percent') most = Math.min(most, 100)
    for (const rule of kind.rulesByElement[asked.index] ?? []) {
      if (rule.part.includes(asked)) most = Math.min(most, Math.floor(sumOf(rule.whole) / rule.part.length))
    }
    return Math.min(number, most)
  }

  function rawNumber(asked: AskedElement): number {
    const wish = wishes[asked.index]
    switch (wish?.want) {
      case 'pupils':
        return asked.stage === undefined ? size : pupilsOf(unit, unitIndex, asked.stage, seed) * (0.98 + 0.04 * event(asked, 1))
      case 'portion':
        return portion(asked, wish)
      case 'part': {
        const target = numberTarget(wish.figure, period)
        const aim = target === undefined ? 0.8 : target / wish.times
        const luck = world.luck(wish.figure, period)
        const own = 0.94 + 0.08 * trait(asked, 2) + 0.04 * event(asked, 3)
        return sumOf(wish.whole) * (wish.times === 100 ? towards(aim, luck * own) : aim * luck * own)
      }
      case 'target': {
        const target = numberTarget(wish.figure, period)
        if (target === undefined) return byUnit(asked)
        // A district's own number is the figure itself; a school's is one of many.
        const own = unit.type === 'district' ? 1 : 0.9 + 0.15 * trait(asked, 2) + 0.05 * event(asked, 3)
        return target * wish.times * world.luck(wish.figure, period) * own
      }
      case 'hold':
        return heldNumber(asked, wish)
      case 'standard': {
        const widest = (wish.figure === undefined ? undefined : numberTarget(wish.figure, period)) ?? 0.3
        const spread = 1.15 + 1.6 * widest * (trait(asked, 2) + trait(asked, 3) + trait(asked, 4) - 1.5)
        const stages = asked.stage === undefined ? stagesOf(unit.type) : [asked.stage]
        return stages.reduce((sum, stage) => {
          const pupils = pupilsOf(unit, unitIndex, stage, seed)
          return sum + ((wish.standard[stage] ?? 0) * pupils * Math.max(0.35, spread)) / wish.per
        }, 0)
      }
      case undefined:
        return byRule(asked) ?? byUnit(asked)
    }
  }

  function portion(asked: AskedElement, wish: Wish & { want: 'portion' }): number {
    const target = numberTarget(wish.figure, period)
    if (target === undefined) return byUnit(asked)
    const behind = world.expected(wish.figure)
    const share = behind.size === 0 ? 0 : size / behind.size
    const whole = target * wish.times * world.luck(wish.figure, period) * share
    // What happens in few schools happens there in earnest; the rest say 0.
    if (asked.element.quiet === true) {
      const few = Math.min(1, Math.max(0.3, 10 / behind.units))
      return event(asked, 1) < few ? (whole / few) * (0.7 + 0.6 * event(asked, 2)) : 0
    }
    return whole * (0.8 + 0.3 * trait(asked, 2) + 0.1 * event(asked, 3))
  }

  function heldNumber(asked: AskedElement, wish: Wish & { want: 'hold' }): number {
    const { condition } = wish
    const holds = once(asked, 5) < wish.chance(period) ** (1 / wish.among)
    if ('equal' in condition) {
      const other = sumOf(elementsOfTerm(plan, condition.equal[1]))
      return holds ? other : Math.floor(other * (0.7 + 0.25 * trait(asked, 6)))
    }
    const steps = 1 + Math.floor(trait(asked, 6) * 3)
    if ('none' in condition) return holds ? 0 : Math.ceil(steps / 2)
    if ('above' in condition) return holds ? condition.above + steps : Math.min(condition.above, 0)
    if ('atLeast' in condition) return condition.atLeast * (holds ? 2 ** (steps - 1) : 0.4 * steps * 0.7)
    return byUnit(asked)
  }

  /** Part of a rule: most of the whole. Whole of a rule: more than what its parts will be by themselves. */
  function byRule(asked: AskedElement): number | undefined {
    let least: number | undefined
    for (const rule of kind.rulesByElement[asked.index] ?? []) {
      if (rule.part.includes(asked)) return (sumOf(rule.whole) / rule.part.length) * (0.86 + 0.13 * trait(asked, 2))
      for (const part of rule.part) {
        const want = wishes[part.index]?.want
        if (want === 'standard' || want === 'portion') least = Math.max(least ?? 0, rawNumber(part) / rule.whole.length)
      }
    }
    return least === undefined ? undefined : Math.max(least * 1.2, byUnit(asked))
  }

  function byUnit(asked: AskedElement): number {
    const { type, max, unit: measuredIn, stock } = asked.element
    const spread = 0.75 + 0.4 * trait(asked, 2) + (stock === true ? 0 : 0.1 * event(asked, 3))
    const most = type === 'percent' ? 100 : max
    if (most !== undefined) return most * Math.min(0.99, 0.7 + 0.25 * trait(asked, 2) + 0.05 * event(asked, 3))
    const perPupil = PER_PUPIL[`${measuredIn?.zh ?? ''}${stock === true ? ' stock' : ''}`] ?? PER_PUPIL[measuredIn?.zh ?? '']
    const pupils = asked.stage === undefined ? size : pupilsOf(unit, unitIndex, asked.stage, seed)
    return perPupil === undefined ? 1 + 8 * spread * once(asked, 4) : pupils * perPupil * spread
  }

  function rounded(asked: AskedElement, number: number): number {
    if (asked.element.type === 'count') return Math.floor(number + (number < 20 ? once(asked, 7) : 0.5))
    return number < 100 ? Math.round(number * 10) / 10 : Math.round(number)
  }

  function choiceOf(asked: AskedElement): string | undefined {
    const { element } = asked
    const keys = (plan.document.choices[element.choices ?? ''] ?? []).map(({ key }) => key)
    if (element.type === 'choices') return keys.filter((_, n) => trait(asked, 20 + n) < 0.6).join(',')
    const wish = wishes[asked.index]
    if (wish?.want === 'target') {
      const target = wish.figure.targets?.[period] ?? wish.figure.goal?.value
      return typeof target === 'string' ? target : keys[0]
    }
    const wanted = wish?.want === 'hold' ? keysOf(wish.condition) : keys
    const holds = wish?.want !== 'hold' || once(asked, 5) < wish.chance(period) ** (1 / wish.among)
    const from = holds ? wanted : keys.filter((key) => !wanted.includes(key))
    // Of several, the first is the likeliest: lists of grades begin with the best.
    return from[Math.floor(from.length * once(asked, 6) ** (wish === undefined ? 1 : 2))] ?? keys[0]
  }

  function isYes(asked: AskedElement): boolean {
    const wish = wishes[asked.index]
    if (wish?.want !== 'hold') return once(asked, 5) < 0.5
    const holds = once(asked, 5) < wish.chance(period) ** (1 / wish.among)
    return holds === keysOf(wish.condition).includes('true')
  }

  function valueOf(asked: AskedElement): string | undefined {
    const { element } = asked
    switch (element.type) {
      case 'count':
      case 'decimal':
      case 'percent':
        return String(numberOf(asked))
      case 'yesno':
        return String(isYes(asked))
      case 'choice':
      case 'choices':
        return choiceOf(asked)
      case 'text':
        return `演示内容：${element.label.zh}（${period} 年）`
    }
  }

  // ---- what is missing, then what is given ----

  const idleDataSets = new Set(
    plan.document.dataSets.filter((_, n) => chanceAt(seed, unitIndex, n, 31, year) < (isLast ? 0.05 : 0.01)).map(({ id }) => id),
  )
  function isMissing(asked: AskedElement): boolean {
    if (unit.type === 'district') return false
    const gap = asked.element.type === 'text' ? 0.4 : isLast ? 0.02 : 0.005
    return idleDataSets.has(asked.dataSet.id) || event(asked, 32) < gap
  }

  const given = new Map<string, string | undefined>()
  function givenOf(asked: AskedElement): string | undefined {
    if (given.has(asked.id)) return given.get(asked.id)
    given.set(asked.id, undefined)
    const isGiven = !isMissing(asked) && (asked.element.when === undefined || isOpenInForm(plan, asked, unit, values))
    const value = isGiven ? valueOf(asked) : undefined
    given.set(asked.id, value)
    return value
  }
  const values = {
    get(elementId: string) {
      const asked = plan.elements.get(elementId)
      const value = asked === undefined || kind.asks[asked.index] !== true ? undefined : givenOf(asked)
      return value === undefined ? undefined : { value }
    },
  }

  for (const asked of kind.elements) {
    const value = givenOf(asked)
    if (value !== undefined && value !== '') give(asked.id, value)
  }
}

/** By the unit of measure in Chinese, per pupil of the unit; `stock` where a stock differs from what a year brings. */
const PER_PUPIL: Readonly<Record<string, number>> = {
  册: 32,
  元: 14_000,
  份: 0.5,
  人次: 0.12,
  人: 0.08,
  '人 stock': 0.065,
  '个 stock': 1 / 32,
  'm² stock': 8,
}

function keysOf(condition: Condition): readonly string[] {
  if ('is' in condition) return [condition.is]
  return 'in' in condition ? condition.in : []
}

// ---- pupils ----

/** Smallest and largest number of pupils that a stage of a unit has. */
const PUPILS: Readonly<Record<Stage, readonly [number, number]>> = {
  kindergarten: [180, 480],
  primary: [500, 1500],
  junior: [400, 1200],
  senior: [600, 1500],
  vocational: [800, 1500],
  special: [60, 160],
}

function pupilsOf(unit: OrgUnit, unitIndex: number, stage: Stage, seed: number): number {
  if (!stagesOf(unit.type).some((own) => own === stage)) return 0
  const [least, most] = PUPILS[stage]
  return Math.round(least + (most - least) * chanceAt(seed, unitIndex, PUPIL_KEYS.indexOf(stage), 41) ** 1.4)
}

const PUPIL_KEYS = Object.keys(PUPILS)

/** Pupils of all stages; a unit without pupils counts as one of middling size. */
function sizeOf(unit: OrgUnit, unitIndex: number, seed: number): number {
  const stages = stagesOf(unit.type)
  return stages.length === 0 ? 500 : stages.reduce((sum, stage) => sum + pupilsOf(unit, unitIndex, stage, seed), 0)
}
