/** The findings of all schools: see `use-district-answer.ts`. */
import { isFindingState } from '#domain/finding'
import type { FindingRow } from '#domain/finding-row'
import { fetchFindings, isFindingRow } from '../device/api'
import { useDistrictAnswer } from './use-district-answer'

export function useDistrictFindings(period: () => string) {
  return useDistrictAnswer<readonly FindingRow[]>(period, {
    name: 'findings',
    async fetch(of) {
      const answer = await fetchFindings(of)
      return answer.ok ? { ok: true, value: answer.value.filter(({ state }) => isFindingState(state)) } : answer
    },
    read: (kept) => (Array.isArray(kept) && kept.every(isFindingRow) ? kept : undefined),
  })
}
