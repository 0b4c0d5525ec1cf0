/**
 * One org unit's report of one period, as the screens read it: the device's stream seen through the plan.
 *
 * Everything read here is reactive cell by cell: a component that asks for one element renders again only when that element's
 * cell, draft or remark changed. What is being typed and is not a mutation yet (a draft) counts as the value.
 */
import {
  computed,
  onScopeDispose,
  readonly,
  shallowRef,
  toValue,
  watch,
  type ComputedRef,
  type MaybeRefOrGetter,
  type Ref,
  type ShallowRef,
} from 'vue'
import { periodBefore, toPeriod, type Period } from '#domain/period'
import type { OrgUnit } from '#domain/org-unit'
import { check, progressOf, type CheckFinding } from '#plan/check'
import type { Plan } from '#plan/plan'
import type { CellValue, Values } from '#plan/typed'
import type { UsualRange } from '#plan/usual-range'
import { markKey, remarkKey, streamOf, valueKey, type Json } from '#sync/protocol'
import type { Draft, ShownCell, ShownStream } from '../device/contract'
import { countedValue, lifeOf, type ReportLife } from './report-life'
import { useSession } from './session'
import { toWire } from './wire-value'

export type Progress = ReturnType<typeof progressOf>

export type Report = {
  /** The device's rows are in memory. Before, every value is not there yet, which differs from not reported. */
  readonly ready: Readonly<Ref<boolean>>
  readonly plan: ComputedRef<Plan | undefined>
  readonly unit: ComputedRef<OrgUnit | undefined>
  readonly period: ComputedRef<Period>
  readonly stream: Readonly<Ref<ShownStream | undefined>>
  readonly values: Values
  readonly lastYear: Values
  valuesOf(period: string): Values
  /** The element's cell of this period, or of another one. */
  cellOf(elementId: string, period?: string): ShownCell | undefined
  draftOf(elementId: string): Draft | undefined
  /** What stands in the remark, drafts included; `undefined` when there is none. */
  remarkOf(elementId: string, period?: string): string | undefined
  readonly remarks: { get(elementId: string): unknown }
  /** Usual ranges of the district's schools, by element; a page that shows warnings brings them (`usual-ranges.ts`). */
  readonly ranges: ShallowRef<ReadonlyMap<string, UsualRange> | undefined>
  /** How far the report of a data set is between school and bureau. */
  lifeOf(dataSetId: string): ReportLife
  /** The data set was marked as filled. */
  isMarked(dataSetId: string): boolean
  /** Errors and warnings of a data set (or of all of them), computed when read. */
  findingsOf(dataSetId?: string): readonly CheckFinding[]
  progressOf(dataSetId: string): Progress | undefined
  /** Cells of the data set that wait on this device. */
  onDeviceIn(dataSetId: string): number
}

export function useReport(unitCode: MaybeRefOrGetter<string>, periodText: MaybeRefOrGetter<string>): Report {
  const session = useSession()
  const shown = shallowRef<ShownStream>()
  const ready = computed(() => shown.value !== undefined)
  const plan = computed(() => session.plan)
  const unit = computed(() => session.unit(toValue(unitCode)))
  const period = computed(() => toPeriod(toValue(periodText)))

  let over = false
  watch(
    [() => session.device, () => toValue(unitCode)] as const,
    async ([device, code]) => {
      shown.value = device?.opened(streamOf(code))
      if (device === undefined || shown.value !== undefined) return
      const stream = await device.open(streamOf(code))
      if (!over && session.device === device && toValue(unitCode) === code) shown.value = stream
    },
    { immediate: true },
  )
  onScopeDispose(() => (over = true))

  const valuesOf = (of: string): Values => ({
    get: (elementId) => cellValueOf({ plan: plan.value, stream: shown.value, period: of, element: elementId }),
  })
  const values: Values = { get: (elementId) => valuesOf(period.value).get(elementId) }
  const lastYear: Values = { get: (elementId) => valuesOf(periodBefore(period.value)).get(elementId) }

  const remarkOf = (elementId: string, of: string = period.value): string | undefined => {
    const draft = shown.value?.drafts.get(remarkKey(of, elementId))
    const at = { plan: plan.value, stream: shown.value, period: of, element: elementId, key: remarkKey(of, elementId) }
    const remark = draft === undefined ? valueThatCounts(at) : draft.value
    return typeof remark === 'string' && remark.trim() !== '' ? remark : undefined
  }
  const remarks = { get: (elementId: string) => remarkOf(elementId) }
  const ranges = shallowRef<ReadonlyMap<string, UsualRange>>()

  return {
    ready: readonly(ready),
    plan,
    unit,
    period,
    stream: shown,
    values,
    lastYear,
    valuesOf,
    cellOf: (elementId, of = period.value) => shown.value?.cells.get(valueKey(of, elementId)),
    draftOf: (elementId) => shown.value?.drafts.get(valueKey(period.value, elementId)),
    remarkOf,
    remarks,
    ranges,
    lifeOf: (dataSet) => lifeOf(shown.value, { period: period.value, dataSet }),
    isMarked: (dataSetId) => jsonOf(shown.value, markKey(period.value, dataSetId)) === true,
    findingsOf(dataSetId) {
      if (plan.value === undefined || unit.value === undefined || !ready.value) return []
      return check(plan.value, dataSetId, {
        ...{ unit: unit.value, period: period.value, values, lastYear, remarks },
        ranges: ranges.value,
      })
    },
    progressOf(dataSetId) {
      if (plan.value === undefined || unit.value === undefined || !ready.value) return undefined
      return progressOf(plan.value, dataSetId, unit.value, values)
    },
    onDeviceIn(dataSetId) {
      const stream = shown.value
      if (stream === undefined) return 0
      const ours = (key: string): boolean => {
        const [kind, of, name = ''] = key.split('/')
        if (of !== period.value) return false
        return kind === 'm' ? name === dataSetId : plan.value?.elements.get(name)?.dataSet.id === dataSetId
      }
      const keys = new Set([...stream.drafts.keys()].filter(ours))
      for (const [key, cell] of stream.cells) if (cell.mark === 'onDevice' && ours(key)) keys.add(key)
      return keys.size
    },
  }
}

/** What stands in a cell now: what is being typed, else the cell's value. */
function jsonOf(stream: ShownStream | undefined, key: string): Json | undefined {
  const draft = stream?.drafts.get(key)
  return draft === undefined ? stream?.cells.get(key)?.value : draft.value
}

type Place = {
  readonly plan: Plan | undefined
  readonly stream: ShownStream | undefined
  readonly period: string
  readonly element: string
}

function cellValueOf(at: Place): CellValue | undefined {
  const key = valueKey(at.period, at.element)
  const draft = at.stream?.drafts.get(key)
  // A draft holds the keys as they were pressed, so that the field can show them again; the plan reads the canonical text.
  if (draft !== undefined) return { value: toWire(at.plan, key, draft.value) }
  if (at.stream?.cells.get(key)?.mark === 'conflict') return { conflict: true }
  const value = valueThatCounts({ ...at, key })
  return value === undefined ? undefined : { value }
}

/** Of a value or its remark. */
function valueThatCounts({ plan, stream, period, element, key }: Place & { readonly key: string }): Json | undefined {
  const cell = stream?.cells.get(key)
  if (cell?.mark !== 'rejected') return cell?.value
  const dataSet = plan?.elements.get(element)?.dataSet.id
  return countedValue(cell, dataSet !== undefined && lifeOf(stream, { period, dataSet }).isLocked)
}
