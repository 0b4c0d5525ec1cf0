/** The routes about reports: the queue, one report, its peers, what waits. They come with the pages that ask, not with the first load. */
import type { NewsAnswer, PeersAnswer, ReportId, ReportPage, ReportsAnswer } from '#plan/report-wire'
import { makeCall, type ApiResult } from './api'

const call = makeCall((input, init) => globalThis.fetch(input, init))

/** The queue of the reviewers. `query`: its parameters, as the route names them; empty ones are left out. */
export function fetchReports(query: Readonly<Record<string, string>>): Promise<ApiResult<ReportsAnswer>> {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))
  return call(`reports?${asked.toString()}`, (body) => (isReportsAnswer(body) ? body : undefined))
}

export function fetchReport({ orgUnit, period, dataSet }: ReportId): Promise<ApiResult<ReportPage>> {
  return call(`reports/${[orgUnit, period, dataSet].map(encodeURIComponent).join('/')}`, (body) =>
    isReportPage(body) ? body : undefined,
  )
}

export function fetchPeers({ orgUnit, period, dataSet }: ReportId): Promise<ApiResult<PeersAnswer>> {
  return call(`peers?${new URLSearchParams({ orgUnit, period, dataSet }).toString()}`, (body) =>
    isPeersAnswer(body) ? body : undefined,
  )
}

/** What waits for the bureau. */
export function fetchReportNews(period: string): Promise<ApiResult<NewsAnswer>> {
  return call(`news?${new URLSearchParams({ period }).toString()}`, (body) => (isNewsAnswer(body) ? body : undefined))
}

const isReportRow = (row: unknown): boolean =>
  isObject(row) && ['orgUnit', 'period', 'dataSet', 'state'].every((key) => typeof row[key] === 'string')

function isReportsAnswer(body: unknown): body is ReportsAnswer {
  return isObject(body) && isObject(body['counts']) && Array.isArray(body['rows']) && body['rows'].every(isReportRow)
}

const REPORT_LISTS = ['elements', 'findings', 'contradictions', 'comments', 'steps']

function isReportPage(body: unknown): body is ReportPage {
  return (
    isObject(body) &&
    isReportRow(body['row']) &&
    typeof body['digest'] === 'string' &&
    REPORT_LISTS.every((key) => Array.isArray(body[key]))
  )
}

function isPeersAnswer(body: unknown): body is PeersAnswer {
  return (
    isObject(body) &&
    typeof body['units'] === 'number' &&
    Array.isArray(body['elements']) &&
    body['elements'].every((peer: unknown) => isObject(peer) && (peer['kind'] === 'size' || Array.isArray(peer['values'])))
  )
}

const isNewsAnswer = (body: unknown): body is NewsAnswer =>
  isObject(body) && isObject(body['counts']) && typeof body['mentions'] === 'number' && Array.isArray(body['news'])

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
