/** The routes of tablets. They come with the page that shows them, not with the first load. */
import { ok } from '#domain/fault'
import { ROLES } from '#domain/person'
import type { Tablet, TabletsAnswer } from '#domain/tablet'
import { isObject, isOneOf, makeCall, type ApiResult } from './api'

const call = makeCall((input, init) => globalThis.fetch(input, init))

export const fetchTablets = (): Promise<ApiResult<TabletsAnswer>> =>
  call('tablets', (body) => (isTabletsAnswer(body) ? body : undefined))

export async function revokeTablet(id: string): Promise<ApiResult<void>> {
  const answer = await call(`tablets/${encodeURIComponent(id)}/revoke`, () => true, { method: 'POST' })
  return answer.ok ? ok(undefined) : answer
}

function isTabletsAnswer(body: unknown): body is TabletsAnswer {
  return (
    isObject(body) &&
    typeof body['now'] === 'number' &&
    typeof body['app'] === 'string' &&
    typeof body['plan'] === 'number' &&
    Array.isArray(body['tablets']) &&
    body['tablets'].every(isTablet)
  )
}

const TABLET_TEXTS = ['id', 'username', 'name', 'app']
const TABLET_NUMBERS = [
  'firstContact',
  'lastContact',
  'clockAhead',
  'unsent',
  'refused',
  'conflicts',
  'files',
  'drafts',
] as const satisfies readonly (keyof Tablet)[]

function isTablet(row: unknown): row is Tablet {
  return (
    isObject(row) &&
    TABLET_TEXTS.every((key) => typeof row[key] === 'string') &&
    TABLET_NUMBERS.every((key) => typeof row[key] === 'number') &&
    isOneOf(ROLES, row['role']) &&
    Array.isArray(row['orgUnits']) &&
    row['orgUnits'].every((code) => typeof code === 'string') &&
    isObject(row['storage']) &&
    (row['oldest'] === undefined || typeof row['oldest'] === 'number') &&
    (row['revoked'] === undefined || (isObject(row['revoked']) && typeof row['revoked']['at'] === 'number')) &&
    typeof row['mayRevoke'] === 'boolean'
  )
}
