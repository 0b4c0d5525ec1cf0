/** The plan of a run: two data sets of a district of two schools. Parsed as any other, so that the product's own rules of reports work by it. */
import { parsePlan } from '#plan/parse-plan'
import type { Plan } from '#plan/plan'
import type { PlanDocument } from '#plan/schema'
import type { OrgUnit } from '#domain/org-unit'

const both = (text: string) => ({ zh: text, en: text })
const textElement = (id: string) => ({ id, label: both(id), type: 'text' as const })
const dataSet = (id: string, elements: readonly string[]) => ({
  ...{ id, title: both(id), units: {} },
  sections: [{ id: `${id}s`, title: both(id), elements: elements.map(textElement) }],
})

const document: PlanDocument = {
  ...{ format: 1, id: 'sim', version: 1, title: both('sim') },
  district: { code: 'sim', name: both('sim') },
  source: { title: both('sim'), number: '1', date: '2024-01-01' },
  ...{ periods: ['2024'], notes: {}, stages: {}, unitSets: {}, choices: {} },
  warnings: { changePercent: 30, rangePercentiles: [10, 90], rangeMinUnits: 5 },
  // What third parties enter is in none of them.
  dataSets: [dataSet('students', ['a', 'b']), dataSet('others', ['c', 'e'])],
  ...{ dimensions: [], indicators: [], actions: [], projects: [] },
}

export const plan: Plan = parsed()

function parsed(): Plan {
  const result = parsePlan(document)
  if (!result.ok) throw new Error(JSON.stringify(result.fault))
  return result.value
}

/** Made once: what follows from the plan for a unit's kind is kept by the unit. */
const units = new Map<string, OrgUnit>()
export function unitOf(code: string): OrgUnit {
  const unit = units.get(code) ?? { code, name: code, type: 'primary', ownership: 'public' }
  units.set(code, unit)
  return unit
}
