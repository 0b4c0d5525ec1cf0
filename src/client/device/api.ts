/**
 * The routes besides the exchange. Each answers with what it asked for, with the server's fault, or with `unreachable`: no network, a
 * timeout, a proxy's page in place of ours, a defect of the server. That will heal; a fault needs someone.
 */
import type { FindingRow } from '#domain/finding-row'
import { isInspectionsSeen, type InspectionsSeen } from '#domain/inspections-seen'
import { failed, FAULT_KINDS, ok, type Fault, type FaultKind, type Result } from '#domain/fault'
import { ORG_UNIT_TYPES, OWNERSHIPS, type OrgUnit } from '#domain/org-unit'
import { ROLES, type Person, type Role } from '#domain/person'
import type { ContributionAnswer, FiguresAnswer } from '#plan/figure-wire'
import type { DepositAnswer } from './hand-ins'
import type { GivenKey } from './seals'
import { readHistory, type HistoryAnswer } from './value-history'

export type ApiFault = Fault | { readonly kind: 'unreachable' }
export type ApiResult<T> = Result<T, ApiFault>

export type DemoAccount = { readonly username: string; readonly name: string; readonly role: Role; readonly password: string }

export type NamedPerson = Pick<Person, 'username' | 'name'>

export type Api = {
  readonly signIn: (username: string, password: string) => Promise<ApiResult<Person>>
  readonly signOut: () => Promise<ApiResult<void>>
  readonly fetchSession: () => Promise<ApiResult<Person>>
  /** The plan's document as the server sent it; who uses it parses it. */
  readonly fetchPlan: () => Promise<ApiResult<unknown>>
  readonly fetchOrgUnits: () => Promise<ApiResult<readonly OrgUnit[]>>
  /** How those are called whose typing the person may see. */
  readonly fetchPeople: () => Promise<ApiResult<readonly NamedPerson[]>>
  readonly fetchFigures: (period: string, orgUnits?: readonly string[]) => Promise<ApiResult<FiguresAnswer>>
  readonly fetchContributions: (figure: string, period: string) => Promise<ApiResult<readonly ContributionAnswer[]>>
  /** What became of everything that was ever typed in a cell, newest first where there is more than one page. */
  readonly fetchHistory: (at: { readonly stream: string; readonly key: string }) => Promise<ApiResult<HistoryAnswer>>
  /** Hands in a file of unsent work, as it is. */
  readonly sendDeposit: (text: string) => Promise<ApiResult<DepositAnswer>>
  /** A key with which this tablet seals such files. */
  readonly fetchSealKey: (tablet: string) => Promise<ApiResult<GivenKey>>
  /** What inspections found wanting, wherever the person may read it. */
  readonly fetchFindings: (period: string) => Promise<ApiResult<readonly FindingRow[]>>
  /** The inspections of all org units that the person may read, and what they say together. */
  readonly fetchInspections: (period: string) => Promise<ApiResult<InspectionsSeen>>
  /** The usual ranges of a unit's values, as the server sent them; who uses them parses them. */
  readonly fetchUsualRanges: (of: { readonly period: string; readonly orgUnit: string }) => Promise<ApiResult<unknown>>
  /** Empty where the server is no demo. */
  readonly fetchDemoAccounts: () => Promise<readonly DemoAccount[]>
}

/** The server knows no session, or no longer. */
export const isSignedOut = ({ kind }: { readonly kind: string }): boolean =>
  kind === 'session.missing' || kind === 'session.revoked' || kind === 'session.other'

const TIMEOUT_MS = 30_000
const UNREACHABLE = failed({ kind: 'unreachable' } as const)

/** Asks one route; `path` comes behind `/api/`. */
export type Call = ReturnType<typeof makeCall>

