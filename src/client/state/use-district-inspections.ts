/** What the inspections of all schools say together: see `use-district-answer.ts`. */
import { isInspectionsSeen, type InspectionsSeen } from '#domain/inspections-seen'
import { fetchInspections } from '../device/api'
import { useDistrictAnswer } from './use-district-answer'

export function useDistrictInspections(period: () => string) {
  return useDistrictAnswer<InspectionsSeen>(period, {
    name: 'inspections',
    fetch: fetchInspections,
    read: (kept) => (isInspectionsSeen(kept) ? kept : undefined),
  })
}
