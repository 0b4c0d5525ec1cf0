/**
 * Figures of a made district: from cold, and after one change. The reference is the same engine computing the changed figures from nothing,
 * which is what a program without the incremental table would do.
 */
import { readFileSync } from 'node:fs'
import { createFigureTable } from '#plan/figure-table'
import { summarizeInspections } from '#plan/inspection-summary'
import { parsePlan } from '#plan/parse-plan'
import { makeDistrict } from '#server/demo/made-district'
import { toPeriod } from '#domain/period'
import type { CellValue } from '#plan/typed'
import { inMs, quantile, section } from './report'

const CHANGES = 200

export function benchFigures(unitCount: number): void {
  const parsed = parsePlan(JSON.parse(readFileSync('public/plans/qiantang-2022-2024.json', 'utf8')))
  if (!parsed.ok) throw new Error('the plan document is not sound')
  const plan = parsed.value
  const periods = plan.document.periods.map(toPeriod)
  const period = periods[periods.length - 1] ?? toPeriod('2024')
  const made = makeDistrict({ plan, units: unitCount, seed: 7, periods, district: plan.document.district.code })

  const load = () => {
    const table = createFigureTable(plan, made.orgUnits)
    for (const { orgUnit, period: of, element, value } of made.values) table.putValue(orgUnit, of, element, { value })
    return table
  }
  const beganLoad = performance.now()
  const table = load()
  const loadMs = performance.now() - beganLoad
  const beganCold = performance.now()
  const cold = table.figures(period)
  const coldMs = performance.now() - beganCold

  // One change of each of many elements, of many units: every kind of figure is met.
  const elements = [...plan.elements.values()].filter(({ element }) => element.type === 'count' || element.type === 'decimal')
  const changes: number[] = []
  for (let i = 0; i < CHANGES; i++) {
    const unit = made.orgUnits[(i * 7919) % made.orgUnits.length]
    const asked = elements[(i * 104729) % elements.length]
    if (unit === undefined || asked === undefined) continue
    const began = performance.now()
    table.putValue(unit.code, period, asked.id, { value: String(i + 1) })
    table.figures(period)
    changes.push(performance.now() - began)
  }
  // The same change over and over of the element on which most depends.
  const heaviest = [...plan.elements.keys()].reduce((most, id) =>
    (plan.figureIdsByElement.get(id)?.length ?? 0) > (plan.figureIdsByElement.get(most)?.length ?? 0) ? id : most,
  )
  const heavy: number[] = []
  for (let i = 0; i < CHANGES; i++) {
    const unit = made.orgUnits[(i * 31) % made.orgUnits.length]
    if (unit === undefined) continue
    const began = performance.now()
    table.putValue(unit.code, period, heaviest, { value: String(300 + i) })
    table.figures(period)
    heavy.push(performance.now() - began)
  }
  // Every item of every unit looked at twice: by an inspector, and by the school itself.
  const values = new Map<string, Map<string, CellValue>>()
  for (const each of made.values) {
    if (each.period !== period) continue
    const own = values.get(each.orgUnit) ?? new Map<string, CellValue>()
    values.set(each.orgUnit, own.set(each.element, { value: each.value }))
  }
  const inspected = made.orgUnits.map((unit) => ({
    unit,
    values: values.get(unit.code) ?? new Map<string, CellValue>(),
    said: [...plan.items.keys()].flatMap((item, at) => [
      { item, verdict: 'met', of: 'visit', inspection: 'v', at } as const,
      { item, verdict: 'unmet', of: 'self', inspection: 's', at } as const,
    ]),
  }))
  const beganSummary = performance.now()
  const summary = summarizeInspections(plan, inspected)
  const summaryMs = performance.now() - beganSummary
  section(`Figures, ${unitCount} units, ${made.values.length.toLocaleString('en')} values, ${cold.length} figures`, [
    { what: 'putting all values into the table', value: inMs(loadMs) },
    { what: 'all figures from cold', value: inMs(coldMs) },
    {
      what: 'all figures after one change, p50 / p95',
      value: `${inMs(quantile(changes, 0.5))} / ${inMs(quantile(changes, 0.95))}`,
      beside: `${inMs(coldMs)} from nothing`,
      ...(unitCount >= 3000 ? { bound: '≤ 5 ms' } : {}),
    },
    {
      what: `what inspections say of all ${plan.items.size} items, ${summary.contradictions.length.toLocaleString('en')} contradictions`,
      value: inMs(summaryMs),
    },
    {
      what: `after one change of ${heaviest} (${plan.figureIdsByElement.get(heaviest)?.length ?? 0} figures), p50 / p95`,
      value: `${inMs(quantile(heavy, 0.5))} / ${inMs(quantile(heavy, 0.95))}`,
    },
  ])
}