export function makeCall(fetch: typeof globalThis.fetch) {
  return async function call<T>(
    path: string,
    read: (body: unknown, headers: Headers) => T | undefined,
    request: {
      readonly method?: string
      readonly body?: unknown
      readonly text?: string
      readonly headers?: Readonly<Record<string, string>>
    } = {},
  ): Promise<ApiResult<T>> {
    const { method = 'GET', body, headers, text = body === undefined ? undefined : JSON.stringify(body) } = request
    const waiting = new AbortController()
    const timer = setTimeout(() => waiting.abort(), TIMEOUT_MS)
    try {
      const response = await fetch(`/api/${path}`, {
        method,
        credentials: 'same-origin',
        signal: waiting.signal,
        headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(text === undefined ? {} : { body: text }),
      })
      const answer: unknown = response.status === 204 ? undefined : await response.json()
      if (!response.ok) {
        const fault = readFault(answer)
        return fault === undefined || fault.kind === 'server.defect' || fault.kind === 'server.busy' ? UNREACHABLE : failed(fault)
      }
      const value = read(answer, response.headers)
      return value === undefined ? UNREACHABLE : ok(value)
    } catch {
      // fetch tells no network, a timeout and a body that is no JSON in the same way: by throwing.
      return UNREACHABLE
    } finally {
      clearTimeout(timer)
    }
  }
}

export function makeApi(fetch: typeof globalThis.fetch): Api {
  const call = makeCall(fetch)
  return {
    signIn: (username, password) => call('session', readPerson, { method: 'POST', body: { username, password } }),
    async signOut() {
      const answer = await call('session', () => true, { method: 'DELETE' })
      return answer.ok ? ok(undefined) : answer
    },
    fetchSession: () => call('session', readPerson),
    fetchPlan: () => call('plan', (body) => (isObject(body) ? body : undefined)),
    fetchOrgUnits: () => call('orgUnits', (body) => readList(body, isOrgUnit)),
    fetchPeople: () => call('people', (body) => readList(body, isNamedPerson)),
    fetchFigures: (period, orgUnits = []) => {
      const chosen = orgUnits.length === 0 ? '' : `&orgUnit=${orgUnits.map(encodeURIComponent).join(',')}`
      return call(`figures?period=${encodeURIComponent(period)}${chosen}`, (body) => (isFiguresAnswer(body) ? body : undefined))
    },
    fetchContributions: (figure, period) =>
      call(`figures/${encodeURIComponent(figure)}/contributions?period=${encodeURIComponent(period)}`, (body) =>
        readList(body, isContribution),
      ),
    fetchHistory: ({ stream, key }) =>
      call(`history?stream=${encodeURIComponent(stream)}&key=${encodeURIComponent(key)}`, (body) => readHistory(body, key)),
    sendDeposit: (text) => call('deposits', (body) => (isDepositAnswer(body) ? body : undefined), { method: 'POST', text }),
    fetchSealKey: (tablet) =>
      call('deposits/seal', (body) => (isGivenKey(body) ? body : undefined), { method: 'POST', body: { tablet } }),
    fetchFindings: (period) => call(`findings?period=${encodeURIComponent(period)}`, (body) => readList(body, isFindingRow)),
    fetchInspections: (period) =>
      call(`inspections?period=${encodeURIComponent(period)}`, (body) => (isInspectionsSeen(body) ? body : undefined)),
    fetchUsualRanges: ({ period, orgUnit }) =>
      call(`usual-ranges?period=${encodeURIComponent(period)}&orgUnit=${encodeURIComponent(orgUnit)}`, (body) =>
        isObject(body) ? body : undefined,
      ),
    async fetchDemoAccounts() {
      const answer = await call('demo', (body) => readList(body, isDemoAccount))
      return answer.ok ? answer.value : []
    },
  }
}

/** Over the browser's network. */
export const {
  signIn,
  signOut,
  fetchSession,
  fetchPlan,
  fetchOrgUnits,
  fetchFigures,
  fetchContributions,
  fetchHistory,
  fetchDemoAccounts,
  fetchFindings,
  fetchInspections,
  fetchUsualRanges,
} = makeApi((input, init) => globalThis.fetch(input, init))

