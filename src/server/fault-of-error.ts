import type { FaultKind } from '#domain/fault'
import { DatabaseUnavailable, isFull } from './store/database-error'

/** What an error that nobody expected is for the one who asked. The first two heal, once there is room or the database answers again. */
export function faultOfError(error: unknown): Extract<FaultKind, 'server.full' | 'server.busy' | 'server.defect'> {
  if (isFull(error)) return 'server.full'
  return error instanceof DatabaseUnavailable ? 'server.busy' : 'server.defect'
}
