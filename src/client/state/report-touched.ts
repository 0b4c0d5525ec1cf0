import type { ShownStream } from '../device/contract'
import type { ReportLife } from './report-life'

/**
 * Whether somebody has done something about a value since the report came back: it was typed anew, here or elsewhere. By the stream's
 * numbers, not by clocks.
 */
export function isTouchedSince(stream: ShownStream | undefined, life: ReportLife, valueKey: string): boolean {
  if (stream === undefined) return false
  if (stream.drafts.has(valueKey)) return true
  const cell = stream.cells.get(valueKey)
  if (cell === undefined) return false
  if (cell.mark === 'onDevice') return true
  return cell.receipt !== undefined && life.receipt !== undefined && cell.receipt > life.receipt
}