export function isFiguresAnswer(body: unknown): body is FiguresAnswer {
  return (
    isObject(body) &&
    typeof body['period'] === 'string' &&
    typeof body['asOf'] === 'string' &&
    Array.isArray(body['figures']) &&
    body['figures'].every(
      (figure: unknown) => isObject(figure) && typeof figure['id'] === 'string' && isObject(figure['coverage']),
    )
  )
}

export function isNamedPerson(body: unknown): body is NamedPerson {
  return isObject(body) && typeof body['username'] === 'string' && typeof body['name'] === 'string'
}

export function isPerson(body: unknown): body is Person {
  return (
    isObject(body) &&
    typeof body['username'] === 'string' &&
    typeof body['name'] === 'string' &&
    isOneOf(ROLES, body['role']) &&
    Array.isArray(body['orgUnits']) &&
    body['orgUnits'].every((code) => typeof code === 'string')
  )
}

export function isOrgUnit(body: unknown): body is OrgUnit {
  return (
    isObject(body) &&
    typeof body['code'] === 'string' &&
    typeof body['name'] === 'string' &&
    isOneOf(ORG_UNIT_TYPES, body['type']) &&
    isOneOf(OWNERSHIPS, body['ownership'])
  )
}

const OUTCOMES = ['taken', 'forbidden', 'copied'] as const

function isDepositAnswer(body: unknown): body is DepositAnswer {
  return (
    isObject(body) &&
    isNamedPerson(body['author']) &&
    typeof body['values'] === 'number' &&
    typeof body['taken'] === 'number' &&
    Array.isArray(body['streams']) &&
    body['streams'].every(
      (stream: unknown) =>
        isObject(stream) &&
        isOneOf(OUTCOMES, stream['outcome']) &&
        Array.isArray(stream['verdicts']) &&
        stream['verdicts'].every((row: unknown) => Array.isArray(row) && typeof row[2] === 'string'),
    ) &&
    (body['before'] === undefined ||
      (isObject(body['before']) && typeof body['before']['name'] === 'string' && typeof body['before']['at'] === 'number'))
  )
}

const isGivenKey = (body: unknown): body is GivenKey =>
  isObject(body) && typeof body['id'] === 'string' && typeof body['key'] === 'string'

const FINDING_TEXTS = ['id', 'orgUnit', 'inspection', 'item', 'period', 'what', 'who', 'answer', 'state', 'by']

export function isFindingRow(body: unknown): body is FindingRow {
  return (
    isObject(body) &&
    FINDING_TEXTS.every((key) => typeof body[key] === 'string') &&
    typeof body['at'] === 'number' &&
    isObject(body['photos']) &&
    typeof body['photos']['found'] === 'number' &&
    typeof body['photos']['answer'] === 'number'
  )
}

const readPerson = (body: unknown): Person | undefined => (isPerson(body) ? body : undefined)

function readList<T>(body: unknown, isRow: (row: unknown) => row is T): readonly T[] | undefined {
  return Array.isArray(body) && body.every(isRow) ? body : undefined
}

function isContribution(row: unknown): row is ContributionAnswer {
  return isObject(row) && typeof row['orgUnit'] === 'string' && typeof row['counted'] === 'boolean'
}

function isDemoAccount(row: unknown): row is DemoAccount {
  return (
    isObject(row) && ['username', 'name', 'password'].every((key) => typeof row[key] === 'string') && isOneOf(ROLES, row['role'])
  )
}

function readFault(body: unknown): Fault | undefined {
  if (!isObject(body) || !isObject(body['fault'])) return undefined
  const { kind, path, values } = body['fault']
  if (!isOneOf<FaultKind>(FAULT_KINDS, kind)) return undefined
  const known = isObject(values) ? Object.entries(values).filter(isTextOrNumber) : []
  return {
    kind,
    ...(typeof path === 'string' ? { path } : {}),
    ...(known.length > 0 ? { values: Object.fromEntries(known) } : {}),
  }
}

function isTextOrNumber(entry: [string, unknown]): entry is [string, string | number] {
  return typeof entry[1] === 'string' || typeof entry[1] === 'number'
}

export function isOneOf<T extends string>(all: readonly T[], value: unknown): value is T {
  return all.some((one) => one === value)
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
